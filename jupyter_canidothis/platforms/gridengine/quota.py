"""Which resource quotas hold for a job, and what they leave (sge_resource_quota(5))."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from .amounts import read_amount
from .cluster import Asker, Cluster, Rule

__all__ = ["applying", "left", "most"]


def applying(cluster: Cluster, queue: str, host: str, pe: str) -> Iterator[Rule]:
    """Yield of each enabled set the first rule that concerns a job, if it is sure which.

    A set whose filters name something that is not known here (a host group, a
    project) is left out: the dry run knows.
    """
    for rules in cluster.quotas:
        for rule in rules:
            concerned = _concerned(rule, cluster, queue, host, pe)
            if concerned is None:
                break
            if concerned:
                yield rule
                break


def _concerned(rule: Rule, cluster: Cluster, queue: str, host: str, pe: str) -> bool | None:
    told = (
        _user(rule.filters.get("users", "*"), cluster),
        _named(rule.filters.get("queues", "*"), queue),
        _named(rule.filters.get("hosts", "*"), host),
        _named(rule.filters.get("pes", ""), pe) if "pes" in rule.filters else True,
        _named(rule.filters.get("projects", ""), "") if "projects" in rule.filters else True,
    )
    if False in told:
        return False
    return None if None in told else True


def _items(text: str) -> list[str]:
    return [word.strip() for word in text.strip("{}").split(",")]


def _named(text: str, name: str) -> bool | None:
    """Whether a filter holds a name; None when it depends on what is not known here."""
    items = _items(text)
    if any(item.lstrip("!").startswith("@") for item in items):
        return None
    if any(item.startswith("!") and fnmatchcase(name, item[1:]) and name for item in items):
        return False
    if "!*" in items:
        return not name
    wanted = [item for item in items if not item.startswith("!")]
    return not wanted or any(bool(name) and fnmatchcase(name, item) for item in wanted)


def _user(text: str, cluster: Cluster) -> bool | None:
    asker: Asker = cluster.asker
    if not asker.user:
        return None if text.strip("{}") != "*" else True
    items = _items(text)
    lists = [item.lstrip("!")[1:] for item in items if item.lstrip("!").startswith("@")]
    if any(name not in cluster.lists for name in lists):
        return None

    def holds(item: str) -> bool:
        if item.startswith("@"):
            return asker.among(cluster.lists[item[1:]])
        return fnmatchcase(asker.user, item)

    if any(item.startswith("!") and holds(item[1:]) for item in items):
        return False
    wanted = [item for item in items if not item.startswith("!")]
    return not wanted or any(holds(item) for item in wanted)


def most(rule: Rule, resource: str) -> float | None:
    """Return a rule's limit; None when it has none or computes it."""
    text = rule.limits.get(resource, "")
    return None if "$" in text else read_amount(text)


def left(rule: Rule, resource: str, queue: str, host: str) -> float | None:
    """Return what is left of a rule's limit at this moment, in one queue on one host."""
    limit = most(rule, resource)
    if limit is None:
        return None
    taken = (
        read_amount(each.used) or 0
        for each in rule.used
        if each.resource == resource
        and _named(each.filters.get("queues", "*"), queue) is not False
        and _named(each.filters.get("hosts", "*"), host) is not False
    )
    return limit - max(taken, default=0)
