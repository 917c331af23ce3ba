"""What was said of each task, what really happened, and how often the two differ."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.task import Task


@dataclass
class Case:
    """One task put to one platform: what was said, and what happened."""

    task: Task
    options: tuple[str, ...]
    """What the task became on the platform's own command line or in its own file."""
    verdict: Verdict
    codes: tuple[str, ...]
    """Codes of the reasons that were given."""
    dry_run: bool
    """Whether the platform's own dry run, alone, takes the task."""
    job: str = ""
    """The job it was submitted as; empty when it was rejected."""
    truth: str = ""
    """``started``, ``rejected: ...`` or ``waits: ...``."""

    @property
    def real(self) -> bool:
        """Whether it really ran."""
        return self.truth == "started"


@dataclass
class Started:
    """One task on a busy platform: what was said of its start, and when it started."""

    case: Case
    now: Verdict
    after: float | None
    """Seconds until it ran; None when it did not while it was watched."""
    patience: float
    """Seconds in which a job that has room now must have started."""
    earliest: int | None = None
    """Earliest start as it was said, in seconds."""
    latest: int | None = None
    """Latest start as it was said, in seconds."""

    @property
    def inside(self) -> bool | None:
        """Whether it began in the range that was said; None when it was not seen to begin.

        A scheduler looks again every few seconds, which the patience allows for.
        """
        if self.after is None:
            return False if self.latest is not None and self.latest < self.patience else None
        early = self.earliest is not None and self.after + self.patience < self.earliest
        late = self.latest is not None and self.after > max(self.latest, self.patience)
        return not (early or late)

    @property
    def right(self) -> bool:
        """Whether the start was as said, as far as it could be watched."""
        ran = self.after is not None
        if self.now is Verdict.CANNOT_TELL:
            return True
        return ran == (self.now is Verdict.YES) and self.inside is not False


@dataclass
class Matrix:
    """What was said against what happened, in one configuration."""

    setting: str
    cases: list[Case] = field(default_factory=list)
    starts: list[Started] = field(default_factory=list)

    def counts(self) -> Counter[tuple[str, bool]]:
        """Count cases by verdict and whether they really ran."""
        return Counter((case.verdict.value, case.real) for case in self.cases)

    def wrong(self) -> list[Case]:
        """Return false YES and false NO."""
        return [c for c in self.cases if c.verdict.value == ("NO" if c.real else "YES")]

    def dry_run_wrong(self) -> tuple[int, int]:
        """Count false YES and false NO of the dry run alone."""
        false_yes = sum(case.dry_run and not case.real for case in self.cases)
        false_no = sum(not case.dry_run and case.real for case in self.cases)
        return false_yes, false_no


def right(matrices: list[Matrix]) -> bool:
    """Whether no answer was wrong, of those about starts too."""
    starts = [started for matrix in matrices for started in matrix.starts]
    return all(s.right for s in starts) and not any(m.wrong() for m in matrices)


def until(done: Callable[[], bool], seconds: float) -> bool:
    """Poll until something is so; False when it was not in time."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
