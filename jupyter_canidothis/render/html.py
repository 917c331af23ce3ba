"""A plan as static HTML: a semantic table, no script, nothing fetched."""

from __future__ import annotations

from html import escape

from ..answer import Answer, Plan, Verdict
from ..evidence import Evidence, trim
from ..platforms.base import Handover
from ..ranking import best_first
from . import sources, words

__all__ = [
    "answer_html",
    "evidence_html",
    "folded_html",
    "handover_html",
    "plan_html",
    "waiting_html",
]

_COPY = (
    "getSelection().selectAllChildren(this.previousElementSibling);"
    "this.textContent=document.execCommand('copy')?'Copied':'Selected: press Ctrl+C'"
)
"""Works where `navigator.clipboard` is not: on pages that came over plain http."""

_MOST_SHOWN = 2**20
"""Most characters of a script that are shown."""
_CELL = "text-align:left;overflow-wrap:anywhere"
_HEADS = "".join(
    f'<th scope="col" style="text-align:left;white-space:nowrap">{head}</th>'
    for head in ("Verdict", "Platform", "Why", "Nearest change")
)


def _text(foreign: str) -> str:
    """Return foreign text as text: without markup, and without what disguises it."""
    return escape(trim(foreign))


def plan_html(plan: Plan) -> str:
    """Print a plan as one table; every foreign text is escaped."""
    name = _text(words.task_name(plan.task))
    rows = "".join(_row(answer) for answer in best_first(plan.answers))
    gain = words.best_change(plan)
    best = f"<p>{_text(gain)}</p>" if gain else ""
    return (
        '<div class="jp-CanIDoThis-plan">'
        f"<p><strong>Can I run {name}?</strong> {_text(words.task_words(plan.task))}<br>"
        f"{_text(words.state_words(plan))}</p>{best}"
        f"<table><thead><tr>{_HEADS}</tr></thead><tbody>{rows}</tbody></table>"
        f"<p><small>{_text(sources.asked_words(plan))}</small></p></div>"
    )


def folded_html(plan: Plan) -> str:
    """Print a plan as its headline, which unfolds to the table."""
    said = _text(words.state_words(plan))
    return f"<details><summary>{said}: all answers</summary>{plan_html(plan)}</details>"


def _row(answer: Answer) -> str:
    change = "<br>".join(_text(words.change_words(c)) for c in answer.changes)
    return (
        f'<tr><td style="text-align:left;white-space:nowrap">{_verdict(answer)}</td>'
        f'<th scope="row" style="{_CELL}">{_text(answer.platform)}</th>'
        f'<td style="{_CELL}">{_why(answer)}</td><td style="{_CELL}">{change}</td></tr>'
    )


def answer_html(answer: Answer) -> str:
    """Print one answer with its evidence, for the widget."""
    return (
        f'<div style="line-height:1.4">{_verdict(answer)} '
        f"<strong>{_text(answer.platform)}</strong><br>{_why(answer)}</div>"
    )


def waiting_html(platform: str, before: Answer | None) -> str:
    """Print a platform that is being asked, with what it said before."""
    if before is None:
        return f"<div>◌ asking… <strong>{_text(platform)}</strong></div>"
    return f'<div style="opacity:0.6">◌ asking again… {answer_html(before)}</div>'


def handover_html(platform: str, made: Handover) -> str:
    """Print what takes up an offer, with buttons that copy it; nothing is sent."""
    return (
        f"<p>For {_text(platform)}: save it as <code>{_text(made.name)}</code>, then run</p>"
        f"{_copied(made.command)}{_copied(made.content)}"
    )


def _copied(text: str) -> str:
    shown = escape(trim(text, _MOST_SHOWN))
    button = f'<button type="button" onclick="{escape(_COPY)}">Copy</button>'
    return f'<pre style="overflow:auto;font-family:monospace">{shown}</pre>{button}'


def _verdict(answer: Answer) -> str:
    shape = f'<span aria-hidden="true">{words.verdict_mark(answer.verdict)}</span>'
    return f"{shape} <strong>{words.verdict_word(answer.verdict)}</strong>"


def _why(answer: Answer) -> str:
    said = [_text(words.offer_words(offer)) for offer in answer.offers]
    said += [_text(room) for room in [words.now_words(answer)] if room]
    for sentence, reason in zip(words.reason_words(answer), answer.reasons, strict=True):
        own = f" <q>{_text(reason.text)}</q>" if reason.text else ""
        said.append(_text(sentence) + own)
    silent = "accepts" if answer.verdict is Verdict.YES else "gave no reason"
    shown = "<br>".join(part for part in said if part) or silent
    cliffs = words.cliffs_words(answer)
    shown += f"<br><small>{_text(cliffs)}</small>" if cliffs else ""
    return f"{shown}<br><small>{_text(sources.found_words(answer))}</small>{_evidence(answer)}"


def _evidence(answer: Answer) -> str:
    if not answer.evidence:
        return ""
    items = "".join(f"<li>{evidence_html(evidence)}</li>" for evidence in answer.evidence)
    summary = f"<summary>Evidence ({len(answer.evidence)})</summary>"
    return f"<details>{summary}<ul>{items}</ul></details>"


def evidence_html(evidence: Evidence) -> str:
    """Print where a sentence comes from: how, when, the exact command, its raw text."""
    raw = f"<pre>{_text(evidence.text)}</pre>" if evidence.text else ""
    source = f"<code>{_text(evidence.source)}</code>"
    return f"{_text(sources.source_words(evidence))}: {source}{raw}"
