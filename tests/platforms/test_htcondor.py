"""HTCondor, asked with what real pools published."""

import json
import sys
import time
from pathlib import Path

import msgspec
import pytest
from contract import PlatformContract, check

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.command import Completed
from jupyter_canidothis.errors import (
    ConfigurationError,
    PlatformNotAuthenticated,
    PlatformNotAuthorised,
    PlatformProtocolError,
    PlatformTimeout,
    PlatformUnreachable,
    RequestError,
)
from jupyter_canidothis.platforms.base import Ask, Edges
from jupyter_canidothis.platforms.htcondor import HTCondor
from jupyter_canidothis.platforms.htcondor.dry_run import Condition, read_conditions, read_job
from jupyter_canidothis.platforms.htcondor.probe import LONGEST
from jupyter_canidothis.resources import Gpu, Range, Resources
from jupyter_canidothis.task import Executable, Task
from jupyter_canidothis.units import GIB

RECORDED = Path(__file__).parents[1] / "recorded" / "htcondor"
MIB, HOUR = 2**20, 3600
DENIED = (
    '11/22/26 22:59:31 ERROR: SECMAN:2010:Received "DENIED" from server for user '
    "unauthenticated@unmapped using no authentication method\n"
)
REFUSED = (
    "11/22/26 22:59:31 attempt to connect to <192.0.2.1:9618> failed: Connection refused\n"
)
NO_METHOD = "11/22/26 22:59:31 AUTHENTICATE:1003:Failed to authenticate with any method\n"
FAILED = '{"trouble": "HTCondorException", "said": "Failed communication with collector."}\n'


def report(name="idle"):
    return json.loads((RECORDED / f"{name}.json").read_text())


class FakeCondor:
    """The probe and HTCondor's commands, answering with recorded texts."""

    def __init__(self, pool, *, stderr="", status=0, broken=None):
        self.pool, self.stderr, self.status, self.broken = pool, stderr, status, broken
        self.runs = []

    async def run(self, argv, *, stdin=b"", deadline=5.0, env=None, cap=0):
        self.runs.append((tuple(argv), stdin.decode(), dict(env or {})))
        if self.broken is not None:
            raise self.broken
        if argv[0] == sys.executable:
            text = self.pool if isinstance(self.pool, str) else json.dumps(self.pool)
            return Completed(tuple(argv), self.status, f"\n{text}\n", self.stderr, 60)
        name = "dry-run.txt" if argv[0].endswith("condor_submit") else "better-analyze.txt"
        return Completed(tuple(argv), 0, (RECORDED / name).read_text(), "", 60)


def condor(pool=None, *, fake=None, **keys):
    fake = fake or FakeCondor(report() if pool is None else pool)
    edges = Edges(command=fake, clock=time.time)
    entry = {"kind": "htcondor", "owner": "alice", "bin": "/nowhere", **keys}
    return HTCondor.configure(entry, edges)


def task(gpu=None, executable=None, **ranges):
    executable = executable or Executable("uri://jupyter-notebook", location="a.ipynb")
    amounts = {name: Range(least) for name, least in ranges.items()}
    return Task(executable, Resources(gpu=gpu, **amounts))


async def ask(platform, wanted):
    return check(await platform.ask(wanted, await platform.snapshot(Ask()), Ask()), platform)


def with_start(expression, **facts):
    """A pool of one slot of eight cores with this START."""
    pool = report()
    slot = next(slot for slot in pool["slots"] if "big" in slot["Name"])
    slot |= {"Start": expression, "Requirements": "START", **facts}
    return {**pool, "slots": [slot]}


class TestHTCondorContract(PlatformContract):
    @pytest.fixture
    def platform(self):
        return condor()

    @pytest.fixture
    def accepted(self):
        return task(cores=2000, memory=4 * GIB, duration=HOUR)

    @pytest.fixture
    def refused(self):
        return task(cores=2000, memory=64 * GIB)


class TestHTCondorWithPoliciesContract(TestHTCondorContract):
    @pytest.fixture
    def platform(self):
        return condor(report("policies"))

    @pytest.fixture
    def refused(self):
        return task(cores=33000)


async def test_a_yes_is_filled_in_from_the_slot_and_the_defaults():
    answer = await ask(condor(), task())
    best = answer.offers[0]
    assert best.resources.cores == Range(1000, 8000)
    assert best.filled["cores.min"] == "default"
    assert best.filled["memory.max"] == "offered"
    assert "request_cpus = 1" in best.service_info["description"]


async def test_the_estimate_is_the_answer_without_asking():
    platform = condor()
    snapshot = await platform.snapshot(Ask())
    asked = len(platform.edges.command.runs)
    estimate = platform.estimate(task(memory=64 * GIB), snapshot, Ask())
    assert estimate.verdict is Verdict.NO
    assert len(platform.edges.command.runs) == asked


async def test_what_a_partitionable_slot_gave_away_counts_for_ever_and_not_for_now():
    pool = report("busy")
    pool["slots"] = [slot for slot in pool["slots"] if slot["Cpus"] == "3"]
    answer = await ask(condor(pool), task(cores=8000))
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.NO)
    assert answer.reasons[0].code == "full-now"
    answer = await ask(condor(pool), task(cores=3000))
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.YES)


async def test_a_dynamic_slot_is_no_capacity_of_its_own():
    pool = report()
    parts = [{**slot, "SlotType": '"Dynamic"'} for slot in pool["slots"]]
    answer = await ask(condor({**pool, "slots": parts}), task())
    assert answer.verdict is Verdict.CANNOT_TELL
    assert [reason.code for reason in answer.reasons] == ["not-published"]


async def test_a_limit_in_start_is_found_to_the_megabyte_and_the_change_with_it():
    pool = with_start("TARGET.RequestMemory <= 20000")
    platform = condor(pool)
    assert (await ask(platform, task(memory=20000 * MIB))).verdict is Verdict.YES
    wanted = task(memory=20001 * MIB)
    answer = await ask(platform, wanted)
    assert answer.verdict is Verdict.NO
    assert answer.reasons[0].limit == 20000 * MIB
    (change,) = platform.nearest(wanted, await platform.snapshot(Ask()), Ask())
    assert change.edits[0].after == 20000 * MIB


async def test_the_slots_are_counted_by_what_is_in_the_way():
    answer = await ask(condor(report("policies")), task(cores=25000, memory=9 * GIB))
    last = answer.reasons[-1]
    assert last.code == "closed"
    assert last.message.startswith("0 of 15 slots take it: ")
    assert "1 drained" in last.message
    assert "too few cores" in last.message


async def test_what_only_the_schedd_knows_is_no_bare_no():
    pool = with_start('TARGET.Owner == "bob"')
    assert (await ask(condor(pool), task())).verdict is Verdict.NO
    unknown = await ask(condor(pool, owner=""), task())
    assert unknown.verdict is Verdict.CANNOT_TELL
    assert "owner" in unknown.reasons[0].message
    assert unknown.reasons[0].code == "not-published"


async def test_where_undefined_decides_nobody_can_tell():
    answer = await ask(condor(with_start('TARGET.Project == "stars"')), task())
    assert answer.verdict is Verdict.CANNOT_TELL
    assert "project" in answer.reasons[0].message
    set_ = condor(with_start('TARGET.Project == "stars"'), attributes={"Project": '"stars"'})
    answer = await ask(set_, task())
    assert answer.verdict is Verdict.YES
    assert 'My.Project = "stars"' in answer.offers[0].service_info["description"]


async def test_a_slot_that_wants_a_word_refuses_jobs_without_it():
    answer = await ask(condor(with_start("TARGET.WantLab =?= true")), task())
    assert answer.verdict is Verdict.NO
    assert any("WantLab" in reason.text for reason in answer.reasons)


async def test_run_time_is_judged_where_start_looks_at_it_and_only_there():
    published = condor(with_start("TARGET.MaxRuntime <= 7200"))
    assert (await ask(published, task(duration=2 * HOUR))).verdict is Verdict.YES
    long = await ask(published, task(duration=2 * HOUR + 1))
    assert long.verdict is Verdict.NO
    assert (long.reasons[0].field, long.reasons[0].limit) == ("/resources/duration/min", 7200)
    silent = await ask(condor(), task(duration=900 * HOUR))
    assert silent.verdict is Verdict.YES
    assert ("not-published", "/resources/duration/min") in {
        (reason.code, reason.field) for reason in silent.reasons
    }


async def test_a_start_that_opens_at_night_is_yes_later():
    pool = with_start("ClockMin >= 1200", ClockMin="600", ClockDay="2")
    answer = await ask(condor(pool), task())
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.NO)
    assert answer.offers[0].start.earliest == 600 * 60
    assert answer.reasons[0].code == "closed"


async def test_a_busy_desktop_is_yes_and_not_now():
    start = "KeyboardIdle > 900 && LoadAvg < 0.3"
    pool = with_start(start, KeyboardIdle="3", LoadAvg="1.5")
    answer = await ask(condor(pool), task())
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.NO)


@pytest.mark.parametrize(
    ("facts", "verdict", "word"),
    [
        ({"State": '"Drained"'}, Verdict.NO, "drained"),
        (
            {"State": '"Drained"', "DrainReason": '"Defrag condor_defrag"'},
            Verdict.CANNOT_TELL,
            "draining",
        ),
        (
            {"State": '"Drained"', "Activity": '"Retiring"'},
            Verdict.CANNOT_TELL,
            "draining",
        ),
        ({"Offline": "true"}, Verdict.CANNOT_TELL, "offline"),
    ],
)
async def test_slots_on_which_nothing_starts_are_counted_as_such(facts, verdict, word):
    answer = await ask(condor(with_start("true", **facts)), task())
    assert answer.verdict is verdict
    assert answer.reasons[-1].message == f"0 of 1 slots take it: 1 {word}"


@pytest.mark.parametrize(
    ("gpu", "verdict"),
    [
        (Gpu(model="a100"), Verdict.YES),
        (Gpu(vendor="nvidia"), Verdict.YES),
        (Gpu(memory=40 * GIB), Verdict.NO),
        (Gpu(model="h100"), Verdict.NO),
        (Gpu(vendor="amd"), Verdict.NO),
    ],
)
async def test_a_gpu_is_known_by_its_name_and_memory(gpu, verdict):
    assert (await ask(condor(), task(gpu=gpu, gpus=1))).verdict is verdict


async def test_gpus_without_names_are_not_judged_by_name():
    pool = report()
    for slot in pool["slots"]:
        for name in [name for name in slot if name.startswith(("GPUs_", "Available"))]:
            del slot[name]
    answer = await ask(condor(pool), task(gpu=Gpu(model="a100"), gpus=1))
    assert answer.verdict is Verdict.CANNOT_TELL
    assert "do not publish" in answer.reasons[-2].message


async def test_what_the_schedd_refuses_at_submission_is_no():
    pool = report("policies")
    pool["params"] |= {
        "SUBMIT_REQUIREMENT_NAMES": "Few",
        "SUBMIT_REQUIREMENT_Few": "RequestCpus < 4",
        "SUBMIT_REQUIREMENT_Few_REASON": '"three cores at most"',
    }
    answer = await ask(condor(pool), task(cores=4000))
    assert answer.verdict is Verdict.NO
    assert (answer.reasons[0].code, "three" in answer.reasons[0].text) == ("refused", True)


@pytest.mark.parametrize(
    ("running", "most", "verdict", "now"),
    [(0, 0, Verdict.NO, Verdict.NO), (5, 5, Verdict.YES, Verdict.NO)],
)
async def test_a_schedd_runs_no_more_jobs_than_it_may(running, most, verdict, now):
    pool = report()
    pool["schedds"][0] |= {"MaxJobsRunning": str(most), "TotalRunningJobs": str(running)}
    answer = await ask(condor(pool), task())
    assert (answer.verdict, answer.now) == (verdict, now)


async def test_without_a_negotiator_nothing_starts_now():
    answer = await ask(condor({**report(), "negotiators": []}), task())
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.NO)
    assert answer.reasons[0].code == "closed"


async def test_slots_that_were_not_read_leave_no_bare_no():
    answer = await ask(condor({**report(), "cut": True}), task(cores=99000))
    assert answer.verdict is Verdict.CANNOT_TELL


async def test_the_dry_run_is_shown_and_its_ad_is_what_is_matched(tmp_path):
    for name in ("condor_submit", "condor_q"):
        (tmp_path / name).touch(0o755)
    platform = condor(bin=str(tmp_path), collector="pool.example:9618")
    answer = await ask(platform, task(cores=2000, memory=64 * GIB))
    assert (answer.verdict, answer.sure) == (Verdict.NO, "checked")
    shown = [e for e in answer.evidence if e.how == "dry-run"]
    assert "-dry-run - -" in shown[0].source
    assert "0  TARGET.Memory >= RequestMemory" in shown[1].text
    (_, description, _), (argv, ad, _) = platform.edges.command.runs[-2:]
    assert "request_memory = 65536" in description
    assert argv[1:] == ("-pool", "pool.example:9618", "-jobads", "-", "-better-analyze")
    assert "RequestMemory = 65536" in ad


async def test_a_gpu_that_the_dry_run_asks_for_by_name_is_refused_by_its_name(tmp_path):
    for name in ("condor_submit", "condor_q"):
        (tmp_path / name).touch(0o755)
    platform = condor(bin=str(tmp_path))
    snapshot, wanted = await platform.snapshot(Ask()), task(gpu=Gpu(model="h100"), gpus=1)
    put = platform._job(wanted, snapshot.content)
    rule = "countMatches(MY.RequireGPUs, TARGET.AvailableGPUs) >= RequestGPUs"
    facts = {"RequireGPUs": put.gpu_wish, "Requirements": rule}
    answer = platform._answer(wanted, put.written(facts), snapshot, None)
    assert answer.verdict is Verdict.NO
    assert answer.reasons[0].field == "/resources/gpu/model"


def test_the_table_of_conditions_is_read_with_its_counts():
    rows = read_conditions((RECORDED / "better-analyze.txt").read_text())
    assert Condition(0, "TARGET.Memory >= RequestMemory") in rows
    assert all(row.slots == 6 for row in rows if "OpSys" in row.text)


def test_a_description_that_is_refused_says_why():
    done = Completed(("condor_submit",), 1, "", "\nERROR: Parse error in expression\n", 9)
    facts, reason = read_job(done)
    assert facts == {}
    assert reason.text == "ERROR: Parse error in expression"


@pytest.mark.parametrize(
    ("fake", "error"),
    [
        (FakeCondor(FAILED, stderr=REFUSED), PlatformUnreachable),
        (FakeCondor(FAILED, stderr=DENIED), PlatformNotAuthorised),
        (FakeCondor(FAILED, stderr=NO_METHOD), PlatformNotAuthenticated),
        (FakeCondor('{"trouble": "missing", "said": ""}'), PlatformUnreachable),
        (FakeCondor("", status=-11), PlatformProtocolError),
        (FakeCondor("<html>"), PlatformProtocolError),
        (FakeCondor("", broken=PlatformTimeout("silent")), PlatformTimeout),
    ],
)
async def test_each_trouble_has_its_own_reason(fake, error):
    with pytest.raises(error):
        await condor(fake=fake).snapshot(Ask())


async def test_missing_bindings_name_what_to_install():
    fake = FakeCondor('{"trouble": "missing", "said": "No module named htcondor2"}')
    with pytest.raises(PlatformUnreachable) as caught:
        await condor(fake=fake).snapshot(Ask())
    assert "jupyter_canidothis[htcondor]" in caught.value.hint


async def test_a_login_is_given_by_reference_to_the_probe_alone(monkeypatch):
    monkeypatch.delenv("CONDOR_CONFIG", raising=False)
    platform = condor(tokens="/home/alice/.condor/tokens.d", conf="/etc/pool/condor_config")
    await platform.snapshot(Ask())
    ((_, _, env),) = platform.edges.command.runs
    assert env["_CONDOR_SEC_TOKEN_DIRECTORY"] == "/home/alice/.condor/tokens.d"
    assert env["CONDOR_CONFIG"] == "/etc/pool/condor_config"


def test_a_submit_host_is_discovered_offline(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert HTCondor.discover() == ()
    (tmp_path / "condor_submit").touch(0o755)
    (tmp_path / "condor_config").touch()
    monkeypatch.setenv("CONDOR_CONFIG", str(tmp_path / "condor_config"))
    assert HTCondor.discover() == (), "commands without a pool have nothing to ask"
    (tmp_path / "config.d").mkdir()
    (tmp_path / "config.d" / "01-pool.config").write_text("# CONDOR_HOST = no\nCONDOR_HOST =\n")
    assert HTCondor.discover() == ()
    (tmp_path / "config.d" / "01-pool.config").write_text("condor_host = pool.example\n")
    assert HTCondor.discover() == ({"kind": "htcondor", "name": "HTCondor"},)


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        ({"duration": "7 days"}, "duration"),
        ({"collector": "-pool evil"}, "collector"),
        ({"attributes": {"a b": "1"}}, "attributes"),
        ({"requirements": "true\nqueue 1000"}, "requirements"),
    ],
)
def test_a_wrong_key_is_named(keys, named):
    with pytest.raises(ConfigurationError, match=named):
        condor(**keys)


def test_what_breaks_the_library_is_too_long_to_be_read():
    import classad2

    chain = "1" + "+1" * (LONGEST // 2 - 1)
    with pytest.raises(classad2.ClassAdException):
        classad2.ExprTree(chain).eval()


async def described(executable, **keys):
    platform = condor(**keys)
    wanted = task(executable=executable, cores=2000, memory=4 * GIB)
    answer = await ask(platform, wanted)
    return platform.handover(wanted, answer.offers[0])


async def test_the_description_asks_for_exactly_what_was_answered():
    executable = Executable(
        "uri://jupyter-notebook", location="work/my stars.ipynb", kernel="py"
    )
    made = await described(executable, collector="pool.example", schedd="s1")
    for line in ("request_cpus = 2", "request_memory = 4096", "queue",
                 "transfer_input_files = work/my stars.ipynb"):  # fmt: skip
        assert line in made.content.splitlines()
    assert made.name == "my-stars.sub"
    assert made.command == "condor_submit -pool pool.example -name s1 my-stars.sub"


@pytest.mark.parametrize("location", ["a,b.ipynb", "a$(X).ipynb", 'a".ipynb', "a\nqueue.ipynb"])
async def test_a_path_that_no_description_can_hold_is_refused(location):
    with pytest.raises(RequestError, match=r"executable\.location"):
        await described(Executable("uri://jupyter-notebook", location=location))


async def test_a_task_that_names_nothing_to_run_is_refused():
    with pytest.raises(RequestError):
        await described(Executable("uri://batch-script"))


async def test_five_thousand_slots_are_read_and_judged_in_time():
    pool = report()
    slots = [
        {**slot, "Name": f'"slot{number}@node"'}
        for number in range(5000 // len(pool["slots"]) + 1)
        for slot in pool["slots"]
    ]
    platform = condor({**pool, "slots": slots})
    began = time.perf_counter()
    snapshot = await platform.snapshot(Ask())
    read = time.perf_counter()
    answer = await platform.ask(task(cores=2000), snapshot, Ask())
    judged = time.perf_counter()
    assert snapshot.content.slots >= 5000
    assert len(snapshot.content.shapes) <= 6
    assert answer.verdict is Verdict.YES
    assert read - began < 5
    assert judged - read < 2


async def test_foreign_text_is_trimmed():
    hidden = with_start("TARGET.WantLab =?= true", Name='"slot\u202e1@x"')
    answer = await ask(condor(hidden), task())
    assert "\u202e" not in msgspec.json.encode(answer).decode()


async def test_a_command_is_not_read_as_macros_of_the_description():
    made = await described(
        Executable("uri://batch-script", command=("echo", "$ENV(HOME) $(x)"))
    )
    (line,) = (line for line in made.content.splitlines() if line.startswith("arguments"))
    assert "$(DOLLAR)ENV(HOME) $(DOLLAR)(x)" in line
