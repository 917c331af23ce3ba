"""A plan as static HTML: a semantic table, no script, nothing fetched."""

from __future__ import annotations

from html import escape

from ..answer import Answer, Plan, Verdict
from ..evidence import Evidence
from ..ranking import best_first
from . import sources, words

__all__ = ["answer_html", "evidence_html", "plan_html"]

_HEADS = "".join(
    f'<th scope="col" style="text-align:left">{head}</th>'
    for head in ("Verdict", "Platform", "Why", "Nearest change")
)


def plan_html(plan: Plan) -> str:
    """Print a plan as one table; every foreign text is escaped."""
    name = escape(words.task_name(plan.task))
    rows = "".join(_row(answer) for answer in best_first(plan.answers))
    gain = words.best_change(plan)
    best = f"<p>{escape(gain)}</p>" if gain else ""
    return (
        '<div class="jp-CanIDoThis-plan">'
        f"<p><strong>Can I run {name}?</strong> {escape(words.task_words(plan.task))}<br>"
        f"{escape(words.headline(plan))}</p>{best}"
        f"<table><thead><tr>{_HEADS}</tr></thead><tbody>{rows}</tbody></table>"
        f"<p><small>{escape(sources.asked_words(plan))}</small></p></div>"
    )


def _row(answer: Answer) -> str:
    change = "<br>".join(escape(words.change_words(c)) for c in answer.changes)
    return (
        f'<tr><td style="text-align:left;white-space:nowrap">{_verdict(answer)}</td>'
        f'<th scope="row" style="text-align:left">{escape(answer.platform)}</th>'
        f'<td style="text-align:left">{_why(answer)}</td>'
        f'<td style="text-align:left">{change}</td></tr>'
    )


def answer_html(answer: Answer) -> str:
    """Print one answer with its evidence, for the widget."""
    return (
        f'<div style="line-height:1.4">{_verdict(answer)} '
        f"<strong>{escape(answer.platform)}</strong><br>{_why(answer)}</div>"
    )


def _verdict(answer: Answer) -> str:
    shape = f'<span aria-hidden="true">{words.verdict_mark(answer.verdict)}</span>'
    return f"{shape} <strong>{words.verdict_word(answer.verdict)}</strong>"


def _why(answer: Answer) -> str:
    said = [escape(words.offer_words(offer)) for offer in answer.offers]
    said += [escape(room) for room in [words.now_words(answer)] if room]
    for sentence, reason in zip(words.reason_words(answer), answer.reasons, strict=True):
        own = f" <q>{escape(reason.text)}</q>" if reason.text else ""
        said.append(escape(sentence) + own)
    said += [escape(sources.cliff_words(cliff)) for cliff in answer.cliffs]
    silent = "accepts" if answer.verdict is Verdict.YES else "gave no reason"
    shown = "<br>".join(part for part in said if part) or silent
    return f"{shown}<br><small>{escape(sources.found_words(answer))}</small>{_evidence(answer)}"


def _evidence(answer: Answer) -> str:
    if not answer.evidence:
        return ""
    items = "".join(f"<li>{evidence_html(evidence)}</li>" for evidence in answer.evidence)
    summary = f"<summary>Evidence ({len(answer.evidence)})</summary>"
    return f"<details>{summary}<ul>{items}</ul></details>"


def evidence_html(evidence: Evidence) -> str:
    """Print where a sentence comes from: how, when, the exact command, its raw text."""
    raw = f"<pre>{escape(evidence.text)}</pre>" if evidence.text else ""
    source = f"<code>{escape(evidence.source)}</code>"
    return f"{escape(sources.source_words(evidence))}: {source}{raw}"
