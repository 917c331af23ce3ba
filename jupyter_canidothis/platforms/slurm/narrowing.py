"""Which term of a refused question is to blame, found by leaving one out at a time.

"Requested node configuration is not available" means anything. Where neither limits
nor nodes explain it, the cluster is asked again without one of the terms; the term
whose absence makes it say YES is the one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .question import Question

__all__ = ["lighter"]


def lighter(question: Question) -> Mapping[str, Question]:
    """Return the question without one term each, by the pointer to that term."""
    found: dict[str, Question] = {}
    if question.memory is not None:
        found["/resources/memory/min"] = replace(question, memory=1)
    if question.gpus:
        found["/resources/gpus/min"] = replace(question, gpus=0, gpu_type="")
        if question.gpu_type:
            found["/resources/gpu/model"] = replace(question, gpu_type="")
    if question.cpus > 1:
        found["/resources/cores/min"] = replace(question, cpus=1)
    if question.nodes > 1:
        found["/resources/nodes/min"] = replace(question, nodes=1)
    found["/resources/duration/min"] = replace(question, minutes=1)
    return found
