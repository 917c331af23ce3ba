"""A plan in a terminal: in colour, as wide as the window, rows as answers arrive.

Imported by the terminal doors alone, and only when their output is a terminal: it
needs `rich`, which a server never loads.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Final

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from ..answer import Answer, Plan, Verdict
from ..evidence import trim
from ..ranking import best_first
from . import sources, words
from .text import to_ascii

__all__ = ["Screen", "shows_ascii_only", "terminal"]

_STYLES: Final = {
    Verdict.YES: "bold green",
    Verdict.NO: "bold red",
    Verdict.CANNOT_TELL: "bold yellow",
}
_ROOMY: Final = 80
"""From this many columns on each answer says how it was found."""
_REFRESH: Final = 8
"""Times a second at which a table that fills up is drawn again."""


def terminal(stream: IO[str]) -> Console | None:
    """Return the terminal behind a stream, or None when it is a file or a pipe.

    `rich` heeds ``NO_COLOR``, ``FORCE_COLOR``, ``COLUMNS`` and ``TERM``.
    """
    # In a notebook's kernel the front end shows HTML instead.
    console = Console(file=stream, force_jupyter=False, highlight=False, emoji=False)
    return console if console.is_terminal else None


def shows_ascii_only(encoding: str, environ: Mapping[str, str]) -> bool:
    """Whether a terminal cannot show more than ASCII.

    Python writes UTF-8 even in the C locale (PEP 538, PEP 540), so who asked for that
    locale is believed more than the stream.
    """
    locale = environ.get("LC_ALL") or environ.get("LANG") or ""
    plain = locale in ("C", "POSIX") or environ.get("TERM") == "dumb"
    return plain or not encoding.lower().startswith("utf")


class Screen:
    """Prints plans on one terminal.

    Parameters
    ----------
    console
        From `terminal`.
    environ
        Its environment; this process's own when None.
    """

    def __init__(self, console: Console, environ: Mapping[str, str] | None = None) -> None:
        self._console = console
        variables = os.environ if environ is None else environ
        self._ascii = shows_ascii_only(console.encoding, variables)
        self._live = Live(
            console=console, transient=True, refresh_per_second=_REFRESH, redirect_stdout=False
        )

    @contextmanager
    def showing(self) -> Iterator[None]:
        """Let `show` draw; what it drew is gone at the end."""
        if self.is_dumb:
            yield
            return
        with self._live:
            yield

    @property
    def is_dumb(self) -> bool:
        """Whether it cannot take back what it printed, so that `show` shows nothing."""
        return self._console.is_dumb_terminal

    def show(self, plan: Plan, before: Plan | None = None, note: str = "") -> None:
        """Show a plan in place of the one shown before.

        Parameters
        ----------
        plan
            As far as it has come.
        before
            The last plan of the same task, for what platforms said that did not answer yet.
        note
            One line beneath.
        """
        if not self.is_dumb:
            self._live.update(self._drawn(plan, before, note), refresh=True)

    def print(self, plan: Plan) -> None:
        """Print a plan to stay."""
        self._console.print(self._drawn(plan))

    def _drawn(self, plan: Plan, before: Plan | None = None, note: str = "") -> RenderableType:
        name, asks = words.task_name(plan.task), words.task_words(plan.task)
        parts: list[RenderableType] = [
            self._text(f"Can I run {name}?  {asks}", "bold"),
            self._text(words.state_words(plan)),
        ]
        gain = words.best_change(plan)
        if gain:
            parts.append(self._text(gain, "cyan"))
        parts.append(self._table(plan, before))
        if note:
            parts.append(self._text(note, "dim"))
        return Group(*parts)

    def _table(self, plan: Plan, before: Plan | None) -> Table:
        table = Table(
            box=box.ASCII if self._ascii else box.SIMPLE_HEAD, pad_edge=False, expand=True
        )
        table.add_column("Verdict", no_wrap=True)
        table.add_column("Platform", max_width=self._console.width // 4, overflow="fold")
        table.add_column("Answer", overflow="fold", ratio=1)
        for answer in best_first(plan.answers):
            table.add_row(
                self._verdict(answer), self._text(answer.platform), self._said(answer)
            )
        answered = {answer.platform for answer in plan.answers}
        older = {answer.platform: answer for answer in before.answers} if before else {}
        for info in plan.platforms:
            if plan.summary is None and info.name not in answered:
                table.add_row(*self._waiting(info.name, older.get(info.name)))
        return table

    def _waiting(self, name: str, older: Answer | None) -> tuple[Text, Text, Text]:
        known = words.verdict_word(older.verdict) if older else ""
        return (
            self._text("asking…", "dim"),
            self._text(name, "dim"),
            self._text(f"was {known}" if known else "", "dim"),
        )

    def _verdict(self, answer: Answer) -> Text:
        mark, word = words.verdict_mark(answer.verdict), words.verdict_word(answer.verdict)
        return self._text(f"{mark} {word}", _STYLES[answer.verdict])

    def _said(self, answer: Answer) -> Text:
        lines = [self._text(line) for line in words.answer_lines(answer)]
        if self._console.width >= _ROOMY:
            lines.append(self._text(sources.found_words(answer), "dim"))
        return Text("\n").join(lines)

    def _text(self, text: str, style: str = "") -> Text:
        """Return foreign text as text: neither markup nor control characters count."""
        clean = " ".join(trim(text).split())
        return Text(to_ascii(clean) if self._ascii else clean, style=style)
