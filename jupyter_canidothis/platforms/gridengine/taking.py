"""How a picture of the cluster is taken: which commands, and what becomes of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from ...command import Completed
from ...evidence import Evidence, trim
from ..at_once import together
from . import reading
from .cluster import Cluster, Host, Instance, Queue, Rule, Usage
from .question import names

__all__ = ["MOST", "Taken", "take"]

MOST: Final = 32
"""Most objects of a kind that are shown one by one; each takes a command of its own."""

_FIRST: Final[Mapping[str, tuple[str, ...]]] = {
    "queues": ("qconf", "-sq", "*"),
    "complexes": ("qconf", "-sc"),
    "environments": ("qconf", "-spl"),
}
_MAYBE: Final[Mapping[str, tuple[str, ...]]] = {
    "quotas": ("qconf", "-srqs"),
    "lists": ("qconf", "-sul"),
    "scheduler": ("qconf", "-ssconf"),
    "usage": ("qquota",),
    "waiting": ("qstat", "-s", "p", "-u", "*"),
    "asker": ("id",),
}
"""What a cluster may lack, or not show, while the dry run still works."""


class Run(Protocol):
    """Runs one command."""

    def __call__(self, argv: Sequence[str], *, check: bool = True) -> Awaitable[Completed]: ...


@dataclass(frozen=True)
class Taken:
    """A picture and what it was taken from."""

    cluster: Cluster
    """The picture."""
    evidence: Sequence[Evidence]
    """Each command and what it printed."""
    complete: bool
    """Whether everything that there is could be read."""


class _Camera:
    def __init__(
        self, run: Run, line: Callable[[Sequence[str]], str], clock: Callable[[], float]
    ) -> None:
        self.run, self.line, self.clock = run, line, clock
        self.evidence: list[Evidence] = []

    async def read(self, argvs: Iterable[Sequence[str]], *, check: bool = True) -> list[str]:
        """Run commands at once; one that fails gives nothing where it need not work."""
        done: list[Completed] = await together([self._one(argv, check) for argv in argvs])
        for each in done:
            said = each.stdout or each.stderr
            source = self.line(each.argv)
            at = int(self.clock())
            self.evidence.append(Evidence("live-read", source, trim(said), at))
        return [each.stdout if each.returncode == 0 else "" for each in done]

    async def _one(self, argv: Sequence[str], check: bool) -> Completed:
        return await self.run(argv, check=check)

    async def each(self, option: str, names: Iterable[str]) -> list[str]:
        """Show objects one by one."""
        wanted = sorted(names)[:MOST]
        return await self.read([("qconf", option, name) for name in wanted], check=False)


async def take(
    run: Run, line: Callable[[Sequence[str]], str], clock: Callable[[], float]
) -> Taken:
    """Read everything that a cluster shows.

    Parameters
    ----------
    run
        Runs one command, and raises when it fails unless told not to check.
    line
        From an argument list to its command line, for evidence.
    clock
        Our time.

    Raises
    ------
    PlatformError
        Queues, complexes or hosts could not be read.
    """
    camera = _Camera(run, line, clock)
    both = await together(
        [camera.read(_FIRST.values()), camera.read(_MAYBE.values(), check=False)]
    )
    texts = dict(zip((*_FIRST, *_MAYBE), (*both[0], *both[1]), strict=True))
    queues = reading.read_queues(texts["queues"])
    complexes = reading.read_complexes(texts["complexes"])
    called = names(complexes)
    counted = [n for n in ("slots", called.memory, called.gpu) if n in complexes]
    shown = [c.name for c in complexes.values() if c.consumable != "NO"]
    attributes = ",".join(dict.fromkeys((*counted, *shown)))
    states, loads = await camera.read(
        [("qstat", "-xml", "-f", "-F", attributes), ("qhost", "-xml", "-F", attributes)]
    )
    instances = reading.read_instances(states)
    known = set(reading.read_names(texts["environments"]))
    used = known.intersection(name for queue in queues for name in queue.environments())
    environments = await camera.each("-sp", used)
    calendars = await _calendars(camera, queues)
    lists = reading.read_names(texts["lists"])
    held = await camera.read([("qconf", "-su", ",".join(lists))] if lists else [], check=False)
    found = (reading.read_environment(text) for text in environments)
    usage = reading.read_usage(texts["usage"])
    cluster = Cluster(
        queues=queues,
        instances=instances,
        hosts=await _hosts(camera, reading.read_hosts(loads), instances),
        complexes=complexes,
        environments={each.name: each for each in found if each is not None},
        quotas=_used(reading.read_quotas(texts["quotas"]), usage),
        lists=reading.read_lists("".join(held)),
        calendars=calendars,
        asker=reading.read_asker(texts["asker"]),
        interval=reading.read_interval(texts["scheduler"]),
        waiting=reading.read_waiting(texts["waiting"]),
    )
    return Taken(cluster, camera.evidence, complete=bool(texts["scheduler"]))


async def _calendars(camera: _Camera, queues: Iterable[Queue]) -> dict[str, tuple[str, str]]:
    used = {queue.values.get("calendar", "NONE") for queue in queues}
    named = sorted(name for name in used if name != "NONE" and "[" not in name)
    texts = await camera.each("-scal", named)
    return {name: reading.read_calendar(text) for name, text in zip(named, texts) if text}  # noqa: B905 - those beyond the most are not shown


async def _hosts(
    camera: _Camera, hosts: Mapping[str, Host], instances: Iterable[Instance]
) -> dict[str, Host]:
    """Ask busy hosts what they have in total; what is left of it says nothing there."""
    busy = sorted({each.host for each in instances if each.used} & set(hosts))
    texts = await camera.each("-se", busy)
    known = dict(zip(busy, texts))  # noqa: B905 - those beyond the most are not shown
    found: dict[str, Host] = {}
    for name, host in hosts.items():
        capacity: Any = host.capacity
        if name in busy:
            text = known.get(name, "")
            capacity = reading.read_capacity(text) if text else None
        found[name] = replace(host, capacity=capacity)
    return found


def _used(
    quotas: Iterable[tuple[Rule, ...]], usage: Mapping[str, tuple[Usage, ...]]
) -> tuple[tuple[Rule, ...], ...]:
    return tuple(
        tuple(replace(rule, used=usage.get(rule.name, ())) for rule in rules)
        for rules in quotas
    )
