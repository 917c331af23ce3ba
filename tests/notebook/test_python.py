import pytest

from jupyter_canidothis.notebook.describe import describe


@pytest.mark.parametrize(
    "source",
    [
        "import importlib\nimportlib.import_module('yaml')",
        "from importlib import import_module as get\nname = 'yaml.reader'\nget(name)",
        "__import__('yaml')",
    ],
)
def test_a_module_imported_by_its_constant_name_is_needed(names, source):
    assert names(source) == {"PyYAML"}


def test_a_module_that_is_only_looked_for_is_optional(names):
    source = "import importlib.util\nimportlib.util.find_spec('yaml')"
    assert names(source, status="optional") == {"PyYAML"}


def test_a_bare_name_shared_by_two_distributions_is_told_apart_by_its_use(names):
    assert names("import pint\nu = pint.UnitRegistry()") == {"Pint"}
    assert names("import pint\nt = pint.toa.get_TOAs('x')") == {"pint-pulsar"}
    assert names("import pint", "from pint.models import get_model") == {"pint-pulsar"}
    assert names("from prospect.models import SpecModel") == {"astro-prospector"}


@pytest.mark.parametrize(
    "source",
    [
        "!pip install rich",
        "%pip install rich",
        "%%bash\npip install rich",
        "import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'pip', 'install', 'rich'])",
        "import os\nos.system('pip install rich')",
        "get_ipython().system('pip install rich')",
        "get_ipython().run_line_magic('pip', 'install rich')",
        "import micropip\nawait micropip.install('rich')",
        "# !pip install rich",
        "if False:\n    !pip install rich",
        "# /// script\n# dependencies = ['rich']\n# ///",
    ],
)
def test_what_the_notebook_installs_is_declared(names, source):
    assert names(source, status="declared") == {"rich"}


def test_folders_on_the_search_path_hold_local_modules(book, tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "mine.py").write_text("import scipy")
    nested = tmp_path / "notebooks"
    nested.mkdir()
    cells = ("import sys, os\nroot = '../src'\nsys.path.insert(0, root)", "import mine")
    task = describe(book(*cells), folder=nested)
    assert [one.name for one in task.software] == ["scipy"]
    assert task.data[0].location.endswith("src/mine.py")


def test_an_unknown_module_is_looked_for_around_the_notebook(book, tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "mine.py").write_text("import scipy")
    (tmp_path / "a" / "lib").mkdir(parents=True)
    (tmp_path / "a" / "lib" / "yours.py").write_text("import numpy")
    task = describe(book("import mine, yours"), folder=tmp_path / "a")
    assert [one.name for one in task.software] == ["numpy", "scipy"]


def test_a_script_or_notebook_that_is_run_counts(book, tmp_path):
    import msgspec

    (tmp_path / "setup.py").write_text("import scipy")
    (tmp_path / "other.ipynb").write_bytes(msgspec.json.encode(book("!ls\nimport bs4")))
    task = describe(book("%run -i setup.py", "%run ./other.ipynb"), folder=tmp_path)
    assert {one.name for one in task.software} == {"scipy", "beautifulsoup4"}
    assert {one.location for one in task.data} == {"setup.py", "other.ipynb"}


def test_a_helper_that_is_not_there_is_a_note_and_no_distribution(book):
    task = describe(book("from utils import plot"))
    assert task.software == ()
    assert task.notes == ("cell 1, line 1 imports utils, which is not beside the notebook",)


def test_infrastructure_is_named_only_where_it_is_imported(names):
    assert names("import ipywidgets\nfrom IPython.display import display\nget_ipython()") == {
        "ipywidgets",
        "ipython",
    }


LONG = "x = 1\n" * 50_000


def test_past_a_quarter_of_a_megabyte_imports_are_found_where_they_stand(book):
    last = "x = 'import'\n\nimport yaml\n\nfrom astropy.io import fits\n"
    task = describe(book(LONG, *["import numpy"] * 30, last))
    sources = {one.name: [e.source for e in one.evidence] for one in task.software}
    assert sources["PyYAML"][0] == "cell 32, line 3"
    assert sources["astropy"][0] == "cell 32, line 5"
    assert sources["numpy"][0] == "cell 2, line 1"
    assert task.notes == ("from cell 1 on, past 256 KiB, only imports are read",)


def test_an_import_repeated_in_many_skimmed_cells_hides_no_other(book):
    cells = [f"import numpy, package{number % 40}" for number in range(2000)]
    found = {one.name for one in describe(book(LONG, *cells)).software}
    assert found == {"numpy", *(f"package{number}" for number in range(40))}
