"""What an answer is worth for which no dry run was made."""

from __future__ import annotations

from typing import Final

import msgspec

from ...answer import Answer, Offer, Start

__all__ = ["untried"]

_BASIS: Final = "by idle resources and the queue as last read; no dry run was made"


def untried(answer: Answer) -> Answer:
    """Drop from an answer what only a dry run could say."""
    return msgspec.structs.replace(answer, offers=tuple(map(_without_latest, answer.offers)))


def _without_latest(offer: Offer) -> Offer:
    if offer.start is None:
        return offer
    earliest, evidence = offer.start.earliest, offer.start.evidence
    return msgspec.structs.replace(offer, start=Start(earliest, None, _BASIS, evidence))
