"""Whatever a notebook holds, there is a task or a clear error."""

import json
import time

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_canidothis.errors import NotebookError
from jupyter_canidothis.notebook.describe import describe
from jupyter_canidothis.task import Task

PIECES = [
    *(
        "import a",
        "from b.c import d as e",
        "import",
        "from",
        ".",
        "*",
        "(",
        ")",
        "[",
        "]",
        "{",
    ),
    *("try:", "except ImportError:", "else:", "if x:", "def f():", "    ", "\t", "\n", "\\\n"),
    *(
        "%time ",
        "%%bash\n",
        "%%writefile x.py\n",
        "!pip install ",
        "?",
        "??",
        "x = !ls",
        "%load_ext ",
    ),
    *(
        "'",
        '"',
        "'''",
        '"""',
        "f'{",
        "}'",
        "#",
        "# /// script\n",
        "# ///\n",
        "# dependencies = ['a'",
    ),
    *(
        "open('a.csv')",
        "pd.read_csv(",
        "https://x.org/a",
        "s3://",
        "git+https://x/y",
        ">=1",
        "==",
    ),
    *(
        "\0",
        "\ud800",
        "\u202e",
        "é",
        "1",
        "lambda: ",
        "await ",
        "print 'x'",
        "$",
        "{sys.executable}",
    ),
    *("library(a)", "using A", "glob('*')[:3]", "os.environ['DATA']", "n_jobs=-1", ".cuda()"),
]
cells = st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | st.text(max_size=100)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3)
    ),
    max_leaves=10,
)
names = st.sampled_from(["python3", "ir", "julia-1.9", "../x", "", "\0"]) | values
metadata = st.fixed_dictionaries(
    {},
    optional={
        "kernelspec": values | st.fixed_dictionaries({"name": names, "language": names}),
        "language_info": values | st.fixed_dictionaries({"name": names, "version": values}),
        "canidothis": values
        | st.fixed_dictionaries(
            {
                "resources": st.dictionaries(
                    st.sampled_from(["cores", "memory", "gpus", "x"]), values
                )
            }
        ),
    },
)
timings = (
    st.sampled_from(["2026-01-01T00:00:00Z", "2026-01-01", "0001-01-01T00:00:00", "x"]) | values
)
cell = values | st.fixed_dictionaries(
    {
        "cell_type": st.sampled_from(["code", "markdown"]),
        "source": cells | st.lists(cells, max_size=3),
    },
    optional={
        "metadata": values
        | st.fixed_dictionaries(
            {
                "execution": st.dictionaries(
                    st.sampled_from(["iopub.execute_input", "shell.execute_reply"]), timings
                )
            }
        ),
        "outputs": values,
    },
)
notebooks = (
    values
    | st.fixed_dictionaries(
        {"cells": values | st.lists(cell, max_size=5)}, optional={"metadata": metadata}
    )
    | st.fixed_dictionaries(
        {"worksheets": values | st.lists(st.fixed_dictionaries({"cells": st.lists(cell)}))}
    )
)
SLOW = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def described(notebook):
    """Describe; the only other outcome is the notebook's own error, with a message."""
    try:
        task = describe(notebook)
    except NotebookError as error:
        assert error.message
        return None
    # What leaves is always valid: it can be written and read again.
    assert msgspec.json.decode(msgspec.json.encode(task), type=Task) == task
    task.resources.check()
    return task


@given(notebooks)
@SLOW
def test_any_model_is_a_task_or_a_clear_error(notebook):
    if isinstance(notebook, dict):
        described(notebook)


@given(st.binary(max_size=200) | notebooks.map(lambda x: json.dumps(x).encode()))
@SLOW
def test_any_bytes_are_a_task_or_a_clear_error(content):
    described(content)


@given(st.lists(cells, min_size=1, max_size=4))
@SLOW
def test_any_text_in_cells_is_a_task(sources):
    book = {"cells": [{"cell_type": "code", "source": source} for source in sources]}
    assert described(book) is not None


@pytest.mark.parametrize(
    "opening", ["(", "[", "-", "not ", "a.", "lambda: ", "f(", "{1:", "'''", "%", "!"]
)
def test_deep_nesting_is_survived(book, opening):
    assert describe(book(opening * 20_000)) is not None


def test_a_notebook_of_ten_megabytes_is_described(book):
    notebook = book("import numpy")
    notebook["cells"] += [
        {"cell_type": "code", "source": f"x{n} = {n}", "outputs": [{"text": "y" * 10_000}]}
        for n in range(1000)
    ]
    content = json.dumps(notebook).encode()
    assert len(content) > 10_000_000
    assert [one.name for one in describe(content).software] == ["numpy"]


@pytest.mark.parametrize("language", ["python", "r", "julia"])
@pytest.mark.parametrize(
    "piece",
    [
        *("a = ", "import a\n", "from b import (\n", "\n", " ", "?", "#= ", '"', "'", "`"),
        *("# /// script\n", "# pip install a\n", "!git clone a", ">>> \n", "In [1]: \n", "%"),
        *(
            "library(a)\n",
            "using A, ",
            "p_load(",
            "a::b ",
            "a.",
            "open('a.csv')\n",
            "f(g[:3])\n",
        ),
    ],
)
def test_no_text_takes_long(book, piece, language):
    text = piece * (120_000 // len(piece))
    started = time.process_time()
    describe(book(text, "a" + text + "%", kernelspec={"name": "x", "language": language}))
    assert time.process_time() - started < 5
