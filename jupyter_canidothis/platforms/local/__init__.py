"""The machine we run on: the server's own process, or another one such as a kernel's.

Limits are those of the process: its control groups, affinity and address space, the
Slurm job or JupyterHub server it runs in, and the machine itself; the least binds.
Whole-machine figures alone would be wrong in every container. A notebook also has to
find its kernel, and its software where that kernel runs.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final, NamedTuple

import msgspec

from ...answer import Answer, Change, Cliff, Knows, Offer, Reason, Start, Verdict
from ...errors import PlatformUnreachable
from ...evidence import Evidence, trim
from ...resources import Range, Resources
from ...task import Task
from ...units import format_duration
from ..base import Ask, Edges, Platform, PlatformConfig, Snapshot
from ..capacity import GPU_MEMORY, Loop, Slot, asked
from ..cliffs import cliffs
from ..refusals import best_refusal, changes, granted, reasons
from .cgroup import cpu_readings, memory_readings
from .gpus import Device, matching, read_gpus
from .installed import Inventories
from .job import hub_readings, remaining_time, slurm_readings
from .kernels import Kernel, read_kernels
from .machine import disk_readings, machine_readings, process_readings
from .readings import Place, Reading
from .running import NOTEBOOK, Findings, Runner, joined

__all__ = ["Local", "LocalConfig", "Machine"]

_log = logging.getLogger(__name__)
_TTL: Final = 2.0
"""Seconds for which free amounts are good enough while somebody moves a slider."""
_TASK_TYPES: Final = (NOTEBOOK, "uri://batch-script")
_RUNS: Final = Evidence(
    "declared", "the local adapter", "runs Jupyter notebooks and batch scripts"
)


class LocalConfig(PlatformConfig, frozen=True, kw_only=True):
    """Keys of an entry of kind ``local``."""

    pid: int | None = None
    """The process whose limits count, e.g. a kernel's; the server's own when absent."""
    directory: str = ""
    """Where the task would write; the server's working directory when empty."""


class Machine(NamedTuple):
    """What was read."""

    readings: tuple[Reading, ...]
    """In the order of the snapshot's evidence, which goes on with GPUs, task types, kernels."""
    devices: tuple[Device, ...] | None
    """Usable GPUs; None when nobody can tell."""
    kernels: tuple[Kernel, ...] | None
    """Installed kernel specs; None when nobody can tell."""


class Local(Platform[LocalConfig, Machine]):
    """The machine we run on.

    Parameters
    ----------
    config
        Which process and directory.
    edges
        Commands and clock.
    root
        Where ``/proc`` and ``/sys`` are; another place in tests.
    environ
        The environment of the process; our own when absent.
    """

    kind = "local"
    here = True
    service_type = "uri://jupyter-server"
    config_type: ClassVar[type[PlatformConfig]] = LocalConfig
    knows: ClassVar[tuple[Knows, ...]] = ("ever", "now", "when", "software")
    task_types = _TASK_TYPES

    def __init__(
        self,
        config: LocalConfig,
        edges: Edges | None = None,
        *,
        root: Path = Path("/"),
        environ: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(config, edges)
        self._place = Place(root)
        self._environ = os.environ if environ is None else environ
        inventories = Inventories(self.edges.command, self.edges.clock)
        self._runner = Runner(inventories, self._environ)

    @classmethod
    def discover(cls) -> Sequence[Mapping[str, Any]]:
        """Return this machine itself."""
        return ({"kind": cls.kind, "name": "this machine"},)

    async def snapshot(self, ask: Ask) -> Snapshot[Machine]:
        """Read every limit and what is free; nothing is changed.

        Raises
        ------
        PlatformUnreachable
            The configured process is not there.
        """
        now = self.edges.clock()
        job = remaining_time(self._environ, self.edges.command, now, ask.deadline / 2)
        # NVML may wait for the driver, and /proc for a busy kernel.
        read, left, kernels = await asyncio.gather(
            asyncio.to_thread(self._read), job, self._kernels()
        )
        readings = (*read, left) if left else read
        gpus = await asyncio.to_thread(
            read_gpus,
            self._place,
            self._environ.get("CUDA_VISIBLE_DEVICES"),
            self._own(),
            int(now),
        )
        evidence = [_evidence(reading, int(now)) for reading in readings]
        evidence += [gpus.evidence, _RUNS, _listed(kernels, int(now))]
        machine = Machine(readings, gpus.devices, kernels)
        return Snapshot(machine, now, _TTL, evidence=tuple(evidence))

    async def _kernels(self) -> tuple[Kernel, ...] | None:
        try:
            return read_kernels(await self.edges.kernel_specs())
        except Exception as error:  # noqa: BLE001 - a manager of kernels is anybody's code
            _log.warning("kernel specs cannot be read: %s", type(error).__name__)
            return None

    def _own(self) -> frozenset[int]:
        return frozenset({os.getpid(), self.config.pid or 0})

    def _read(self) -> tuple[Reading, ...]:
        pid = "self" if self.config.pid is None else str(self.config.pid)
        if self.config.pid is not None and not self._place.at(f"/proc/{pid}").is_dir():
            raise PlatformUnreachable(f"there is no process {pid} on this machine")
        return tuple(self._readings(pid))

    def _readings(self, pid: str) -> Iterator[Reading]:
        yield Reading("nodes", 1, "machine", _RUNS.source, "one host")
        yield from machine_readings(self._place)
        yield from process_readings(self._place, pid)
        yield from cpu_readings(self._place, pid)
        yield from memory_readings(self._place, pid)
        yield from hub_readings(self._environ)
        yield from slurm_readings(self._environ)
        yield from disk_readings(self.config.directory or str(Path.cwd()))

    async def ask(self, task: Task, snapshot: Snapshot[Machine], ask: Ask) -> Answer:
        """Judge a task against what there is, and then against what is free."""
        kernels, places = snapshot.content.kernels, _places(snapshot)
        found = Findings()
        if task.executable.type in _TASK_TYPES:
            found = await self._runner.look(task, kernels, places, ask.deadline / 2)
        return self._judged(task, snapshot, found)

    def estimate(self, task: Task, snapshot: Snapshot[Machine], ask: Ask) -> Answer:  # noqa: ARG002 - same for all
        """Judge as `ask` does, from the inventories of software that were read before."""
        kernels, places = snapshot.content.kernels, _places(snapshot)
        found = Findings()
        if task.executable.type in _TASK_TYPES:
            found = self._runner.recall(task, kernels, places)
        return self._judged(task, snapshot, found)

    def _judged(self, task: Task, snapshot: Snapshot[Machine], found: Findings) -> Answer:
        """Hold a task against what there is, with what was found of its software."""
        machine = snapshot.content
        slots = _slots(machine, task.resources, free=False)
        judgement = Loop(slots).judge(asked(task))
        failures = judgement.failures()
        best = best_refusal(failures)
        told = _sourced(reasons(slots[best], failures[best]), machine, free=False)
        draft = Answer(
            platform=self.name,
            kind=self.kind,
            verdict=Verdict.NO,
            now=Verdict.NO,
            reasons=(*told, *found.against),
            cliffs=cliffs(judgement.tally()),
            evidence=(*snapshot.evidence, *found.evidence),
            at=int(self.edges.clock()),
        )
        if draft.reasons:
            return draft
        return self._accepted(draft, task, machine, slots[best], found.beside)

    def _accepted(
        self,
        draft: Answer,
        task: Task,
        machine: Machine,
        slot: Slot,
        beside: tuple[Reason, ...],
    ) -> Answer:
        """Hold a task that fits here against what is free now."""
        room = _slots(machine, task.resources, free=True)
        judgement = Loop(room).judge(asked(task))
        full = judgement.failures()
        tight = best_refusal(full)
        told = _sourced(reasons(room[tight], full[tight], free=True), machine, free=True)
        busy = _of_all(told, slot)
        most = task.resources.startup.max
        if busy and most is not None:
            unsure = (_some_day(most, busy[0].evidence), *busy, *beside)
            return msgspec.structs.replace(draft, verdict=Verdict.CANNOT_TELL, reasons=unsure)
        return msgspec.structs.replace(
            draft,
            verdict=Verdict.YES,
            now=Verdict.NO if busy else Verdict.YES,
            reasons=(*busy, *beside),
            offers=(self._offer(slot, task.resources, machine, room=not busy),),
            cliffs=_of_either(draft.cliffs, cliffs(judgement.tally(), "later")),
        )

    def _offer(self, slot: Slot, wanted: Resources, machine: Machine, *, room: bool) -> Offer:
        resources, filled = granted(slot, wanted)
        binding = _binding(machine, free=True)
        sources = tuple(sorted({place for place, _ in binding.values()}))
        start = Start(0, 0, "there is room now, and nothing queues here", sources)
        return Offer(
            service_type=self.service_type,
            name=slot.name,
            resources=resources,
            filled=filled,
            start=start if room else None,
            # All that binds, and what tells of the GPUs.
            evidence=(
                *sorted({place for place, _ in _binding(machine).values()}),
                len(machine.readings),
            ),
        )

    def nearest(self, task: Task, snapshot: Snapshot[Machine], ask: Ask) -> tuple[Change, ...]:  # noqa: ARG002 - same for all
        """Return the smallest edits that fit this machine."""
        machine = snapshot.content
        return joined(
            changes(task, _slots(machine, task.resources, free=False)),
            self._runner.changes(task, machine.kernels),
        )


def _places(snapshot: Snapshot[Machine]) -> tuple[int, int]:
    """Return the index of the kernels' evidence, and of the first that may be added."""
    return len(snapshot.content.readings) + 2, len(snapshot.evidence)


def _of_either(ever: tuple[Cliff, ...], now: tuple[Cliff, ...]) -> tuple[Cliff, ...]:
    """Return the cliffs of what is free now, where less is free than there is, and of all."""
    most = {cliff.field: cliff.at for cliff in ever}
    return (*(c for c in now if c.at < most.get(c.field, c.at + 1)), *ever)


def _listed(kernels: Sequence[Kernel] | None, at: int) -> Evidence:
    text = "cannot be read"
    if kernels is not None:
        text = "\n".join(f"{one.name} ({one.language})" for one in kernels) or "none"
    return Evidence("live-read", "kernel specs of Jupyter", trim(text), at)


def _evidence(reading: Reading, at: int) -> Evidence:
    return Evidence("live-read", reading.source, trim(reading.text), at)


def _binding(machine: Machine, *, free: bool = False) -> dict[str, tuple[int, Reading]]:
    """Return for each dimension the reading that binds, with its place in the evidence."""
    binding: dict[str, tuple[int, Reading]] = {}
    for place, reading in enumerate(machine.readings):
        known = binding.get(reading.dimension)
        if reading.free <= free and (known is None or reading.amount < known[1].amount):
            binding[reading.dimension] = place, reading
    return binding


def _slots(machine: Machine, wanted: Resources, *, free: bool) -> list[Slot]:
    """Return this machine as one slot, or as one for each kind of GPU when none fits."""
    bounds = {
        name: Range(None, reading.amount)
        for name, (_, reading) in _binding(machine, free=free).items()
    }
    # Jupyter runs here as it is installed: in no container image that a task names.
    accepts = {"task type": frozenset(_TASK_TYPES), "image": frozenset()}
    if machine.devices is None:
        return [Slot(scope="machine", bounds=bounds, accepts=accepts)]
    devices = [
        device._replace(memory=device.free if free else device.memory)
        for device in machine.devices
        if not (free and device.busy)
    ]
    fitting = matching(devices, wanted.gpu)
    if fitting or not devices:
        bounds["gpus"] = Range(None, len(fitting))
        return [Slot(scope="machine", bounds=bounds, accepts=accepts)]
    kinds = {(device.model, device.memory) for device in devices}
    return [
        Slot(
            scope="machine",
            bounds={
                **bounds,
                "gpus": Range(None, sum(device.model == model for device in devices)),
                GPU_MEMORY: Range(None, memory),
            },
            accepts={
                **accepts,
                "gpu vendor": frozenset({"nvidia"}),
                "gpu model": frozenset({model}),
            },
        )
        for model, memory in sorted(kinds)
    ]


def _sourced(told: Sequence[Reason], machine: Machine, *, free: bool) -> tuple[Reason, ...]:
    """Return reasons with what sets each limit and where it was read."""
    binding = _binding(machine, free=free)
    sourced = []
    for reason in told:
        scope, evidence = "machine", len(machine.readings)
        if _dimension(reason) in binding:
            evidence, reading = binding[_dimension(reason)]
            scope = reading.scope
        elif reason.code == "kind-unsupported":
            evidence += 1
        sourced.append(msgspec.structs.replace(reason, scope=scope, evidence=(evidence,)))
    return tuple(sourced)


def _of_all(told: Sequence[Reason], slot: Slot) -> tuple[Reason, ...]:
    """Return reasons for "not now" with how much of what there is at all is taken."""
    full = []
    for reason in told:
        most = slot.bounds.get(_dimension(reason), Range()).max
        if most is not None:
            used = most - int(reason.limit or 0)
            reason = msgspec.structs.replace(reason, limit=most, used=used)  # noqa: PLW2901 - same one
        full.append(reason)
    return tuple(full)


def _some_day(most: int, evidence: tuple[int, ...]) -> Reason:
    """Say that nothing queues here, so that nobody knows when there will be room."""
    accepted = f"the task accepts {format_duration(most)}"
    message = f"Nobody knows when there will be room here: {accepted}"
    field = "/resources/startup/max"
    return Reason("not-published", message, field, most, scope="machine", evidence=evidence)


def _dimension(reason: Reason) -> str:
    return reason.field.removeprefix("/resources/").partition("/")[0]
