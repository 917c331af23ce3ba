"""The truth as Markdown: one section per platform, each written without the others."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path

from truth.matrix import Matrix, Started, right

HEAD = """\
# Truth: what we said, and what really happened

Random tasks around the limits, asked and then really submitted.
Written by `tests/run truth`; do not edit.
"""
COLUMNS = (
    "configuration",
    "Tasks",
    "YES, ran",
    "NO, did not run",
    "False YES",
    "False NO",
    "CANNOT TELL",
    "Dry run alone: false YES",
    "false NO",
)


def section(platform: str, matrices: Sequence[Matrix], seed: int, version: str) -> str:
    """Return what one platform's section says, without the markers around it."""
    today = datetime.now(timezone.utc).date()
    lines = [f"## {platform}", "", f"{version}, seed {seed}, {today}.", ""]
    lines += [f"| {platform} {' | '.join(COLUMNS)} |", f"|{'---|' * len(COLUMNS)}"]
    for matrix in matrices:
        if matrix.cases:
            lines.append(_row(matrix))
    lines += _starts([started for matrix in matrices for started in matrix.starts])
    lines += _wrong(matrices)
    return "\n".join(lines) + "\n"


def _row(matrix: Matrix) -> str:
    found, (dry_yes, dry_no) = matrix.counts(), matrix.dry_run_wrong()
    unsure = found["CANNOT_TELL", True] + found["CANNOT_TELL", False]
    return (
        f"| {matrix.setting} | {len(matrix.cases)} | {found['YES', True]} "
        f"| {found['NO', False]} | {found['YES', False]} | {found['NO', True]} "
        f"| {unsure} | {dry_yes} | {dry_no} |"
    )


def _starts(starts: Sequence[Started]) -> Iterator[str]:
    """Yield the table of what was said about now, on a busy platform."""
    if not starts:
        return
    found = Counter((s.now.value, s.after is not None) for s in starts)
    watched = max(started.patience for started in starts)
    yield from ("", "### Room now, when it is busy", "")
    yield f"Jobs that would be taken, watched for {watched:g} s each."
    yield from ("", "| Said of now | Started | Waited |", "|---|---|---|")
    for now in ("YES", "NO", "CANNOT_TELL"):
        yield f"| {now} | {found[now, True]} | {found[now, False]} |"
    seen = [started.inside for started in starts if started.inside is not None]
    yield from (
        "",
        f"Began inside the range that was said: {sum(seen)} of {len(seen)} that could be seen.",
    )


def _wrong(matrices: Sequence[Matrix]) -> Iterator[str]:
    wrong = [(m.setting, case) for m in matrices for case in m.wrong()]
    if wrong:
        yield from ("", "### Wrong answers", "")
    for setting, case in wrong:
        said = f"{case.verdict.value} {', '.join(case.codes)}".strip()
        yield f"- {setting}: said {said} to `{' '.join(case.options)}`; {case.truth}"


def written(text: str, name: str, body: str) -> str:
    """Return a report with one platform's section replaced, or added at its end."""
    first, last = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
    whole = f"{first}\n{body}\n{last}"
    if first in text and last in text:
        before, _, rest = text.partition(first)
        return before + whole + rest.partition(last)[2]
    return f"{text or HEAD}\n{whole}"


def command(
    name: str,
    platform: str,
    version: Callable[[], str],
    run: Callable[[int, int], list[Matrix]],
    *,
    tasks: int,
    some: Callable[[int, int, str], list[Matrix]] | None = None,
) -> int:
    """Measure one platform as a command; return 1 when an answer was wrong.

    Parameters
    ----------
    name
        The kind, which marks its section in the report.
    platform
        What people call it.
    version
        Asks the platform's software what it is.
    run
        From the number of tasks and the seed to what was found.
    tasks
        Tasks per configuration, when the command line does not say.
    some
        The same as `run` for the configurations whose name has a word in it; what it
        finds is shown and not written, as it is no whole section.
    """
    parser = ArgumentParser(description=f"Measure the truth on {platform}.")
    parser.add_argument("--tasks", type=int, default=tasks)
    parser.add_argument("--seed", type=int, default=20211104)
    parser.add_argument("--out", type=Path)
    if some is not None:
        parser.add_argument("--only", help="only configurations with this in their name")
    options = parser.parse_args()
    only = getattr(options, "only", None)
    if some is not None and only:
        matrices = some(options.tasks, options.seed, only)
    else:
        matrices = run(options.tasks, options.seed)
    body = section(platform, matrices, options.seed, version())
    sys.stdout.write(body)
    if options.out and not only:
        before = options.out.read_text() if options.out.exists() else ""
        options.out.write_text(written(before, name, body))
    return int(not right(matrices))
