"""Where what is declared, installed and loaded do not agree."""

from __future__ import annotations

from collections.abc import Iterator

from .software import SoftwareNeeds

__all__ = ["find_conflicts", "python_conflict"]


def find_conflicts(software: SoftwareNeeds) -> Iterator[str]:
    """Yield one sentence for every disagreement."""
    for name, versions, installed in software.declared_versions():
        for version, source in versions.items():
            if installed and not _allows(version, installed):
                yield f"{source} asks for {name}{version}, and {installed} is installed"
        if len(versions) > 1:
            shown = ", ".join(f"{version} ({source})" for version, source in versions.items())
            yield f"{name} is asked for in several versions: {shown}"
    yield from software.stale()
    yield from software.only_here()


def python_conflict(wanted: str, running: str) -> Iterator[str]:
    """Yield a sentence when the notebook asks for another Python than its kernel's."""
    if running and not _allows(wanted, running):
        yield f"the notebook asks for Python {wanted}, and its kernel runs {running}"


def _allows(specifier: str, version: str) -> bool:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion

    try:
        return SpecifierSet(specifier).contains(version, prereleases=True)
    except (InvalidSpecifier, InvalidVersion):
        return True
