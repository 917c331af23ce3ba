"""The task, edited in the panel, and other files than notebooks."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.parametrize("front_end", ["lab"])

SCRIPT = "#!/bin/bash\n#SBATCH --mem=16G\n#SBATCH --time=2:00:00\n./fit\n"


@pytest.fixture
def editor(visit):
    """The panel with its editor open."""
    visit.open_panel()
    visit.panel.get_by_text("Edit the task", exact=True).click()
    return visit.panel


def test_software_is_added_pinned_and_dropped(visit, editor):
    editor.get_by_label("Package to add").fill("scipy")
    editor.get_by_role("button", name="Add package").click()
    version = editor.get_by_label("Version of scipy")
    version.fill(">=1.11")
    version.press("Enter")
    text = editor.get_by_label("Text of the task")
    expect(text).to_have_value(re.compile(r"name: scipy\s+version: '>=1\.11'"))
    visit.wait_until_planned()

    editor.get_by_role("button", name="Drop (scipy)").click()
    expect(text).not_to_have_value(re.compile("scipy"))


def test_the_text_is_judged_at_its_field_then_used_and_saved_beside_the_notebook(visit, editor):
    visit.expect_complaint("status of 400")
    text = editor.get_by_label("Text of the task")
    expect(text).to_have_value(re.compile("jupyter-notebook"))
    text.fill("compute:\n  memory: {min: lots}\n")
    editor.get_by_role("button", name="Use this text").click()
    expect(editor.get_by_role("alert").filter(has_text="compute.memory.min")).to_be_visible()

    text.fill("compute:\n  memory: {min: 16}\n")
    editor.get_by_role("button", name="Use this text").click()
    expect(visit.box("Memory, GiB at least")).to_have_value("16")
    rubin = visit.card("Rubin (declared)")
    expect(rubin.get_by_role("heading")).to_contain_text("NO")

    editor.get_by_role("button", name="Save ivoa-execution.yaml").click()
    expect(editor.get_by_text("Saved as ivoa-execution.yaml")).to_be_visible()
    assert "min: 16" in (visit.folder / "ivoa-execution.yaml").read_text()
    visit.screenshot("lab-editor")

    editor.get_by_role("button", name="Save ivoa-execution.yaml").click()
    expect(editor.get_by_role("button", name="Save over it")).to_be_visible()


def test_a_batch_script_is_planned_from_the_file_browser(visit):
    (visit.folder / "fit.sbatch").write_text(SCRIPT)
    visit.page.goto(visit.url.replace("/tree/m31_photometry.ipynb", ""))
    script = visit.page.locator(".jp-DirListing-item", has_text="fit.sbatch")
    script.click(button="right")
    visit.page.get_by_role("menuitem", name="Can I run this?").click()

    visit.wait_until_planned()
    expect(visit.panel.get_by_text("fit.sbatch", exact=True)).to_be_visible()
    expect(visit.box("Memory, GiB at least")).to_have_value("16")
    heading = visit.card("Rubin (declared)").get_by_role("heading")
    expect(heading).to_contain_text("NO")


def test_another_file_is_chosen_in_a_dialog(visit):
    (visit.folder / "fit.sbatch").write_text(SCRIPT)
    visit.open_panel()
    visit.panel.get_by_role("button", name="Other file…").click()
    dialog = visit.page.get_by_role("dialog")
    expect(dialog.get_by_text("Can I run…")).to_be_visible()
    dialog.get_by_text("fit.sbatch").click()
    dialog.get_by_role("button", name=re.compile("Select|Open")).click()

    expect(visit.panel.get_by_text("fit.sbatch", exact=True)).to_be_visible()
    visit.wait_until_planned()
