"""Which dry runs tell of others: in one partition the nodes are the same for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...answer import Answer
from .candidates import Candidate
from .judge import Trial

__all__ = ["Borrowing", "borrowed_best"]


class Borrowing:
    """Trials of all candidates from the dry runs of some.

    A candidate borrows the dry run of its partition where that passed, and another one
    under its own account and QOS passed too; its limits are held against it alone.

    Parameters
    ----------
    wanted
        All candidates.
    trials
        Of those that are asked themselves, in their order.
    """

    def __init__(self, wanted: Sequence[Candidate], trials: Sequence[Trial]) -> None:
        self._wanted = wanted
        asked = [each for each in wanted if each.asked]
        pairs = list(zip(asked, trials, strict=True))
        self._own = {each.name: trial for each, trial in pairs}
        self._places = {t.partition.name: t for each, t in pairs if each.first}
        self._ways = {_way(t): t for each, t in pairs if each.leader}
        self._lent = {each.name: self._lend(each) for each in wanted if not each.asked}
        self.missing = [each for each in wanted if self._lent.get(each.name, 1) is None]

    def _lend(self, each: Candidate) -> Trial | None:
        """Return the trial of a candidate by what others were told; None where it has none."""
        place = self._places[each.weighed.partition.name]
        way = self._ways[each.weighed.question.account, each.weighed.question.qos]
        if each.weighed.against():
            return each.unasked(place.at)
        passed = all(lender.source and lender.run.meaning is None for lender in (place, way))
        if not passed:
            return None
        return replace(place, weighed=each.weighed, name=each.name, borrowed=True)

    def all(self, alone: Sequence[Trial]) -> list[Trial]:
        """Return the trials of all candidates in their order.

        Parameters
        ----------
        alone
            Of those that are `missing`, in their order.
        """
        found = {**self._own, **{name: trial for name, trial in self._lent.items() if trial}}
        for each, trial in zip(self.missing, alone, strict=True):
            found[each.name] = trial
        return [found[each.name] for each in self._wanted]


def _way(trial: Trial) -> tuple[str, str]:
    return trial.question.account, trial.question.qos


def borrowed_best(said: Answer, trials: Sequence[Trial]) -> int | None:
    """Return the place of the trial of the best offer where it only borrows its dry run."""
    for place, trial in enumerate(trials):
        if trial.borrowed and said.offers and trial.name == said.offers[0].name:
            return place
    return None
