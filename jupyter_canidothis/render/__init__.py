"""Plans as people read them: one set of words for terminal, notebook and widget."""

from .bundle import MIME, ShownPlan, show
from .html import answer_html, folded_html, handover_html, plan_html, waiting_html
from .text import nearest_text, plan_text, to_ascii
from .words import (
    best_change,
    headline,
    offer_words,
    start_words,
    state_words,
    task_name,
    verdict_word,
)

__all__ = [
    "MIME",
    "ShownPlan",
    "answer_html",
    "best_change",
    "folded_html",
    "handover_html",
    "headline",
    "nearest_text",
    "offer_words",
    "plan_html",
    "plan_text",
    "show",
    "start_words",
    "state_words",
    "task_name",
    "to_ascii",
    "verdict_word",
    "waiting_html",
]
