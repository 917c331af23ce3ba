"""Our reading of IPython's syntax against IPython's own, on generated cells."""

import ast

from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager

from jupyter_canidothis.notebook.imports import find_imports
from jupyter_canidothis.notebook.syntax import read_source

LINES = [
    "import a",
    "from b.c import d",
    "x = 1",
    "x = y % z",
    "print('%s' % x)",
    "if x:",
    "    import e",
    "    !ls -l",
    "    %magic f",
    "else:",
    "def f(x):",
    "    return x % 3",
    "y = [1,\n  2]",
    "(x\n% z\n!= 3)",
    "f(\n  y,  # what?\n)",
    "%matplotlib inline",
    "%time import g",
    "!pip install h \\",
    "  i",
    "!!ls",
    "z = !ls",
    "z = %env HOME",
    "a, b = !ls",
    "self.x = !ls",
    "x[0] = %time 1",
    "x.y?",
    "?x",
    "x??",
    "*int*?",
    "print(x)?",
    "# why?",
    "'what?'",
    "%%time",
    "x = '!ls'",
    "x = 5 \\",
    "% 3",
    ",f a b",
    ";f a b",
    "/f a b",
    "f'{x!r}'",
    "x != 3",
    "try: import j",
    "except ImportError: pass",
    "",
    "   ",
    "\tx = 1",
    "@decorated",
    "async def g(): await h()",
    "await h()",
    "lambda: 0",
    "x = {'a': 1, # b\n}",
    "'''\n%magic\n!ls\n'''",
    '"""\nwhat?\n"""',
    "    pass",
]


def by_ipython(source):
    """Every imported module after IPython's own transformation, or None when that fails."""
    try:
        tree = ast.parse(TransformerManager().transform_cell(source))
    except SyntaxError:
        return None
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module)
    return found


@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=7).map("\n".join))
@settings(max_examples=300, deadline=None)
def test_what_ipython_understands_is_understood_alike(source):
    expected = by_ipython(source)
    if expected is None or source.lstrip().startswith("%%"):
        return
    script = read_source(source)
    found = {one.module for code in script.code for one in find_imports(code.tree)}
    assert not script.broken
    # What %time runs is an import to us, and text to IPython until it runs.
    assert found - {"g"} == expected
