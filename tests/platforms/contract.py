"""What every platform promises, in or out of the tree.

Subclass `PlatformContract` in a test module and give it three fixtures::

    class TestMine(PlatformContract):
        @pytest.fixture
        def platform(self): ...   # configured, its edges recorded or faked

        @pytest.fixture
        def accepted(self): ...   # a task that it takes

        @pytest.fixture
        def refused(self): ...    # the same with an amount above its limits
"""

import asyncio
import json

import msgspec
import pytest

from jupyter_canidothis.answer import Answer, Verdict
from jupyter_canidothis.errors import ConfigurationError
from jupyter_canidothis.platforms.base import Ask
from jupyter_canidothis.task import Executable, Task


def applied(task, change):
    """Make the edits of a change, by its JSON pointers alone."""
    document = json.loads(msgspec.json.encode(task))
    for edit in change.edits:
        *path, last = edit.field.strip("/").split("/")
        place = document
        for step in path:
            place = place.setdefault(step, {})
        assert place.get(last) == edit.before, "the change starts from another value"
        place[last] = edit.after
    return msgspec.convert(document, Task)


def check(answer, platform):
    """Check what holds for every answer, whatever it says."""
    assert answer.platform == platform.name
    assert answer.kind == platform.kind
    assert answer.at > 0
    assert answer.evidence, "an answer rests on something"
    assert all(evidence.source for evidence in answer.evidence)
    told = [*answer.reasons, *answer.offers]
    told += [offer.start for offer in answer.offers if offer.start]
    for sentence in told:
        assert sentence.evidence, f"says nothing about where it comes from: {sentence}"
        assert all(0 <= index < len(answer.evidence) for index in sentence.evidence)
    assert all(reason.message for reason in answer.reasons)
    assert bool(answer.offers) == (answer.verdict is Verdict.YES)
    assert answer.verdict is not Verdict.NO or answer.reasons
    assert msgspec.json.decode(msgspec.json.encode(answer), type=Answer) == answer
    return answer


class PlatformContract:
    """See the module; each test is one promise."""

    asking = Ask(deadline=5.0)
    """The circumstances in which it is asked."""
    suggests = True
    """Whether it proposes changes from its published limits."""

    async def ask(self, platform, task):
        before = msgspec.json.encode(task)

        async def both():
            snapshot = await platform.snapshot(self.asking)
            return await platform.ask(task, snapshot, self.asking)

        answer = await asyncio.wait_for(both(), self.asking.deadline)
        assert msgspec.json.encode(task) == before, "a task is never changed"
        return check(answer, platform)

    async def test_a_task_that_fits_is_answered_yes_within_what_was_asked(
        self, platform, accepted
    ):
        answer = await self.ask(platform, accepted)
        assert answer.verdict is Verdict.YES
        for offer in answer.offers:
            assert offer.service_type
            for name, wanted in accepted.resources:
                got = getattr(offer.resources, name)
                assert wanted.min is None or got.min >= wanted.min, name
                assert wanted.max is None or got.max <= wanted.max, name
            for path, who in offer.filled.items():
                name, end = path.split(".")
                assert getattr(getattr(offer.resources, name), end) is not None
                assert who in {"offered", "default"}

    async def test_a_task_that_does_not_fit_is_answered_no_with_reasons(
        self, platform, refused
    ):
        answer = await self.ask(platform, refused)
        assert answer.verdict is Verdict.NO
        assert answer.now is Verdict.NO

    async def test_an_unknown_type_is_refused_for_that_alone(self, platform, refused):
        stranger = msgspec.structs.replace(
            refused, executable=Executable(type="uri://no-such-thing")
        )
        answer = await self.ask(platform, stranger)
        assert answer.verdict is Verdict.NO
        assert [reason.code for reason in answer.reasons] == ["kind-unsupported"]

    async def test_a_proposed_change_is_accepted_when_asked_again(self, platform, refused):
        snapshot = await platform.snapshot(self.asking)
        changes = platform.nearest(refused, snapshot, self.asking)
        assert bool(changes) == self.suggests
        for change in changes:
            assert change.message
            answer = await self.ask(platform, applied(refused, change))
            assert answer.verdict is Verdict.YES, change.message

    async def test_nothing_is_proposed_for_a_task_that_fits(self, platform, accepted):
        snapshot = await platform.snapshot(self.asking)
        assert platform.nearest(accepted, snapshot, self.asking) == ()

    async def test_a_snapshot_says_when_and_from_what_it_was_taken(self, platform):
        snapshot = await platform.snapshot(self.asking)
        assert snapshot.taken_at > 0
        assert snapshot.ttl > 0
        assert all(evidence.source for evidence in snapshot.evidence)

    async def test_a_kind_that_is_asked_together_answers_like_alone(
        self, platform, accepted, refused
    ):
        for task in (accepted, refused) if platform.together else ():
            alone = await self.ask(platform, task)
            (joint,) = type(platform).ask_together([platform], task, self.asking)
            assert msgspec.structs.replace(joint, at=alone.at) == alone

    def test_the_kind_says_what_it_can_ever_know(self, platform):
        assert platform.config.kind == platform.kind
        assert platform.knows
        assert platform.reserves in {True, False}

    def test_an_unknown_configuration_key_is_named(self, platform):
        with pytest.raises(ConfigurationError, match="nonsense"):
            type(platform).configure({"kind": platform.kind, "nonsense": 1})
