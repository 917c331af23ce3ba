"""The Grid Engine adapter: reads the cluster, asks its queues by dry runs, judges."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from ...answer import Answer, Change, Knows, Offer, Verdict
from ...command import Completed
from ...errors import PlatformProtocolError
from ...evidence import trim
from ...task import Task
from ..at_once import together
from ..base import Ask, Handover, Platform, PlatformConfig, Snapshot, Word
from ..batch_types import unsupported
from .answering import Asked, Put, answer, nearest, put_all
from .cluster import Cluster
from .question import Question, merged, names, question
from .refusal import raise_for_trouble, read_dry_run
from .script import job_script
from .taking import MOST, take

__all__ = ["GridEngine", "GridEngineConfig"]

_TTL: Final = 10.0
_AT_ONCE: Final = 8
_SHARE: Final = 0.8
"""Part of the deadline for one command, so that we report its silence and not the planner."""
_ROOTS: Final = ("/var/lib/gridengine", "/opt/sge", "/usr/share/gridengine")
"""Where SGE_ROOT lies by default: Debian, the project's own packages, Fedora."""


class GridEngineConfig(PlatformConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of an entry of kind ``gridengine``."""

    queues: tuple[str, ...] = ()
    """Only these cluster queues; all of them when empty."""
    bin: str = ""
    """Folder of Grid Engine's commands; PATH when empty."""
    root: str = ""
    """SGE_ROOT; as in the environment when empty."""
    cell: str = ""
    """SGE_CELL; as in the environment when empty."""
    qmaster_port: int | None = None
    """SGE_QMASTER_PORT; as in the environment or the services when absent."""
    execd_port: int | None = None
    """SGE_EXECD_PORT; likewise."""
    pe: Word = ""
    """Parallel environment for more than one core; one on a single host when empty."""
    slots_pe: bool = True
    """Whether cores are asked as slots; False asks for one slot whatever the cores."""
    memory: Word = ""
    """Complex by which memory is asked; the one that is counted there when empty."""
    gpu: Word = ""
    """Complex by which GPUs are asked; the one that is counted there when empty."""
    project: Word = ""
    """Project that jobs belong to; the user's default when empty."""


class GridEngine(Platform[GridEngineConfig, Cluster]):
    """A Grid Engine cluster that this host can submit to."""

    kind = "gridengine"
    service_type = "uri://gridengine"
    config_type = GridEngineConfig
    knows: ClassVar[tuple[Knows, ...]] = ("ever", "now")
    task_types = ("uri://jupyter-notebook", "uri://batch-script")

    @classmethod
    def discover(cls) -> Sequence[Mapping[str, Any]]:
        """Find a submit host: qsub on PATH and a cell that names its qmaster; runs nothing."""
        if shutil.which("qsub") is None:
            return ()
        cell = os.environ.get("SGE_CELL") or "default"
        for root in filter(None, (os.environ.get("SGE_ROOT"), *_ROOTS)):
            if _has_qmaster(Path(root) / cell / "common"):
                name = "Grid Engine" if cell == "default" else f"Grid Engine ({cell})"
                found = {"kind": cls.kind, "name": name, "root": root, "cell": cell}
                return ({**found, **_ports()},)
        return ()

    async def snapshot(self, ask: Ask) -> Snapshot[Cluster]:
        """Read queues, hosts, environments, complexes, quotas, calendars and lists."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def run(argv: Sequence[str], *, check: bool = True) -> Completed:
            async with gate:
                return await self._run(argv, ask, check=check)

        taken = await take(run, self._line, self.edges.clock)
        return Snapshot(
            taken.cluster,
            self.edges.clock(),
            _TTL,
            complete=taken.complete,
            evidence=tuple(taken.evidence),
        )

    async def ask(self, task: Task, snapshot: Snapshot[Cluster], ask: Ask) -> Answer:
        """Put the task to the queues by ``qsub -w p`` and ``-w v``, and judge each."""
        if task.executable.type not in self.task_types:
            return unsupported(self, "Grid Engine", task)
        put = self._put(task, snapshot.content)
        asked = await self._dry_runs(put, ask)
        return self._answer(task, put, snapshot, asked)

    async def probe(self, task: Task, snapshot: Snapshot[Cluster], ask: Ask) -> Answer:
        """Put the task only to queues that arithmetic accepts, until there is room now."""
        if task.executable.type not in self.task_types:
            return unsupported(self, "Grid Engine", task)
        put = self._put(task, snapshot.content)
        able = [each for each in put if not each.against]
        said = self._answer(task, [] if able else put, snapshot, {})
        asked: dict[str, Mapping[str, Asked]] = {}
        for number, each in enumerate(able, 1):
            asked[each.queue.name] = await self._both(each.question, ask)
            said = self._answer(task, able[:number], snapshot, asked)
            if said.now is Verdict.YES:
                break
        return said

    def estimate(
        self,
        task: Task,
        snapshot: Snapshot[Cluster],
        ask: Ask,  # noqa: ARG002 - the protocol's
    ) -> Answer | None:
        """Judge by arithmetic alone; not where more hosts are busy than were shown."""
        if task.executable.type not in self.task_types:
            return unsupported(self, "Grid Engine", task)
        if len({each.host for each in snapshot.content.instances if each.used}) > MOST:
            return None
        return self._answer(task, self._put(task, snapshot.content), snapshot, {})

    def handover(self, task: Task, offer: Offer) -> Handover | None:
        """Return the job script that asks for exactly what was answered."""
        return job_script(task, offer, env=self._env())

    def nearest(
        self,
        task: Task,
        snapshot: Snapshot[Cluster],
        ask: Ask,  # noqa: ARG002 - the protocol's
    ) -> tuple[Change, ...]:
        """Return changes that the limits of queues and hosts suggest, smallest first."""
        put = self._put(task, snapshot.content)
        return nearest(task, put, snapshot.content, self.edges.clock())

    def _put(self, task: Task, cluster: Cluster) -> list[Put]:
        config = self.config
        called = names(cluster.complexes, config.memory, config.gpu)
        questions = [
            (
                queue,
                question(
                    task.resources,
                    queue,
                    cluster,
                    called,
                    pe=config.pe,
                    slots_pe=config.slots_pe,
                    project=config.project,
                ),
            )
            for queue in cluster.queues
            if not config.queues or queue.name in config.queues
        ]
        return put_all(task, questions, cluster, self.edges.clock())

    def _answer(
        self,
        task: Task,
        put: Sequence[Put],
        snapshot: Snapshot[Cluster],
        asked: Mapping[str, Mapping[str, Asked]],
    ) -> Answer:
        at, chosen = self.edges.clock(), self.config.queues
        return answer(self.name, task, put, snapshot, asked, at=at, chosen=chosen)

    async def _dry_runs(
        self, put: Sequence[Put], ask: Ask
    ) -> Mapping[str, Mapping[str, Asked]]:
        """Ask each queue that arithmetic accepts; without any, all together.

        What has room now could ever run, so ``-w v`` is only asked where ``-w p``
        says no.
        """
        gate = asyncio.Semaphore(_AT_ONCE)
        open_to = [each.question for each in put if not each.against]

        async def both(each: Question) -> dict[str, Asked]:
            async with gate:
                return await self._both(each, ask)

        async def ever(each: Question) -> dict[str, Asked]:
            async with gate:
                return {"v": await self._dry_run(each, "v", ask)}

        if open_to:
            said = await together([both(each) for each in open_to])
            return {each.queue: one for each, one in zip(open_to, said, strict=True)}
        groups = merged([each.question for each in put])
        said = await together([ever(each) for each in groups])
        return {
            queue: one
            for each, one in zip(groups, said, strict=True)
            for queue in each.queue.split(",")
        }

    async def _both(self, put: Question, ask: Ask) -> dict[str, Asked]:
        now = await self._dry_run(put, "p", ask)
        if now.run.taken:
            return {"p": now}
        return {"p": now, "v": await self._dry_run(put, "v", ask)}

    async def _dry_run(self, put: Question, level: str, ask: Ask) -> Asked:
        done = await self._run(put.dry_run(level), ask, check=False)
        raw = done.stderr + done.stdout
        return Asked(read_dry_run(done), self._line(done.argv), raw, self.edges.clock())

    async def _run(self, argv: Sequence[str], ask: Ask, *, check: bool = True) -> Completed:
        program = str(Path(self.config.bin) / argv[0]) if self.config.bin else argv[0]
        done = await self.edges.command.run(
            (program, *argv[1:]), deadline=ask.deadline * _SHARE, env=self._env()
        )
        raise_for_trouble(done)
        if check and done.returncode != 0:
            said = trim((done.stderr or done.stdout).strip(), 200)
            raise PlatformProtocolError(f"{argv[0]} {argv[1]} failed: {said}")
        return done

    def _env(self) -> dict[str, str]:
        config = self.config
        values = {
            "SGE_ROOT": config.root,
            "SGE_CELL": config.cell,
            "SGE_QMASTER_PORT": str(config.qmaster_port or ""),
            "SGE_EXECD_PORT": str(config.execd_port or ""),
        }
        return {key: value for key, value in values.items() if value}

    def _line(self, argv: Sequence[str]) -> str:
        prefix = "".join(f"{key}={shlex.quote(text)} " for key, text in self._env().items())
        return prefix + shlex.join(argv)


def _ports() -> dict[str, int]:
    """Return the ports of the environment as keys, so that scripts handed over name them."""
    keys = {"qmaster_port": "SGE_QMASTER_PORT", "execd_port": "SGE_EXECD_PORT"}
    given = {key: os.environ.get(name, "") for key, name in keys.items()}
    return {key: int(text) for key, text in given.items() if text.isdecimal()}


def _has_qmaster(common: Path) -> bool:
    """Whether a cell says where its qmaster is (sge_bootstrap(5), sge_act_qmaster(5)).

    Packages of the commands alone leave a cell with an empty one, or with ``none``.
    """
    try:
        host = (common / "act_qmaster").read_text(errors="replace").strip()
    except OSError:
        return False
    return host not in ("", "none") and (common / "bootstrap").is_file()
