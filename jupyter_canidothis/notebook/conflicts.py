"""Where what is declared, installed and loaded do not agree."""

from __future__ import annotations

from collections.abc import Iterator

from .software import SoftwareNeeds

__all__ = ["find_conflicts"]


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


def _allows(specifier: str, version: str) -> bool:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(specifier).contains(version, prereleases=True)
    except InvalidSpecifier:
        return True
