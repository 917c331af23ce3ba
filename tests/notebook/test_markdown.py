from jupyter_canidothis.notebook.cells import read_notebook

MYST = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# A title

```python
import shown_only
```

```{code-cell} ipython3
---
tags: [hide-input]
---
import astropy
```

Some text.

```{code-cell} ipython3
:tags: [x]

!ls
import numpy
```
"""

PERCENT = """# ---
# jupyter:
#   kernelspec:
#     name: python3
# ---

# %% [markdown]
# Text

# %%
import astropy
# %pip install x

# %%
import numpy
"""


def test_myst_cells_are_the_code_cells_and_not_the_fences_that_are_shown(tmp_path):
    file = tmp_path / "a.md"
    file.write_text(MYST)
    read = read_notebook(file)
    assert [cell.source.split() for cell in read.cells] == [
        ["import", "astropy"],
        ["!ls", "import", "numpy"],
    ]
    assert read.kernel == "python3"


def test_lines_of_a_myst_cell_count_from_its_own_first_line():
    (first, _) = read_notebook(MYST.encode()).cells
    assert first.source.split("\n").index("import astropy") == 3


def test_plain_fences_are_cells_in_jupytext_markdown():
    text = "---\njupyter:\n  kernelspec:\n    name: python3\n---\n\n```python\nimport a\n```\n"
    assert [cell.source for cell in read_notebook(text.encode()).cells] == ["import a"]


def test_a_script_in_percent_format_has_cells_and_its_magics_back(tmp_path):
    file = tmp_path / "a.py"
    file.write_text(PERCENT)
    read = read_notebook(file)
    assert [cell.source.strip() for cell in read.cells] == [
        "import astropy\n%pip install x",
        "import numpy",
    ]
    assert read.kernel == "python3"
