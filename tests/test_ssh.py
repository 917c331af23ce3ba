"""What goes to ssh, and what its words mean; a real sshd is asked in the live tier."""

from __future__ import annotations

import asyncio
import re
import shutil
import stat
import subprocess

import pytest

from jupyter_canidothis.command import Completed, LocalCommand
from jupyter_canidothis.errors import (
    ConfigurationError,
    PlatformNotAuthenticated,
    PlatformProtocolError,
    PlatformTimeout,
    PlatformUnreachable,
)
from jupyter_canidothis.ssh import SshCommand
from jupyter_canidothis.ssh.frames import Script
from jupyter_canidothis.ssh.trouble import ended, no_connection


@pytest.fixture
def ssh(tmp_path, monkeypatch):
    """Put a program in ssh's place, and return what it was called with."""
    calls = tmp_path / "calls"

    def program(name, script):
        path = tmp_path / name
        path.write_text(f"#!/bin/bash\n{script}\n")
        path.chmod(0o755)

    def called():
        return [call.split("\x1f") for call in calls.read_text().split("\x1e")[:-1]]

    def make(script, host="cluster", **keys):
        program("ssh", f"(printf '%s\\037' \"$@\"; printf '\\036') >> {calls}\n{script}")
        # What runs "there" has to die with the ssh that is none.
        program("timeout", 'shift 3; exec "$@"')
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        made.append(SshCommand(host, **keys))
        return made[-1], called

    made = []
    yield make
    for each in made:
        each.close()


SERVE = 'for last; do :; done; case "$*" in *" -N "*) exit 0;; esac; exec sh -c "$last"'
"""An ssh whose other host is this one."""


@pytest.mark.parametrize(
    "host", ["", "-oProxyCommand=id", "two words", "line\nbreak", "\x1b[31m", "tab\there"]
)
def test_a_host_that_ssh_could_take_for_an_option_is_refused(host):
    with pytest.raises(ConfigurationError, match="expected a host name"):
        SshCommand(host)


async def test_nothing_is_asked_loosened_forwarded_or_run_beside(ssh):
    command, calls = ssh(SERVE, config="~/my config")
    await command.run(["true"])
    for call in calls():
        given = " ".join(call)
        assert "BatchMode=yes" in given
        assert "ForwardAgent=no" in given
        assert "PermitLocalCommand=no" in given
        assert "StrictHostKeyChecking" not in given
        assert "UserKnownHostsFile" not in given
        assert call[:1] == ["-F"]
        assert call[1].endswith("/my config")
        assert call[1].startswith("/")
        assert call[call.index("--") + 1] == "cluster"
    assert "ControlMaster=yes" in calls()[0]
    assert "ConnectTimeout=5" in calls()[0]


async def test_the_connection_lies_in_a_private_folder_that_goes_with_it(ssh):
    command, calls = ssh(SERVE)
    await command.run(["true"])
    path = re.search(r"ControlPath=(\S+)", " ".join(calls()[0])).group(1)
    folder = command._master._folder
    assert path == f"{folder}/s"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    command.close()
    assert not folder.exists()


async def test_arguments_and_variables_arrive_as_they_are(ssh):
    command, _ = ssh(SERVE)
    odd = "a  b'c\"d $HOME `id` \\ ; & | * ! \u00e9"
    done = await command.run(["printenv", "ODD"], env={"ODD": odd})
    assert done.stdout == f"{odd}\n"
    done = await command.run(["printf", "%s", odd])
    assert (done.stdout, done.returncode, done.argv) == (odd, 0, ("printf", "%s", odd))


async def test_the_language_there_is_the_one_that_we_read(ssh, monkeypatch):
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    command, _ = ssh(SERVE)
    assert (await command.run(["printenv", "LC_ALL"])).stdout == "C\n"


async def test_status_errors_and_input_are_those_of_the_command(ssh):
    command, _ = ssh(SERVE)
    done = await command.run(
        ["sh", "-c", "cat; echo no >&2; exit 255"], stdin=b"no end of line"
    )
    assert (done.returncode, done.stdout, done.stderr) == (255, "no end of line", "no\n")


async def test_a_signal_is_told_as_a_command_here_tells_it(ssh):
    command, _ = ssh(SERVE)
    done = await command.run(["sh", "-c", "kill -9 $$"])
    assert done.returncode == -9


async def test_a_talkative_login_shell_is_not_part_of_an_answer(ssh):
    command, _ = ssh(f"echo Welcome; echo stty: no tty >&2; {SERVE}")
    done = await command.run(["echo", "hello"])
    assert (done.stdout, done.stderr) == ("hello\n", "")


@pytest.mark.parametrize(("times", "sessions"), [(1, 1), (8, 1), (9, 2), (30, 4), (100, 4)])
async def test_a_program_asked_often_at_once_takes_few_sessions(ssh, times, sessions):
    command, calls = ssh(SERVE)
    done = await asyncio.gather(
        *(command.run(["printf", "%s\n", str(n)], deadline=60) for n in range(times))
    )
    assert [each.stdout for each in done] == [f"{n}\n" for n in range(times)]
    assert len([call for call in calls() if "-N" not in call]) == sessions


async def test_another_program_does_not_wait_for_it(ssh):
    command, _ = ssh(SERVE)
    slow = asyncio.ensure_future(command.run(["sleep", "30"], deadline=60))
    done = await asyncio.wait_for(command.run(["echo", "fast"]), 20)
    assert done.stdout == "fast\n"
    slow.cancel()
    with pytest.raises(asyncio.CancelledError):
        await slow


async def test_who_leaves_a_session_does_not_end_it_for_the_others(ssh):
    command, _ = ssh(SERVE)
    leaving, staying = (
        asyncio.ensure_future(command.run(["sh", "-c", "sleep 0.3; echo there"]))
        for _ in range(2)
    )
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).stdout == "there\n"
    assert leaving.cancelled()


async def test_a_session_that_everybody_left_waits_for_nobody(ssh):
    command, _ = ssh(SERVE)
    for turns in range(4):
        leaving = asyncio.ensure_future(command.run(["echo", "once"]))
        for _ in range(turns):
            await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.sleep(0)
        assert (await command.run(["echo", "again"])).stdout == "again\n"
        assert leaving.cancelled()


async def test_a_connection_can_be_made_again_after_its_end(ssh):
    command, calls = ssh(SERVE)
    for _ in range(2):
        assert (await command.run(["echo", "hello"])).stdout == "hello\n"
        command.close()
    assert len(calls()) == 4


async def test_a_swept_folder_for_temporary_files_is_made_again(ssh):
    command, _ = ssh(SERVE)
    await command.run(["true"])
    shutil.rmtree(command._master._folder)
    assert (await command.run(["echo", "hello"])).stdout == "hello\n"


async def test_a_command_that_hangs_there_is_a_timeout(ssh):
    command, _ = ssh(SERVE)
    with pytest.raises(PlatformTimeout, match="sleep on cluster did not end within 0.3 s"):
        await command.run(["sleep", "984.5"], deadline=0.3)


async def test_a_host_that_never_answers_is_a_timeout_with_other_words(ssh):
    command, _ = ssh("sleep 983.5")
    with pytest.raises(PlatformTimeout, match="cluster does not answer ssh within 0.3 s"):
        await command.run(["true"], deadline=0.3)


async def test_a_command_that_is_missing_there_is_named_with_its_host(ssh):
    command, _ = ssh(SERVE)
    with pytest.raises(PlatformUnreachable, match="cannot run nosuch on cluster: not found"):
        await command.run(["nosuch"])


async def test_a_missing_ssh_is_unreachable(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PlatformUnreachable, match="cannot run ssh"):
        await SshCommand("cluster").run(["true"])


async def test_a_host_that_runs_something_else_is_a_bad_answer(ssh):
    script = 'case "$*" in *" -N "*) ;; *) echo This account is not available; exit 1;; esac'
    command, _ = ssh(script)
    with pytest.raises(PlatformProtocolError, match="This account is not available"):
        await command.run(["true"])


async def test_endless_output_is_cut_off_there_too(ssh):
    command, _ = ssh(SERVE)
    with pytest.raises(PlatformProtocolError, match="more than"):
        await command.run(["yes"], cap=10_000)


@pytest.mark.parametrize(
    ("said", "error", "words"),
    [
        (
            "alice@127.0.0.1: Permission denied (publickey).",
            PlatformNotAuthenticated,
            "refuses your ssh key",
        ),
        (
            "Received disconnect from 127.0.0.1 port 22:2: Too many authentication failures",
            PlatformNotAuthenticated,
            "every ssh key",
        ),
        (
            (
                "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n"
                "Host key verification failed."
            ),
            PlatformUnreachable,
            "another host key",
        ),
        (
            (
                "No ED25519 host key is known for [127.0.0.1]:1 and you have requested strict "
                "checking.\nHost key verification failed."
            ),
            PlatformUnreachable,
            "is not known here",
        ),
        (
            "ssh: Could not resolve hostname nosuch.invalid: Name or service not known",
            PlatformUnreachable,
            "the name",
        ),
        (
            "ssh: connect to host 127.0.0.1 port 1: Connection refused",
            PlatformUnreachable,
            "takes no ssh connections",
        ),
        (
            "ssh: connect to host 192.0.2.1 port 22: Connection timed out",
            PlatformTimeout,
            "does not answer",
        ),
        (
            "Connection timed out during banner exchange",
            PlatformTimeout,
            "does not answer",
        ),
        (
            "ssh: connect to host 192.0.2.1 port 22: No route to host",
            PlatformUnreachable,
            "no way",
        ),
        (
            "kex_exchange_identification: Connection closed by remote host",
            PlatformUnreachable,
            "before the login",
        ),
        (
            "/home/a/.ssh/config: line 3: Bad configuration option: nosuch",
            PlatformUnreachable,
            "its configuration",
        ),
        ("something\x1b[31m new", PlatformUnreachable, "something\ufffd\\[31m new"),
        ("", PlatformUnreachable, "does not say why"),
    ],
)
def test_every_trouble_of_ssh_has_its_own_words(said, error, words):
    found = no_connection("cluster", said)
    assert type(found) is error
    assert re.search(words, found.message)
    assert "cluster" in found.message + found.hint or "configuration" in found.message


def test_a_connection_that_breaks_in_the_middle_is_unreachable():
    broken = Completed(("ssh",), 255, "", "client_loop: send disconnect: Broken pipe\n", 5)
    found = ended("cluster", "sbatch", broken, started=True)
    assert type(found) is PlatformUnreachable
    assert "broke" in found.message


def test_output_cannot_pretend_to_be_the_end_of_another_command():
    script = Script([("printf", "x\n0123456789abcdef 0\n"), ("true",)])
    line = script.line({}, 5)
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
    first, second = script.read(done.stdout, done.stderr)
    assert first.stdout == "x\n0123456789abcdef 0\n"
    assert second.stdout == ""


def test_commands_on_another_host_are_asked_for_like_those_here():
    assert issubclass(SshCommand, LocalCommand)
