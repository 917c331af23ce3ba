"""The job that a task becomes: its amounts, its ad, and its submit description."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ...resources import Gpu, Range, Resources
from .pool import AMOUNTS, KIB, MIB, VENDORS, Pool
from .reading import parse

__all__ = ["DURATIONS", "Job", "Manners", "effective", "job", "quote"]

DURATIONS: Final = (
    "AllowedExecuteDuration",
    "AllowedJobDuration",
    "MaxRuntime",
    "RequestRuntime",
)
"""Attributes by which pools know a job's run time in seconds: condor_submit(1), and two
that sites commonly define for their own START expressions."""

_OURS: Final = frozenset(("Owner", "User", *DURATIONS, *(f"Request{name}" for name in AMOUNTS)))
"""Attributes that stay ours: amounts are varied, and only the schedd knows the owner."""
_DEFAULTS: Final = {"Cpus": 1, "Memory": 128, "Disk": 2**20}
"""Where the submitting side publishes no default: those of HTCondor's own configuration."""


@dataclass(frozen=True)
class Manners:
    """How the administrator wants jobs of this platform to be submitted."""

    attributes: Mapping[str, str] = field(default_factory=dict)
    """Extra attributes of the job: name to ClassAd expression."""
    requirements: str = ""
    """A further condition on the slot, as ClassAd expression."""
    group: str = ""
    """Accounting group."""
    owner: str = ""
    """Name of the user at the schedd; empty when it is not known."""


@dataclass(frozen=True)
class Job:
    """What HTCondor is asked for."""

    cpus: int
    memory: int
    """MiB."""
    disk: int
    """KiB."""
    gpus: int
    gpu: Gpu | None
    seconds: int | None
    """Run time; None when the task says none or the pool does not want to know."""
    duration: str
    """Name of the attribute that tells it."""
    manners: Manners
    params: Mapping[str, str]
    base: Mapping[str, str] = field(default_factory=dict)
    """What condor_submit itself wrote: attribute to expression; empty when not asked."""

    def written(self, facts: Mapping[str, str]) -> Job:
        """Return the job as condor_submit writes it, with what the pool's own setup adds."""
        kept = {name: text for name, text in facts.items() if text != "undefined"}
        return replace(self, base={n: t for n, t in kept.items() if n not in _OURS})

    @property
    def amounts(self) -> tuple[int, ...]:
        """What it asks of each of `pool.AMOUNTS`."""
        return self.cpus, self.memory, self.disk, self.gpus

    def having(self, amounts: tuple[int, ...], seconds: int | None) -> Job:
        """Return the same job with other amounts."""
        cpus, memory, disk, gpus = amounts
        return replace(self, cpus=cpus, memory=memory, disk=disk, gpus=gpus, seconds=seconds)

    @property
    def gpu_wish(self) -> str:
        """What each GPU has to be (``require_gpus`` of condor_submit(1)); empty for any."""
        if self.gpu is None or not self.gpus:
            return ""
        parts = []
        if vendor := self.gpu.vendor:
            others = "|".join(VENDORS.values())
            sign, words = ("", VENDORS[vendor]) if vendor in VENDORS else ("!", others)
            parts.append(f'{sign}regexp({quote(words)}, DeviceName, "i")')
        if model := self.gpu.model:
            parts.append(f'regexp({quote(re.escape(model))}, DeviceName, "i")')
        if self.gpu.memory:
            parts.append(f"GlobalMemoryMb >= {-(-self.gpu.memory // MIB)}")
        return " && ".join(parts)

    def facts(self) -> dict[str, str]:
        """Return the job's ad as condor_submit would write it: attribute to expression."""
        owner, domain = self.manners.owner, self.params.get("UID_DOMAIN", "")
        facts = {
            "MyType": '"Job"',
            "JobUniverse": "5",
            "JobStatus": "1",
            "JobPrio": "0",
            "ImageSize": "1",
            "DiskUsage": "1",
            "RequestCpus": str(self.cpus),
            "RequestMemory": str(self.memory),
            "RequestDisk": str(self.disk),
            "Requirements": self._requirements(),
            "FileSystemDomain": quote(self.params.get("FILESYSTEM_DOMAIN", "")),
        }
        if owner:
            facts |= {"Owner": quote(owner), "User": quote(f"{owner}@{domain}")}
        if self.gpus:
            facts["RequestGPUs"] = str(self.gpus)
        if wish := self.gpu_wish:
            facts["RequireGPUs"] = wish
        return {**facts, **self.extras(), **self._base()}

    def _base(self) -> dict[str, str]:
        """Return what condor_submit wrote, without a wish for GPUs that is dropped here."""
        dropped = {"RequireGPUs", "Requirements"}
        if self.gpu_wish or "RequireGPUs" not in self.base:
            dropped = set()
        return {name: text for name, text in self.base.items() if name not in dropped}

    def extras(self) -> dict[str, str]:
        """Return what the description sets beside the usual: attribute to expression."""
        facts = dict(self.manners.attributes)
        if group := self.manners.group:
            facts["AcctGroup"] = quote(group)
        if self.duration and self.seconds is not None:
            facts[self.duration] = str(self.seconds)
        return facts

    def _requirements(self) -> str:
        parts = [f"({self.manners.requirements})"] if self.manners.requirements else []
        arch = self.params.get("ARCH") or "X86_64"
        system = self.params.get("OPSYS") or "LINUX"
        parts += [f"(TARGET.Arch == {quote(arch)})", f"(TARGET.OpSys == {quote(system)})"]
        parts += [f"(TARGET.{name} >= Request{name})" for name in ("Disk", "Memory", "Cpus")]
        if self.gpu_wish:
            parts.append("(countMatches(MY.RequireGPUs, TARGET.AvailableGPUs) >= RequestGPUs)")
        elif self.gpus:
            parts.append("(TARGET.GPUs >= RequestGPUs)")
        parts.append("(TARGET.HasFileTransfer)")
        return " && ".join(parts)

    def ad(self) -> Any:
        """Return the job's ad in HTCondor's own form."""
        return parse(self.facts())

    def description(self) -> list[str]:
        """Return the resource lines of a submit description (condor_submit(1))."""
        lines = [
            f"request_cpus = {self.cpus}",
            f"request_memory = {self.memory}",
            f"request_disk = {self.disk}",
        ]
        if self.gpus:
            lines.append(f"request_gpus = {self.gpus}")
        if wish := self.gpu_wish:
            lines.append(f"require_gpus = {wish}")
        if self.manners.requirements:
            lines.append(f"requirements = {self.manners.requirements}")
        if group := self.manners.group:
            # The attribute alone would count for nobody: condor_submit(1).
            lines.append(f"accounting_group = {group}")
        extras = self.extras()
        extras.pop("AcctGroup", None)
        return lines + [f"My.{name} = {text}" for name, text in extras.items()]


def quote(text: str) -> str:
    """Write a text as ClassAd string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", " ", escaped) + '"'


def job(wanted: Resources, pool: Pool, manners: Manners, duration: str = "") -> Job:
    """Return the job that asks for what a task needs.

    Parameters
    ----------
    wanted
        What the task asks for.
    pool
        Where it is asked.
    manners
        How jobs are submitted there.
    duration
        Name of the run time's attribute; found in the pool's START expressions when
        empty.
    """
    gpus = wanted.gpus.min or 0
    if not gpus and wanted.gpu is not None and 0 not in (wanted.gpus.min, wanted.gpus.max):
        gpus = 1
    if not duration:
        found = [
            name for name in DURATIONS if any(shape.refers_to(name) for shape in pool.shapes)
        ]
        duration = found[0] if found else ""
    return Job(
        cpus=_amount(wanted.cores, 1000, "Cpus", pool.params),
        memory=_amount(wanted.memory, MIB, "Memory", pool.params),
        disk=_amount(wanted.disk, KIB, "Disk", pool.params),
        gpus=gpus,
        gpu=wanted.gpu,
        seconds=wanted.duration.min if duration else None,
        duration=duration,
        manners=manners,
        params=pool.params,
    )


def _amount(wanted: Range, unit: int, name: str, params: Mapping[str, str]) -> int:
    """Return an amount in HTCondor's unit, rounded up; its default where none is asked."""
    if wanted.min is not None:
        return max(-(-wanted.min // unit), 1)
    default = params.get(f"JOB_DEFAULT_REQUEST{name.upper()}", "")
    amount = int(default) if default.isdigit() else _DEFAULTS[name]
    return amount if wanted.max is None else max(min(amount, wanted.max // unit), 1)


def effective(wanted: Resources, put: Job) -> tuple[Resources, dict[str, str]]:
    """Return what a job asks once the defaults are in, and which ends are defaults."""
    filled: dict[str, str] = {}
    changed = wanted
    units = zip(("cores", "memory", "disk"), (1000, MIB, KIB), put.amounts, strict=False)
    for name, unit, amount in units:
        if getattr(changed, name).min is None:
            changed = changed.replace(name, min=amount * unit)
            filled[f"{name}.min"] = "default"
    if put.gpus and wanted.gpus.min is None:
        changed = changed.replace("gpus", min=put.gpus)
    return changed, filled
