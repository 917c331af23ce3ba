import json

import pytest

from jupyter_canidothis.errors import NotebookError
from jupyter_canidothis.notebook.cells import read_notebook


def sources(notebook):
    return [cell.source for cell in read_notebook(notebook).cells]


def test_a_source_may_be_a_string_or_a_list_of_lines():
    cells = [{"cell_type": "code", "source": s} for s in ("a\nb", ["c\n", "d"])]
    assert sources({"cells": cells}) == ["a\nb", "c\nd"]


def test_cells_are_numbered_among_all_cells():
    cells = [{"cell_type": "markdown", "source": "#"}, {"cell_type": "code", "source": "x"}]
    (cell,) = read_notebook({"cells": cells}).cells
    assert cell.at(1) == "cell 2, line 1"


def test_format_3_keeps_cells_in_worksheets_and_code_in_input():
    sheets = [{"cells": [{"cell_type": "code", "input": ["import a"]}]}]
    assert sources({"nbformat": 3, "worksheets": sheets}) == ["import a"]


def test_a_notebook_that_was_never_saved_has_no_kernel_and_is_taken_for_python():
    read = read_notebook({"cells": [], "metadata": {}})
    assert (read.kernel, read.language, read.language_known) == ("", "python", False)


@pytest.mark.parametrize(
    ("name", "language"), [("ir", "r"), ("julia-1.10", "julia"), ("irssi", "python")]
)
def test_a_kernel_name_tells_the_language_where_nothing_else_does(name, language):
    assert read_notebook(
        {"cells": [], "metadata": {"kernelspec": {"name": name}}}
    ).language == (language)


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"[]", b"{}", b'{"cells": 3}', b"\xff\xfe", b"[" * 10000, b"null"],
)
def test_what_is_no_notebook_is_a_clear_error(content):
    with pytest.raises(NotebookError, match="not a notebook"):
        read_notebook(content)


def test_a_file_that_is_not_there_is_a_clear_error(tmp_path):
    with pytest.raises(NotebookError, match="cannot read none.ipynb: No such file"):
        read_notebook(tmp_path / "none.ipynb")


def test_fields_of_the_wrong_type_are_ignored():
    cells = [3, None, {"cell_type": "code"}, {"cell_type": "code", "source": {"a": 1}}]
    cells += [{"cell_type": "code", "source": ["import a", 3], "metadata": []}]
    read = read_notebook({"cells": cells, "metadata": {"kernelspec": [], "language_info": 3}})
    assert [cell.source for cell in read.cells] == ["import a"]


def test_a_file_is_read_with_its_byte_order_mark(tmp_path):
    file = tmp_path / "a.ipynb"
    cells = [{"cell_type": "code", "source": "import a"}]
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps({"cells": cells}).encode())
    assert sources(file) == ["import a"]
