"""Slurm, asked with the texts that real clusters gave."""

import asyncio
import re
import time

import msgspec
import pytest
from contract import PlatformContract, check
from slurm_fake import AT_ONCE, NOT_AVAILABLE, NOW, FakeSlurm, busy, idle, recorded, slurm, task

from jupyter_canidothis.answer import Verdict
from jupyter_canidothis.command import Completed, LocalCommand
from jupyter_canidothis.errors import (
    ConfigurationError,
    PlatformNotAuthenticated,
    PlatformNotAuthorised,
    PlatformProtocolError,
    PlatformTimeout,
    PlatformUnreachable,
)
from jupyter_canidothis.platforms.base import Ask, Edges
from jupyter_canidothis.platforms.slurm import Slurm
from jupyter_canidothis.platforms.slurm.reading import read_moment
from jupyter_canidothis.platforms.slurm.refusal import read_dry_run
from jupyter_canidothis.resources import Gpu
from jupyter_canidothis.units import GIB

HOUR = 3600
BUSY_NOW = read_moment(busy()["config"].split()[4])
"""When the busy cluster was recorded."""


def starts_in(seconds, partition):
    """The dry run's YES on the busy cluster, with a start so much later."""
    moment = time.strftime("%Y-%m-%dT%H:%M:%S+0000", time.gmtime(BUSY_NOW + seconds))
    return f"sbatch: Job 5 to start at {moment} using 1 processors on nodes n1 in partition {partition}\n"


def enforced(options):
    """What a cluster with EnforcePartLimits=ANY says to the recorded shape."""
    name = options["--partition"]
    cpus, minutes = int(options["--cpus-per-task"]), int(options["--time"])
    memory = int(options.get("--mem", "0M").rstrip("M"))
    if minutes > {"short": 120, "gpu": 1440}.get(name, 10**9):
        return "allocation failure: Requested time limit is invalid (missing or exceeds some limit)\n"
    if cpus > (4 if name == "gpu" else 8):
        return "allocation failure: More processors requested than permitted\n"
    if memory > (16000 if name == "gpu" else 32000):
        return NOT_AVAILABLE
    if "--gres" in options and name in ("short", "closed"):
        return NOT_AVAILABLE
    return AT_ONCE.format(name)


async def ask(platform, wanted):
    snapshot = await platform.snapshot(Ask())
    answer = check(await platform.ask(wanted, snapshot, Ask()), platform)
    return answer, platform.nearest(wanted, snapshot, Ask())


def sections(name):
    """The questions and answers of one recording: (asked, status, said)."""
    for part in recorded(name).split("### ")[1:]:
        asked, _, rest = part.partition("\n")
        status = re.search(r"^rc=(\d+)", rest, re.MULTILINE)
        said = "\n".join(
            line
            for line in rest.splitlines()
            if line.startswith(("sbatch: ", "allocation failure"))
        )
        if status and said:
            yield asked, int(status.group(1)), said


class TestContract(PlatformContract):
    @pytest.fixture
    def platform(self):
        return slurm(sbatch=enforced)

    @pytest.fixture
    def accepted(self):
        return task(cores=2000, memory=(2 * GIB, 4 * GIB), duration=600)

    @pytest.fixture
    def refused(self):
        return task(cores=64000, memory=2 * GIB, duration=600)


@pytest.mark.parametrize(
    ("words", "code", "field"),
    [
        ("Requested time limit is invalid", "limit-exceeded", "/resources/duration/min"),
        ("More processors requested than permitted", "limit-exceeded", "/resources/cores/min"),
        ("Requested node configuration is not available", "refused", ""),
        ("Node count specification invalid", "limit-exceeded", "/resources/nodes/min"),
        ("Invalid partition name specified", "misconfigured", ""),
        ("Invalid feature specification", "no-such-resource", ""),
        ("Requested reservation is invalid", "not-authorised", ""),
        ("User's group not permitted to use this partition", "not-authorised", ""),
        ("QOSMaxWallDurationPerJobLimit", "limit-exceeded", "/resources/duration/min"),
        ("QOSMaxCpuPerUserLimit", "limit-exceeded", "/resources/cores/min"),
        ("QOSMaxGRESPerUser", "limit-exceeded", "/resources/gpus/min"),
        ("Invalid qos specification", "not-authorised", ""),
        ("Invalid account or account/partition", "not-authorised", ""),
    ],
)
def test_every_captured_refusal_has_its_meaning(words, code, field):
    files = ("test-only-idle", "test-only-busy", "test-only-qos", "test-only-24.11")
    captured = [
        (status, said)
        for name in files
        for _, status, said in sections(f"{name}.txt")
        if words in said
    ]
    assert captured, "the recordings hold it"
    for status, said in captured:
        run = read_dry_run(Completed(("sbatch",), status, "", said, 5))
        assert (run.meaning.code, run.meaning.field) == (code, field)
        assert words in run.text
        assert "sbatch: " not in run.text


def test_every_captured_yes_is_read_with_its_start():
    captured = [
        said
        for name in ("idle", "busy", "qos", "24.11", "enforce-no-and-maint")
        for _, status, said in sections(f"test-only-{name}.txt")
        if status == 0
    ]
    assert len(captured) > 10
    for said in captured:
        run = read_dry_run(Completed(("sbatch",), 0, "", said, 5))
        assert run.meaning is None
        assert run.start is not None


def test_a_captured_bad_option_is_not_an_answer():
    (said,) = [said for _, status, said in sections("test-only-idle.txt") if status == 255]
    with pytest.raises(PlatformProtocolError):
        read_dry_run(Completed(("sbatch",), 255, "", said, 5))


async def test_every_partition_that_takes_it_is_an_offer_the_default_first():
    answer, _ = await ask(slurm(), task(cores=2000, memory=GIB, duration=600))
    assert answer.verdict is Verdict.YES
    assert answer.now is Verdict.YES
    assert [offer.name for offer in answer.offers] == ["short", "gpu", "vip"]
    first = answer.offers[0]
    assert first.service_type == "uri://slurm"
    assert first.service_info["options"][0] == "--partition=short"
    assert (first.start.earliest, first.start.latest) == (0, 0)
    assert first.start.basis


async def test_an_offer_never_joins_the_cores_of_one_node_with_the_gpus_of_another():
    # "vip" holds n1 (8 cores, 32 GB, no GPU) and n2 (4 cores, 16 GB, two GPUs).
    answer, _ = await ask(slurm(), task(cores=2000, memory=2 * GIB, gpus=1, duration=HOUR))
    vip = next(offer for offer in answer.offers if offer.name == "vip").resources

    assert (vip.cores.max, vip.memory.max, vip.gpus.max) == (4000, 16000 * 2**20, 2)


async def test_an_image_is_something_that_slurm_does_not_tell_of():
    asked = task(cores=1000)
    asked = msgspec.structs.replace(
        asked, executable=msgspec.structs.replace(asked.executable, image="docker.io/a:1")
    )
    answer, _ = await ask(slurm(), asked)

    assert ("not-published", "/executable/image") in {(r.code, r.field) for r in answer.reasons}


async def test_open_ends_are_filled_in_and_say_by_whom():
    answer, _ = await ask(slurm(), task(cores=3000))
    resources, filled = answer.offers[0].resources, answer.offers[0].filled
    assert (resources.cores.min, resources.cores.max) == (3000, 8000)
    assert (resources.memory.min, resources.memory.max) == (6000 * 2**20, 32000 * 2**20)
    assert (resources.duration.min, resources.duration.max) == (1800, 7200)
    assert filled == {
        "cores.max": "offered",
        "memory.min": "default",
        "memory.max": "offered",
        "duration.min": "default",
        "duration.max": "offered",
    }


async def test_the_evidence_holds_the_exact_command_and_what_it_said():
    answer, _ = await ask(slurm(conf="/etc/my slurm.conf"), task(cores=2000, duration=600))
    offer = answer.offers[0]
    run = answer.evidence[offer.evidence[0]]
    assert run.how == "dry-run"
    assert run.source == (
        "SLURM_CONF='/etc/my slurm.conf' sbatch --test-only --export=NONE --partition=short "
        "--nodes=1 --ntasks=1 --cpus-per-task=2 --time=10 --wrap=true"
    )
    assert run.text.startswith("sbatch: Job 1 to start at")
    assert run.at == int(NOW)


async def test_a_partition_that_is_down_is_closed_though_the_dry_run_says_yes():
    answer, changes = await ask(slurm(partitions=["closed"]), task(cores=1000, duration=600))
    assert answer.verdict is Verdict.NO
    (reason,) = answer.reasons
    assert reason.code == "closed"
    assert "DOWN" in reason.message
    assert "to start at" in reason.text
    shown = [answer.evidence[index] for index in reason.evidence]
    assert [evidence.how for evidence in shown] == ["dry-run", "live-read"]
    assert "State=DOWN" in shown[1].text
    assert changes == ()


@pytest.mark.parametrize("state", ["DRAIN", "INACTIVE"])
async def test_other_closed_states_are_closed_too(state):
    partition = idle()["partition"].replace("State=DOWN", f"State={state}")
    answer, _ = await ask(slurm({"partition": partition}, partitions=["closed"]), task())
    assert answer.verdict is Verdict.NO
    assert answer.reasons[0].code == "closed"


async def test_a_time_limit_that_is_not_enforced_would_wait_for_ever():
    config = idle()["config"].replace("= ANY", "= NO")
    platform = slurm({"config": config}, partitions=["short"])
    answer, changes = await ask(platform, task(duration=5 * HOUR))
    assert answer.verdict is Verdict.NO
    (reason,) = answer.reasons
    assert reason.code == "would-pend-forever"
    assert (reason.field, reason.asked, reason.limit) == (
        "/resources/duration/min",
        5 * HOUR,
        2 * HOUR,
    )
    assert "to start at" in reason.text
    assert [change.edits[0].after for change in changes] == [2 * HOUR]


async def test_an_enforced_time_limit_is_exceeded():
    answer, _ = await ask(slurm(sbatch=enforced, partitions=["short"]), task(duration=5 * HOUR))
    (reason,) = answer.reasons
    assert reason.code == "limit-exceeded"
    assert reason.text == "Requested time limit is invalid (missing or exceeds some limit)"


@pytest.mark.parametrize(
    ("partition", "ranges", "limits", "counts"),
    [
        (
            "short",
            {"memory": 500 * GIB},
            ("limit-exceeded", "/resources/memory/min", 32000 * 2**20),
            "0 of 1 node: 1 too little memory",
        ),
        (
            "vip",
            {"memory": 20 * GIB, "gpus": 1},
            ("limit-exceeded", "/resources/memory/min", 16000 * 2**20),
            "0 of 2 nodes: 1 no GPU, 1 too little memory",
        ),
        (
            "gpu",
            {"gpus": 8},
            ("limit-exceeded", "/resources/gpus/min", 2),
            "0 of 1 node: 1 too few GPUs",
        ),
        (
            "short",
            {"gpus": 1},
            ("no-such-resource", "/resources/gpus/min", 0),
            "0 of 1 node: 1 no GPU",
        ),
    ],
)
async def test_one_sentence_for_many_refusals_is_taken_apart(partition, ranges, limits, counts):
    platform = slurm(sbatch=lambda _: NOT_AVAILABLE, partitions=[partition])
    answer, _ = await ask(platform, task(**ranges))
    assert answer.verdict is Verdict.NO
    (reason,) = answer.reasons
    assert (reason.code, reason.field, reason.limit) == limits
    assert counts in reason.message
    assert reason.text == "Requested node configuration is not available"


async def test_a_gpu_that_nobody_has_is_named_with_those_that_are_there():
    platform = slurm(sbatch=lambda _: NOT_AVAILABLE, partitions=["gpu"])
    answer, changes = await ask(platform, task(gpus=1, gpu=Gpu(model="h100")))
    (reason,) = answer.reasons
    assert (reason.code, reason.field) == ("no-such-resource", "/resources/gpu/model")
    assert (reason.asked, reason.limit) == ("h100", "a100")
    assert any(change.edits[0].field == "/resources/gpu/model" for change in changes)


async def test_a_drained_node_that_would_do_is_named():
    node = idle()["node"].replace("State=IDLE", "State=IDLE+DRAIN")
    platform = slurm({"node": node}, lambda _: NOT_AVAILABLE, partitions=["gpu"])
    answer, _ = await ask(platform, task(gpus=1))
    (reason,) = answer.reasons
    assert reason.code == "closed"
    assert "n2 is drained (0 of 1 node: 1 drained)" in reason.message


async def test_the_memory_of_a_gpu_is_not_published():
    answer, _ = await ask(slurm(partitions=["gpu"]), task(gpus=1, gpu=Gpu(memory=40 * GIB)))
    assert answer.verdict is Verdict.CANNOT_TELL
    assert answer.reasons[0].code == "not-published"


async def test_disk_is_accepted_with_a_word_that_nobody_can_tell():
    answer, _ = await ask(slurm(), task(disk=GIB))
    assert answer.verdict is Verdict.YES
    assert answer.reasons[-1].field == "/resources/disk/min"


async def test_a_default_that_is_too_large_says_that_it_is_a_default():
    partition = idle()["partition"].replace("DefMemPerCPU=2000", "DefMemPerCPU=5000")
    platform = slurm({"partition": partition}, lambda _: NOT_AVAILABLE, partitions=["short"])
    answer, _ = await ask(platform, task(cores=8000))
    (reason,) = answer.reasons
    assert reason.field == "/resources/memory/min"
    assert "the partition's default" in reason.message


async def test_a_refusal_that_nothing_explains_is_shown_in_slurm_s_own_words():
    platform = slurm(sbatch=lambda _: "allocation failure: Something new\n")
    answer, _ = await ask(platform, task())
    assert answer.verdict is Verdict.NO
    assert {reason.code for reason in answer.reasons} >= {"refused"}
    assert "Something new" in answer.reasons[0].message


async def test_the_term_to_blame_is_found_by_leaving_one_out_at_a_time():
    def fewer_than_four_cores_with_much_memory(options):
        if int(options["--mem"].rstrip("M")) > 2000:
            return NOT_AVAILABLE
        return AT_ONCE.format("short")

    platform = slurm(sbatch=fewer_than_four_cores_with_much_memory, partitions=["short"])
    answer, _ = await ask(platform, task(cores=2000, memory=4 * GIB, duration=600))
    assert answer.verdict is Verdict.NO
    (reason,) = answer.reasons
    assert (reason.code, reason.field) == ("limit-exceeded", "/resources/memory/min")
    runs = [answer.evidence[i] for i in reason.evidence if answer.evidence[i].how == "dry-run"]
    assert [NOT_AVAILABLE.strip() in run.text for run in runs] == [True, False]


@pytest.mark.parametrize(
    ("options", "keys", "verdict"),
    [
        ("AllowAccounts=astro", {}, Verdict.NO),
        ("AllowAccounts=astro", {"account": "astro"}, Verdict.YES),
        ("AllowAccounts=astro", {"account": "geo"}, Verdict.NO),
        ("DenyAccounts=geo", {"account": "geo"}, Verdict.NO),
        ("DenyAccounts=geo", {"account": "astro"}, Verdict.YES),
        ("AllowQos=gold", {"qos": "gold"}, Verdict.YES),
        ("AllowQos=gold", {"qos": "tin"}, Verdict.NO),
        ("AllowQos=gold", {}, Verdict.YES),
    ],
)
async def test_a_partition_for_others_is_seen_through(options, keys, verdict):
    partition = idle()["partition"].replace("AllowGroups=adm AllowAccounts=ALL", options, 1)
    assert options in partition
    answer, _ = await ask(slurm({"partition": partition}, partitions=["vip"], **keys), task())
    assert answer.verdict is verdict
    assert verdict is Verdict.YES or answer.reasons[0].code == "not-authorised"


DENIED = Completed(("scontrol",), 1, "", "slurm_load_node error: Access/permission denied", 5)


async def test_nodes_that_are_hidden_leave_the_dry_run_and_the_time_limit():
    platform = slurm({"node": DENIED}, partitions=["short"])
    assert not (await platform.snapshot(Ask())).complete
    answer, _ = await ask(platform, task(cores=2000, duration=600))
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.YES)
    config = idle()["config"].replace("= ANY", "= NO")
    lenient = slurm({"node": DENIED, "config": config}, partitions=["short"])
    answer, _ = await ask(lenient, task(duration=5 * HOUR))
    assert [reason.code for reason in answer.reasons] == ["would-pend-forever"]


async def test_partitions_that_are_hidden_cannot_be_asked():
    with pytest.raises(PlatformNotAuthorised, match="permission denied"):
        await slurm({"partition": DENIED}).snapshot(Ask())


async def test_foreign_text_is_trimmed():
    said = "allocation failure: <script>\x1b[31m\u202e" + "x" * 20_000 + "\n"
    answer, _ = await ask(slurm(sbatch=lambda _: said), task())
    for reason in answer.reasons:
        assert len(reason.text) <= 500
        assert "\x1b" not in reason.text + reason.message
        assert "\u202e" not in reason.text + reason.message


async def test_an_unknown_configured_partition_is_a_mistake_not_a_no():
    answer, _ = await ask(slurm(partitions=["nosuch"]), task())
    assert answer.verdict is Verdict.CANNOT_TELL
    assert answer.reasons[0].code == "misconfigured"


async def test_account_and_qos_are_asked_with():
    platform = slurm(account="astro", qos="gold")
    await ask(platform, task())
    asked = [argv for argv in platform.edges.command.ran if argv[0] == "sbatch"]
    assert asked
    assert all("--account=astro" in argv and "--qos=gold" in argv for argv in asked)


async def test_commands_and_configuration_can_lie_elsewhere():
    platform = slurm(bin="/opt/slurm/bin", conf="/opt/slurm/etc/slurm.conf")
    await ask(platform, task())
    command = platform.edges.command
    slurms = [both for both in zip(command.ran, command.env, strict=True) if both[0] != ("id",)]
    assert all(argv[0].startswith("/opt/slurm/bin/") for argv, _ in slurms)
    assert all(env["SLURM_CONF"] == "/opt/slurm/etc/slurm.conf" for _, env in slurms)


def on_busy(seconds, partition):
    said = starts_in(seconds, partition)
    return slurm(busy(), lambda _: said, clock=BUSY_NOW, partitions=[partition])


async def test_a_full_partition_is_a_yes_but_not_now():
    answer, _ = await ask(on_busy(6000, "short"), task(cores=6000, duration=600))
    assert answer.verdict is Verdict.YES
    assert answer.now is Verdict.NO
    assert answer.reasons[0].code == "full-now"
    assert "1 too few idle cores" in answer.reasons[0].message
    start = answer.offers[0].start
    assert (start.earliest, start.latest) == (None, 6000)


@pytest.mark.parametrize(
    ("duration", "earliest", "now"),
    [(600, 0, Verdict.YES), (2 * HOUR, None, Verdict.NO)],
)
async def test_a_job_that_ends_before_the_next_one_is_due_is_backfilled(
    duration, earliest, now
):
    answer, _ = await ask(on_busy(6000, "short"), task(cores=1000, duration=duration))
    start = answer.offers[0].start
    assert (start.earliest, start.latest, answer.now) == (earliest, 6000, now)


async def test_a_job_waiting_in_another_partition_is_seen_though_the_dry_run_does_not():
    answer, _ = await ask(on_busy(0, "closed"), task(cores=1000, memory=GIB, duration=2 * HOUR))
    assert answer.verdict is Verdict.NO
    partition = busy()["partition"].replace("State=DOWN", "State=UP")
    platform = slurm(
        {**busy(), "partition": partition},
        lambda _: starts_in(0, "closed"),
        clock=BUSY_NOW,
        partitions=["closed"],
    )
    answer, _ = await ask(platform, task(cores=1000, memory=GIB, duration=2 * HOUR))
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.NO)
    start = answer.offers[0].start
    assert (start.earliest, start.latest) == (None, None)
    assert "does not see" in start.basis
    answer, _ = await ask(platform, task(cores=1000, memory=GIB, duration=600))
    assert answer.now is Verdict.YES


async def test_jobs_that_wait_without_a_plan_leave_it_open():
    queue = "9|short|N/A|(null)|8|Resources\n"
    platform = slurm(
        {**busy(), "queue": queue},
        lambda _: starts_in(6000, "short"),
        clock=BUSY_NOW,
        partitions=["short"],
    )
    answer, _ = await ask(platform, task(cores=1000, duration=600))
    assert (answer.verdict, answer.now) == (Verdict.YES, Verdict.CANNOT_TELL)


async def test_a_reservation_in_the_way_is_named():
    wanted = task(cores=1000, memory=GIB, gpus=1, duration=20 * HOUR)
    answer, _ = await ask(on_busy(12 * HOUR, "gpu"), wanted)
    assert answer.verdict is Verdict.YES
    assert answer.now is Verdict.NO
    assert "upgrade" in answer.reasons[0].message
    start = answer.offers[0].start
    assert (start.earliest, start.latest) == (12 * HOUR, 12 * HOUR)


async def test_a_start_later_than_the_task_accepts_is_a_no_when_it_is_certain():
    wanted = task(cores=1000, memory=GIB, gpus=1, duration=20 * HOUR, startup=(None, 60))
    answer, _ = await ask(on_busy(12 * HOUR, "gpu"), wanted)
    assert answer.verdict is Verdict.NO
    assert (answer.reasons[0].code, answer.reasons[0].field) == (
        "full-now",
        "/resources/startup/max",
    )
    assert "in 12 h at the earliest; the task accepts 1 min" in answer.reasons[0].message
    assert answer.now is Verdict.NO


async def test_a_start_that_only_could_be_too_late_is_one_that_nobody_can_tell():
    wanted = task(cores=1000, duration=600, startup=(None, 10))
    answer, _ = await ask(on_busy(1794, "short"), wanted)
    assert answer.verdict is Verdict.CANNOT_TELL
    assert answer.offers == ()
    assert (answer.reasons[0].code, answer.reasons[0].field) == (
        "not-published",
        "/resources/startup/max",
    )
    assert "the task accepts 10 s; earliest at once, latest in 29 min 54 s" in (
        answer.reasons[0].message
    )


async def test_a_start_that_nobody_can_bound_is_one_that_nobody_can_tell():
    wanted = task(cores=1000, duration=2 * HOUR, startup=(None, 10))
    answer, _ = await ask(on_busy(6000, "short"), wanted)
    assert answer.verdict is Verdict.CANNOT_TELL
    assert [reason.code for reason in answer.reasons] == ["not-published", "full-now"]


async def test_a_start_whose_latest_end_is_in_time_is_a_yes():
    wanted = task(cores=1000, duration=600, startup=(None, 1800))
    answer, _ = await ask(on_busy(1794, "short"), wanted)
    assert answer.verdict is Verdict.YES
    assert not any(reason.field == "/resources/startup/max" for reason in answer.reasons)


async def test_a_controller_whose_clock_is_ahead_is_understood():
    platform = slurm(clock=NOW - 90, partitions=["short"])
    answer, _ = await ask(platform, task())
    assert answer.offers[0].start.latest == 0


async def test_missing_commands_are_unreachable(monkeypatch, tmp_path):
    platform = Slurm.configure({"kind": "slurm", "bin": str(tmp_path)})
    with pytest.raises(PlatformUnreachable, match="cannot run"):
        await platform.snapshot(Ask())


@pytest.fixture
def commands(tmp_path):
    """Make programs that stand for Slurm's, and a platform that runs them."""

    def make(**scripts):
        for name, script in {"scontrol": "echo it is UP", **scripts}.items():
            program = tmp_path / name
            program.write_text(f"#!/bin/sh\n{script}\n")
            program.chmod(0o755)
        return Slurm.configure({"kind": "slurm", "bin": str(tmp_path)})

    return make


async def test_a_hanging_command_is_ended_at_the_deadline(commands):
    platform = commands(sbatch="sleep 60")
    snapshot = await slurm().snapshot(Ask())
    started = time.monotonic()
    with pytest.raises(PlatformTimeout):
        await platform.ask(task(), snapshot, Ask(deadline=0.3))
    assert time.monotonic() - started < 2


async def test_garbage_is_a_bad_answer(commands):
    snapshot = await slurm().snapshot(Ask())
    for script in ("echo '<html>'", "exit 0", "echo ja >&2; exit 1", "exit 255"):
        with pytest.raises(PlatformProtocolError):
            await commands(sbatch=script).ask(task(), snapshot, Ask())


async def test_garbage_from_scontrol_is_a_bad_answer(commands):
    with pytest.raises(PlatformProtocolError):
        await commands(squeue="true").snapshot(Ask())


async def test_a_controller_that_is_down_is_told_at_once():
    platform = slurm({"ping": "Slurmctld(primary) at head is DOWN\n"})
    with pytest.raises(PlatformUnreachable, match="down"):
        await platform.snapshot(Ask())


async def test_a_controller_that_goes_down_between_reading_and_asking_is_told_at_once():
    class Silent(FakeSlurm):
        async def run(self, argv, **circumstances):
            if argv[0] == "sbatch":
                await asyncio.Event().wait()
            return await super().run(argv, **circumstances)

    silent = Silent({"ping": "Slurmctld(primary) at head is DOWN\n"})
    platform = Slurm.configure({"kind": "slurm"}, Edges(command=silent, clock=lambda: NOW))
    snapshot = await slurm().snapshot(Ask())
    with pytest.raises(PlatformUnreachable, match="down"):
        await asyncio.wait_for(platform.ask(task(), snapshot, Ask()), 2)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (
            "allocation failure: Unable to contact slurm controller (connect failure)",
            PlatformUnreachable,
        ),
        (
            "sbatch: error: Munge encode failed: Failed to access socket",
            PlatformNotAuthenticated,
        ),
        ("allocation failure: Protocol authentication error", PlatformNotAuthenticated),
        ("allocation failure: Socket timed out on send/recv operation", PlatformTimeout),
        ("sbatch: fatal: Unable to process configuration file", PlatformUnreachable),
    ],
)
async def test_trouble_with_the_cluster_itself_has_its_own_code(said, error):
    platform = slurm(sbatch=lambda _: said)
    with pytest.raises(error):
        await ask(platform, task())


def test_a_submit_host_is_discovered_without_running_anything(monkeypatch, tmp_path):
    conf = tmp_path / "slurm.conf"
    conf.write_text("# a comment\nClusterName=observatory # ours\nSlurmUser=slurm\n")
    program = tmp_path / "sbatch"
    program.write_text("#!/bin/sh\ntouch ran\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("SLURM_CONF", str(conf))
    assert Slurm.discover() == ({"kind": "slurm", "name": "Slurm (observatory)"},)
    assert not (tmp_path / "ran").exists()


def test_nothing_is_discovered_without_sbatch(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert Slurm.discover() == ()


def test_a_wrong_key_is_named():
    with pytest.raises(ConfigurationError, match="partition"):
        Slurm.configure({"kind": "slurm", "partitions": "short"})


def test_the_default_edge_runs_real_commands():
    assert isinstance(Slurm.configure({"kind": "slurm"}).edges.command, LocalCommand)


async def test_an_estimate_says_what_the_arithmetic_says_and_runs_nothing():
    ran = []
    cluster = slurm(sbatch=lambda options: ran.append(options) or enforced(options))
    snapshot = await cluster.snapshot(Ask())
    small = task(cores=2000, memory=2 * GIB, duration=600)
    large = task(cores=64000, memory=2 * GIB, duration=600)

    yes = check(cluster.estimate(small, snapshot, Ask()), cluster)
    no = check(cluster.estimate(large, snapshot, Ask()), cluster)

    assert ran == []
    assert (yes.verdict, no.verdict) == (Verdict.YES, Verdict.NO)
    assert not any(evidence.how == "dry-run" for evidence in (*yes.evidence, *no.evidence))
    assert {offer.name for offer in yes.offers} == {
        offer.name for offer in (await cluster.ask(small, snapshot, Ask())).offers
    }
    start = yes.offers[0].start
    assert start.latest is None
    assert "no dry run" in start.basis
