"""Grid Engine's commands, answering with what a real 8.1.9 printed."""

import json
from pathlib import Path

from jupyter_canidothis.command import Completed
from jupyter_canidothis.platforms.base import Edges
from jupyter_canidothis.platforms.gridengine import GridEngine
from jupyter_canidothis.resources import Range, Resources
from jupyter_canidothis.task import Executable, Task

RECORDED = Path(__file__).parents[1] / "recorded" / "gridengine"
NOW = 1795388000.0
"""About when the recordings were made."""
SUITABLE = "verification: found suitable queue(s)\n"


def recorded(name):
    """The recorded command lines with status, output and errors."""
    return json.loads((RECORDED / f"{name}.json").read_text())


class FakeGridEngine:
    """Stands for `LocalCommand`: answers from a recording and remembers what was run.

    Parameters
    ----------
    texts
        By command line a status with output and errors, or an output, on top of the
        recording; the first whose key begins a line that is not recorded answers it.
    state
        Which recording.
    """

    def __init__(self, texts=None, state="idle"):
        self.recorded = recorded(state)
        self.texts = dict(texts or {})
        self.ran = []
        self.env = []

    async def run(self, argv, *, stdin=b"", deadline=5.0, env=None, cap=0):
        line = " ".join((argv[0].rpartition("/")[2], *argv[1:]))
        self.ran.append(line)
        self.env.append(dict(env or {}))
        found = self.texts.get(line)
        if found is None:
            starts = (text for key, text in self.texts.items() if line.startswith(key))
            found = next(starts, None)
        if found is None:
            found = self.recorded.get(line, SUITABLE if argv[0].endswith("qsub") else None)
        assert found is not None, f"nobody recorded {line}"
        status, out, err = (0, found, "") if isinstance(found, str) else found
        return Completed(tuple(argv), status, out, err, 5)


def gridengine(texts=None, state="idle", clock=NOW, **keys):
    """A configured platform on a fake cluster."""
    edges = Edges(command=FakeGridEngine(texts, state), clock=lambda: clock)
    return GridEngine.configure({"kind": "gridengine", **keys}, edges)


def task(kind="jupyter-notebook", gpu=None, **ranges):
    """A task; an amount is a minimum, a pair is a range."""
    resources = Resources(
        gpu=gpu,
        **{
            name: Range(*amount) if isinstance(amount, tuple) else Range(amount)
            for name, amount in ranges.items()
        },
    )
    return Task(Executable(f"uri://{kind}", languages=("python",)), resources)
