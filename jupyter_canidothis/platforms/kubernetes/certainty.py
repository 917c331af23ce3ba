"""Whether pods of several sizes all find room whatever the order in which they are placed.

The scheduler takes one pod after another and chooses among the nodes that have room by
scores of its own. Nobody knows its order, so room is sure only when no choice can leave a
pod without a node. Two proofs are tried for each size; where both fail nobody can tell.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from .quantity import Amounts

__all__ = ["surely"]

_COMBINATIONS: Final = 100_000
"""Most fillings that are looked at, of all kinds of nodes; beyond it nobody can tell."""
_STEPS: Final = 10
"""How finely the weights of the second proof are tried."""
_MOST_SIZES: Final = 4

Node = tuple[tuple[int, ...], tuple[bool, ...]]
"""What is left of a node, by resource, and which sizes may go to it."""


def surely(
    needs: Sequence[Amounts],
    counts: Sequence[int],
    nodes: Mapping[Node, int],
    names: Sequence[str],
) -> bool:
    """Whether every pod finds room in any order.

    Parameters
    ----------
    needs
        What one pod takes, by size.
    counts
        How many pods there are, by size.
    nodes
        How many nodes there are of each kind.
    names
        The resources that a node lists.
    """
    sizes = [tuple(need.get(name, 0) for name in names) for need in needs]
    return all(
        _by_slots(sizes, counts, nodes, last) or _by_weights(sizes, counts, nodes, last)
        for last, count in enumerate(counts)
        if count
    )


def _slots(room: Sequence[int], size: Sequence[int]) -> int:
    return max(0, min((left // need for left, need in zip(room, size, strict=True) if need)))


def _by_slots(
    sizes: Sequence[Sequence[int]], counts: Sequence[int], nodes: Mapping[Node, int], last: int
) -> bool:
    """Hold the places for one size against how many of them all others can take away.

    A pod takes away at most as many places on its node as it holds of them, rounded up.
    """
    places = sum(
        _slots(room, sizes[last]) * count
        for (room, open_to), count in nodes.items()
        if open_to[last]
    )
    taken = 0
    for other, count in enumerate(counts):
        if other != last:
            pairs = zip(sizes[other], sizes[last], strict=True)
            taken += count * max(math.ceil(has / need) for has, need in pairs if need)
    return places - taken >= counts[last]


def _by_weights(
    sizes: Sequence[Sequence[int]], counts: Sequence[int], nodes: Mapping[Node, int], last: int
) -> bool:
    """Hold what it takes to close every node to one size against all other pods.

    With any weights on the sizes: when closing every node, each by its lightest filling,
    weighs more than all pods that there are, some node stays open.
    """
    if len(sizes) > _MOST_SIZES:
        return False
    others = [count - (place == last) for place, count in enumerate(counts)]
    lightest: list[tuple[list[tuple[int, ...]], int]] = []
    for (room, open_to), count in nodes.items():
        if not open_to[last] or not _slots(room, sizes[last]):
            continue
        most = _COMBINATIONS // len(nodes)
        fillings = _closing(_Filling(room, open_to, sizes, others), last, most)
        if fillings is None:
            return False
        if not fillings:
            return True
        lightest.append((fillings, count))
    return any(
        sum(count * min(_weight(weights, f) for f in fillings) for fillings, count in lightest)
        > _weight(weights, others)
        for weights in _weightings(others)
    )


def _weight(weights: Sequence[int], numbers: Sequence[int]) -> int:
    return sum(weight * number for weight, number in zip(weights, numbers, strict=True))


class _Filling(NamedTuple):
    """One kind of node, and the pods that may fill it."""

    room: Sequence[int]
    open_to: Sequence[bool]
    sizes: Sequence[Sequence[int]]
    counts: Sequence[int]


def _closing(node: _Filling, last: int, limit: int) -> list[tuple[int, ...]] | None:
    """Return the fillings of a node that leave no place; None when there are too many."""
    most = [
        min(count, _slots(node.room, size)) if may else 0
        for count, size, may in zip(node.counts, node.sizes, node.open_to, strict=True)
    ]
    if math.prod(top + 1 for top in most) > limit:
        return None
    found = []
    for filling in itertools.product(*(range(top + 1) for top in most)):
        left = [
            has - sum(n * size[place] for n, size in zip(filling, node.sizes, strict=True))
            for place, has in enumerate(node.room)
        ]
        if min(left) >= 0 and not _slots(left, node.sizes[last]):
            found.append(filling)
    return found


def _weightings(others: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield whole-number weights, finer where a size has few pods."""
    scale = math.lcm(*(max(1, count) for count in others))
    for shares in itertools.product(range(_STEPS + 1), repeat=len(others)):
        if sum(shares) == _STEPS:
            pairs = zip(shares, others, strict=True)
            yield tuple(share * (scale // max(1, count)) for share, count in pairs)
