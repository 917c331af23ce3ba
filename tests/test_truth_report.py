"""The report of the truth runs, from made-up findings."""

from truth.matrix import Case, Matrix, Started, right
from truth.report import section, written

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.task import Executable, Task

TASK = Task(Executable("uri://batch-script"))


def case(verdict, truth, *, dry_run):
    return Case(TASK, ("-l", "h_rt=60"), verdict, ("closed",), dry_run, truth=truth)


def test_a_row_counts_right_and_wrong_answers_beside_those_of_the_dry_run():
    cases = [
        case(Verdict.YES, "started", dry_run=True),
        case(Verdict.NO, "waits: quota", dry_run=True),
        case(Verdict.NO, "started", dry_run=False),
        case(Verdict.YES, "rejected: too big", dry_run=False),
        case(Verdict.CANNOT_TELL, "started", dry_run=True),
    ]
    body = section("Thing", [Matrix("odd", cases)], seed=1, version="thing 2")
    assert "| odd | 5 | 1 | 1 | 1 | 1 | 1 | 1 | 1 |" in body
    assert "- odd: said NO closed to `-l h_rt=60`; started" in body
    assert not right([Matrix("odd", cases)])


def test_a_job_that_starts_later_than_was_said_is_wrong():
    taken = case(Verdict.YES, "started", dry_run=True)
    assert Started(taken, Verdict.YES, after=2.0, patience=6.0).right
    assert not Started(taken, Verdict.YES, after=None, patience=6.0).right
    assert not Started(taken, Verdict.YES, after=9.0, patience=6.0, latest=3).right
    assert not Started(taken, Verdict.NO, after=1.0, patience=6.0).right


def test_starts_inside_and_outside_the_range_that_was_said_are_counted():
    taken = case(Verdict.YES, "started", dry_run=True)
    starts = [
        Started(taken, Verdict.YES, after=2.0, patience=6.0, earliest=0, latest=3),
        Started(taken, Verdict.NO, after=2.0, patience=6.0, earliest=60),
        Started(taken, Verdict.NO, after=None, patience=6.0, earliest=0, latest=90),
        Started(taken, Verdict.NO, after=None, patience=6.0, latest=3),
    ]
    assert [started.inside for started in starts] == [True, False, None, False]
    body = section("Thing", [Matrix("busy", [], starts)], seed=1, version="thing 2")
    assert "Began inside the range that was said: 1 of 3 that could be seen." in body


def test_a_section_replaces_its_older_self_and_leaves_the_others():
    first = written(written("", "one", "## One\n"), "two", "## Two\n")
    again = written(first, "one", "## One, again\n")
    assert "## One, again" in again
    assert "## One\n" not in again
    assert again.index("## One, again") < again.index("## Two")
    assert again.startswith("# Truth")
