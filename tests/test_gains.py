"""Which change is said to help most."""

from __future__ import annotations

from jupyter_canidothis.answer import Answer, Change, Edit, Verdict
from jupyter_canidothis.gains import gains

GIB = 2**30


def memory(gib, *, checked=True):
    edit = Edit("/resources/memory/min", 16 * GIB, gib * GIB)
    return Change((edit,), f"Memory 16 GiB → {gib} GiB", checked=checked)


def cores(count):
    edit = Edit("/resources/cores/min", 8000, count * 1000)
    return Change((edit,), f"Cores 8 → {count}", checked=True)


def no(name, *changes):
    return Answer(name, Verdict.NO, changes=changes)


def test_equal_changes_are_one_and_count_who_they_win():
    first, *_ = gains([no("a", cores(4)), no("b", memory(12)), no("c", memory(12))])

    assert first.change.edits == memory(12).edits
    assert (first.platforms, first.expected) == (("b", "c"), ())
    assert first.change.checked


def test_who_was_not_asked_with_it_is_expected_only():
    first, *_ = gains([no("a", memory(12)), no("b", memory(12, checked=False))])

    assert (first.platforms, first.expected) == (("a",), ("b",))
    assert not first.change.checked


def test_a_further_step_is_expected_to_win_who_needs_a_smaller_one():
    first, second = gains([no("a", memory(12)), no("b", memory(8))])

    assert first.change.edits[0].after == 8 * GIB
    assert (first.platforms, first.expected) == (("b",), ("a",))
    assert (second.platforms, second.expected) == (("a",), ())


def test_a_step_in_several_amounts_wins_only_who_named_it():
    both = Change((*memory(8).edits, *cores(2).edits), "both", checked=True)
    found = gains([no("a", both), no("b", memory(12))])

    assert [gain.platforms for gain in found] == [("b",), ("a",)]


def test_among_equals_the_nearer_one_comes_first():
    found = gains([no("a", cores(1)), no("b", cores(6), memory(8))])

    assert [gain.change.edits[0].after for gain in found][:3] == [1000, 6000, 8 * GIB]


def test_a_yes_has_nothing_to_gain():
    assert gains([Answer("a", Verdict.YES, changes=(memory(12),))]) == ()


def test_no_more_than_three_are_named():
    assert len(gains([no(str(gib), memory(gib)) for gib in range(1, 9)])) == 3
