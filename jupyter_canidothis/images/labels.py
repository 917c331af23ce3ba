"""What an image holds for a notebook, from its labels or its name.

Labels of an image (OCI image specification, "Annotations") say nothing of software by
any standard, so an image may say it in ours: ``canidothis.languages`` and
``canidothis.packages``, words with commas or blanks between. Images of the Jupyter
Docker Stacks are known by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from packaging.utils import canonicalize_name

from .facts import Contents
from .reference import DOCKER_HUB, Reference
from .stacks import stacks

__all__ = ["contents"]

LANGUAGES: Final = "canidothis.languages"
"""Label: languages with a kernel in the image."""
PACKAGES: Final = "canidothis.packages"
"""Label: every package in the image that a notebook may need."""
_STACK_HOMES: Final = (("quay.io", "jupyter/"), (DOCKER_HUB, "jupyter/"))


def contents(reference: Reference, labels: Mapping[str, str]) -> Contents | None:
    """Return what a notebook finds in an image; None when nobody says."""
    if LANGUAGES in labels or PACKAGES in labels:
        return _labelled(labels)
    for registry, folder in _STACK_HOMES:
        if reference.registry == registry and reference.repository.startswith(folder):
            return _of_stack(reference.repository.removeprefix(folder))
    return None


def _labelled(labels: Mapping[str, str]) -> Contents:
    languages, packages = labels.get(LANGUAGES), labels.get(PACKAGES)
    return Contents(
        languages=None if languages is None else frozenset(_words(languages.lower())),
        packages=None
        if packages is None
        else frozenset(canonicalize_name(word) for word in _words(packages)),
        complete=True,
        source="labels of the image",
    )


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s,]+", text) if word]


def _of_stack(name: str) -> Contents | None:
    table = stacks()
    chain = list(table.chain(name))
    if not chain:
        return None
    return Contents(
        languages=frozenset(language for one in chain for language in one.languages),
        packages=frozenset(canonicalize_name(one) for one in table.packages(name)),
        # The documentation names what was chosen, not what came along with it.
        complete=False,
        source=f"table of the Jupyter Docker Stacks, {table.date}",
    )
