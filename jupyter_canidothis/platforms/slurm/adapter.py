"""The Slurm adapter: reads the cluster, asks every partition by a dry run, judges."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Final

from ...answer import Answer, Change, Knows, Offer, Verdict
from ...command import Completed
from ...errors import (
    PlatformError,
    PlatformNotAuthorised,
    PlatformProtocolError,
    PlatformUnreachable,
)
from ...evidence import Evidence, trim
from ...task import Task
from ..at_once import together
from ..base import Ask, Handover, Platform, PlatformConfig, Snapshot
from . import reading
from .accounting import Accounting
from .accounting_reading import (
    ASSOCIATION_FORMAT,
    QOS_FORMAT,
    read_accounting,
    read_asker,
)
from .answering import answer, nearest, unsupported
from .candidates import Candidate, candidates
from .cluster import Cluster, Settings
from .judge import Trial, unexplained
from .narrowing import lighter
from .refusal import raise_for_trouble, read_dry_run
from .script import batch
from .untried import untried
from .weighing import Weighed

__all__ = ["Slurm", "SlurmConfig"]

_TTL: Final = 10.0
_AT_ONCE: Final = 8
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


class SlurmConfig(PlatformConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of an entry of kind ``slurm``."""

    partitions: tuple[str, ...] = ()
    """Only these partitions; all that the user may see when empty."""
    account: str = ""
    """Account that jobs are charged to; the user's default when empty."""
    qos: str = ""
    """Quality of service; the default when empty."""
    bin: str = ""
    """Folder of Slurm's commands; PATH when empty."""
    conf: str = ""
    """Path of slurm.conf; ``SLURM_CONF`` or the default when empty."""


class Slurm(Platform[SlurmConfig, Cluster]):
    """A Slurm cluster that this host can submit to."""

    kind = "slurm"
    service_type = "uri://slurm"
    config_type = SlurmConfig
    knows: ClassVar[tuple[Knows, ...]] = ("ever", "now", "when")
    task_types = ("uri://jupyter-notebook", "uri://batch-script")
    cheap = True

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
        done, accounting = await together(both)
        texts = dict(zip(_READS, done, strict=True))
        content = Cluster(
            settings=settings,
            partitions=reading.read_partitions(texts["partition"].stdout),
            nodes=reading.read_nodes(texts["node"].stdout),
            reservations=reading.read_reservations(texts["reservation"].stdout),
            waiting=reading.read_queue(texts["queue"].stdout),
            accounting=accounting,
        )
        evidence = tuple(
            Evidence("live-read", self._line(done.argv), trim(done.stdout), int(clock))
            for done in (config, *texts.values())
        )
        complete = all(done.returncode == 0 for done in texts.values())
        return Snapshot(content, clock, _TTL, complete=complete, evidence=evidence)

    async def _whoami(self, ask: Ask) -> Completed:
        try:
            return await self.edges.command.run(("id",), deadline=ask.deadline * _SHARE)
        except PlatformError:
            return Completed(("id",), 127, "", "", 0)

    async def _accounting(
        self, settings: Settings, whoami: Completed, ask: Ask
    ) -> Accounting | None:
        """Read limits and usage; None where none are enforced, or none are shown."""
        asker, name = read_asker(whoami.stdout)
        if not settings.limits_enforced or not name:
            return None
        users = f"users={name}"
        argvs = (
            ("scontrol", "show", "assoc_mgr", users, "flags=assoc,qos"),
            ("sacctmgr", "-nP", "show", "qos", f"format={QOS_FORMAT}"),
            ("sacctmgr", "-nP", "show", "assoc", users, f"format={ASSOCIATION_FORMAT}"),
        )
        try:
            done = await together([self._run(argv, ask, check=False) for argv in argvs])
        except PlatformError:
            return None
        if any(each.returncode != 0 for each in done):
            return None
        state, qos, own = (each.stdout for each in done)
        return read_accounting(state, qos, own, asker, safe="safe" in settings.accounting)

    async def ask(self, task: Task, snapshot: Snapshot[Cluster], ask: Ask) -> Answer:
        """Put the task to every partition, account and QOS by ``sbatch --test-only``.

        What arithmetic refuses is asked once per partition, to show Slurm's own words
        beside; the refusal stands whatever a dry run says.
        """
        if task.executable.type not in self.task_types:
            return unsupported(self.name, task, self.task_types, self.edges.clock())
        gate = asyncio.Semaphore(_AT_ONCE)
        wanted, left_out = self._wanted(task, snapshot.content)
        asks = [self._try(each, gate, ask) for each in wanted]
        trials = await together(asks, beside=self._ping(ask))
        return answer(
            self.name,
            task,
            trials,
            snapshot,
            at=self.edges.clock(),
            chosen=self.config.partitions,
            prefix=self._prefix,
            left_out=left_out,
        )

    async def probe(self, task: Task, snapshot: Snapshot[Cluster], ask: Ask) -> Answer:
        """Put the task only to what arithmetic does not refuse, until there is room now."""
        if task.executable.type not in self.task_types:
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
            return unsupported(self.name, task, self.task_types, clock)
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
        return untried(told)

    def handover(self, task: Task, offer: Offer) -> Handover | None:
        """Return the batch script that asks for exactly what was answered."""
        return batch(task, offer, conf=self.config.conf)

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
        raise PlatformUnreachable(
            "the Slurm controller is down", hint="scontrol ping says so; try again later"
        )

    async def _run(
        self,
        argv: Sequence[str],
        ask: Ask,
        *,
        check: bool = True,
        may_be_denied: bool = False,
    ) -> Completed:
        program = str(Path(self.config.bin) / argv[0]) if self.config.bin else argv[0]
        done = await self.edges.command.run(
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
        conf = self.config.conf
        return f"SLURM_CONF={shlex.quote(conf)} " if conf else ""

    def _line(self, argv: Sequence[str]) -> str:
        return self._prefix + shlex.join(argv)


def _cluster_name(conf: Path) -> str | None:
    """Return ClusterName of a slurm.conf; None when it cannot be read."""
    try:
        lines = conf.read_text(errors="replace").splitlines()
    except OSError:
        return None
    pairs = (line.split("#")[0].partition("=") for line in lines)
    return next((value.strip() for key, _, value in pairs if key.strip() == "ClusterName"), "")
