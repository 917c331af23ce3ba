import ast

import pytest

from jupyter_canidothis.notebook.imports import find_imports


def needed(source):
    return {one.module for one in find_imports(ast.parse(source)) if one.needed}


def optional(source):
    return {one.module for one in find_imports(ast.parse(source)) if not one.needed}


@pytest.mark.parametrize(
    "source",
    [
        "import a as b",
        "from a import b",
        "def f():\n  class A:\n    import a",
        "with x: import a",
        "for x in y: import a",
        "while x: import a",
        "try:\n  import a\nfinally:\n  pass",
        "try:\n  import a\nexcept KeyError:\n  pass",
        "try:\n  import a\nexcept ImportError:\n  raise",
        "try:\n  import a\nexcept:\n  x()\n  sys.exit(1)",
        "try:\n  import a\nexcept ImportError:\n  install()\n  import a",
        "if x:\n  import a\nelse:\n  import a",
        "if __name__ == '__main__':\n  import a",
        "if True:\n  import a",
        "match x:\n  case _: pass\nimport a",
    ],
)
def test_an_import_that_has_to_work_is_needed(source):
    assert needed(source) == {"a"}


@pytest.mark.parametrize(
    "source",
    [
        "try:\n  import a\nexcept ImportError:\n  a = None",
        "try:\n  import a\nexcept (KeyError, ModuleNotFoundError):\n  pass",
        "try:\n  pass\nexcept x:\n  import a",
        "if x:\n  import a",
        "if x:\n  pass\nelif y:\n  import a",
        "if False:\n  import a",
        "with contextlib.suppress(ImportError):\n  import a",
        "match x:\n  case 1:\n    import a",
        "def f():\n  try:\n    import a\n  except ImportError: pass",
    ],
)
def test_an_import_that_may_fail_or_be_skipped_is_optional(source):
    assert optional(source) == {"a"}
    assert needed(source) == set()


def test_either_of_two_modules_is_optional():
    source = "try:\n  from a import x\nexcept ImportError:\n  from b import x"
    assert optional(source) == {"a", "b"}


def test_names_taken_from_a_module_may_be_modules_themselves():
    (one,) = find_imports(ast.parse("from google.cloud import storage, bigquery"))
    assert one.paths == ("google.cloud.storage", "google.cloud.bigquery")


def test_a_module_that_is_imported_does_not_run_its_main_part():
    source = "if __name__ == '__main__':\n  import a"
    (one,) = find_imports(ast.parse(source), main=False)
    assert not one.needed
