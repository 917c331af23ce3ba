"""What a task needs held against what is installed where its kernel runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from ...answer import Reason
from ...evidence import trim
from ...inventory import canonical
from ...task import Software
from .installed import Installed

__all__ = ["Verdicts", "judge", "unread"]

_MOST: Final = 10
"""Most reasons of one sort; the rest is counted."""
_PYTHON: Final = frozenset({"pip", "conda"})
"""Managers whose packages a Python can list."""
_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
"""Name of a distribution (PyPA "Names and normalization"), safe to put into a command."""


class Verdicts(NamedTuple):
    """Reasons by what they do to the verdict."""

    against: tuple[Reason, ...] = ()
    """Why the task would fail."""
    beside: tuple[Reason, ...] = ()
    """What is worth knowing and changes nothing."""


def judge(needs: Sequence[Software], installed: Installed, kernel: str, place: int) -> Verdicts:
    """Judge every need.

    What is only optional or declared beside the notebook, and what the notebook installs
    itself, does not make it fail.

    Parameters
    ----------
    needs
        Of the task, in its order.
    installed
        What the kernel's interpreter holds.
    kernel
        The kernel's name.
    place
        Index of the inventory's evidence.
    """
    against: list[Reason] = []
    beside: list[Reason] = []
    hidden: list[Software] = []
    for number, need in enumerate(needs):
        if need.manager not in _PYTHON and canonical(need.name) not in installed.versions:
            hidden.append(need)
            continue
        reason = _judge(need, f"/software/{number}", installed, kernel, place)
        if reason is not None:
            fails = reason.code == "software-missing" and need.status == "needed"
            (against if fails and not _installs(need) else beside).append(reason)
    if hidden:
        beside.append(_unlisted(hidden, place))
    return Verdicts(_bounded(against), _bounded(beside))


def unread(whose: str, place: int) -> Reason:
    """Say that nobody can tell which software there is.

    Parameters
    ----------
    whose
        Whose software: ``the kernel ir``.
    place
        Index of the evidence.
    """
    message = f"What software is installed for {whose} cannot be read from here"
    return Reason("not-published", message, "/software", scope="machine", evidence=(place,))


def _judge(
    need: Software, field: str, installed: Installed, kernel: str, place: int
) -> Reason | None:
    name, asked = trim(need.name, 100), trim(need.version, 100)
    version = installed.versions.get(canonical(need.name))
    if version is None:
        return _missing(need, field, installed, kernel, place)
    fits = _accepts(need.version, version)
    if fits:
        return None
    shown = trim(version, 100)
    if fits is None:
        return Reason(
            "not-published",
            f"{name} {shown} is installed; whether that is {asked} cannot be told",
            field,
            asked,
            shown,
            scope=f"kernel {kernel}",
            evidence=(place,),
        )
    return Reason(
        "software-missing",
        f"{name} {shown} is installed, the notebook asks {asked}",
        field,
        asked,
        shown,
        scope=f"kernel {kernel}",
        evidence=(place,),
    )


def _missing(
    need: Software, field: str, installed: Installed, kernel: str, place: int
) -> Reason | None:
    """Say what is missing; a module that lies there without metadata is not."""
    here = bool(need.imports) and installed.modules.issuperset(need.imports)
    if here and not need.version:
        return None
    name, scope = trim(need.name, 100), f"kernel {kernel}"
    if here:
        message = f"{name} is installed in the {scope}, in a version that it does not tell"
        asked = trim(need.version, 100)
        return Reason("not-published", message, field, asked, scope=scope, evidence=(place,))
    if need.manager == "conda" and not need.imports and not installed.conda:
        # Conda's names are not always those of Python's own index.
        message = f"{name} is a package of conda, and the {scope} lists no packages of conda"
        return Reason("not-published", message, field, name, scope=scope, evidence=(place,))
    message = f"{name} is not installed in the {scope}"
    if _named(need):
        message += f"; {need.manager} install {name} would add it"
    if _installs(need):
        message += ", and the notebook does so itself"
    return Reason("software-missing", message, field, name, scope=scope, evidence=(place,))


def _accepts(specifier: str, version: str) -> bool | None:
    """Whether a version is what is asked (PEP 440), or None when nobody can tell."""
    if specifier in ("", f"=={version}"):
        return True
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion, Version

    try:
        return SpecifierSet(specifier).contains(Version(version), prereleases=True)
    except (InvalidSpecifier, InvalidVersion):
        return None


def _named(need: Software) -> bool:
    """Whether the name may be installed: a guess from an import may be somebody else's."""
    guessed = any(found.how == "inferred" for found in need.evidence)
    return _NAME.fullmatch(need.name) is not None and not guessed


def _installs(need: Software) -> bool:
    """Whether an install command was found in the notebook itself."""
    return any(
        found.how == "declared"
        and found.source.startswith("cell")
        and not found.text.lstrip().startswith("#")
        and "install" in found.text[:500].split()
        for found in need.evidence
    )


def _unlisted(hidden: Sequence[Software], place: int) -> Reason:
    names = [f"{trim(need.name, 100)} ({trim(need.manager, 20)})" for need in hidden[:_MOST]]
    more = f" and {len(hidden) - _MOST} more" if len(hidden) > _MOST else ""
    message = f"Whether these are installed cannot be read from here: {', '.join(names)}{more}"
    return Reason("not-published", message, "/software", scope="machine", evidence=(place,))


def _bounded(told: Sequence[Reason]) -> tuple[Reason, ...]:
    """Return the first reasons, and how many more there are."""
    kept, rest = told[:_MOST], len(told) - _MOST
    if rest <= 0:
        return tuple(kept)
    last = kept[-1]
    more = Reason(
        last.code,
        f"and {rest} more",
        "/software",
        scope=last.scope,
        evidence=last.evidence,
    )
    return (*kept, more)
