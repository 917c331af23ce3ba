"""Memory that processes hold on NVIDIA GPUs (NVML, "Device Queries")."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

__all__ = ["gpu_memory"]


def gpu_memory(pids: AbstractSet[int]) -> int | None:
    """Return the bytes that some processes hold on GPUs; None when nobody can tell.

    In a container NVML may name the host's process ids; then nothing matches
    and this is 0 although memory is held.
    """
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return None
    try:
        held = 0
        for index in range(pynvml.nvmlDeviceGetCount()):
            device = pynvml.nvmlDeviceGetHandleByIndex(index)
            for one in pynvml.nvmlDeviceGetComputeRunningProcesses(device):
                held += (one.usedGpuMemory or 0) if one.pid in pids else 0
    except pynvml.NVMLError:
        return None
    else:
        return held
    finally:
        pynvml.nvmlShutdown()
