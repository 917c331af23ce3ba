"""What a notebook needs against what its image holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from packaging.utils import canonicalize_name

from ...answer import Reason
from ...evidence import Evidence, trim
from ...images.facts import Contents
from ...task import Task

__all__ = ["missing", "source"]

_SHOWN: Final = 8
_INFRASTRUCTURE: Final = frozenset(
    {"ipykernel", "ipython", "jupyter", "notebook", "nbformat", "pip"}
)
_COUNTED: Final = ("needed", "declared")


def missing(
    task: Task, contents: Contents | None, evidence: int
) -> tuple[list[Reason], list[Reason]]:
    """Return what an image certainly lacks, and what nobody can tell.

    Parameters
    ----------
    task
        A notebook.
    contents
        What is known of the image; None for nothing.
    evidence
        Index of the evidence of that.
    """
    if contents is None:
        told = "Nobody says what this image holds for a notebook"
        return [], [
            Reason(
                "not-published", told, "/executable/image", scope="image", evidence=(evidence,)
            )
        ]
    against, unsure = [], []
    for language in task.executable.languages:
        if contents.languages is None:
            unsure.append(
                _reason(
                    "not-published",
                    f"Nobody says whether the image has a kernel for {language}",
                    "/executable/languages",
                    evidence,
                )
            )
        elif language.lower() not in contents.languages:
            against.append(
                _reason(
                    "software-missing",
                    f"The image has no kernel for {language}",
                    "/executable/languages",
                    evidence,
                )
            )
    if lacking := _lacking(task, contents):
        names = ", ".join(lacking[:_SHOWN]) + (", …" if len(lacking) > _SHOWN else "")
        if contents.complete and contents.packages is not None:
            against.append(
                _reason("software-missing", f"The image lacks {names}", "/software", evidence)
            )
        else:
            unsure.append(
                _reason(
                    "not-published",
                    f"Nobody says whether the image holds {names}",
                    "/software",
                    evidence,
                )
            )
    return against, unsure


def _lacking(task: Task, contents: Contents) -> list[str]:
    held = contents.packages or frozenset()
    names = (one.name for one in task.software if one.status in _COUNTED)
    return [
        trim(name, 80)
        for name in dict.fromkeys(names)
        if canonicalize_name(name) not in held | _INFRASTRUCTURE
    ]


def _reason(code: str, message: str, field: str, evidence: int) -> Reason:
    return Reason(code, trim(message, 500), field, scope="image", evidence=(evidence,))  # type: ignore[arg-type]  # two words of Code


def source(contents: Contents | None, labels: Sequence[str]) -> Evidence:
    """Return what is known of an image's contents, as evidence."""
    if contents is None:
        text = f"labels: {', '.join(labels)}" if labels else "no labels"
        return Evidence("live-read", "labels of the image", trim(text, 500))
    held = [*sorted(contents.languages or ()), *sorted(contents.packages or ())]
    how = "live-read" if contents.complete else "declared"
    return Evidence(how, contents.source, trim(", ".join(held), 1000))  # type: ignore[arg-type]  # two words of How
