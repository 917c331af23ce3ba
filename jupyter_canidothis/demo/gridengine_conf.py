"""The configuration of a Grid Engine on one host: its files and its objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["COMPLEXES", "HOST", "QUEUES", "bootstrap", "global_conf", "host", "pe", "queue"]

HOST: Final = "slots=8,h_vmem=16G,gpu=1"
"""What the one execution host claims to have (host_conf(5), complex_values)."""

COMPLEXES: Final[Mapping[str, str]] = {
    "h_vmem": "h_vmem MEMORY <= YES YES 0 0",
    "gpu": "gpu INT <= YES YES 0 0",
}
"""Complexes added to or put in place of the default ones: name to the rest of its line."""

QUEUES: Final[Mapping[str, Mapping[str, str]]] = {
    "short.q": {"slots": "8", "h_rt": "02:00:00"},
    "long.q": {"slots": "4", "h_rt": "168:00:00", "h_vmem": "4G"},
    "closed.q": {"slots": "8", "initial_state": "disabled"},
}
"""The demo's queues: name to what differs from the defaults (queue_conf(5))."""

_QUEUE: Final[Mapping[str, str]] = {
    "hostlist": "localhost",
    "seq_no": "0",
    "load_thresholds": "NONE",
    "suspend_thresholds": "NONE",
    "nsuspend": "1",
    "suspend_interval": "00:05:00",
    "priority": "0",
    "min_cpu_interval": "00:05:00",
    "processors": "UNDEFINED",
    "qtype": "BATCH INTERACTIVE",
    "ckpt_list": "NONE",
    "pe_list": "smp",
    "rerun": "FALSE",
    "slots": "1",
    "tmpdir": "/tmp",  # noqa: S108 - queue_conf(5): the jobs' own folders lie below
    "shell": "/bin/bash",
    **dict.fromkeys(("prolog", "epilog"), "NONE"),
    "shell_start_mode": "unix_behavior",
    **dict.fromkeys(
        ("starter_method", "suspend_method", "resume_method", "terminate_method"), "NONE"
    ),
    "notify": "00:00:60",
    **dict.fromkeys(("owner_list", "user_lists", "xuser_lists", "subordinate_list"), "NONE"),
    **dict.fromkeys(("complex_values", "projects", "xprojects", "calendar"), "NONE"),
    "initial_state": "default",
    **{
        f"{kind}_{what}": "INFINITY"
        for what in ("rt", "cpu", "fsize", "data", "stack", "core", "rss", "vmem")
        for kind in ("s", "h")
    },
}
"""Every attribute that ``qconf -Aq`` wants to see."""


def _lines(values: Mapping[str, str]) -> str:
    return "".join(f"{key} {value}\n" for key, value in values.items())


def bootstrap(folder: str, user: str) -> str:
    """Return the text of bootstrap(5)."""
    return _lines(
        {
            "admin_user": user,
            "default_domain": "none",
            "ignore_fqdn": "false",
            "spooling_method": "berkeleydb",
            "spooling_lib": "libspoolb",
            "spooling_params": f"{folder}/spool/db",
            "binary_path": "/usr/sbin",
            "qmaster_spool_dir": f"{folder}/spool/qmaster",
            "security_mode": "none",
            "listener_threads": "2",
            "worker_threads": "2",
            "scheduler_threads": "1",
        }
    )


def global_conf(default: str, folder: str) -> str:
    """Return the text of sge_conf(5) for the whole cluster.

    Parameters
    ----------
    default
        The distribution's own.
    folder
        Private folder of the cluster.
    """
    changed = {
        "execd_spool_dir": f"{folder}/spool/execd",
        # Whoever starts it runs jobs in it, root of a container among them.
        "min_uid": "0",
        "min_gid": "0",
        "load_report_time": "00:00:02",
        "max_unheard": "00:00:10",
    }
    lines = [
        line for line in default.splitlines() if line.split(maxsplit=1)[:1] != ["#"] and line
    ]
    kept = [line for line in lines if line.split()[0] not in changed]
    return "\n".join(kept) + "\n" + _lines(changed)


def host(values: str) -> str:
    """Return the text of host_conf(5) for the one execution host."""
    rest = ("user_lists", "xuser_lists", "projects", "xprojects", "usage_scaling")
    return _lines(
        {
            "hostname": "localhost",
            "load_scaling": "NONE",
            "complex_values": values,
            **dict.fromkeys((*rest, "report_variables"), "NONE"),
        }
    )


def pe(name: str, slots: int = 999, rule: str = "$pe_slots") -> str:
    """Return the text of sge_pe(5)."""
    return _lines(
        {
            "pe_name": name,
            "slots": str(slots),
            "user_lists": "NONE",
            "xuser_lists": "NONE",
            "start_proc_args": "/bin/true",
            "stop_proc_args": "/bin/true",
            "allocation_rule": rule,
            "control_slaves": "FALSE",
            "job_is_first_task": "TRUE",
            "urgency_slots": "min",
            "accounting_summary": "FALSE",
            "qsort_args": "NONE",
        }
    )


def queue(name: str, changed: Mapping[str, str]) -> str:
    """Return the text of queue_conf(5)."""
    return _lines({"qname": name, **_QUEUE, **changed})
