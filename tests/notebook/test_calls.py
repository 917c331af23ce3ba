import ast

import pytest

from jupyter_canidothis.notebook.calls import Calls


def read(source):
    calls = Calls()
    calls.walk(ast.parse(source), 0, 0)
    calls.finish()
    return calls


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import a.b as c\nc.d()", "a.b.d"),
        ("import a.b\na.b.d()", "a.b.d"),
        ("from a import b as c\nc.d()", "a.b.d"),
        ("from a import b\nb()", "a.b"),
        ("x.y.z()", ".z"),
        ("f()", "f"),
        ("g(1)[2].h()", ".h"),
    ],
)
def test_a_call_has_its_full_name_through_the_imports(source, name):
    assert name in [call.name for call in read(source).calls]


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("f('a')", "a"),
        ("x = 'a'\nf(x)", "a"),
        ("x = 'a'\nf(x + '/b')", "a/b"),
        ("x = 'a'\nf(f'{x}/b')", "a/b"),
        ("from pathlib import Path\nx = Path('a')\nf(x / 'b')", "a/b"),
        ("import os\nf(os.path.join('a', 'b'))", "a/b"),
        ("x = 'a'\nx = 'b'\nf(x)", None),
        ("f(x)", None),
        ("x = x\nf(x)", None),
        ("f(1)", None),
        ("f(f'{x}/b')", None),
    ],
)
def test_a_text_is_known_when_it_is_built_from_constants(source, value):
    calls = read(source)
    call = next(call for call in calls.calls if call.name == "f")
    assert calls.string(call.arguments[0]) == value
