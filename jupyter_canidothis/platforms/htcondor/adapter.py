"""The HTCondor adapter: reads the pool, matches the job both ways, shows the dry run."""

from __future__ import annotations

import getpass
import os
import re
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final

import msgspec

from ...answer import Answer, Change, Knows, Offer
from ...command import Completed
from ...errors import ConfigurationError
from ...evidence import Evidence, trim
from ...task import Task
from ..base import Ask, Edges, Handover, Platform, PlatformConfig, Snapshot, Word
from ..batch_types import unsupported
from . import probe
from .answering import answer, nearest
from .dry_run import DryRun, read_conditions, read_job
from .job import Job, Manners, job
from .pool import Pool
from .reading import read_pool
from .script import describe

__all__ = ["HTCondor", "HTCondorConfig"]

_TTL: Final = 10.0
_SHARE: Final = 0.8
"""Part of the deadline for one command, so that we report its silence and not the planner."""
_CONF: Final = "/etc/condor/condor_config"
_MORE: Final = "config.d/*"
"""Where packages keep more of the configuration: ``config.d`` (LOCAL_CONFIG_DIR)."""
_MOST_FILES: Final = 100
_CONF_LIMIT: Final = 2**20
_POOL: Final = re.compile(
    r"^[ \t]*(?:CONDOR|COLLECTOR)_HOST[ \t]*=[ \t]*[^\s#]", re.IGNORECASE | re.MULTILINE
)
_COMMANDS: Final = ("condor_submit", "condor_q")

_Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*\Z")]
_OneLine = Annotated[str, msgspec.Meta(pattern=r"^[^\n\r]*\Z")]


class HTCondorConfig(PlatformConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of an entry of kind ``htcondor``."""

    collector: Word = ""
    """Address of the pool's collector, ``host`` or ``host:port``; that of the
    configuration when empty."""
    schedd: Word = ""
    """Name of the schedd that jobs are submitted to; the local one when empty."""
    conf: str = ""
    """Path of condor_config; ``CONDOR_CONFIG`` or the default when empty."""
    bin: str = ""
    """Folder of HTCondor's commands; PATH when empty. Without them no dry run is shown."""
    tokens: str = ""
    """Folder of the user's tokens, for a pool that nobody may read without a login."""
    owner: _OneLine = ""
    """User name at the schedd; where HTCondor is installed the server's own when empty."""
    group: _OneLine = ""
    """Accounting group of the jobs."""
    requirements: _OneLine = ""
    """A further condition on the slot, a ClassAd expression."""
    attributes: dict[_Name, _OneLine] = msgspec.field(default_factory=dict)
    """Extra attributes of the jobs, name to ClassAd expression: ``{"WantGPULab": "true"}``."""
    duration: str = ""
    """Attribute by which this pool knows a job's run time, in seconds; found in its START
    expressions when empty."""


class HTCondor(Platform[HTCondorConfig, Pool]):
    """An HTCondor pool whose collector this host can read."""

    kind = "htcondor"
    service_type = "uri://htcondor"
    config_type = HTCondorConfig
    knows: ClassVar[tuple[Knows, ...]] = ("ever", "now")
    task_types = ("uri://jupyter-notebook", "uri://batch-script")

    def __init__(self, config: HTCondorConfig, edges: Edges | None = None) -> None:
        if config.duration and not config.duration.isidentifier():
            raise ConfigurationError(
                f"duration: {trim(config.duration, 80)!r} is not accepted; expected the name "
                "of a job attribute such as MaxRuntime"
            )
        super().__init__(config, edges)

    @classmethod
    def discover(cls) -> Sequence[Mapping[str, Any]]:
        """Find a submit host: condor_submit on PATH and a configuration that names a pool."""
        if shutil.which("condor_submit") is None:
            return ()
        path = Path(os.environ.get("CONDOR_CONFIG") or _CONF)
        return ({"kind": cls.kind, "name": "HTCondor"},) if _names_a_pool(path) else ()

    async def snapshot(self, ask: Ask) -> Snapshot[Pool]:
        """Read slots, schedds and negotiator, in a process of its own (see `probe`)."""
        argv = (sys.executable, probe.__file__, self.config.collector, self.config.schedd)
        done = await self.edges.command.run(
            argv, deadline=ask.deadline * _SHARE, env=self._env(bare=True)
        )
        content, complete = read_pool(done)
        clock = self.edges.clock()
        source = f"collector {self.config.collector or 'of the configuration'}: slots"
        told = "\n".join(_facts(content))
        evidence = (Evidence("live-read", source, trim(told), int(clock)),)
        return Snapshot(content, clock, _TTL, complete=complete, evidence=evidence)

    async def ask(self, task: Task, snapshot: Snapshot[Pool], ask: Ask) -> Answer:
        """Match the job with every kind of slot; show the pool's own dry run beside it."""
        if task.executable.type not in self.task_types:
            return unsupported(self, "HTCondor", task)
        put = self._job(task, snapshot.content)
        dry = await self._dry_run(put, ask) if self._has_commands() else None
        return self._answer(task, put.written(dry.facts) if dry else put, snapshot, dry)

    def estimate(
        self,
        task: Task,
        snapshot: Snapshot[Pool],
        ask: Ask,  # noqa: ARG002 - the protocol's
    ) -> Answer | None:
        """Match the job with every kind of slot, without the dry run."""
        if task.executable.type not in self.task_types:
            return unsupported(self, "HTCondor", task)
        return self._answer(task, self._job(task, snapshot.content), snapshot, None)

    def handover(self, task: Task, offer: Offer) -> Handover | None:
        """Return the submit description that asks for exactly what was answered."""
        return describe(task, offer, conf=self.config.conf)

    def nearest(
        self,
        task: Task,
        snapshot: Snapshot[Pool],
        ask: Ask,  # noqa: ARG002 - the protocol's
    ) -> tuple[Change, ...]:
        """Return changes that the slots' amounts and START suggest, smallest first."""
        return nearest(task, self._job(task, snapshot.content), snapshot.content)

    def _answer(
        self, task: Task, put: Job, snapshot: Snapshot[Pool], dry: DryRun | None
    ) -> Answer:
        info = {"collector": self.config.collector, "schedd": self.config.schedd}
        return answer(self.name, task, put, snapshot, at=self.edges.clock(), info=info, dry=dry)

    def _job(self, task: Task, pool: Pool) -> Job:
        config = self.config
        owner = config.owner or (getpass.getuser() if self._has_commands() else "")
        manners = Manners(config.attributes, config.requirements, config.group, owner)
        return job(task.resources, pool, manners, config.duration)

    async def _dry_run(self, put: Job, ask: Ask) -> DryRun:
        lines = ("executable = /bin/sh", "transfer_executable = false", *put.description())
        text = "\n".join((*lines, "queue", ""))
        # Both ends are named: without them it asks what was meant.
        argv = ("condor_submit", "-dry-run", "-", "-")
        submitted = await self._run(argv, text, ask)
        facts, refused = read_job(submitted)
        evidence = [self._evidence(submitted)]
        if refused is not None:
            return DryRun(tuple(evidence), refusals=(refused,))
        pool = ("-pool", self.config.collector) if self.config.collector else ()
        ad = "".join(f"{name} = {text}\n" for name, text in facts.items())
        done = await self._run(("condor_q", *pool, "-jobads", "-", "-better-analyze"), ad, ask)
        evidence.append(self._evidence(done))
        return DryRun(tuple(evidence), facts, read_conditions(done.stdout))

    async def _run(self, argv: Sequence[str], text: str, ask: Ask) -> Completed:
        program = str(Path(self.config.bin) / argv[0]) if self.config.bin else argv[0]
        return await self.edges.command.run(
            (program, *argv[1:]),
            stdin=text.encode(),
            deadline=ask.deadline * _SHARE,
            env=self._env(),
        )

    def _evidence(self, done: Completed) -> Evidence:
        said = trim(done.stdout + done.stderr)
        return Evidence("dry-run", shlex.join(done.argv), said, int(self.edges.clock()))

    def _has_commands(self) -> bool:
        path = self.config.bin or None
        return all(shutil.which(name, path=path) for name in _COMMANDS)

    def _env(self, *, bare: bool = False) -> dict[str, str]:
        """Return variables that lead HTCondor to this pool (HTCondor manual, configuration)."""
        env = {"CONDOR_CONFIG": self.config.conf} if self.config.conf else {}
        if self.config.tokens:
            env["_CONDOR_SEC_TOKEN_DIRECTORY"] = self.config.tokens
        if bare and not env.get("CONDOR_CONFIG") and not _configured():
            env["CONDOR_CONFIG"] = "ONLY_ENV"
        return env


def _configured() -> bool:
    """Whether the library finds a configuration by itself; without one it complains."""
    return "CONDOR_CONFIG" in os.environ or os.access(_CONF, os.R_OK)


def _names_a_pool(conf: Path) -> bool:
    """Whether condor_config, or a file of the folder beside it, names a central manager.

    Packages of the commands alone leave a configuration that names none (HTCondor manual,
    configuration macros, CONDOR_HOST and COLLECTOR_HOST).
    """
    for path in (conf, *sorted(conf.parent.glob(_MORE))[:_MOST_FILES]):
        try:
            with path.open(errors="replace") as file:
                if _POOL.search(file.read(_CONF_LIMIT)):
                    return True
        except OSError:
            continue
    return "_CONDOR_CONDOR_HOST" in os.environ or "_CONDOR_COLLECTOR_HOST" in os.environ


def _facts(pool: Pool) -> list[str]:
    """Return a line per shape of slots, for evidence."""
    return [
        f"{len(shape.rooms)} x {shape.rooms[0].name}: {shape.total[0]:g} cores, "
        f"{shape.total[1]:g} MiB, {shape.total[2]:g} KiB disk, {shape.total[3]:g} GPUs, "
        f"Start = {shape.facts.get('start', '')}{' ' + shape.closed if shape.closed else ''}"
        for shape in pool.shapes
    ]
