"""What the panel shows while a control moves, what would help, and what takes up an offer."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from stand_ins import SCRIPT, let_gaia_hand_over


def place(gib):
    """A place with so much memory."""
    return {
        "kind": "declared",
        "name": f"P{gib}",
        "tasktypes": ["uri://jupyter-notebook"],
        "servicetype": "uri://jupyter-hub",
        "resources": {"maxmemory": f"{gib}G"},
    }


def plans(visit):
    return [url for url in visit.requests if "/canidothis/plan" in url]


def test_a_moving_slider_shows_estimates_and_asks_when_it_rests(visit, front_end):
    visit.open_panel()
    asked = len(plans(visit))
    visit.page.route("**/canidothis/plan*", lambda route: None)
    slider = visit.slider("Memory, GiB at least")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    middle = box["y"] + box["height"] / 2
    visit.page.mouse.move(box["x"] + box["width"] / 2, middle)

    visit.page.mouse.down()
    visit.page.mouse.move(box["x"] + box["width"] * 0.7, middle, steps=8)
    rubin = visit.card("Rubin (declared)")
    expect(rubin.get_by_role("heading")).to_contain_text("NO")
    expect(rubin.get_by_text("≈ estimate")).to_be_visible()
    expect(
        visit.panel.get_by_text(re.compile(r"^Estimate: \d of \d would accept$"))
    ).to_be_visible()
    assert len(plans(visit)) == asked
    visit.screenshot(f"{front_end}-estimate")

    with visit.page.expect_request("**/canidothis/plan*"):
        visit.page.mouse.up()
    visit.panel.get_by_role("button", name="Stop", exact=True).click()
    visit.page.unroute("**/canidothis/plan*")
    visit.panel.get_by_role("button", name="Plan", exact=True).click()
    visit.wait_until_planned()
    expect(rubin.get_by_text("asked", exact=True).first).to_be_visible()
    expect(visit.panel.get_by_text("≈ estimate")).to_have_count(0)


def test_the_change_that_wins_most_leads_and_is_one_click(visit):
    visit.open_panel()
    visit.box("Memory, GiB at least").fill("500")
    visit.wait_until_planned()

    best = visit.panel.get_by_role("region", name="Nearest change")
    expect(best).to_contain_text("you would gain")
    expect(best).to_contain_text("Rubin (declared)")
    best.get_by_role("button", name=re.compile("^Use 12 GiB")).click()

    visit.wait_until_planned()
    expect(visit.card("Rubin (declared)").get_by_role("heading")).to_contain_text("YES")
    visit.panel.get_by_role("button", name="Undo").click()
    expect(visit.box("Memory, GiB at least")).to_have_value("500")


def test_limits_lie_below_the_sliders_and_are_spoken(visit, front_end):
    visit.open_panel()
    slider = visit.slider("Memory, GiB at least")
    slider.scroll_into_view_if_needed()
    expect(visit.panel.locator(".jp-CanIDoThis-tick").first).to_be_visible()

    visit.box("Memory, GiB at least").fill("12")
    visit.wait_until_planned()

    expect(slider).to_have_attribute(
        "aria-valuetext", re.compile(r"^12 GiB; limit of Rubin \(declared\) at 12 GiB")
    )
    expect(slider).to_have_accessible_description(re.compile("limit of Gaia"))
    visit.screenshot(f"{front_end}-marks")


def test_the_exact_limit_is_asked_for_from_a_refusal(visit):
    visit.open_panel()
    visit.box("Memory, GiB at least").fill("16")
    visit.wait_until_planned()

    rubin = visit.card("Rubin (declared)")
    rubin.get_by_role("button", name="Ask for the exact limit").click()

    expect(rubin.get_by_role("status")).to_contain_text(re.compile(r"Asked \d+ times? in"))
    expect(rubin.get_by_role("status")).to_contain_text("12 GiB")


def test_a_script_is_shown_copied_and_saved_beside_the_notebook(visit, front_end):
    let_gaia_hand_over(visit.page)
    visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit.open_panel()
    gaia = visit.card(SCRIPT["platform"])

    gaia.get_by_role("button", name="Hand over…").click()
    expect(gaia.get_by_role("region", name="Script for Gaia")).to_contain_text("#SBATCH")
    gaia.get_by_role("button", name="Copy script").click()
    expect(gaia.get_by_role("button", name="Copied")).to_be_visible()
    assert visit.page.evaluate("navigator.clipboard.readText()") == SCRIPT["content"]
    visit.screenshot(f"{front_end}-handover")

    gaia.get_by_role("button", name="Save beside the notebook").click()
    expect(gaia.get_by_role("status")).to_contain_text(re.compile(r"^Saved as \S+\.sbatch$"))


def test_platforms_are_compared_in_a_tab_of_their_own(visit, front_end):
    visit.open_panel()
    visit.box("Memory, GiB at least").fill("16")
    visit.box("Cores at least").fill("2")
    visit.wait_until_planned()

    with visit.page.expect_response("**/canidothis/map*"):
        visit.panel.get_by_role("button", name="Compare in a chart and a map").click()
    tab = visit.page.locator(".jp-CanIDoThis-compare")
    expect(tab.get_by_role("heading", name=re.compile("Platforms compared"))).to_be_visible()
    chart = tab.get_by_role("region", name="Memory: limits of the platforms")
    expect(chart.get_by_role("img")).to_contain_text("12 GiB, in the way")
    chart.get_by_text("As a table").click()
    row = chart.get_by_role("row", name=re.compile("Rubin"))
    expect(row).to_contain_text("in the way")

    drawn = tab.get_by_role("region", name=re.compile("how many platforms would accept"))
    drawn.scroll_into_view_if_needed()
    expect(drawn.get_by_text("Estimates of 3 platforms")).to_be_visible()
    visit.screenshot(f"{front_end}-compare")
    for kind, start in (("SVG", b"<svg"), ("PNG", b"\x89PNG"), ("CSV", b"Cores")):
        with visit.page.expect_download() as saved:
            drawn.get_by_role("button", name=re.compile(f"as {kind}$")).click()
        content = saved.value.path().read_bytes()
        assert content.startswith(start)
        assert b"var(--" not in content


@pytest.mark.parametrize("front_end", ["lab"])
class TestInLab:
    def test_a_reload_puts_the_comparison_back(self, visit):
        visit.open_panel()
        with visit.page.expect_response(
            lambda reply: (
                reply.request.method == "PUT"
                and "jp-CanIDoThis-comparison" in (reply.request.post_data or "")
            )
        ):
            visit.panel.get_by_role("button", name="Compare in a chart and a map").click()

        visit.page.goto(visit.url)

        tab = visit.page.get_by_role("tab", name="Platforms compared")
        expect(tab).to_be_visible()

    def test_the_run_menu_compares(self, visit):
        visit.open_notebook()
        visit.page.get_by_role("menuitem", name="Run", exact=True).click()
        visit.page.get_by_role("menuitem", name="Compare Platforms").click()

        empty = visit.page.get_by_role("heading", name="Nothing to compare yet")
        expect(empty).to_be_visible()
        visit.page.get_by_role("button", name="Can I run this?", exact=True).last.click()
        visit.wait_until_planned()
        expect(empty).to_have_count(0)

    @pytest.mark.parametrize(
        "configuration",
        [
            {
                "CanIDoThis": {
                    "discover": False,
                    "platforms": [place(n) for n in range(1, 41)],
                }
            }
        ],
    )
    def test_limits_that_lie_near_are_one_tick(self, visit):
        visit.open_panel()

        ticks = visit.panel.locator(".jp-CanIDoThis-tick")
        expect(ticks.first).to_be_attached()
        assert 1 < ticks.count() < 34
