"""How a cluster is reached, and what goes wrong on the way."""

import pytest
from contract import check
from slurm_fake import FakeSlurm, accounts, idle, slurm, task

from jupyter_canidothis.answer import Offer, Verdict
from jupyter_canidothis.command import Completed
from jupyter_canidothis.errors import (
    ConfigurationError,
    PlatformNotAuthenticated,
    PlatformProtocolError,
    PlatformUnreachable,
)
from jupyter_canidothis.platforms.base import Ask, Edges
from jupyter_canidothis.platforms.slurm import Slurm
from jupyter_canidothis.platforms.slurm.access import by_ssh
from jupyter_canidothis.ssh import SshCommand
from jupyter_canidothis.task import Executable, Task


async def ask(platform, wanted):
    snapshot = await platform.snapshot(Ask())
    return check(await platform.ask(wanted, snapshot, Ask()), platform)


def through_ssh(**keys):
    """A platform behind ssh whose commands are those of the fake."""
    platform = Slurm.configure({"kind": "slurm", "ssh": "login", **keys}, Edges())
    assert isinstance(platform._command, SshCommand)
    platform._command = FakeSlurm()
    return platform


async def test_the_evidence_of_a_far_cluster_says_how_it_was_asked():
    platform = through_ssh(conf="/etc/my slurm.conf")
    platform.edges = Edges(command=None, clock=slurm().edges.clock)
    answer = await ask(platform, task(cores=2000))
    lines = [e.source for e in answer.evidence if e.how in ("dry-run", "live-read")]
    assert len(lines) > 5
    assert all(line.startswith("ssh login SLURM_CONF='/etc/my slurm.conf' ") for line in lines)


def test_a_script_is_sent_from_here_to_the_far_cluster():
    platform = through_ssh(conf="/etc/slurm.conf")
    wanted = Task(Executable("uri://batch-script", command=("true",)))
    offer = Offer("uri://slurm", service_info={"options": ["--partition=short"]})
    made = platform.handover(wanted, offer)
    assert made.command == f"ssh login SLURM_CONF=/etc/slurm.conf sbatch < {made.name}"
    assert by_ssh(made, "a b").command.startswith("ssh 'a b' ")


def test_a_file_for_ssh_without_a_host_is_a_mistake():
    with pytest.raises(ConfigurationError, match="ssh_config: only with the key ssh"):
        Slurm.configure({"kind": "slurm", "ssh_config": "/x"})


def test_a_host_that_is_none_is_a_mistake():
    with pytest.raises(ConfigurationError, match="-oProxyCommand=x"):
        Slurm.configure({"kind": "slurm", "ssh": "-oProxyCommand=x"})


@pytest.mark.parametrize(
    ("version", "words"),
    [("26.05.1", "Slurm 26.05.1 is none of the versions"), ("", "does not say its version")],
)
async def test_an_unknown_version_is_answered_with_a_word_about_it(version, words):
    config = idle()["config"].replace("= 22.05.8", f"= {version}")
    answer = await ask(slurm({"config": config}), task(cores=2000))
    assert answer.verdict is Verdict.YES
    assert answer.reasons[-1].code == "not-published"
    assert words in answer.reasons[-1].message


@pytest.mark.parametrize("version", ["22.05.8", "23.11.4", "24.11.5"])
async def test_a_version_that_was_tried_needs_no_word(version):
    config = idle()["config"].replace("= 22.05.8", f"= {version}")
    answer = await ask(slurm({"config": config}), task(cores=2000))
    assert answer.reasons == ()


MUNGE_DOWN = (
    "scontrol: error: If munged is up, restart with --num-threads=10\n"
    'scontrol: error: Munge encode failed: Failed to access "/run/munge/munge.socket.2": '
    "No such file or directory (Did you start munged?)\n"
    "scontrol: error: slurm_send_node_msg: auth_g_create: REQUEST_PING has authentication error\n"
)
"""As 22.05 printed it."""
DOWN = (
    "Slurmctld(primary) at head is DOWN\n"
    "*****************************************\n"
    "** RESTORE SLURMCTLD DAEMON TO SERVICE **\n"
    "*****************************************\n"
)
STRANGER = "slurm_load_partitions error: Zero Bytes were transmitted or received\n"


def failed(program, said, printed="", status=1):
    return Completed((program,), status, printed, said, 5)


@pytest.mark.parametrize(
    ("texts", "error", "words"),
    [
        (
            {"ping": failed("scontrol", MUNGE_DOWN, DOWN)},
            PlatformNotAuthenticated,
            "munge, which proves",
        ),
        (
            {"ping": failed("scontrol", "", DOWN), "partition": failed("scontrol", STRANGER)},
            PlatformNotAuthenticated,
            "another munge key",
        ),
        ({"ping": failed("scontrol", "", DOWN)}, PlatformUnreachable, "controller is down"),
        (
            {"ping": failed("scontrol", "Killed", status=-9)},
            PlatformUnreachable,
            "scontrol was ended by SIGKILL",
        ),
        (
            {"node": failed("scontrol", "", status=-15)},
            PlatformUnreachable,
            "scontrol was ended by SIGTERM",
        ),
        (
            {"ping": failed("scontrol", "", "Slurmctld(primary) auf head: LÄUFT\n", 0)},
            PlatformProtocolError,
            "something else than an answer",
        ),
        (
            {
                "node": failed(
                    "scontrol", "slurm_load_node error: Incompatible versions of client"
                )
            },
            PlatformProtocolError,
            "differ too much in version",
        ),
    ],
)
async def test_each_fault_of_the_cluster_has_its_own_words(texts, error, words):
    with pytest.raises(error, match=words):
        await slurm(texts).snapshot(Ask())


async def test_a_killed_dry_run_is_no_refusal():
    class Dying(FakeSlurm):
        async def run(self, argv, **circumstances):
            if argv[0] == "sbatch":
                return failed("sbatch", "", status=-9)
            return await super().run(argv, **circumstances)

    platform = slurm()
    platform._command = Dying()
    with pytest.raises(PlatformUnreachable, match="sbatch was ended by SIGKILL"):
        await ask(platform, task())


SLURMDBD_DOWN = (
    "sacctmgr: error: slurm_persist_conn_open_without_init: failed to open persistent "
    "connection to host:127.0.0.1:6819: Connection refused\n"
    "sacctmgr: error: Sending PersistInit msg: Connection refused\n"
)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            SLURMDBD_DOWN,
            "slurmdbd, which shows the limits of accounts and QOS, does not answer",
        ),
        ("sacctmgr: error: Access/permission denied\n", "not shown to you"),
    ],
)
async def test_limits_that_are_not_shown_are_told_with_the_reason(said, words):
    texts = {**accounts(), "sacctmgr qos": failed("sacctmgr", said)}
    answer = await ask(slurm(texts), task(cores=1000, duration=600))
    assert answer.verdict is Verdict.YES
    (reason,) = answer.reasons
    assert reason.code == "not-published"
    assert words in reason.message
