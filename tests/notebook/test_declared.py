import pytest

from jupyter_canidothis.notebook.declared import find_declarations, read_declaration
from jupyter_canidothis.notebook.describe import describe


def read(name, text):
    return [(one.name, one.version, one.manager) for _, one in read_declaration(name, text)]


def test_a_requirements_file():
    text = (
        "# comment\nastropy>=6  # why\n-r other.txt\n-e git+https://x.org/o/mine.git#egg=mine\n"
    )
    text += "numpy==1.26.4 \\\n    --hash=sha256:abc\n\n./local\n"
    assert read("requirements.txt", text) == [
        ("astropy", ">=6", "pip"),
        ("mine", "", "pip"),
        ("numpy", "==1.26.4", "pip"),
    ]


def test_an_environment_file():
    text = "name: x\nchannels: [conda-forge]\ndependencies:\n  - python=3.11\n  - numpy=1.26\n"
    text += "  - pip\n  - pip:\n    - astropy>=6\n"
    assert read("environment.yml", text) == [
        ("numpy", "==1.26.*", "conda"),
        ("astropy", ">=6", "pip"),
    ]


def test_a_project_file():
    text = '[build-system]\nrequires = ["x"]\n[project]\nname = "a"\ndependencies = [\n'
    text += (
        '  "astropy>=6",  # "not this"\n  \'dask[array]\',\n]\n[tool.y]\ndependencies = ["z"]\n'
    )
    assert read("pyproject.toml", text) == [("astropy", ">=6", "pip"), ("dask", "", "pip")]


def test_a_lock_file():
    text = 'lock-version = "1.0"\n[[packages]]\nname = "numpy"\nversion = "2.1.0"\n'
    text += '[[packages]]\nname = "astropy"\nversion = "7.0"\n'
    assert read("pylock.toml", text) == [
        ("numpy", "==2.1.0", "pip"),
        ("astropy", "==7.0", "pip"),
    ]


@pytest.mark.parametrize(
    "name", ["environment.yml", "pyproject.toml", "pylock.toml", "apt.txt"]
)
@pytest.mark.parametrize(
    "text", ["", "[[[[", "a: &x [*x]", "dependencies: 3", "\0\0", "[project]"]
)
def test_a_broken_declaration_declares_nothing_and_does_no_harm(name, text):
    assert all(one.name for _, one in read_declaration(name, text))


def test_the_nearest_declaration_of_each_kind_counts(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "binder").mkdir()
    (tmp_path / "binder" / "environment.yml").write_text("dependencies: [numpy]")
    (tmp_path / "requirements.txt").write_text("far")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "requirements.txt").write_text("near")
    found = [(d.source, d.installs[0][1].name) for d in find_declarations(tmp_path / "a")]
    assert found == [("requirements.txt", "near"), ("binder/environment.yml", "numpy")]


def test_a_package_around_the_notebook_does_not_add_to_what_lies_beside_it(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "pyproject.toml").write_text("[project]\ndependencies = ['far']")
    (tmp_path / "a").mkdir()
    assert [d.installs[0][1].name for d in find_declarations(tmp_path / "a")] == ["far"]
    (tmp_path / "a" / "requirements.txt").write_text("near")
    assert [d.installs[0][1].name for d in find_declarations(tmp_path / "a")] == ["near"]


def test_declared_versions_win_and_conflicts_are_shown(book, tmp_path):
    (tmp_path / "requirements.txt").write_text("numpy<1.20\nrich\n")
    task = describe(book("%pip install numpy==1.26.4\nimport numpy"), folder=tmp_path)
    found = {one.name: one for one in task.software}
    assert found["numpy"].version == "<1.20"
    assert found["rich"].status == "declared"
    (note,) = task.notes
    both = "<1.20 (requirements.txt, line 1), ==1.26.4 (cell 1, line 1)"
    assert note == f"numpy is asked for in several versions: {both}"
