from __future__ import annotations

import asyncio

import msgspec
import pytest
from scripted import GIB, Scripted, entry, notebook_task

from jupyter_canidothis.answer import PlatformInfo, Verdict
from jupyter_canidothis.errors import PlatformNotAuthenticated, RequestError
from jupyter_canidothis.planner import Planner
from jupyter_canidothis.platforms.base import Asker
from jupyter_canidothis.platforms.registry import Entry
from jupyter_canidothis.ranking import best_first, summarise


async def arriving(planner, task, **circumstances):
    plan = planner.plan(task)
    return [a async for a in planner.answers(plan, **circumstances)]


async def test_answers_arrive_in_the_order_in_which_platforms_answer():
    slow, quick = entry("slow"), entry("quick")
    slow.platform.gate.clear()
    planner = Planner([slow, quick])
    names = []
    async for answer in planner.answers(planner.plan(notebook_task())):
        names.append(answer.platform)
        slow.platform.gate.set()

    assert names == ["quick", "slow"]


async def test_a_hanging_platform_cannot_tell_and_costs_no_other_its_answer():
    silent, good = entry("silent"), entry("good")
    silent.platform.gate.clear()

    answers = await arriving(Planner([silent, good], platform_deadline=0.05), notebook_task())

    by_name = {answer.platform: answer for answer in answers}
    assert by_name["good"].verdict is Verdict.YES
    assert by_name["silent"].verdict is Verdict.CANNOT_TELL
    assert by_name["silent"].reasons[0].code == "timed-out"
    assert silent.platform.cancelled == 1


async def test_the_whole_plan_ends_at_its_own_deadline():
    silent = entry("silent", timeout=60)
    silent.platform.gate.clear()

    answers = await arriving(Planner([silent], deadline=0.05), notebook_task())

    assert answers[0].reasons[0].code == "timed-out"


async def test_a_mistake_in_one_adapter_is_its_own_cannot_tell(caplog):
    broken, good = entry("broken"), entry("good")
    broken.platform.broken = ZeroDivisionError("secret detail")

    answers = {a.platform: a for a in await arriving(Planner([broken, good]), notebook_task())}

    assert answers["good"].verdict is Verdict.YES
    assert answers["broken"].reasons[0].code == "internal-error"
    assert "secret detail" not in answers["broken"].reasons[0].message


async def test_a_mistake_in_a_kind_that_is_asked_together_is_its_own_cannot_tell(monkeypatch):
    def broken(cls, platforms, task, ask):
        raise ZeroDivisionError("secret detail")

    entries = [entry(name) for name in "ab"]
    for one in entries:
        one.platform.together = True
    monkeypatch.setattr(Scripted, "ask_together", classmethod(broken))
    answers = await arriving(Planner([*entries, entry("good")]), notebook_task())

    codes = {a.platform: [reason.code for reason in a.reasons] for a in answers}
    assert codes == {"a": ["internal-error"], "b": ["internal-error"], "good": []}
    assert "secret detail" not in str(answers)


async def test_a_platform_that_wants_a_login_says_so():
    locked = entry("locked")
    locked.platform.broken = PlatformNotAuthenticated("this platform wants a login")

    (answer,) = await arriving(Planner([locked]), notebook_task())

    assert (answer.verdict, answer.reasons[0].code) == (
        Verdict.CANNOT_TELL,
        "not-authenticated",
    )


async def test_a_refusal_comes_with_its_nearest_change_checked():
    (answer,) = await arriving(Planner([entry()]), notebook_task(16 * GIB))

    assert answer.verdict is Verdict.NO
    (change,) = answer.changes
    assert change.checked
    assert change.edits[0].after == 12 * GIB


async def test_leaving_early_cancels_what_is_outstanding():
    slow, quick = entry("slow"), entry("quick")
    slow.platform.gate.clear()
    planner = Planner([slow, quick])
    answers = planner.answers(planner.plan(notebook_task()))
    await answers.__anext__()
    await answers.aclose()

    assert slow.platform.cancelled == 1


async def test_the_same_question_in_flight_is_asked_once():
    one = entry()
    one.platform.gate.clear()
    planner = Planner([one])
    asks = [asyncio.ensure_future(planner.ask(notebook_task(GIB))) for _ in range(100)]
    while one.platform.asked < 1:
        await asyncio.sleep(0)
    one.platform.gate.set()
    plans = await asyncio.gather(*asks)

    assert one.platform.asked == 1
    assert {plan.answers[0].verdict for plan in plans} == {Verdict.YES}


async def test_one_asker_leaving_does_not_cancel_the_question_of_another():
    one = entry()
    one.platform.gate.clear()
    planner = Planner([one])
    first, second = (asyncio.ensure_future(planner.ask(notebook_task())) for _ in range(2))
    while one.platform.asked < 1:
        await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    one.platform.gate.set()

    assert (await second).answers[0].verdict is Verdict.YES
    assert one.platform.cancelled == 0


async def test_a_snapshot_is_read_once_while_it_is_good_and_its_age_is_shown():
    now = [1000.0]
    one = entry(clock=lambda: now[0])
    planner = Planner([one])
    await planner.ask(notebook_task())
    now[0] += 7
    plan = await planner.ask(notebook_task(GIB))

    assert one.platform.read == 1
    assert plan.answers[0].age == 7


async def test_an_old_snapshot_never_yields_a_bare_no():
    now = [1000.0]
    one = entry(clock=lambda: now[0])
    planner = Planner([one])
    await planner.ask(notebook_task())
    now[0] += 60
    one.platform.unreadable = True
    plan = await planner.ask(notebook_task(64 * GIB))

    (answer,) = plan.answers
    assert answer.verdict is Verdict.CANNOT_TELL
    assert answer.reasons[0].code == "unreachable"
    assert "60 s old" in answer.reasons[0].message


async def test_a_platform_limited_to_some_users_answers_others_no():
    vip = entry("vip", users=("alice",), groups=("staff",))
    planner = Planner([vip])

    (bob,) = await arriving(planner, notebook_task(), asker=Asker("bob"))
    (alice,) = await arriving(planner, notebook_task(), asker=Asker("alice"))
    (carol,) = await arriving(
        planner, notebook_task(), asker=Asker("carol", frozenset({"staff"}))
    )

    assert (bob.verdict, bob.reasons[0].code) == (Verdict.NO, "not-authorised")
    assert alice.verdict is Verdict.YES
    assert carol.verdict is Verdict.YES


async def test_a_question_that_comes_back_is_a_loop_and_is_not_asked_again():
    one = entry()
    one.platform.gate.clear()
    planner = Planner([one])
    plan = planner.plan(notebook_task())
    outer = asyncio.ensure_future(_all(planner.answers(plan)))
    while one.platform.asked < 1:
        await asyncio.sleep(0)

    (answer,) = await arriving(planner, notebook_task(), via=("other", plan.id))
    one.platform.gate.set()
    await outer

    assert (answer.verdict, answer.reasons[0].code) == (Verdict.CANNOT_TELL, "loop")
    assert one.platform.asked == 1


async def test_the_nearest_yes_is_found_by_asking_and_is_exact():
    one = entry(most_memory=12 * GIB + 5)
    found = await Planner([one]).nearest(notebook_task(16 * GIB), "one")

    assert found.verdict is Verdict.NO
    assert found.changes[0].checked
    assert found.changes[0].edits[0].after == 12 * GIB + 5
    assert found.asks <= one.platform.asked


async def test_two_who_search_the_same_at_once_share_the_asks():
    one = entry()
    planner = Planner([one])
    alone = await planner.nearest(notebook_task(16 * GIB), "one")
    before = one.platform.asked
    work = [planner.nearest(notebook_task(16 * GIB), "one") for _ in range(3)]
    found = await asyncio.gather(*work)

    assert {each.changes for each in found} == {alone.changes}
    assert one.platform.asked == 2 * before


async def test_nothing_is_searched_where_asking_holds_something_or_goes_in_a_circle():
    holds = entry("holds")
    info = msgspec.structs.replace(holds.info, reserves=True)
    planner = Planner([Entry(info, holds.platform), entry("one")])
    with pytest.raises(RequestError, match="platform: 'holds'"):
        await planner.nearest(notebook_task(), "holds")
    with pytest.raises(RequestError, match="nosuch"):
        await planner.nearest(notebook_task(), "nosuch")
    plan = planner.plan(notebook_task())
    async for _ in planner.answers(plan):
        found = await planner.nearest(notebook_task(), "one", via=(plan.id,))
    assert (found.verdict, found.reasons[0].code) == (Verdict.CANNOT_TELL, "loop")


@pytest.mark.parametrize("user", ["bob", "alice"])
async def test_only_who_is_admitted_may_search(user):
    one = entry(users=("alice",))
    found = await Planner([one]).nearest(notebook_task(), "one", asker=Asker(user))

    assert found.verdict is (Verdict.YES if user == "alice" else Verdict.NO)
    assert bool(one.platform.asked) == (user == "alice")


async def test_of_a_platform_that_hangs_or_is_unreadable_nothing_is_known():
    silent, gone = entry("silent"), entry("gone")
    silent.platform.gate.clear()
    gone.platform.unreadable = True
    planner = Planner([silent, gone], platform_deadline=0.05)
    for name, code in (("silent", "timed-out"), ("gone", "unreachable")):
        found = await planner.nearest(notebook_task(), name)
        assert (found.verdict, found.reasons[0].code) == (Verdict.CANNOT_TELL, code)
        assert not found.changes


async def test_a_mistake_in_an_adapter_is_told_and_not_raised(monkeypatch):
    async def probe(self, task, snapshot, ask):
        raise ValueError("oops")

    monkeypatch.setattr(Scripted, "probe", probe)
    found = await Planner([entry()]).nearest(notebook_task(GIB), "one")

    assert (found.verdict, found.reasons[0].code) == (Verdict.CANNOT_TELL, "internal-error")
    assert "oops" not in found.reasons[0].message


async def test_an_old_snapshot_is_no_ground_for_a_search():
    one = entry()
    one.platform.ttl = -1.0
    planner = Planner([one])
    await planner.ask(notebook_task())
    one.platform.unreadable = True
    found = await planner.nearest(notebook_task(16 * GIB), "one")

    assert (found.verdict, found.changes) == (Verdict.CANNOT_TELL, ())


@pytest.mark.parametrize("cheap", [True, False])
async def test_a_no_without_a_way_out_is_searched_where_that_is_cheap(monkeypatch, cheap):
    monkeypatch.setattr(Scripted, "nearest", lambda self, task, snapshot, ask: ())
    monkeypatch.setattr(Scripted, "cheap", cheap)
    (answer,) = await arriving(Planner([entry(most_memory=2**20)]), notebook_task(2**23))

    afters = [change.edits[0].after for change in answer.changes]
    assert afters == ([2**20] if cheap else [])


async def _all(answers):
    return [answer async for answer in answers]


async def test_a_wrong_entry_is_an_answer_that_names_its_mistake():
    wrong = Entry(PlatformInfo("wrong", "slurm", "configured", error="platforms[0]: bad"), None)

    answers = {
        a.platform: a for a in await arriving(Planner([wrong, entry()]), notebook_task())
    }

    assert answers["wrong"].reasons[0].code == "misconfigured"
    assert answers["one"].verdict is Verdict.YES


def test_asking_for_an_unknown_platform_names_the_known_ones():
    with pytest.raises(RequestError, match="platforms: 'nosuch' is not accepted; expected one"):
        Planner([entry()]).plan(notebook_task(), ["nosuch"])


def test_a_minimum_above_the_maximum_is_refused_before_anybody_is_asked():
    task = notebook_task()
    resources = task.resources.replace("cores", min=8000, max=4000)
    with pytest.raises(RequestError, match=r"resources\.cores"):
        Planner([]).plan(type(task)(task.executable, resources))


async def test_the_summary_counts_verdicts_and_names_the_best():
    plan = await Planner([entry("a"), entry("b", most_memory=1)]).ask(notebook_task(GIB))

    assert (plan.summary.yes, plan.summary.no, plan.summary.best) == (1, 1, "a")
    assert [a.platform for a in best_first(plan.answers)] == ["a", "b"]
    assert summarise([], 0).best == ""
