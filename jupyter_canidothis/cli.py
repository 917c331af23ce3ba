"""The terminal door: ``jupyter canidothis NOTEBOOK``.

Exit status: 0 some platform says YES, 1 none does, 2 the question was wrong; of
``--watch`` that of the last plan.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from . import __version__
from .answer import Plan, Verdict
from .errors import CanIDoThisError
from .overrides import override, read_timeout
from .planner import Planner
from .printing import FORMATS, USUAL_WAIT, Printer, read_wait, written
from .resources import DIMENSIONS
from .task import Task

__all__ = ["main"]

_INTERRUPTED: Final = 130
"""What a shell reports of a program that Ctrl-C ended before it had anything to say."""
_EXAMPLES = {
    "cores": "4 or 4:8",
    "memory": "16G",
    "duration": "2h",
    "startup": ":60s",
    "gpus": "1",
    "disk": "100G",
    "nodes": "1",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv
        Arguments; those of the process when None.

    Returns
    -------
    int
        0, 1 or 2, as the module says.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        if arguments[:1] == ["describe"]:
            return _describe(_describe_parser().parse_args(arguments[1:]))
        return _plan(_plan_options(arguments))
    except CanIDoThisError as error:
        print(f"canidothis: {error.message}", file=sys.stderr)
        if error.hint:
            print(f"  {error.hint}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 2


def _plan_options(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the arguments; after ``--script`` or ``--watch`` a lone word is the notebook."""
    parser = _plan_parser()
    options = parser.parse_args(arguments)
    for option in ("script", "watch"):
        if options.notebook is None and getattr(options, option):
            options.notebook = Path(getattr(options, option))
            setattr(options, option, "")
    if options.notebook is None:
        parser.error("the following arguments are required: notebook")
    return options


def _plan_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jupyter canidothis",
        description="Ask every platform whether it would run a notebook.",
        epilog="Exit status: 0 some platform says YES, 1 none does, 2 error. "
        "See also: jupyter canidothis describe --help",
    )
    parser.add_argument(
        "notebook", nargs="?", type=Path, help="the notebook or other task file to plan"
    )
    for name in DIMENSIONS:
        parser.add_argument(f"--{name}", metavar="MIN:MAX", help=f"e.g. {_EXAMPLES[name]}")
    parser.add_argument("--gpu", metavar="MODEL", help="model each GPU has to be")
    parser.add_argument("--image", help="container image to run it in")
    parser.add_argument(
        "--platform", action="append", default=[], help="ask only this one (repeatable)"
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="table",
        help="table: drawn in a terminal, plain text elsewhere; text: plain text everywhere",
    )
    parser.add_argument(
        "--watch",
        nargs="?",
        const="",
        metavar="SECONDS",
        help=f"ask again every {USUAL_WAIT:g} seconds, or every SECONDS, until Ctrl-C; json "
        "is then one line for each plan",
    )
    parser.add_argument("--timeout", type=float, help="seconds for the whole plan")
    parser.add_argument(
        "--script",
        nargs="?",
        const="",
        metavar="PLATFORM",
        help="print the script that takes up the best offer, or that of one platform, "
        "instead of the plan",
    )
    parser.add_argument(
        "--nearest",
        metavar="PLATFORM",
        help="ask one platform again and again for the nearest YES, instead of planning",
    )
    parser.add_argument(
        "--static", action="store_true", help="read the notebook only, not its environment"
    )
    parser.add_argument("--version", action="version", version=__version__)
    return parser


def _describe_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jupyter canidothis describe",
        description="Say what notebooks need, with the evidence.",
    )
    parser.add_argument("notebooks", nargs="+", metavar="NOTEBOOK")
    parser.add_argument(
        "--format",
        choices=("json", *_DESCRIPTIONS),
        default="json",
        help="json: one line each; text: every need and why; requirements, environment "
        "and script: files to install from; image: the nearest published image",
    )
    parser.add_argument(
        "--static", action="store_true", help="read the notebook only, not its environment"
    )
    return parser


def _plan(options: argparse.Namespace) -> int:
    from .config import load_planner

    task = _task(options.notebook, static=options.static)
    for name in (*DIMENSIONS, "gpu", "image"):
        task = override(task, {name: getattr(options, name)}, f"--{name}")
    planner = load_planner(**read_timeout(options.timeout))
    if options.nearest is not None:
        return _nearest(planner, task, options)
    names = options.platform or [name for name in (options.script,) if name]
    wait = read_wait(options.watch)
    if options.script is not None:
        return _hand_over(planner, asyncio.run(planner.ask(task, names)), options.script)
    printer = Printer(planner, options.format)
    if wait is None:
        return _status(asyncio.run(printer.once(task, names)))
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(printer.watch(task, names, wait))
    return _INTERRUPTED if printer.plan is None else _status(printer.plan)


def _status(plan: Plan) -> int:
    return 0 if any(answer.verdict is Verdict.YES for answer in plan.answers) else 1


def _nearest(planner: Planner, task: Task, options: argparse.Namespace) -> int:
    found = asyncio.run(planner.nearest(task, options.nearest))
    print(written(found, options.format))
    return 0 if found.verdict is Verdict.YES else 1


def _hand_over(planner: Planner, plan: Plan, chosen: str) -> int:
    from .handover import hand_over, how_to_send

    platform, made = hand_over(planner, plan, chosen)
    sys.stdout.write(made.content)
    print(how_to_send(platform, made), file=sys.stderr)
    return 0


def _task(path: Path, *, static: bool) -> Task:
    from .notebook.report import read
    from .taskfiles import describe_path, is_named

    return describe_path(path) if is_named(path.name) else read(path, static=static)


def _describe(options: argparse.Namespace) -> int:
    from .notebook.report import report

    if options.format != "json":
        say = _DESCRIPTIONS[options.format]
        tasks = [_task(Path(path), static=options.static) for path in options.notebooks]
        sys.stdout.write("\n".join(say(task).rstrip() + "\n" for task in tasks))
        return 0
    failed = False
    for path in options.notebooks:
        line = report(path, static=options.static, describe=_task)
        failed = failed or "error" in line
        sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
    return 2 if failed else 0


def _explained(task: Task) -> str:
    from .notebook.explain import explain

    return explain(task)


def _exported(task: Task, form: str) -> str:
    from .notebook import exports

    write = {
        "requirements": exports.requirements_txt,
        "environment": exports.environment_yml,
        "script": exports.script_block,
    }
    return write[form](task)


def _image(task: Task) -> str:
    from .notebook.exports import nearest_image

    hint = nearest_image(task)
    if hint is None:
        return "no published image in the table holds any of it"
    lacks = f"; lacks {', '.join(hint.lacks)}" if hint.lacks else ""
    return f"{hint.image} holds {', '.join(hint.holds)}{lacks} (table of {hint.date})"


_DESCRIPTIONS: dict[str, Callable[[Task], str]] = {
    "text": _explained,
    "requirements": partial(_exported, form="requirements"),
    "environment": partial(_exported, form="environment"),
    "script": partial(_exported, form="script"),
    "image": _image,
}
