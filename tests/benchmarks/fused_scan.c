/* The floor of any scan: one pass over all columns, every reason as one bit. */
#include <stdint.h>

void scan(long slots, int amounts, const float *most, const float *least, const float *low,
          const float *high, int words, const uint64_t *takes, const uint64_t *wanted,
          uint32_t *reasons)
{
    for (long block = 0; block < slots; block += 1024) {
        long end = block + 1024 < slots ? block + 1024 : slots;
        for (long slot = block; slot < end; slot++)
            reasons[slot] = 0;
        for (int term = 0; term < amounts; term++) {
            const float *upper = most + term * slots, *lower = least + term * slots;
            float from = low[term], to = high[term];
            uint32_t above = 1u << (2 * term), below = 2u << (2 * term);
            for (long slot = block; slot < end; slot++)
                reasons[slot] |= (upper[slot] < from ? above : 0) | (lower[slot] > to ? below : 0);
        }
        for (int term = 0; term < words; term++) {
            const uint64_t *set = takes + term * slots;
            uint64_t word = wanted[term];
            uint32_t missing = 1u << (16 + term);
            for (long slot = block; slot < end; slot++)
                reasons[slot] |= (set[slot] & word) ? 0 : missing;
        }
    }
}
