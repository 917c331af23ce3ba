from jupyter_canidothis.notebook.describe import describe


def described(book, folder, *sources):
    task = describe(book(*sources), folder=folder)
    return {s.name: s.status for s in task.software}, {d.location for d in task.data}


def test_imports_of_a_module_beside_the_notebook_count_and_the_module_is_shipped(
    book, tmp_path
):
    (tmp_path / "tools.py").write_text("import requests, os\nfrom deeper import x\n")
    (tmp_path / "deeper.py").write_text("import bs4\nfrom . import y\n")
    software, data = described(book, tmp_path, "from tools import fetch")
    assert software == {"requests": "needed", "beautifulsoup4": "needed"}
    assert data == {"tools.py"}


def test_a_package_beside_the_notebook_is_followed_through_relative_imports(book, tmp_path):
    package = tmp_path / "pkg"
    package.mkdir()
    (package / "__init__.py").write_text("from .a import f\n")
    (package / "a.py").write_text("import yaml\nimport pkg.b\n")
    (package / "b.py").write_text("import scipy\n")
    assert described(book, tmp_path, "import pkg")[0] == {"PyYAML": "needed", "scipy": "needed"}


def test_modules_that_import_each_other_end(book, tmp_path):
    (tmp_path / "a.py").write_text("import b, numpy")
    (tmp_path / "b.py").write_text("import a")
    assert described(book, tmp_path, "import a")[0] == {"numpy": "needed"}


def test_a_folder_without_python_does_not_hide_a_distribution(book, tmp_path):
    (tmp_path / "astropy").mkdir()
    (tmp_path / "astropy" / "a.ipynb").write_text("{}")
    assert described(book, tmp_path, "import astropy")[0] == {"astropy": "needed"}


def test_a_module_that_the_notebook_writes_is_its_own(book, tmp_path):
    cells = ("%%writefile mine.py\nimport numpy", "import mine")
    assert described(book, tmp_path, *cells)[0] == {"numpy": "needed"}


def test_a_module_that_the_notebook_fetches_is_its_own(book):
    assert described(book, None, "!wget https://x.org/mine.py\nimport mine")[0] == {}


def test_a_module_with_broken_python_is_survived(book, tmp_path):
    (tmp_path / "a.py").write_text("import numpy\nprint 'x'\n")
    assert described(book, tmp_path, "import a")[0] == {"numpy": "needed"}


def test_a_module_found_nearby_finds_its_own_neighbours(book, tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "mine.py").write_text("import its_friend\nimport scipy\n")
    (tmp_path / "lib" / "its_friend.py").write_text("import numpy\n")
    assert described(book, tmp_path, "import mine")[0] == {"numpy": "needed", "scipy": "needed"}


def test_what_a_module_imports_only_as_a_program_is_optional(book, tmp_path):
    (tmp_path / "mine.py").write_text("if __name__ == '__main__':\n    import scipy\n")
    assert described(book, tmp_path, "import mine")[0] == {"scipy": "optional"}
