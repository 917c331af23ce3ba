"""axe-core finds nothing to complain about in the panel, whatever its state, theme and width."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from stand_ins import SCRIPT, let_gaia_hand_over, speak_another_json

PANEL = "#jp-CanIDoThis-panel"
AXE = Path(__file__).parents[2] / "labextension" / "node_modules" / "axe-core" / "axe.min.js"
COMPARISON = "#jp-CanIDoThis-comparison"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SCAN = """async ([selector, rules]) => {
  const part = document.querySelector(selector);
  const found = await axe.run(part, { runOnly: rules, resultTypes: ['violations'] });
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`));
}"""

pytestmark = pytest.mark.parametrize("front_end", ["lab"])


def scan(visit, state):
    """What axe-core says of the panel as it is on screen now."""
    return scan_within(visit, PANEL, state)


def scan_within(visit, selector, state):
    """What axe-core says of a part of the page as it is on screen now."""
    if not visit.page.evaluate("typeof axe === 'object'"):
        visit.page.evaluate(AXE.read_text())
    return [f"{state}: {found}" for found in visit.page.evaluate(SCAN, [selector, RULES])]


@pytest.fixture(params=["JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast"])
def theme(request):
    return request.param


def scan_while_reading(visit):
    """Scan before the notebook is described, then let it be."""
    held = []

    def hold(route):
        held.append(route)

    visit.page.route("**/canidothis/describe*", hold)
    visit.open_notebook()
    visit.button.click()
    expect(visit.panel.get_by_text("Reading the notebook…", exact=True).first).to_be_visible()
    visit.wait_until(lambda: held)
    found = scan(visit, "before asking")
    held[0].continue_()
    visit.page.unroute("**/canidothis/describe*")
    return found


def scan_script(visit):
    gaia = visit.card(SCRIPT["platform"])
    gaia.get_by_role("button", name="Hand over…").click()
    expect(gaia.get_by_text("#SBATCH")).to_be_visible()
    return scan(visit, "handed over")


def test_axe_is_content_with_every_state_in_every_theme(visit):
    visit.page.emulate_media(reduced_motion="reduce")
    speak_another_json(visit.page, 1)
    let_gaia_hand_over(visit.page)
    found = scan_while_reading(visit)
    visit.wait_until_planned()
    visit.box("Memory, GiB at least").fill("16")
    expect(visit.card("Rubin (declared)").get_by_role("heading")).to_contain_text("NO")
    visit.wait_until_planned()
    expect(visit.panel.get_by_role("note")).to_be_visible()
    found += scan(visit, "answered")

    found += scan_script(visit)

    visit.panel.get_by_role("radio", name=re.compile("Cannot tell")).check()
    found += scan(visit, "filtered to nothing")
    visit.panel.get_by_role("button", name="Show all").click()

    for summary in visit.panel.locator("summary").all():
        if summary.is_visible():
            summary.click()
    found += scan(visit, "evidence and needs open")

    rubin = visit.card("Rubin (declared)")
    rubin.get_by_role("button", name="Ask for the exact limit").click()
    expect(rubin.get_by_role("status")).to_be_visible()
    found += scan(visit, "exact limit")

    visit.panel.get_by_role("button", name="Compare in a chart and a map").click()
    tab = visit.page.locator(COMPARISON)
    expect(tab.get_by_text("Estimates of 3 platforms")).to_be_visible()
    for summary in tab.get_by_text("As a table").all():
        summary.click()
    found += scan_within(visit, COMPARISON, "compared")

    visit.hold(visit.slider("Memory, GiB at least"), 0.8)
    expect(rubin.get_by_text("≈ estimate")).to_be_visible()
    found += scan(visit, "estimate")
    visit.page.mouse.up()

    visit.panel.get_by_role("checkbox", name="Live").uncheck()
    visit.box("Memory, GiB at least").fill("15")
    expect(visit.panel.locator(".jp-mod-late article.jp-mod-stale").first).to_be_visible()
    found += scan(visit, "stale")

    visit.expect_complaint("status of 404")
    visit.page.route("**/canidothis/**", lambda route: route.fulfill(status=404, body="{}"))
    visit.panel.get_by_role("button", name="Plan", exact=True).click()
    missing = visit.panel.get_by_role("heading", name="The server part is missing")
    expect(missing).to_be_visible()
    found += scan(visit, "failed")

    assert found == []


@pytest.mark.parametrize("theme", ["JupyterLab Light"])
def test_axe_is_content_with_a_link_that_could_not_be_read(visit):
    visit.page.goto(f"{visit.url}&canidothis=broken")
    banner = visit.panel.get_by_text("These are not from it.")
    expect(banner).to_be_visible()
    visit.wait_until_planned()

    assert scan(visit, "bad link") == []


@pytest.mark.parametrize("theme", ["JupyterLab Light"])
def test_axe_is_content_on_a_screen_of_320_pixels(visit):
    visit.open_panel()
    visit.box("Memory, GiB at least").fill("16")
    expect(visit.card("Rubin (declared)").get_by_role("heading")).to_contain_text("NO")
    visit.wait_until_planned()

    visit.page.get_by_role("tab", name="File Browser").click()
    visit.page.set_viewport_size({"width": 320, "height": 1400})

    assert scan(visit, "narrow") == []
