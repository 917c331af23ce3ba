from __future__ import annotations

import ipywidgets as widgets
from hostile import planner
from notebook_files import write_notebook
from scripted import GIB, entry, notebook_task

from jupyter_canidothis.answer import Change, Edit, Verdict
from jupyter_canidothis.planner import Planner
from jupyter_canidothis.resources import Range
from jupyter_canidothis.widget import CanIDoThis


def opened(memory=16 * GIB, **keys):
    widget = CanIDoThis(notebook_task(memory), Planner([entry("hub", **keys)]))
    assert widget.wait(30)
    return widget


def boxes(widget, kind):
    found = [widget] if isinstance(widget, kind) else []
    for child in getattr(widget, "children", ()):
        found += boxes(child, kind)
    return found


def test_it_asks_at_once_and_shows_every_answer():
    widget = opened()

    assert widget.plan.answers[0].verdict is Verdict.NO
    assert any("too much memory" in html.value for html in boxes(widget, widgets.HTML))


def test_moving_a_slider_asks_again():
    widget = opened()
    slider = next(s for s in boxes(widget, widgets.IntSlider) if "Memory" in s.description)
    slider.value = 8
    assert widget.wait(30)

    assert widget.task.resources.memory.min == 8 * GIB
    assert widget.plan.answers[0].verdict is Verdict.YES


def test_a_press_on_the_change_makes_the_no_a_yes_and_undo_takes_it_back():
    widget = opened()
    buttons = {b.description: b for b in boxes(widget, widgets.Button)}
    buttons["Memory less (checked)"].click()
    assert widget.wait(30)

    assert widget.plan.answers[0].verdict is Verdict.YES
    next(b for b in boxes(widget, widgets.Button) if b.description == "Undo").click()
    assert widget.wait(30)
    assert widget.task.resources.memory == Range(16 * GIB)
    assert widget.plan.answers[0].verdict is Verdict.NO


def test_a_wrong_upper_end_is_said_and_changes_nothing():
    widget = opened()
    before = widget.task
    box = next(b for b in boxes(widget, widgets.Text) if b.description == "up to")
    box.value = "many"

    assert widget.task == before
    assert any("many" in label.value for label in boxes(widget, widgets.Label))


def test_without_a_task_it_describes_the_notebook_of_its_kernel(monkeypatch, tmp_path):
    path = write_notebook(tmp_path, "import numpy")
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    widget = CanIDoThis(planner=Planner([entry("hub")]))

    assert [need.name for need in widget.task.software] == ["numpy"]


def test_every_slider_is_paired_with_a_labelled_box():
    widget = opened()

    assert len(boxes(widget, widgets.IntSlider)) == 4
    assert len(boxes(widget, widgets.BoundedIntText)) == 4
    assert all(box.description for box in boxes(widget, widgets.BoundedIntText))


def test_an_amount_beyond_the_slider_is_kept():
    widget = opened()
    box = next(b for b in boxes(widget, widgets.BoundedIntText) if b.value == 16)
    box.value = 1024
    assert widget.wait(30)

    assert widget.task.resources.memory.min == 1024 * GIB


def test_a_platform_that_takes_scripts_shows_its_script_on_one_click():
    widget = CanIDoThis(notebook_task(), planner())
    assert widget.wait(30)
    button = next(b for b in boxes(widget, widgets.Button) if b.description == "Show job.sh")
    button.click()

    (shown,) = (h.value for h in boxes(widget, widgets.HTML) if "#!/bin/sh" in h.value)
    assert "sbatch job.sh" in shown
    assert "<img" not in shown
    button.click()
    assert not any("#!/bin/sh" in html.value for html in boxes(widget, widgets.HTML))


def test_an_older_question_is_dropped_when_a_newer_one_is_asked():
    one = entry("hub")
    one.platform.gate.clear()
    widget = CanIDoThis(notebook_task(16 * GIB), Planner([one]))
    assert not widget.wait(0.05)
    one.platform.gate = Open()
    widget.apply(Change((Edit("/resources/memory/min", 16 * GIB, GIB),), "Memory less"))
    assert widget.wait(30)

    assert widget.plan.answers[0].verdict is Verdict.YES
    assert widget.plan.task.resources.memory.min == GIB


class Open:
    """A gate that lets everybody through."""

    async def wait(self):
        return
