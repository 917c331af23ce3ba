"""What a person changes in the settings editor is so at once, in their language."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.parametrize("front_end", ["lab"])


def open_settings(visit, title="Can I run this?"):
    """Open the settings editor at our settings, beside the panel."""
    visit.page.keyboard.press("Control+,")
    visit.page.locator(".jp-PluginList").get_by_text(title, exact=True).click(timeout=30_000)
    return visit.page.locator(".jp-SettingsForm")


def test_the_status_bar_counts_once_the_settings_say_so(visit):
    visit.open_panel()
    item = visit.page.get_by_role("button", name="3/3 platforms accept: can I run this?")
    expect(item).to_be_hidden()

    open_settings(visit).get_by_role("checkbox", name="Show in the status bar").check()
    expect(item).to_be_visible()
    visit.page.locator('.lm-TabBar-tab[data-id="jp-CanIDoThis-panel"]').click()
    expect(visit.panel).to_be_hidden()

    item.click()
    expect(visit.panel).to_be_visible()
    visit.screenshot("status-bar")
    assert visit.complaints == []


def test_a_hidden_platform_is_not_asked_and_the_panel_says_so(visit):
    visit.open_panel()
    settings = open_settings(visit)
    settings.get_by_role("button", name="Add").click()
    with visit.page.expect_request("**/canidothis/plan*") as asked:
        settings.get_by_role("textbox").fill("Rubin (declared)")

    visit.wait_until_planned()
    assert json.loads(asked.value.post_data)["platforms"] == [
        "This machine",
        "Gaia (declared)",
    ]
    expect(visit.card("Rubin (declared)")).to_have_count(0)
    expect(visit.panel.get_by_text("1 platform is hidden by the settings")).to_be_visible()
    visit.screenshot("hidden")
    assert visit.complaints == []


def test_the_launcher_has_a_card_that_opens_the_panel(visit):
    visit.page.goto(visit.url.replace("/tree/m31_photometry.ipynb", ""))
    card = visit.page.locator(".jp-LauncherCard", has_text="Can I run this?")
    card.click(timeout=60_000)
    expect(visit.panel.get_by_text("No notebook is open")).to_be_visible()
    assert visit.complaints == []


@pytest.mark.parametrize("language", ["fr_FR"])
def test_the_settings_and_the_reasons_speak_french(visit):
    visit.open_notebook()
    visit.button.click()
    visit.box("Mémoire, GiB au moins").fill("16")
    rubin = visit.card("Rubin (declared)")
    expect(
        rubin.get_by_text("Mémoire 16 GiB : au-dessus de la limite de 12 GiB")
    ).to_be_visible(timeout=30_000)
    settings = open_settings(visit, title="Puis-je exécuter ceci ?")
    expect(settings.get_by_role("combobox")).to_have_count(3)
    expect(settings.get_by_text("Plateformes masquées").first).to_be_visible()
    expect(settings.get_by_role("checkbox", name="Lister les refus")).to_be_checked()
    visit.screenshot("french-settings")
    assert visit.complaints == []
