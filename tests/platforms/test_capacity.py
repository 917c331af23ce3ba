"""The judges against a brute-force oracle, and the changes against the judges."""

import os
from fnmatch import fnmatchcase

import msgspec
import pytest
from contract import applied
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_canidothis.errors import RequestError
from jupyter_canidothis.platforms.capacity import (
    GPU_MEMORY,
    Index,
    Loop,
    Slot,
    asked,
    judge_for,
)
from jupyter_canidothis.platforms.refusals import best_refusal, changes, granted, reasons
from jupyter_canidothis.resources import DIMENSIONS, Gpu, Range, Resources
from jupyter_canidothis.task import Executable, Task
from jupyter_canidothis.units import GIB

EXAMPLES = 2500 if os.environ.get("CANIDOTHIS_THOROUGH") else 60
thoroughly = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck)
)

TYPES = ["uri://jupyter-notebook", "uri://docker-container", "uri://batch-script"]
LANGUAGES = ["python", "r", "julia"]
LADDER = st.sampled_from([0, 1, 2, 3, 5, 8, 2**40])
JITTER = st.integers(0, 10**6)


def ranges(amounts):
    ends = st.tuples(st.none() | amounts, st.none() | amounts)
    return ends.map(lambda pair: Range(*sorted(pair)) if None not in pair else Range(*pair))


def slots(amounts):
    words = st.fixed_dictionaries(
        {},
        optional={
            "task type": st.frozensets(st.sampled_from(TYPES), min_size=1),
            "language": st.frozensets(st.sampled_from(LANGUAGES)),
            "image": st.frozensets(st.sampled_from(["a/*", "a/b:1", "*:2"])),
        },
    )
    bounds = st.fixed_dictionaries({}, optional={name: ranges(amounts) for name in DIMENSIONS})
    return st.builds(Slot, bounds=bounds, accepts=words)


def tasks(amounts):
    resources = st.builds(Resources, **{name: ranges(amounts) for name in DIMENSIONS})
    executable = st.builds(
        Executable,
        type=st.sampled_from(TYPES),
        languages=st.lists(st.sampled_from(LANGUAGES), max_size=2).map(tuple),
        image=st.sampled_from(["", "a/b:1", "c:2", "c:3"]),
    )
    return st.builds(Task, executable=executable, resources=resources)


def worlds(largest):
    return st.sampled_from([LADDER, JITTER]).flatmap(
        lambda amounts: st.tuples(st.lists(slots(amounts), max_size=largest), tasks(amounts))
    )


def oracle(slot, task):
    """Judge by the definition: every asked range overlaps, every asked word is taken."""
    executable = task.executable
    taken = slot.accepts
    return (
        all(
            wanted.overlap(slot.bounds.get(name, Range())) is not None
            for name, wanted in task.resources
        )
        and executable.type in taken.get("task type", {executable.type})
        and set(executable.languages) <= taken.get("language", set(LANGUAGES))
        and (
            not executable.image
            or "image" not in taken
            or any(fnmatchcase(executable.image, pattern) for pattern in taken["image"])
        )
    )


def judges(world):
    # Three budgets: every limit its own set, bins of a few slots, one bin for all.
    return [Loop(world), Index(world), Index(world, budget=30), Index(world, budget=0)]


def task(languages=(), **resources):
    executable = Executable(type=TYPES[0], languages=languages)
    return Task(executable=executable, resources=Resources(**resources))


@thoroughly
@given(worlds(40))
def test_every_judge_accepts_exactly_what_the_oracle_accepts(case):
    world, wanted = case
    expected = [oracle(slot, wanted) for slot in world]
    for judge in judges(world):
        accepting = judge.judge(asked(wanted)).accepting
        assert [bool(accepting >> place & 1) for place in range(len(world))] == expected


@thoroughly
@given(worlds(40))
def test_every_judge_finds_the_same_reasons_and_the_same_flips(case):
    world, wanted = case
    found = [judge.judge(asked(wanted)) for judge in judges(world)]
    for judgement in found[1:]:
        assert judgement.failures() == found[0].failures()
        assert judgement.flips() == found[0].flips()
    failures = found[0].failures()
    assert [not failing for failing in failures] == [oracle(slot, wanted) for slot in world]


@thoroughly
@given(worlds(30))
def test_a_flip_turns_exactly_the_promised_number_and_one_step_less_turns_none(case):
    world, wanted = case
    before = sum(oracle(slot, wanted) for slot in world)
    for flip in Index(world, budget=30).judge(asked(wanted)).flips():
        subject, end, _ = flip.term
        eased = wanted.resources.replace(subject, **{end: flip.value})
        turned = msgspec.structs.replace(wanted, resources=eased)
        assert sum(oracle(slot, turned) for slot in world) == before + flip.slots
        less = flip.value + 1 if end == "min" else flip.value - 1
        shy = msgspec.structs.replace(
            wanted, resources=wanted.resources.replace(subject, **{end: less})
        )
        assert sum(oracle(slot, shy) for slot in world) == before


@thoroughly
@given(worlds(6))
def test_an_applied_change_is_accepted_and_leaves_no_minimum_above_its_maximum(case):
    world, wanted = case
    accepted = any(oracle(slot, wanted) for slot in world)
    proposed = changes(wanted, world)
    assert not (accepted and proposed)
    for change in proposed:
        changed = applied(wanted, change)
        changed.resources.check()
        assert any(oracle(slot, changed) for slot in world)
        for skipped in change.edits:
            rest = tuple(edit for edit in change.edits if edit != skipped)
            partial = applied(wanted, msgspec.structs.replace(change, edits=rest))
            assert not any(oracle(slot, partial) for slot in world)


@thoroughly
@given(worlds(6))
def test_a_change_is_proposed_whenever_amounts_alone_can_help(case):
    world, wanted = case
    free = msgspec.structs.replace(wanted, resources=Resources())
    helpable = any(oracle(slot, free) for slot in world)
    refused = not any(oracle(slot, wanted) for slot in world)
    assert bool(changes(wanted, world)) == (helpable and refused)


@thoroughly
@given(worlds(6))
def test_what_is_granted_is_the_overlap_of_what_was_asked(case):
    world, wanted = case
    for slot in world:
        if not oracle(slot, wanted):
            continue
        given_, filled = granted(slot, wanted.resources)
        for name, got in given_:
            ask = getattr(wanted.resources, name)
            assert got == (ask.overlap(slot.bounds.get(name, Range())) if ask else Range())
            assert (f"{name}.min" in filled) == (got.min != ask.min)
            assert (f"{name}.max" in filled) == (got.max != ask.max)


def test_no_slots_accept_nothing_and_suggest_nothing():
    for judge in judges([]):
        judgement = judge.judge(asked(task()))
        assert judgement.accepting == 0
        assert judgement.failures() == []
        assert judgement.flips() == []
    assert changes(task(), []) == ()


def test_an_empty_slot_takes_everything():
    assert Loop([Slot()]).judge(asked(task(memory=Range(GIB)))).accepting == 1


def test_equal_limits_are_accepted():
    slot = Slot(bounds={"memory": Range(8 * GIB, 8 * GIB)})
    for judge in judges([slot]):
        assert judge.judge(asked(task(memory=Range(8 * GIB, 8 * GIB)))).accepting == 1


def test_a_slot_whose_bound_is_upside_down_is_refused():
    with pytest.raises(ValueError, match="memory 2 > 1"):
        Slot(name="night", bounds={"memory": Range(2, 1)})


def test_a_task_whose_range_is_upside_down_is_named():
    with pytest.raises(RequestError, match="memory"):
        asked(task(memory=Range(2, 1)))


def test_many_slots_are_indexed_and_few_are_not():
    assert isinstance(judge_for([Slot()] * 1000), Index)
    assert isinstance(judge_for([Slot()] * 10), Loop)


def refusal(slot, wanted):
    return reasons(slot, Loop([slot]).judge(asked(wanted)).failures()[0], (0,))


def test_too_much_memory_is_said_in_plain_words_with_the_field_to_edit():
    slot = Slot(scope="partition", bounds={"memory": Range(None, 12 * GIB)})
    (reason,) = refusal(slot, task(memory=Range(16 * GIB, 32 * GIB)))
    assert reason.code == "limit-exceeded"
    assert reason.message == "Memory 16 GiB is above the limit of 12 GiB"
    assert reason.field == "/resources/memory/min"
    assert (reason.asked, reason.limit) == (16 * GIB, 12 * GIB)
    assert (reason.scope, reason.evidence) == ("partition", (0,))


def test_too_little_is_below_the_minimum_and_points_to_the_maximum():
    slot = Slot(bounds={"duration": Range(3600)})
    (reason,) = refusal(slot, task(duration=Range(None, 600)))
    assert reason.code == "below-minimum"
    assert reason.message == "Duration 10 min is below the minimum of 1 h"
    assert reason.field == "/resources/duration/max"


def test_amounts_that_round_alike_are_shown_exactly():
    slot = Slot(bounds={"memory": Range(None, 16 * GIB - 1)})
    (reason,) = refusal(slot, task(memory=Range(16 * GIB)))
    assert reason.message == "Memory 17179869184 B is above the limit of 17179869183 B"


def test_cores_are_counted_without_repeating_the_word():
    slot = Slot(bounds={"cores": Range(None, 500)})
    (reason,) = refusal(slot, task(cores=Range(4000)))
    assert reason.message == "Cores 4 is above the limit of 0.5"


def test_what_is_not_there_at_all_is_no_such_resource():
    (reason,) = refusal(Slot(bounds={"gpus": Range(0, 0)}), task(gpus=Range(1)))
    assert (reason.code, reason.limit) == ("no-such-resource", 0)


def test_a_wrong_task_type_hides_every_other_reason():
    slot = Slot(accepts={"task type": frozenset(TYPES[1:])}, bounds={"memory": Range(None, 1)})
    (reason,) = refusal(slot, task(memory=Range(2)))
    assert reason.code == "kind-unsupported"
    assert reason.field == "/executable/type"
    assert "Docker container" in reason.message


def test_a_missing_language_is_missing_software():
    slot = Slot(accepts={"language": frozenset({"python", "md"})})
    (reason,) = refusal(slot, task(languages=("Python", "Scala")))
    assert reason.code == "software-missing"
    assert reason.message == "Language scala is not offered; offered: md, python"


def test_foreign_words_are_shortened_and_cannot_disguise_themselves():
    slot = Slot(accepts={"task type": frozenset({TYPES[1]})})
    hostile = Task(executable=Executable(type="uri://\u202e" + "x" * 5000))
    (reason,) = refusal(slot, hostile)
    assert len(reason.message) < 300
    assert "\u202e" not in reason.message + str(reason.asked)


def test_one_edit_is_proposed_for_each_value_that_suffices_alone():
    roomy = Slot(bounds={"memory": Range(None, 12 * GIB)})
    small = Slot(bounds={"memory": Range(None, 64 * GIB), "cores": Range(None, 1000)})
    wanted = task(memory=Range(16 * GIB), cores=Range(4000))
    messages = [change.message for change in changes(wanted, [roomy, small])]
    assert messages == ["Memory 16 GiB → 12 GiB", "Cores 4 → 1"]


def test_edits_are_combined_where_no_single_one_suffices():
    slot = Slot(bounds={"memory": Range(None, 12 * GIB), "duration": Range(None, 3600)})
    (change,) = changes(task(memory=Range(16 * GIB), duration=Range(7200)), [slot])
    assert change.message == "Memory 16 GiB → 12 GiB, Duration 2 h → 1 h"
    assert [edit.field for edit in change.edits] == [
        "/resources/memory/min",
        "/resources/duration/min",
    ]


def test_of_several_combinations_the_one_with_the_fewest_and_smallest_edits_is_proposed():
    wanted = task(memory=Range(16 * GIB), cores=Range(4000), duration=Range(7200))
    many = {"memory": 15 * GIB, "cores": 3000, "duration": 7000}
    large = {"memory": GIB, "cores": 1000}
    small = {"memory": 12 * GIB, "cores": 3000}
    world = [
        Slot(bounds={name: Range(None, most) for name, most in limits.items()})
        for limits in (many, large, small)
    ]
    (change,) = changes(wanted, world)
    assert change.message == "Cores 4 → 3, Memory 16 GiB → 12 GiB"


def test_what_a_gpu_has_to_be_does_not_matter_to_a_task_without_one():
    wanted = task(gpus=Range(None, 0), gpu=Gpu(model="H200", memory=2**40))
    assert Loop([GPUS]).judge(asked(wanted)).accepting == 1


def test_no_change_is_proposed_where_only_another_kind_of_task_would_fit():
    assert changes(task(), [Slot(accepts={"task type": frozenset({"uri://other"})})]) == ()


GPUS = Slot(
    bounds={"gpus": Range(0, 4), GPU_MEMORY: Range(None, 80 * GIB)},
    accepts={"gpu model": frozenset({"NVIDIA A100-SXM4-80GB"})},
)


def test_a_gpu_model_matches_inside_the_product_name():
    assert Loop([GPUS]).judge(asked(task(gpus=Range(2), gpu=Gpu(model="a100")))).accepting
    assert Index([GPUS]).judge(asked(task(gpus=Range(2), gpu=Gpu(model="a100")))).accepting


def test_the_memory_of_one_gpu_has_its_own_limit_and_change():
    wanted = task(gpus=Range(1), gpu=Gpu(memory=141 * GIB))
    (reason,) = refusal(GPUS, wanted)
    assert reason.field == "/resources/gpu/memory"
    assert reason.message == "GPU memory 141 GiB is above the limit of 80 GiB"
    (change,) = changes(wanted, [GPUS])
    assert applied(wanted, change).resources.gpu == Gpu(memory=80 * GIB)


def test_any_gpu_is_proposed_instead_of_a_model_that_is_not_there():
    wanted = task(gpus=Range(1), gpu=Gpu(model="H200"))
    (change,) = changes(wanted, [GPUS])
    assert change.message == "GPU model H200 → any"
    assert applied(wanted, change).resources.gpu == Gpu()


def test_a_described_gpu_without_a_number_needs_one_and_none_is_a_change():
    wanted = task(gpu=Gpu(model="A100"))
    slot = Slot(bounds={"gpus": Range(0, 0)})
    (change,) = changes(wanted, [slot])
    assert change.message == "GPUs 1 → 0"
    assert Loop([slot]).judge(asked(applied(wanted, change))).accepting == 1


def test_the_slot_that_runs_the_type_explains_before_one_that_does_not():
    wanted = asked(task(memory=Range(9), cores=Range(9)))
    other = Slot(accepts={"task type": frozenset({"uri://other"})})
    near = Slot(bounds={"memory": Range(None, 1), "cores": Range(None, 1)})
    assert best_refusal(Loop([other, near]).judge(wanted).failures()) == 1
