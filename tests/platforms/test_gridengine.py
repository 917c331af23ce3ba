"""Grid Engine, asked with the texts that a real one gave."""

import asyncio
import time
from dataclasses import replace

import pytest
from contract import PlatformContract, check
from gridengine_fake import NOW, RECORDED, FakeGridEngine, gridengine, recorded, task

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.command import Completed, LocalCommand
from jupyter_canidothis.errors import (
    ConfigurationError,
    PlatformNotAuthorised,
    PlatformProtocolError,
    PlatformTimeout,
    PlatformUnreachable,
)
from jupyter_canidothis.platforms.base import Ask, Edges
from jupyter_canidothis.platforms.gridengine import GridEngine
from jupyter_canidothis.platforms.gridengine.refusal import read_dry_run
from jupyter_canidothis.resources import Gpu, Range
from jupyter_canidothis.units import GIB

HOUR, MIB = 3600, 2**20
STATES = "qstat -xml -f -F slots,h_vmem,gpu"
LOADS = "qhost -xml -F slots,h_vmem,gpu"


async def ask(platform, wanted):
    snapshot = await platform.snapshot(Ask())
    return check(await platform.ask(wanted, snapshot, Ask()), platform)


def changed(line, *pairs, state="idle"):
    """One recorded output with something else in place of a part of it."""
    text = recorded(state)[line][1]
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return {line: text}


class TestContract(PlatformContract):
    @pytest.fixture
    def platform(self):
        return gridengine()

    @pytest.fixture
    def accepted(self):
        return task(cores=2000, memory=(2 * GIB, 4 * GIB), duration=600)

    @pytest.fixture
    def refused(self):
        return task(cores=64000, memory=2 * GIB, duration=600)


async def test_a_yes_is_filled_in_from_the_limits_of_its_queue():
    answer = await ask(gridengine(queues=["short.q"]), task(cores=2000, memory=2 * GIB))
    (offer,) = answer.offers
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.YES)
    assert offer.service_type == "uri://gridengine"
    assert offer.service_info["options"] == ["-q short.q", "-pe smp 2", "-l h_vmem=1024M"]
    assert offer.resources.cores == Range(2000, 8000)
    assert offer.resources.memory == Range(2 * GIB, 16 * GIB)
    assert offer.resources.duration == Range(None, 2 * HOUR)
    assert (offer.start.earliest, offer.start.latest) == (0, 7)


@pytest.mark.parametrize(
    ("queue", "wanted", "code", "field", "limit"),
    [
        ("short.q", {"cores": 9000}, "limit-exceeded", "/resources/cores/min", 8000),
        ("short.q", {"memory": 64 * GIB}, "limit-exceeded", "/resources/memory/min", 16 * GIB),
        ("short.q", {"duration": 10 * HOUR}, "limit-exceeded", "/resources/duration/min", 7200),
        ("short.q", {"gpus": 4}, "limit-exceeded", "/resources/gpus/min", 1),
        ("short.q", {"nodes": 2}, "limit-exceeded", "/resources/nodes/min", 1),
        ("long.q", {"memory": 5 * GIB}, "limit-exceeded", "/resources/memory/min", 4 * GIB),
        ("own.q", {"memory": 3 * GIB}, "limit-exceeded", "/resources/memory/min", 2 * GIB),
        ("single.q", {"cores": 2000}, "limit-exceeded", "/resources/cores/min", 1000),
        ("lean.q", {"cores": 3000}, "limit-exceeded", "/resources/cores/min", 2000),
        ("quota.q", {"memory": 7 * GIB}, "limit-exceeded", "/resources/memory/min", 6 * GIB),
        ("closed.q", {}, "closed", "", None),
        ("night.q", {}, "closed", "", None),
        ("suspended.q", {}, "closed", "", None),
        ("acl.q", {}, "not-authorised", "", None),
    ],
)
async def test_a_no_names_the_field_and_the_limit_whatever_the_dry_run_says(
    queue, wanted, code, field, limit
):
    answer = await ask(gridengine(queues=[queue]), task(**wanted))
    assert answer.verdict is Verdict.NO
    (reason,) = answer.reasons
    assert (reason.code, reason.field, reason.limit) == (code, field, limit)
    assert {answer.evidence[place].how for place in reason.evidence} == {
        "dry-run",
        "arithmetic",
    }


async def test_a_quota_is_named_where_it_sets_the_limit():
    answer = await ask(gridengine(queues=["lean.q"]), task(cores=3000))
    assert answer.reasons[0].scope == "quota perqueue/1"
    assert "quota perqueue/1" in answer.reasons[0].message


async def test_a_closed_queue_that_the_dry_run_takes_shows_both():
    answer = await ask(gridengine(queues=["closed.q"]), task(duration=600))
    (reason,) = answer.reasons
    assert "closed.q@localhost is disabled" in reason.message
    assert "found suitable queue" in reason.text


async def test_too_many_slots_are_told_as_such_and_not_as_an_environment_without_any():
    answer = await ask(gridengine(queues=["long.q"]), task(cores=5000, duration=600))
    assert "Cores 5 is above the limit of 4" in answer.reasons[0].message
    assert "only offers 0 slots" in answer.reasons[0].text


async def test_memory_and_gpus_are_counted_for_each_slot():
    platform = gridengine(queues=["short.q"])
    answer = await ask(platform, task(cores=3000, memory=4 * GIB))
    assert "-l h_vmem=1366M" in answer.offers[0].service_info["options"]
    assert answer.offers[0].resources.memory.min == 3 * 1366 * MIB
    answer = await ask(platform, task(cores=2000, gpus=1))
    assert answer.verdict is Verdict.NO
    assert "counted per slot" in answer.reasons[0].message
    snapshot = await platform.snapshot(Ask())
    changes = platform.nearest(task(cores=2000, gpus=1), snapshot, Ask())
    assert changes[0].edits[0].after == 1000


async def test_a_full_cluster_is_yes_and_not_now():
    answer = await ask(
        gridengine(state="busy", queues=["short.q"]), task(cores=5000, duration=600)
    )
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.NO)
    assert answer.reasons[-1].code == "full-now"
    assert "1 too few idle slots" in answer.reasons[-1].message
    assert answer.offers[0].start.earliest is None


async def test_a_quota_in_use_is_told_with_used_and_limit():
    refused = "Unable to run job: no suitable queues\nverification: no suitable queues\n"
    texts = {"qsub -w p": [1, "", refused]}
    platform = gridengine(texts, state="busy", queues=["quota.q"])
    answer = await ask(platform, task(memory=2 * GIB))
    reason = answer.reasons[0]
    assert (answer.verdict, answer.now, reason.code) == (
        Verdict.YES,
        Verdict.NO,
        "quota-exhausted",
    )
    assert (reason.asked, reason.used, reason.limit) == (2 * GIB, 5 * GIB, 6 * GIB)


async def test_busy_hosts_are_judged_by_what_they_have_and_not_by_what_is_left():
    answer = await ask(gridengine(state="busy", queues=["short.q"]), task(memory=12 * GIB))
    assert answer.verdict is Verdict.YES


async def test_a_calendar_that_opens_again_is_yes_later():
    local = time.localtime(NOW)
    day = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[local.tm_wday]
    texts = {
        "qconf -scal never": f"calendar_name never\nyear NONE\nweek {day}=0-24=off\n",
        "qsub -w p": [1, "", "verification: no suitable queues\n"],
    }
    answer = await ask(gridengine(texts, queues=["night.q"]), task(duration=600))
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.NO)
    start = answer.offers[0].start
    seconds = (local.tm_hour * 60 + local.tm_min) * 60 + local.tm_sec
    assert (start.earliest, start.latest) == (24 * HOUR - seconds, None)


async def test_an_alarm_is_not_now_though_the_dry_run_does_not_see_it():
    state = "<name>short.q@localhost</name>"
    texts = changed(STATES, (state, f"{state}<state>a</state>"))
    answer = await ask(gridengine(texts, queues=["short.q"]), task(duration=600))
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.NO)
    assert "load threshold" in answer.reasons[0].message


@pytest.mark.parametrize(
    ("letters", "words"),
    [("au", "does not answer"), ("E", "in error state"), ("c", "ambiguous"), ("o", "orphaned")],
)
async def test_a_queue_in_which_nothing_starts_is_closed(letters, words):
    state = "<name>short.q@localhost</name>"
    texts = changed(STATES, (state, f"{state}<state>{letters}</state>"))
    answer = await ask(gridengine(texts, queues=["short.q"]), task(duration=600))
    assert (answer.verdict, answer.reasons[0].code) == (Verdict.NO, "closed")
    assert words in answer.reasons[0].message


async def test_measured_memory_is_kept_from_the_question_that_calls_it_unknown():
    complexes = recorded("idle")["qconf -sc"][1]
    plain = complexes.replace(
        "h_vmem              h_vmem     MEMORY    <=    YES         YES",
        "h_vmem              h_vmem     MEMORY    <=    YES         NO ",
    )
    assert plain != complexes
    texts = {
        "qconf -sc": plain,
        "qstat -xml -f -F slots,mem_free,gpu": recorded("idle")[STATES][1],
        "qhost -xml -F slots,mem_free,gpu": recorded("idle")[LOADS][1],
        "qsub -w p": [1, "", "verification: no suitable queues\n"],
    }
    platform = gridengine(texts, queues=["short.q"])
    answer = await ask(platform, task(memory=GIB))
    ever = [line for line in platform.edges.command.ran if "-w v" in line]
    assert answer.verdict is Verdict.YES
    assert "mem_free=1024M" in answer.offers[0].service_info["options"][-1]
    assert ever
    assert "mem_free" not in ever[0]
    answer = await ask(platform, task(memory=9000 * GIB))
    assert answer.verdict is Verdict.NO


async def test_what_gpus_are_is_not_published():
    answer = await ask(gridengine(), task(gpus=1, gpu=Gpu(model="a100")))
    assert answer.verdict is Verdict.CANNOT_TELL
    assert answer.reasons[0].code == "not-published"


async def test_a_start_that_may_be_late_is_not_promised():
    platform = gridengine(queues=["short.q"])
    assert (await ask(platform, task(startup=(None, 60)))).verdict is Verdict.YES
    assert (await ask(platform, task(startup=(None, 3)))).verdict is Verdict.CANNOT_TELL


async def test_an_estimate_agrees_with_the_answer_and_asks_nobody():
    platform = gridengine()
    snapshot = await platform.snapshot(Ask())
    asked = len(platform.edges.command.ran)
    for wanted in (task(), task(cores=64000), task(duration=10**6), task(gpus=1)):
        estimate = check(platform.estimate(wanted, snapshot, Ask()), platform)
        assert len(platform.edges.command.ran) == asked
        answer = await platform.ask(wanted, snapshot, Ask())
        asked = len(platform.edges.command.ran)
        assert (estimate.verdict, estimate.now) == (answer.verdict, answer.now)


async def test_no_estimate_rests_on_busy_hosts_that_were_not_shown():
    platform = gridengine()
    snapshot = await platform.snapshot(Ask())
    (one, *_) = snapshot.content.instances
    many = tuple(replace(one, host=f"h{number}", used=1) for number in range(33))
    crowded = replace(snapshot, content=replace(snapshot.content, instances=many))
    assert platform.estimate(task(), crowded, Ask()) is None


async def test_no_queue_that_the_configuration_names_cannot_be_told():
    answer = await ask(gridengine(queues=["nosuch.q"]), task())
    assert (answer.verdict, answer.reasons[0].code) == (Verdict.CANNOT_TELL, "misconfigured")


async def test_cores_need_no_slots_where_the_site_counts_none():
    answer = await ask(gridengine(slots_pe=False, queues=["single.q"]), task(cores=1000))
    assert answer.offers[0].service_info["options"] == ["-q single.q", "-l h_vmem=1024M"]


async def test_a_job_that_asks_for_no_memory_asks_for_some_where_it_would_get_none():
    answer = await ask(gridengine(queues=["short.q"]), task(duration=600))
    offer = answer.offers[0]
    assert "-l h_rt=600,h_vmem=1024M" in offer.service_info["options"]
    assert (offer.resources.memory.min, offer.filled["memory.min"]) == (GIB, "default")


async def test_the_configuration_leads_the_commands_to_the_cluster():
    platform = gridengine(root="/opt/sge", cell="x", qmaster_port=7, bin="/opt/sge/bin")
    await ask(platform, task(duration=600))
    command = platform.edges.command
    assert all(env["SGE_ROOT"] == "/opt/sge" for env in command.env)
    assert all(env["SGE_QMASTER_PORT"] == "7" for env in command.env)


def test_a_wrong_value_in_the_configuration_is_named():
    with pytest.raises(ConfigurationError, match="qmaster_port"):
        gridengine(qmaster_port="seven")


@pytest.mark.parametrize("key", ["pe", "memory", "gpu", "project"])
def test_a_configured_name_can_add_no_option_to_the_dry_run(key):
    # The last -w wins: one that slipped in would submit the job.
    for value in ("x -w n", "x\n#$ -l h=y", "-w"):
        with pytest.raises(ConfigurationError, match=key):
            gridengine(**{key: value})


def test_a_submit_host_is_found_offline(monkeypatch, tmp_path):
    common = tmp_path / "cell" / "common"
    common.mkdir(parents=True)
    (common / "bootstrap").write_text("")
    monkeypatch.setenv("SGE_ROOT", str(tmp_path))
    monkeypatch.setenv("SGE_CELL", "cell")
    monkeypatch.setenv("SGE_QMASTER_PORT", "6444")
    monkeypatch.setenv("SGE_EXECD_PORT", "sge")
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/qsub")
    assert GridEngine.discover() == ()
    for nowhere in ("\n", "none\n"):
        (common / "act_qmaster").write_text(nowhere)
        assert GridEngine.discover() == (), "a cell without a qmaster has nothing to ask"
    (common / "act_qmaster").write_text("localhost\n")
    (found,) = GridEngine.discover()
    assert found == {
        "kind": "gridengine",
        "name": "Grid Engine (cell)",
        "root": str(tmp_path),
        "cell": "cell",
        "qmaster_port": 6444,
    }
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert GridEngine.discover() == ()


def sections():
    """The questions and answers of the recorded dry runs: (asked, status, said)."""
    for part in (RECORDED / "qsub-w.txt").read_text().split("### ")[1:]:
        asked, _, rest = part.partition("\n")
        said, status, _ = rest.partition("rc=")
        if status and "-w e" not in asked:
            yield asked, int(rest.partition("rc=")[2].split()[0]), said


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("because of cluster queue", "limit-exceeded"),
        ("offers only hc:h_vmem", "limit-exceeded"),
        ("only offers 0 slots", "limit-exceeded"),
        ("unknown queue", "misconfigured"),
        ("unknown resource", "no-such-resource"),
        ("parallel environment", "no-such-resource"),
        ("requested project", "not-authorised"),
    ],
)
def test_every_captured_refusal_has_its_meaning(words, code):
    captured = [(status, said) for _, status, said in sections() if words in said]
    assert captured, "the recordings hold it"
    for status, said in captured:
        run = read_dry_run(Completed(("qsub",), status, "", said, 5))
        assert (run.taken, run.code) == (False, code)
        assert words in run.text


def test_every_captured_yes_is_one():
    taken = [
        read_dry_run(Completed(("qsub",), status, said, "", 5)).taken
        for _, status, said in sections()
        if "found suitable" in said
    ]
    assert len(taken) >= 4
    assert all(taken)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("error: commlib error: got select error (Connection refused)", PlatformUnreachable),
        ('unable to send message to qmaster using port 1 on host "h"', PlatformUnreachable),
        ('error: SGE_ROOT directory "/nope" doesn\'t exist', PlatformUnreachable),
        ('cell directory "/x/nope" doesn\'t exist', PlatformUnreachable),
        (
            "error: commlib error: access denied (client IP resolved to x)",
            PlatformNotAuthorised,
        ),
        ('denied: host "x" is no submit host', PlatformNotAuthorised),
        ('denied: host "x" is neither submit nor admin host', PlatformNotAuthorised),
        ("Segmentation fault", PlatformProtocolError),
    ],
)
async def test_a_cluster_that_cannot_be_asked_says_why(said, kind):
    texts = {line: [1, "", said] for line in ("qconf", "qstat", "qhost", "qquota", "qsub")}
    command = FakeGridEngine(texts)
    command.recorded = {}
    texts["id"] = ""
    command.texts["id"] = "uid=1(a) groups=1(a)"
    platform = GridEngine.configure({"kind": "gridengine"}, Edges(command=command))
    with pytest.raises(kind):
        await platform.snapshot(Ask())


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (0, 'Your job 7 ("true") has been submitted\n'),
        (0, "Vérification : files trouvées\n"),
        (0, ""),
        (1, "bonjour\n"),
    ],
)
async def test_a_dry_run_that_prints_anything_else_is_a_bad_answer(status, said):
    with pytest.raises(PlatformProtocolError):
        await ask(gridengine({"qsub -w": [status, said, ""]}), task(duration=600))


@pytest.mark.parametrize(
    "text", ["", "<html>", "<other/>", '<!DOCTYPE a [<!ENTITY b "c">]><a/>']
)
async def test_xml_that_is_not_grid_engines_is_a_bad_answer(text):
    for line in (STATES, LOADS):
        with pytest.raises(PlatformProtocolError):
            await gridengine({line: text}).snapshot(Ask())


async def test_a_command_that_hangs_is_told_within_the_deadline(tmp_path):
    for name in ("qconf", "qstat", "qhost", "qsub", "qquota"):
        (tmp_path / name).write_text("#!/bin/sh\nexec sleep 60\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "id").symlink_to("/usr/bin/id")
    platform = GridEngine.configure(
        {"kind": "gridengine", "bin": str(tmp_path)}, Edges(command=LocalCommand())
    )
    with pytest.raises(PlatformTimeout):
        await asyncio.wait_for(platform.snapshot(Ask(deadline=0.5)), 30)


async def test_commands_that_are_missing_are_told(tmp_path):
    platform = GridEngine.configure({"kind": "gridengine", "bin": str(tmp_path)})
    with pytest.raises(PlatformUnreachable, match="qconf|qstat|qquota|id"):
        await platform.snapshot(Ask())


async def test_what_is_not_shown_does_not_stop_the_asking():
    denied = [1, "", "denied: quotas are not for you\n"]
    texts = {"qconf -srqs": denied, "qquota": denied, "qconf -sul": denied}
    answer = await ask(gridengine(texts, queues=["short.q"]), task(duration=600))
    assert answer.verdict is Verdict.YES


NOT_COUNTED = (
    "h_vmem              h_vmem     MEMORY    <=    YES         YES",
    "h_vmem              h_vmem     MEMORY    <=    YES         NO ",
)


async def test_a_queue_holds_jobs_to_its_memory_also_where_memory_is_asked_by_another_name():
    texts = {
        **changed("qconf -sc", NOT_COUNTED),
        "qstat -xml -f -F slots,mem_free,gpu": recorded("idle")[STATES][1],
        "qhost -xml -F slots,mem_free,gpu": recorded("idle")[LOADS][1],
    }
    platform = gridengine(texts, queues=["long.q"])
    answer = await ask(platform, task(memory=5 * GIB))
    assert (answer.verdict, answer.reasons[0].limit) == (Verdict.NO, 4 * GIB)
    assert (await ask(platform, task(memory=5 * GIB, cores=2000))).verdict is Verdict.YES


async def test_a_soft_time_limit_ends_jobs_too():
    texts = changed("qconf -sq *", ("s_rt                  INFINITY", "s_rt   01:00:00"))
    platform = gridengine(texts, queues=["short.q"])
    assert (await ask(platform, task(duration=HOUR))).verdict is Verdict.YES
    answer = await ask(platform, task(duration=HOUR + 1))
    assert (answer.verdict, answer.reasons[0].limit) == (Verdict.NO, HOUR)


async def test_an_environment_that_is_not_shown_proves_no_no():
    texts = {"qconf -sp smp": [1, "", "denied"]}
    answer = await ask(gridengine(texts, queues=["short.q"]), task(cores=2000))
    assert answer.verdict is Verdict.CANNOT_TELL
    assert answer.reasons[0].code == "not-published"
    assert "smp" in answer.reasons[0].message


async def test_a_variant_is_asked_of_as_few_queues_as_will_do():
    platform = gridengine()
    snapshot = await platform.snapshot(Ask())
    for wanted, most in ((task(duration=600), 1), (task(cores=64000), 0), (task(gpus=1), 1)):
        before = len(platform.edges.command.ran)
        probed = check(await platform.probe(wanted, snapshot, Ask()), platform)
        assert len(platform.edges.command.ran) - before <= most
        answer = await platform.ask(wanted, snapshot, Ask())
        assert (probed.verdict, probed.now) == (answer.verdict, answer.now)
