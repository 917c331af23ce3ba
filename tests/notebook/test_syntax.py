import ast

import pytest

from jupyter_canidothis.notebook.syntax import read_source


def python(source):
    script = read_source(source)
    assert not script.broken
    return "\n".join(ast.unparse(code.tree) for code in script.code)


@pytest.mark.parametrize(
    "source",
    [
        "%%time\nimport a",
        "%%capture out\n%%timeit -n 1\nimport a",
        "%%an_unknown_magic\nimport a",
        "\n\n  %matplotlib inline\n  import a",
        "!pip install x \\\n  y\nimport a",
        "x = !ls -l\nimport a",
        "name?\nimport a",
        "?name.attribute\nimport a",
        "np.*load*?\nimport a",
        ">>> import a\n>>> a.x?",
        "In [1]: import a\nIn [2]: a?",
        "%time import a",
        "if True:\n    !ls\nimport a",
        "/print 1\nimport a",
        "def f():\n    %time x = 1\nimport a",
        "# comment\n%%time\nimport a",
    ],
)
def test_ipython_syntax_does_not_hide_an_import(source):
    assert "import a" in python(source)


@pytest.mark.parametrize(
    "source",
    [
        "x = '%s' % y\nimport a",
        "css = '''\n!important\n%foo\n'''\nimport a",
        "z = (1\n     % 3)\nimport a",
        "t.strftime('%y')\nimport a",
        "if x != 3: pass\nimport a",
        "d = {\n  'a': 1,  # what?\n}\n!ls\nimport a",
    ],
)
def test_percent_and_exclamation_marks_inside_python_stay_python(source):
    script = read_source(source)
    assert not script.broken
    assert not script.magics
    assert "import a" in python(source)


@pytest.mark.parametrize(
    "magic", ["bash", "html", "R", "writefile x.py", "cython", "javascript"]
)
def test_a_cell_magic_of_another_language_holds_no_python(magic):
    assert python(f"%%{magic}\nimport a") == ""


def test_lines_are_those_of_the_cell():
    (code,) = read_source("\n\n%%time\nx = 1\n!ls \\\n  -l\nimport a").code
    assert code.tree.body[-1].lineno + code.offset == 7


def test_shell_lines_are_kept_with_their_line():
    script = read_source("import a\n!pip install \\\n  x\nfor i in y:\n    !echo {i}")
    assert [(c.text.split(), c.line) for c in script.commands] == [
        (["pip", "install", "x"], 2),
        (["echo", "{i}"], 5),
    ]


def test_a_bash_cell_is_shell_lines():
    assert [c.text for c in read_source("%%bash\nset -e\npip install x").commands] == [
        "set -e",
        "pip install x",
    ]


def test_a_written_file_is_kept_with_its_content():
    (file,) = read_source("%%writefile -a lib/x.py\nimport a").files
    assert (file.name, file.content) == ("lib/x.py", "import a")


def test_a_cell_that_is_no_python_loses_only_its_certainty():
    script = read_source("print 'hello'\nimport a, b\nfrom c import (d,\n  e)\n")
    assert script.broken
    assert [ast.unparse(code.tree) for code in script.code] == [
        "import a, b",
        "from c import d, e",
    ]
    assert not any(code.certain for code in script.code)


@pytest.mark.parametrize(
    "source", ["(" * 9000, "-" * 90000 + "1", "a\0b", "'\ud800'", "%" * 9000]
)
def test_hostile_text_is_survived(source):
    assert not any(code.tree.body for code in read_source(source).code)
