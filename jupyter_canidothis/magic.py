"""The magic door: ``%canidothis`` and ``%%canidothis``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class, output_can_be_silenced
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring
from IPython.display import display
from jupyter_core.utils import run_sync

from .answer import Plan
from .config import load_planner
from .errors import CanIDoThisError, RequestError
from .handover import hand_over, how_to_send
from .here import describe_here
from .notebook.explain import explain
from .overrides import override, read_timeout
from .planner import Planner
from .printing import Printer, draw
from .render import ShownPlan, nearest_text
from .resources import DIMENSIONS
from .task import Task
from .waiting import Waiting

__all__ = ["CanIDoThisMagics"]


@magics_class
class CanIDoThisMagics(Magics):
    """``%canidothis``: can this notebook run, here or somewhere else?"""

    _planner: Planner | None = None

    @output_can_be_silenced
    @magic_arguments()
    @argument("notebook", nargs="?", help="notebook to plan; this one when absent")
    @argument("--cores", help="cores, e.g. 4 or 4:8")
    @argument("--memory", help="memory, e.g. 16G")
    @argument("--duration", help="run time, e.g. 2h")
    @argument("--startup", help="time to start, e.g. :60s")
    @argument("--gpus", help="number of GPUs")
    @argument("--gpu", help="model each GPU has to be")
    @argument("--disk", help="disk space, e.g. 100G")
    @argument("--nodes", help="number of hosts")
    @argument("--image", help="container image to run it in")
    @argument("--platform", action="append", default=[], help="ask only this one (repeatable)")
    @argument("--timeout", type=float, help="seconds for the whole plan")
    @argument("--format", choices=("table", "json"), default="table", help="how to show it")
    @argument("--explain", action="store_true", help="print every need and where it was found")
    @argument(
        "--script",
        nargs="?",
        const="",
        metavar="PLATFORM",
        help="print the script that takes up the best offer, or that of one platform",
    )
    @argument(
        "--nearest",
        metavar="PLATFORM",
        help="ask one platform again and again for the nearest YES",
    )
    @argument("-q", "--quiet", action="store_true", help="show nothing, only return the plan")
    @argument("-i", "--interactive", action="store_true", help="show sliders and live answers")
    @line_cell_magic
    def canidothis(self, line: str, cell: str | None = None) -> ShownPlan | None:
        """Ask every platform whether this notebook could run there.

        A cell body is a YAML or JSON mapping of the same resources, and wins
        over the options: ``memory: {min: 8G, max: 16G}``.
        """
        # The semicolon that silences the output stays in the line.
        options = parse_argstring(self.canidothis, line.rstrip().removesuffix(";"))
        try:
            task = self._task(options, cell)
            if options.explain:
                print(explain(task))  # noqa: T201 - a magic prints
            if self._planner is None:
                self._planner = load_planner()
            if options.interactive:
                from .widget import CanIDoThis

                display(CanIDoThis(task, self._planner, platforms=options.platform))
                return None
            if options.nearest is not None:
                found = run_sync(self._planner.nearest)(task, options.nearest)
                print(nearest_text(found))  # noqa: T201 - a magic prints
                return None
            names = options.platform or [name for name in (options.script,) if name]
            plan = self._asked(self._planner, task, names, options)
            if options.script is not None:
                _print_script(self._planner, plan, options.script)
                return None
        except CanIDoThisError as error:
            hint = f" ({error.hint})" if error.hint else ""
            raise UsageError(f"{error.message}{hint}") from error
        return self._shown(plan, options)

    def _asked(self, planner: Planner, task: Task, names: Sequence[str], options: Any) -> Plan:
        circumstances = read_timeout(options.timeout)
        plan: Plan
        if options.quiet:
            plan = run_sync(planner.ask)(task, names, **circumstances)
            return plan
        waiting = Waiting()
        with waiting.showing():
            ask = run_sync(Printer(planner, "table").asked)
            plan = ask(task, names, waiting.show, **circumstances)
        return plan

    def _shown(self, asked: Plan, options: Any) -> ShownPlan | None:
        plan = (_Quiet if options.quiet else _Drawn)(**_fields(asked))
        if options.format == "json" and not options.quiet:
            shown = {
                "application/json": msgspec.to_builtins(asked),
                "text/plain": plan.to_json(),
            }
            display(shown, raw=True)
            return None
        return plan

    def _task(self, options: Any, cell: str | None) -> Task:
        task = describe_here(options.notebook, self.shell.user_ns)
        for name in (*DIMENSIONS, "gpu", "image"):
            task = override(task, {name: getattr(options, name)}, f"%canidothis --{name}")
        return override(task, _overrides(cell), "%%canidothis") if cell else task


class _Quiet(ShownPlan, frozen=True, omit_defaults=True):
    """A plan that is returned but shows nothing by itself."""

    def _ipython_display_(self) -> None:
        return


class _Drawn(ShownPlan, frozen=True, omit_defaults=True):
    """A plan that a terminal shows in colour, and everything else as a `ShownPlan`."""

    def _ipython_display_(self) -> None:
        if not draw(self):
            raise NotImplementedError


def _print_script(planner: Planner, plan: Plan, chosen: str) -> None:
    """Print the script, and what to do with it; nothing is sent."""
    platform, made = hand_over(planner, plan, chosen)
    print(f"{made.content}\n{how_to_send(platform, made)}")  # noqa: T201 - a magic prints


def _fields(plan: Plan) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in plan.__struct_fields__}


def _overrides(cell: str) -> Mapping[str, Any]:
    from .wire.strict_yaml import load

    body = load(cell)
    if body is None:
        return {}
    if not isinstance(body, Mapping):
        raise RequestError("cell body", body, "a mapping such as 'memory: 16G'")
    return body
