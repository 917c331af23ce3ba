"""The list of platforms in a tab of its own."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from test_accessibility import scan_within

pytestmark = pytest.mark.parametrize("front_end", ["lab"])

TAB = ".jp-CanIDoThis-platforms"


@pytest.fixture
def tab(visit):
    visit.open_notebook()
    visit.page.get_by_role("menuitem", name="Run", exact=True).click()
    visit.page.get_by_role("menuitem", name="Platforms for Notebooks").click()
    tab = visit.page.locator(TAB)
    expect(tab.get_by_role("heading", name="Platforms", exact=True)).to_be_visible()
    return tab


def row(tab, name):
    return tab.get_by_role("article", name=name)


def test_platforms_are_listed_and_looked_at(visit, tab):
    expect(row(tab, "Gaia (declared)")).to_contain_text("configured by who runs this server")
    tab.get_by_role("button", name="Look (This machine)").click()
    expect(row(tab, "This machine").get_by_text("Well", exact=True)).to_be_visible()
    visit.screenshot("lab-platforms")
    assert scan_within(visit, TAB, "platforms") == []


def test_a_platform_is_added_asked_and_removed(visit, tab):
    visit.expect_complaint("status of 400")
    tab.get_by_label("Limits that I write down").check()
    tab.get_by_label("Name", exact=True).fill("My lab")
    tab.get_by_label("Task types").fill("uri://jupyter-notebook")
    tab.get_by_role("button", name="Add", exact=True).click()
    expect(tab.get_by_label("Service type")).to_be_focused()

    tab.get_by_label("Service type").fill("uri://jupyter-hub")
    tab.get_by_label("Most memory").fill("lots")
    tab.get_by_role("button", name="Add", exact=True).click()
    expect(tab.get_by_role("alert")).to_contain_text("lots")

    tab.get_by_label("Most memory").fill("64G")
    tab.get_by_role("button", name="Add", exact=True).click()
    expect(row(tab, "My lab")).to_contain_text("added by you")

    visit.page.get_by_role("menuitem", name="Run", exact=True).click()
    visit.page.get_by_role("menuitem", name="Can I run this?").click()
    visit.wait_until_planned()
    expect(visit.card("My lab").get_by_role("heading")).to_contain_text("YES")

    tab.get_by_role("button", name="Remove (My lab)").click()
    expect(row(tab, "My lab")).to_have_count(0)
    assert not re.search("My lab", tab.inner_text())
