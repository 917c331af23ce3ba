"""The Slurm adapter: reads the cluster, asks every partition by a dry run, judges."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Final

from ...answer import Answer, Change, Knows, Offer, Verdict
from ...command import Completed
from ...errors import (
    PlatformError,
    PlatformNotAuthorised,
    PlatformProtocolError,
    PlatformTimeout,
    PlatformUnreachable,
)
from ...evidence import Evidence, trim
from ...task import Task
from ..at_once import together
from ..base import Ask, Edges, Handover, Platform, Snapshot
from ..batch_types import unsupported
from . import reading
from .access import by_ssh, commands, noted, rest, slurmdbd_silent
from .accounting import Accounting
from .accounting_reading import (
    ASSOCIATION_FORMAT,
    QOS_FORMAT,
    read_accounting,
    read_asker,
)
from .answering import answer, nearest
from .borrowing import Borrowing, borrowed_best
from .candidates import Candidate, candidates
from .cluster import Cluster, Settings
from .config import SlurmConfig
from .judge import Trial, unexplained
from .narrowing import lighter
from .refusal import raise_for_trouble, read_dry_run
from .rest_judging import published
from .script import batch
from .untried import untried
from .weighing import Weighed

__all__ = ["Slurm", "SlurmConfig"]

_TTL: Final = 10.0
_AT_ONCE: Final = 8
_AT_ONCE_THERE: Final = 64
"""Dry runs at once over ssh: those asked for together share a few sessions."""
_SHARE: Final = 0.8
"""Part of the deadline for one command, so that we report its silence and not the planner."""
_CONF_PATHS: Final = (
    "/etc/slurm/slurm.conf",
    "/etc/slurm-llnl/slurm.conf",
    "/run/slurm/conf/slurm.conf",
)
"""Where slurm.conf lies by default: Slurm, older Debian, configless (slurmd(8))."""
_CONFIG: Final = ("scontrol", "show", "config")
_READS: Final = {
    "partition": ("scontrol", "-o", "show", "partition"),
    "node": ("scontrol", "-d", "-o", "show", "node"),
    "reservation": ("scontrol", "-o", "show", "reservation"),
    "queue": ("squeue", "-h", "-t", "PENDING", "-o", reading.QUEUE_FORMAT),
}


_PRIVATE: Final = frozenset({"node", "reservation", "queue"})
"""What an administrator may hide (slurm.conf(5), PrivateData) while the dry run still works."""


class Slurm(Platform[SlurmConfig, Cluster]):
    """A Slurm cluster that this host, or one reached by ssh, can submit to."""

    kind = "slurm"
    service_type = "uri://slurm"
    config_type = SlurmConfig
    knows: ClassVar[tuple[Knows, ...]] = ("ever", "now", "when")
    task_types = ("uri://jupyter-notebook", "uri://batch-script")
    cheap = True

    def __init__(self, config: SlurmConfig, edges: Edges | None = None) -> None:
        super().__init__(config, edges)
        self._command = commands(config.ssh, config.ssh_config, self.edges.command)
        self._rest = rest(config, self.edges)

    @classmethod
    def discover(cls) -> Sequence[Mapping[str, Any]]:
        """Find a submit host: sbatch on PATH and a readable slurm.conf; runs nothing."""
        if shutil.which("sbatch") is None:
            return ()
        for path in (os.environ.get("SLURM_CONF"), *_CONF_PATHS):
            if path and (cluster := _cluster_name(Path(path))) is not None:
                name = f"Slurm ({cluster})" if cluster else "Slurm"
                return ({"kind": cls.kind, "name": name},)
        return ()

    async def snapshot(self, ask: Ask) -> Snapshot[Cluster]:
        """Read settings, then partitions, nodes, reservations, queue and limits at once.

        ``scontrol ping`` tells at once that no controller answers, where every other
        command tries again for 9 to 18 seconds.
        """
        if self._rest is not None:
            return await self._rest.snapshot(ask)
        config, whoami = await together(
            [self._run(_CONFIG, ask), self._whoami(ask)], beside=self._ping(ask)
        )
        clock = self.edges.clock()
        settings = reading.read_settings(config.stdout, clock)
        work = [
            self._run(argv, ask, may_be_denied=name in _PRIVATE)
            for name, argv in _READS.items()
        ]
        both: tuple[Coroutine[Any, Any, Any], ...] = (
            together(work),
            self._accounting(settings, whoami, ask),
        )
        done, (accounting, silent) = await together(both)
        texts = dict(zip(_READS, done, strict=True))
        content = Cluster(
            settings=settings,
            partitions=reading.read_partitions(texts["partition"].stdout),
            nodes=reading.read_nodes(texts["node"].stdout),
            reservations=reading.read_reservations(texts["reservation"].stdout),
            waiting=reading.read_queue(texts["queue"].stdout),
            accounting=accounting,
            accounts_silent=silent,
        )
        evidence = tuple(
            Evidence("live-read", self._line(done.argv), trim(done.stdout), int(clock))
            for done in (config, *texts.values())
        )
        complete = all(done.returncode == 0 for done in texts.values())
        return Snapshot(content, clock, _TTL, complete=complete, evidence=evidence)

    async def _whoami(self, ask: Ask) -> Completed:
        try:
            return await self._command.run(("id",), deadline=ask.deadline * _SHARE)
        except PlatformError:
            return Completed(("id",), 127, "", "", 0)

    async def _accounting(
        self, settings: Settings, whoami: Completed, ask: Ask
    ) -> tuple[Accounting | None, bool]:
        """Read limits and usage, and whether slurmdbd, which shows some of them, is silent.

        None where no limits are enforced, or none are shown.
        """
        asker, name = read_asker(whoami.stdout)
        if not settings.limits_enforced or not name:
            return None, False
        users = f"users={name}"
        argvs = (
            ("scontrol", "show", "assoc_mgr", users, "flags=assoc,qos"),
            ("sacctmgr", "-nP", "show", "qos", f"format={QOS_FORMAT}"),
            ("sacctmgr", "-nP", "show", "assoc", users, f"format={ASSOCIATION_FORMAT}"),
        )
        try:
            done = await together([self._run(argv, ask, check=False) for argv in argvs])
        except PlatformError as error:
            return None, isinstance(error, PlatformTimeout)
        if any(each.returncode != 0 for each in done):
            return None, any(map(slurmdbd_silent, done[1:]))
        state, qos, own = (each.stdout for each in done)
        safe = "safe" in settings.accounting
        return read_accounting(state, qos, own, asker, safe=safe), False

    async def ask(self, task: Task, snapshot: Snapshot[Cluster], ask: Ask) -> Answer:
        """Put the task to every partition, account and QOS by ``sbatch --test-only``.

        What arithmetic refuses is asked once per partition, to show Slurm's own words
        beside; the refusal stands whatever a dry run says. The best offer always has a
        dry run of its own.
        """
        if task.executable.type not in self.task_types:
            return unsupported(self, "Slurm", task)
        if self._rest is not None:
            return self.estimate(task, snapshot, ask)
        gate = asyncio.Semaphore(_AT_ONCE_THERE if self.config.ssh else _AT_ONCE)
        wanted, left_out = self._wanted(task, snapshot.content)
        asks = [self._try(each, gate, ask) for each in wanted if each.asked]
        done = Borrowing(wanted, await together(asks, beside=self._ping(ask)))
        alone = await together([self._try(each, gate, ask) for each in done.missing])
        trials = done.all(alone)
        while True:
            said = answer(
                self.name,
                task,
                trials,
                snapshot,
                at=self.edges.clock(),
                chosen=self.config.partitions,
                prefix=self._prefix,
                left_out=left_out,
            )
            place = borrowed_best(said, trials)
            if place is None:
                return noted(said, snapshot.content)
            trials[place] = await self._try(wanted[place], gate, ask)

    async def probe(self, task: Task, snapshot: Snapshot[Cluster], ask: Ask) -> Answer:
        """Put the task only to what arithmetic does not refuse, until there is room now."""
        if self._rest is not None or task.executable.type not in self.task_types:
            return await self.ask(task, snapshot, ask)
        wanted, left_out = self._wanted(task, snapshot.content)
        clock = self.edges.clock()
        able = [each for each in wanted if not each.weighed.against()]
        trials = [each.unasked(clock) for each in wanted[:1] if not able]
        said: Answer | None = None
        for each in able:
            trials.append(await self._dry_run(each.weighed, ask))
            said = answer(self.name, task, trials, snapshot, at=clock, left_out=left_out)
            if said.now is Verdict.YES:
                return said
        return said or answer(self.name, task, trials, snapshot, at=clock, left_out=left_out)

    def _wanted(self, task: Task, cluster: Cluster) -> tuple[list[Candidate], int]:
        """Return whom to ask, and how many combinations there are beyond."""
        config = self.config
        partitions = [
            partition
            for partition in cluster.partitions
            if not config.partitions or partition.name in config.partitions
        ]
        return candidates(task, partitions, cluster, config.account, config.qos)

    def estimate(
        self,
        task: Task,
        snapshot: Snapshot[Cluster],
        ask: Ask,  # noqa: ARG002 - the protocol's
    ) -> Answer:
        """Judge by limits, nodes and queue alone, as they were last read."""
        clock = self.edges.clock()
        if task.executable.type not in self.task_types:
            return unsupported(self, "Slurm", task)
        wanted, left_out = self._wanted(task, snapshot.content)
        trials = [each.unasked(snapshot.taken_at) for each in wanted]
        told = answer(
            self.name,
            task,
            trials,
            snapshot,
            at=clock,
            chosen=self.config.partitions,
            prefix=self._prefix,
            left_out=left_out,
        )
        told = published(untried(told), snapshot.content, self.config.account, self.config.qos)
        return noted(told, snapshot.content)

    def handover(self, task: Task, offer: Offer) -> Handover | None:
        """Return the batch script that asks for exactly what was answered."""
        made = batch(task, offer, conf="" if self.config.url else self.config.conf)
        return by_ssh(made, self.config.ssh) if self.config.ssh else made

    def nearest(
        self,
        task: Task,
        snapshot: Snapshot[Cluster],
        ask: Ask,  # noqa: ARG002 - the protocol's
    ) -> tuple[Change, ...]:
        """Return changes that partition limits and node sizes suggest, smallest first."""
        config = self.config
        return nearest(
            task, snapshot.content, config.partitions, account=config.account, qos=config.qos
        )

    async def _try(self, each: Candidate, gate: asyncio.Semaphore, ask: Ask) -> Trial:
        weighed = each.weighed
        if not each.first and weighed.against():
            return each.unasked(self.edges.clock())
        async with gate:
            trial = replace(await self._dry_run(weighed, ask), name=each.name)
            if not unexplained(trial):
                return trial
            for field, light in lighter(weighed.question).items():
                without = await self._dry_run(replace(weighed, question=light), ask)
                if without.run.meaning is None:
                    return replace(trial, blamed=field, without=without)
        return trial

    async def _dry_run(self, weighed: Weighed, ask: Ask) -> Trial:
        done = await self._run(weighed.question.dry_run("sbatch"), ask, check=False)
        said = done.stderr + done.stdout
        line, now = self._line(done.argv), self.edges.clock()
        return Trial(weighed, read_dry_run(done), line, said, now)

    async def _ping(self, ask: Ask) -> None:
        done = await self._run(("scontrol", "ping"), ask, check=False)
        if " is UP" in done.stdout:
            return
        raise_for_trouble(done)
        if " is DOWN" not in done.stdout:
            raise PlatformProtocolError("scontrol ping printed something else than an answer")
        await self._second_opinion(ask)
        raise PlatformUnreachable(
            "the Slurm controller is down", hint="scontrol ping says so; try again later"
        )

    async def _second_opinion(self, ask: Ask) -> None:
        """Ask otherwise: ping says "down" too where the controller does not believe us."""
        with suppress(PlatformTimeout):
            done = await self._run(
                ("scontrol", "show", "partition"),
                replace(ask, deadline=min(ask.deadline, 1.0)),
                check=False,
            )
            raise_for_trouble(done)

    async def _run(
        self,
        argv: Sequence[str],
        ask: Ask,
        *,
        check: bool = True,
        may_be_denied: bool = False,
    ) -> Completed:
        program = str(Path(self.config.bin) / argv[0]) if self.config.bin else argv[0]
        done = await self._command.run(
            (program, *argv[1:]), deadline=ask.deadline * _SHARE, env=self._env()
        )
        if check and done.returncode != 0:
            raise_for_trouble(done)
            said = trim(done.stderr.strip(), 200)
            if "permission denied" not in said:
                raise PlatformProtocolError(f"{argv[0]} failed: {said}")
            if not may_be_denied:
                raise PlatformNotAuthorised(f"Slurm shows no {argv[-1]} to you: {said}")
        return done

    def _env(self) -> dict[str, str]:
        # Slurm prints local time; with a zone it means the same everywhere.
        env = {"SLURM_TIME_FORMAT": "%FT%T%z"}
        return {**env, "SLURM_CONF": self.config.conf} if self.config.conf else env

    @property
    def _prefix(self) -> str:
        if self.config.url:
            return ""
        conf, host = self.config.conf, self.config.ssh
        there = f"ssh {shlex.quote(host)} " if host else ""
        return f"{there}SLURM_CONF={shlex.quote(conf)} " if conf else there

    def _line(self, argv: Sequence[str]) -> str:
        line = shlex.join(argv)
        # ssh(1) hands one text to the login shell there, so it is quoted twice.
        return self._prefix + (shlex.quote(line) if self.config.ssh and "'" in line else line)


def _cluster_name(conf: Path) -> str | None:
    """Return ClusterName of a slurm.conf; None when it cannot be read."""
    try:
        lines = conf.read_text(errors="replace").splitlines()
    except OSError:
        return None
    pairs = (line.split("#")[0].partition("=") for line in lines)
    return next((value.strip() for key, _, value in pairs if key.strip() == "ClusterName"), "")
