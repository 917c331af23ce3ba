"""Read a pool and print it; run as a program of its own, with nothing of ours around it.

HTCondor's library keeps one configuration per process, waits 20 seconds for a silent
collector and cannot be interrupted. In a process of its own it has the configuration of
one platform, ends with the ask, and takes nothing with it when it breaks. That costs 60
ms, most of it the import. One line of JSON comes out.

Usage: ``probe.py COLLECTOR SCHEDD`` (either may be empty).
"""

from __future__ import annotations

import json
import re
import sys
from typing import Any, Final

FACTS: Final = (
    *("Name", "Machine", "State", "Activity", "SlotType", "PartitionableSlot", "Offline"),
    *("DrainReason", "Arch", "OpSys", "OpSysAndVer", "HasFileTransfer", "FileSystemDomain"),
    *("Start", "Requirements", "WithinResourceLimits", "MachineResources", "CondorVersion"),
    *(
        "Cpus",
        "Memory",
        "Disk",
        "GPUs",
        "AssignedGPUs",
        "AvailableGPUs",
        "MaxJobRetirementTime",
    ),
    *("TotalSlotCpus", "TotalSlotMemory", "TotalSlotDisk", "TotalSlotGPUs", "OfflineGPUs"),
    *("GPUs_DeviceName", "GPUs_GlobalMemoryMb", "ClockMin", "ClockDay", "SlotWeight"),
)
"""What is asked of every slot (machine ClassAd attributes, HTCondor manual)."""
SCHEDD: Final = ("Name", "MaxJobsRunning", "TotalRunningJobs", "TotalIdleJobs", "CondorVersion")
NEGOTIATOR: Final = ("Name", "LastNegotiationCyclePeriod0", "LastNegotiationCycleEnd0")
ACCOUNTING: Final = (
    *("Name", "IsAccountingGroup", "ConfigQuota", "EffectiveQuota", "SurplusPolicy"),
    *("Ceiling", "WeightedResourcesUsed"),
)
LIMITED: Final = "IsAccountingGroup =?= true || Ceiling >= 0"
"""Groups, and users with a ceiling; of the many others nothing is wanted."""
PARAMS: Final = (
    *("ARCH", "OPSYS", "UID_DOMAIN", "FILESYSTEM_DOMAIN", "COLLECTOR_HOST"),
    *("JOB_DEFAULT_REQUESTCPUS", "JOB_DEFAULT_REQUESTMEMORY", "SUBMIT_REQUIREMENT_NAMES"),
)
MOST_SLOTS: Final = 20_000
LONGEST: Final = 16_384
"""Most characters of one ad's attribute; far longer ones overflow the library's stack."""
MOST_LIMITS: Final = 500
_ROUNDS: Final = 4
_NAME: Final = re.compile(r"(?:MY\.)?([A-Za-z_]\w*)", re.IGNORECASE)


def main(collector: str, schedd: str) -> dict[str, Any]:
    """Return what the pool publishes, or which trouble there was."""
    try:
        import htcondor2
    except ImportError as error:
        return {"trouble": "missing", "said": str(error)}
    # The exception says only that it failed; the log, on standard error, says why.
    htcondor2.enable_debug()
    try:
        pool = htcondor2.Collector(collector or None)
        slots, cut = _slots(htcondor2, pool)
        constraint = f"Name == {json.dumps(schedd)}" if schedd else "true"
        return {
            "slots": slots,
            "cut": cut,
            "schedds": _ads(pool, htcondor2.AdType.Schedd, constraint, SCHEDD),
            "negotiators": _ads(pool, htcondor2.AdType.Negotiator, "true", NEGOTIATOR),
            "accounting": _accounting(pool, htcondor2.AdType.Accounting),
            "params": _params(htcondor2),
            "version": htcondor2.version(),
        }
    except Exception as error:  # noqa: BLE001 - every trouble is told, in one form
        return {"trouble": type(error).__name__, "said": str(error)[:500]}


def _slots(library: Any, pool: Any) -> tuple[list[dict[str, str]], bool]:
    """Ask for slots, and again while their expressions name what was not asked for."""
    wanted = set(FACTS)
    names = {name.lower() for name in wanted}
    ads: list[Any] = []
    for _ in range(_ROUNDS):
        # A dynamic slot is a part of a partitionable one that has it already.
        ads = pool.query(library.AdType.Startd, 'SlotType =!= "Dynamic"', sorted(wanted))
        more = {name for name in _named(ads[:MOST_SLOTS]) if name.lower() not in names}
        if not more:
            break
        wanted |= more
        names |= {name.lower() for name in more}
    return [_texts(ad) for ad in ads[:MOST_SLOTS]], len(ads) > MOST_SLOTS


def _named(ads: list[Any]) -> set[str]:
    """Return the slot's own attributes that expressions name and nobody asked for yet."""
    found: set[str] = set()
    for ad in ads:
        resources = str(ad.get("MachineResources", "")).split()
        found.update(f"{kind}{name}" for name in resources for kind in ("", "TotalSlot"))
        gpus = str(ad.get("AssignedGPUs", "")).split(",")
        found.update(f"GPUs_{gpu.strip()}".replace("-", "_") for gpu in gpus if gpu.strip())
        for name in list(ad):
            if name in {"Start", "Requirements"} or name not in FACTS:
                references = ad.externalRefs(ad.lookup(name))
                matches = (_NAME.fullmatch(reference) for reference in references)
                found.update(match[1] for match in matches if match)
    return {name for name in found if not name.startswith("Request")}


def _ads(
    pool: Any, kind: Any, constraint: str, projection: tuple[str, ...]
) -> list[dict[str, str]]:
    ads = pool.query(kind, constraint, list(projection))
    return [_texts(ad) for ad in ads[:MOST_SLOTS]]


def _accounting(pool: Any, kind: Any) -> list[dict[str, str]] | None:
    """Return groups and ceilings; None where the collector does not tell."""
    try:
        return _ads(pool, kind, LIMITED, ACCOUNTING)
    except Exception:  # noqa: BLE001 - the slots are read, and count more
        return None


def _texts(ad: Any) -> dict[str, str]:
    """Return an ad as attribute to expression; what is too long is not shown."""
    lines = (line.partition(" = ") for line in ad.printOld().splitlines())
    return {name: text for name, _, text in lines if name and len(text) <= LONGEST}


def _params(library: Any) -> dict[str, str]:
    found = {name: str(library.param.get(name) or "")[:LONGEST] for name in PARAMS}
    for name in re.split(r"[\s,]+", found["SUBMIT_REQUIREMENT_NAMES"])[:100]:
        for key in (f"SUBMIT_REQUIREMENT_{name}", f"SUBMIT_REQUIREMENT_{name}_REASON"):
            if name:
                found[key] = str(library.param.get(key) or "")[:LONGEST]
    limits = [name for name in library.param.keys() if name.upper().endswith("_LIMIT")]  # noqa: SIM118
    for name in limits[:MOST_LIMITS]:
        found[name.upper()] = str(library.param.get(name) or "")[:100]
    return found


if __name__ == "__main__":
    # Argument lists only; what the library itself prints must not get in between.
    sys.stdout.write("\n" + json.dumps(main(*sys.argv[1:3])) + "\n")
