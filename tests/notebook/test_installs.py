import pytest

from jupyter_canidothis.notebook.installs import read_block, read_comments, read_install


def read(line):
    return [(one.name, one.version) for one in read_install(line)]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("pip install a b>=1 'c[x]~=2.0'", [("a", ""), ("b", ">=1"), ("c", "~=2.0")]),
        ("pip install -q -r requirements.txt a --upgrade", [("a", "")]),
        ("{sys.executable} -m pip install a", [("a", "")]),
        ("$sys.executable -m pip -q install a  # why", [("a", "")]),
        ("uv pip install a", [("a", "")]),
        ("pip install a > /dev/null 2>&1", [("a", "")]),
        ("pip install a | tail -1", [("a", "")]),
        (
            "conda install -c conda-forge -y a=1.2 x::b python=3.9",
            [("a", "==1.2.*"), ("b", "")],
        ),
        ("apt-get install -y lib-dev && pip3 install a", [("lib-dev", ""), ("a", "")]),
        ("pip install git+https://github.com/o/r.git@v1", [("r", "")]),
        ("pip install 'git+https://x.org/o/r#egg=a'", [("a", "")]),
        ("pip install https://x.org/a-1.0-py3-none-any.whl", [("a", "")]),
        ("pip install . -e ./x {package} $NAME", []),
        ("pip uninstall -y a", []),
        ("pip freeze; ls install", []),
        ("pip install 'a", [("a", "")]),
    ],
)
def test_an_install_line_says_what_is_wanted(line, found):
    assert read(line) == found


def test_a_password_in_a_url_is_not_kept():
    (one,) = read_install("pip install git+https://me:secret@x.org/o/r.git")
    assert one.url == "git+https://x.org/o/r.git"


def test_commented_install_lines_are_kept_as_inactive_and_prose_is_not():
    source = "# %pip install a\n#!pip install b==1\n# you can pip install the thing\n"
    found = [*read_comments(source)]
    assert [(line, one.name, one.active) for line, one in found] == [
        (1, "a", False),
        (2, "b", False),
    ]


def test_a_pep_723_block_is_read():
    source = 'x = 1\n# /// script\n# requires-python = ">=3.11"\n# dependencies = [\n'
    source += "#   \"a<3\",\n#   'b[x]',\n# ]\n# ///\nimport a"
    block = read_block(source)
    assert [(i.name, i.version) for i in block.installs] == [("a", "<3"), ("b", "")]
    assert (block.line, block.python) == (2, ">=3.11")
