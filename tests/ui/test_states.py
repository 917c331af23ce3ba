"""Every state of the panel in a browser: its words, its next step, its picture."""

from __future__ import annotations

import re
import socket

import pytest
from playwright.sync_api import expect
from servers import CONFIGURATION
from stand_ins import speak_another_json

pytestmark = pytest.mark.parametrize("front_end", ["lab"])

NOT_LOADED = "Failed to load resource"
"""What the browser itself says of an answer that is an error, or of none."""
MEMORY = "Memory, GiB at least"


@pytest.fixture(scope="session")
def silent():
    """A port at which connections are taken, and nobody ever answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1000)
        yield listener.getsockname()[1]


def planners(port, *names):
    return [
        {"kind": "planner", "name": name, "url": f"http://127.0.0.1:{port}/"} for name in names
    ]


def heading(visit, words):
    return visit.panel.get_by_role("heading", name=words)


def from_file_browser(visit, name):
    """Ask about a file that is not open."""
    visit.page.goto(visit.url.replace("/tree/m31_photometry.ipynb", ""))
    file = visit.page.locator(".jp-DirListing-item", has_text=name)
    file.click(button="right")
    visit.page.get_by_role("menuitem", name="Can I run this?").click()


class TestBeforeAnAnswer:
    def test_no_notebook_is_open(self, visit):
        visit.page.goto(visit.url.replace("/tree/m31_photometry.ipynb", ""))
        visit.page.get_by_role("tab", name="Can I run this?").click()

        expect(heading(visit, "No notebook is open")).to_be_visible()
        expect(visit.panel.get_by_text("Open a notebook, or click into one")).to_be_visible()
        visit.screenshot("state-no-notebook")
        assert not [url for url in visit.requests if "/canidothis/" in url]

    def test_unsaved_changes_are_named_and_saved_from_here(self, visit):
        visit.open_panel()
        visit.page.locator(".jp-Cell .cm-content").first.click()
        visit.page.keyboard.type("1")
        expect(visit.panel.get_by_text("with unsaved changes")).to_be_visible()
        visit.screenshot("state-unsaved")

        visit.panel.get_by_role("button", name="Save", exact=True).click()

        expect(visit.panel.get_by_text("saved", exact=True)).to_be_visible()
        expect(visit.panel.get_by_role("button", name="Changed: read again")).to_be_visible()

    def test_a_notebook_that_cannot_be_planned_says_why(self, visit):
        visit.expect_complaint(f"{NOT_LOADED}.*422")
        (visit.folder / "broken.ipynb").write_text('{"cells": [')
        from_file_browser(visit, "broken.ipynb")

        expect(heading(visit, "This notebook cannot be planned")).to_be_visible()
        why = visit.panel.get_by_role("paragraph").filter(has_text="it is not a notebook")
        expect(why).to_be_visible()
        expect(visit.panel.get_by_role("button", name="Retry")).to_be_visible()
        visit.screenshot("state-not-plannable")

    @pytest.mark.parametrize("configuration", [{"CanIDoThis": {"discover": False}}])
    def test_no_platforms_is_a_state_with_a_next_step(self, visit, configuration):
        visit.open_notebook()
        visit.button.click()

        expect(heading(visit, "No platforms are configured")).to_be_visible()
        expect(visit.panel.get_by_text("c.CanIDoThis.platforms")).to_be_visible()
        visit.screenshot("state-no-platforms")


class TestTheServer:
    def test_that_cannot_be_reached_is_told_and_retried(self, visit):
        visit.open_panel()
        visit.expect_complaint(NOT_LOADED)
        visit.page.route("**/canidothis/**", lambda route: route.abort("connectionrefused"))
        visit.panel.get_by_role("button", name="Plan", exact=True).click()

        expect(heading(visit, "The Jupyter server cannot be reached")).to_be_visible()
        visit.screenshot("state-offline")
        visit.page.unroute("**/canidothis/**")
        visit.panel.get_by_role("button", name="Retry", exact=True).click()
        visit.wait_until_planned()
        expect(heading(visit, "The Jupyter server cannot be reached")).to_have_count(0)

    def test_without_our_part_is_named_as_the_cause(self, visit):
        visit.expect_complaint(f"{NOT_LOADED}.*404")
        visit.page.route("**/canidothis/**", lambda route: route.fulfill(status=404, body="{}"))
        visit.open_notebook()
        visit.button.click()

        expect(heading(visit, "The server part is missing")).to_be_visible()
        visit.screenshot("state-missing-server")
        visit.page.unroute("**/canidothis/**")
        visit.panel.get_by_role("button", name="Retry").click()
        visit.wait_until_planned()

    def test_with_an_older_part_is_told_from_one_without(self, visit):
        visit.expect_complaint(f"{NOT_LOADED}.*404")
        visit.page.route(
            "**/canidothis/describe*", lambda route: route.fulfill(status=404, body="{}")
        )
        visit.open_notebook()
        visit.button.click()

        expect(heading(visit, "The server part is older")).to_be_visible()
        visit.screenshot("state-older-server")

    @pytest.mark.parametrize(("step", "age"), [(1, "newer"), (-1, "older")])
    def test_that_speaks_another_json_is_a_banner_and_no_hindrance(self, visit, step, age):
        speak_another_json(visit.page, step)
        visit.open_panel()

        note = visit.panel.get_by_role("note")
        expect(note).to_contain_text(f"The server part is {age} than this panel")
        expect(note).to_contain_text("Server part 9.9.9")
        expect(visit.card("Rubin (declared)").get_by_role("heading")).to_contain_text("YES")
        visit.screenshot(f"state-{age}-json")


class TestWhilePlatformsAnswer:
    @pytest.fixture
    def configuration(self, silent):
        platforms = [*planners(silent, "Silent"), *CONFIGURATION["CanIDoThis"]["platforms"][1:]]
        return {"CanIDoThis": {"discover": False, "platforms": platforms}}

    def test_some_answers_are_there_and_the_rest_can_be_stopped(self, visit):
        visit.open_notebook()
        visit.button.click()
        partial = visit.panel.get_by_text("2 of 3 accept, 1 still answering")
        expect(partial).to_be_visible()
        expect(visit.card("Silent")).to_have_attribute("aria-busy", "true")
        visit.screenshot("state-partial")

        visit.panel.get_by_role("button", name="Stop", exact=True).click()
        expect(visit.panel.get_by_text("Stopped: 2 of 3 answered")).to_be_visible()
        expect(visit.panel.get_by_text("Plan asks again.")).to_be_visible()
        expect(visit.card("Gaia (declared)").get_by_role("heading")).to_contain_text("YES")
        visit.screenshot("state-stopped")


class TestWhenNobodyAnswers:
    @pytest.fixture
    def configuration(self, silent):
        platforms = planners(silent, "Silent", "Mute")
        return {"CanIDoThis": {"discover": False, "platforms": platforms}}

    def test_planning_shows_how_many_and_ends_in_the_reasons(self, visit):
        visit.open_notebook()
        visit.button.click()
        none_yet = visit.panel.get_by_text("0 of 2 accept, 2 still answering")
        expect(none_yet).to_be_visible()
        visit.screenshot("state-planning")

        visit.wait_until_planned()
        expect(visit.panel.get_by_text(re.compile("^None could tell"))).to_be_visible()
        for name in ("Silent", "Mute"):
            expect(visit.card(name).get_by_role("heading")).to_contain_text("CANNOT TELL")
        visit.screenshot("state-all-silent")


class TestWithAllAnswers:
    def test_when_all_accept_that_is_said_once(self, visit):
        visit.open_panel()

        expect(visit.panel.get_by_text("3 of 3 accept", exact=True)).to_be_visible()
        expect(visit.panel.get_by_text("Every platform accepts it as it is.")).to_be_visible()
        visit.screenshot("state-all-yes")

    def test_when_nobody_accepts_the_best_change_leads(self, visit):
        visit.open_panel()

        visit.box(MEMORY).fill("4000")
        expect(visit.panel.get_by_text(re.compile("^None accepts it as it is"))).to_be_visible()
        visit.wait_until_planned()

        best = visit.panel.get_by_role("region", name="Nearest change")
        expect(best.get_by_role("button")).to_be_visible()
        visit.screenshot("state-all-no")

    def test_without_live_planning_answers_turn_stale_until_plan_is_pressed(self, visit):
        visit.open_panel()

        visit.panel.get_by_role("checkbox", name="Live").uncheck()
        visit.box(MEMORY).fill("16")
        stale = visit.panel.get_by_text("The resources changed since these answers.")
        expect(stale).to_be_visible()
        visit.screenshot("state-stale")
        visit.panel.get_by_role("button", name="Plan", exact=True).click()

        expect(visit.card("Rubin (declared)").get_by_role("heading")).to_contain_text("NO")
        expect(stale).to_have_count(0)
