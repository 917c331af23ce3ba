"""How a cluster is reached, and what goes wrong on the way."""

import pytest
from contract import check
from slurm_fake import FakeSlurm, idle, slurm, task

from jupyter_canidothis.answer import Offer, Verdict
from jupyter_canidothis.errors import ConfigurationError
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
