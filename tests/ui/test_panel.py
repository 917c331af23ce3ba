"""The panel as a person uses it, in JupyterLab and in Notebook 7."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

UNREACHABLE = {
    "CanIDoThis": {
        "discover": False,
        "platforms": [
            {"kind": "planner", "name": "Away", "url": "http://127.0.0.1:9/"},
            {
                "kind": "declared",
                "name": "Gaia (declared)",
                "tasktypes": ["uri://jupyter-notebook"],
                "servicetype": "uri://jupyter-hub",
                "endpoint": "https://gaia.example.org/",
                "resources": {"maxcores": 240, "maxmemory": "400G", "maxduration": "2d"},
            },
        ],
    }
}


def saves(text):
    """Tell whether the front end wrote its state, a certain text in it, to the server."""

    def is_such(response):
        request = response.request
        is_write = request.method == "PUT" and "/api/workspaces" in request.url
        return is_write and text in (request.post_data or "")

    return is_such


def test_a_no_becomes_a_yes_by_one_click(visit, front_end):
    visit.open_notebook()
    assert not [url for url in visit.requests if "/canidothis/" in url], (
        "asked before the click"
    )

    visit.button.click()
    visit.wait_until_planned()
    expect(visit.panel.get_by_text("m31_photometry.ipynb")).to_be_visible()
    rubin = visit.card("Rubin (declared)")
    expect(rubin.get_by_role("heading")).to_contain_text("YES")

    visit.box("Memory, GiB at least").fill("16")
    expect(rubin.get_by_role("heading")).to_contain_text("NO")
    visit.wait_until_planned()
    expect(visit.card("Gaia (declared)").get_by_role("heading")).to_contain_text("YES")
    body = visit.card("Gaia (declared)").locator(".jp-CanIDoThis-cardBody")
    assert body.evaluate("body => getComputedStyle(body).opacity") == "1", "dimmed as if stale"
    visit.screenshot(f"{front_end}-no")

    rubin.get_by_role("button", name="Use 12 GiB").click()
    expect(rubin.get_by_role("heading")).to_contain_text("YES")
    expect(visit.box("Memory, GiB at least")).to_have_value("12")
    expect(visit.box("Memory, GiB at least")).to_be_focused()
    visit.wait_until_planned()
    visit.screenshot(f"{front_end}-yes")

    visit.panel.get_by_role("button", name="Undo").click()
    expect(rubin.get_by_role("heading")).to_contain_text("NO")
    expect(visit.box("Memory, GiB at least")).to_have_value("16")


def test_a_dragged_slider_is_planned_when_it_is_let_go(visit):
    visit.open_panel()

    visit.drag(visit.slider("Cores at least"), 0.8)

    expect(visit.card("Rubin (declared)").get_by_role("heading")).to_contain_text("NO")


def test_a_copied_link_carries_the_resources_and_nothing_else(visit):
    visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit.open_panel()
    visit.box("Memory, GiB at least").fill("16")
    visit.panel.get_by_role("button", name="Copy link").click()
    expect(visit.panel.get_by_role("button", name="Copied")).to_be_visible()
    link = visit.page.evaluate("navigator.clipboard.readText()")
    visit.panel.get_by_role("button", name="Reset").click()
    expect(visit.box("Memory, GiB at least")).not_to_have_value("16")
    visit.wait_until_planned()

    token = visit.url.rsplit("token=", 1)[1]
    assert token not in link
    assert link.startswith(visit.url.split("?")[0] + "?canidothis=")
    visit.page.goto("about:blank")
    visit.page.goto(link)

    expect(visit.box("Memory, GiB at least")).to_have_value("16")
    expect(visit.panel.get_by_text("These resources came with the link.")).to_be_visible()
    visit.wait_until_planned()
    assert "canidothis=" not in visit.page.url


@pytest.mark.parametrize("front_end", ["lab"])
class TestInLab:
    def test_a_link_that_cannot_be_read_keeps_what_the_notebook_needs(self, visit):
        visit.page.goto(f"{visit.url}&canidothis=broken")

        banner = visit.panel.get_by_text("These are not from it.")
        expect(banner).to_be_visible()
        visit.wait_until_planned()
        visit.screenshot("bad-link")
        visit.panel.get_by_role("button", name="Close").click()
        expect(banner).to_have_count(0)

    def test_needs_are_shown_with_their_evidence(self, visit):
        visit.open_panel()

        visit.panel.get_by_text("Needs", exact=True).click()
        visit.panel.get_by_text(re.compile("^pyyaml$", re.IGNORECASE)).click()

        expect(visit.panel.get_by_text("read in the notebook").first).to_be_visible()
        visit.screenshot("needs")

    def test_everything_works_from_the_keyboard(self, visit):
        visit.open_panel()
        handle = visit.slider("Memory, GiB at least")

        handle.focus()
        for _ in range(14):
            visit.page.keyboard.press("ArrowRight")
        rubin = visit.card("Rubin (declared)")
        expect(rubin.get_by_role("heading")).to_contain_text("NO")
        expect(handle).to_have_attribute("aria-valuetext", re.compile("GiB$"))
        visit.wait_until_planned()
        rubin.get_by_role("button", name="Use 12 GiB").focus()
        visit.page.keyboard.press("Enter")

        expect(rubin.get_by_role("heading")).to_contain_text("YES")
        expect(visit.box("Memory, GiB at least")).to_be_focused()

    def test_the_copied_request_is_the_one_that_is_sent(self, visit):
        visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        visit.open_panel()
        visit.box("Memory, GiB at least").fill("16")

        visit.panel.get_by_role("button", name="Copy request JSON").click()
        expect(visit.panel.get_by_role("button", name="Copied")).to_be_visible()

        copied = json.loads(visit.page.evaluate("navigator.clipboard.readText()"))
        assert copied["task"]["resources"]["memory"]["min"] == 16 * 2**30

    def test_a_reload_keeps_what_was_set_until_it_is_reset(self, visit):
        visit.open_panel()
        with visit.page.expect_response(saves(str(16 * 2**30))):
            visit.box("Memory, GiB at least").fill("16")

        visit.open_panel()
        expect(visit.box("Memory, GiB at least")).to_have_value("16")
        visit.panel.get_by_role("button", name="Reset").click()

        expect(visit.box("Memory, GiB at least")).not_to_have_value("16")
        expect(visit.card("Rubin (declared)").get_by_role("heading")).to_contain_text("YES")

    def test_closing_and_opening_the_panel_asks_nothing_twice(self, visit):
        visit.open_panel()
        asked = [url for url in visit.requests if "/canidothis/" in url]

        visit.page.get_by_role("tab", name="Property Inspector").click()
        visit.page.get_by_role("tab", name="Can I run this?").click()
        expect(visit.panel.get_by_role("heading", name="Can I run this?")).to_be_visible()

        assert [url for url in visit.requests if "/canidothis/" in url] == asked

    def test_answers_are_filtered_and_sorted_and_a_reload_keeps_that(self, visit):
        visit.open_panel()
        visit.box("Memory, GiB at least").fill("16")
        expect(visit.card("Rubin (declared)").get_by_role("heading")).to_contain_text("NO")
        visit.wait_until_planned()

        visit.panel.get_by_role("radio", name="No 1").check()
        expect(visit.panel.get_by_role("article")).to_have_count(1)
        with visit.page.expect_response(saves('"sortBy":"name"')):
            visit.panel.get_by_role("combobox", name="Order").select_option("by name")

        visit.open_panel()
        expect(visit.panel.get_by_role("radio", name="No 1")).to_be_checked()
        visit.panel.get_by_role("radio", name="All 3").check()
        names = visit.panel.locator("article .jp-CanIDoThis-platform").all_inner_texts()
        assert names == ["Gaia (declared)", "Rubin (declared)", "This machine"]

    @pytest.mark.parametrize("configuration", [UNREACHABLE])
    def test_one_platform_that_could_not_tell_is_asked_again_alone(self, visit):
        visit.open_panel()
        away = visit.card("Away")
        expect(away.get_by_role("heading")).to_contain_text("CANNOT TELL")
        visit.screenshot("cannot-tell")

        with visit.page.expect_request("**/canidothis/plan*") as asked:
            away.get_by_role("button", name="Retry Away").click()

        assert json.loads(asked.value.post_data)["platforms"] == ["Away"]
        expect(away).to_have_attribute("aria-busy", "false")
        expect(away.get_by_role("heading")).to_contain_text("CANNOT TELL")
        expect(visit.card("Gaia (declared)").get_by_role("heading")).to_contain_text("YES")
        expect(visit.panel.get_by_text("1 of 2 accept")).to_be_visible()

    def test_a_notebook_that_is_not_open_is_planned_from_the_file_browser(self, visit):
        visit.page.goto(visit.url.replace("/tree/m31_photometry.ipynb", ""))
        file = visit.page.locator(".jp-DirListing-item", has_text="m31_photometry.ipynb")
        file.click(button="right")
        with visit.page.expect_request("**/canidothis/describe*") as asked:
            visit.page.get_by_role("menuitem", name="Can I run this?").click()

        visit.wait_until_planned()
        assert json.loads(asked.value.post_data) == {"path": "m31_photometry.ipynb"}
        expect(visit.panel.get_by_text("m31_photometry.ipynb")).to_be_visible()

    def test_the_run_menu_opens_the_panel(self, visit):
        visit.open_notebook()

        visit.page.get_by_role("menuitem", name="Run", exact=True).click()
        visit.page.get_by_role("menuitem", name="Can I run this?").click()

        visit.wait_until_planned()

    @pytest.mark.parametrize("language", ["fr_FR"])
    def test_everything_speaks_french(self, visit):
        visit.open_notebook()
        visit.button.click()
        visit.panel.get_by_role("heading", name="Puis-je exécuter ceci ?").wait_for()
        expect(visit.panel.get_by_text(re.compile(r"^\d sur \d acceptent$"))).to_be_visible()

        visit.box("Mémoire, GiB au moins").fill("16")
        expect(visit.card("Rubin (declared)").get_by_role("heading")).to_contain_text("NON")
        visit.panel.get_by_role("radio", name="Indéterminé 0").check()
        expect(visit.panel.get_by_text("réponses sont masquées")).to_be_visible()
        visit.panel.get_by_role("button", name="Tout afficher").click()
        visit.screenshot("french")

    @pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Dark High Contrast"])
    def test_dark_themes_have_their_picture(self, visit, theme):
        visit.open_panel()
        visit.box("Memory, GiB at least").fill("16")
        expect(visit.card("Rubin (declared)").get_by_role("heading")).to_contain_text("NO")
        visit.wait_until_planned()

        visit.screenshot(theme.lower().replace(" ", "-"))

    def test_nothing_is_cut_off_on_a_screen_of_320_pixels(self, visit):
        visit.open_panel()
        visit.box("Memory, GiB at least").fill("16")
        visit.wait_until_planned()

        visit.page.get_by_role("tab", name="File Browser").click()
        visit.page.set_viewport_size({"width": 320, "height": 1400})

        box = visit.panel.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 320
        assert visit.panel.evaluate("panel => panel.scrollWidth - panel.clientWidth") <= 0
        visit.screenshot("narrow")
