"""From a NO to a notebook that ran on a real Slurm: once by mouse, once by keyboard alone."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hands import Keyboard, Mouse
from playwright.sync_api import expect

from jupyter_canidothis.demo import SlurmCluster
from jupyter_canidothis.demo.daemons import PATH

pytestmark = pytest.mark.parametrize("front_end", ["lab"])

SLURM = "Slurm (test)"
YES, NO = re.compile(r"\bYES\b"), re.compile(r"\bNO\b")
MOST = 14
"""The slider's stop at 64 GiB."""
# The biggest node of the test Slurm has 32000 MiB, a little less than 32 GiB.
DOWNWARDS = {"48": NO, "32": NO, "24": YES}


@pytest.fixture(scope="module")
def cluster():
    """A Slurm of its own, without root, for as long as the stories take."""
    if missing := SlurmCluster.missing():
        pytest.skip(f"Slurm is not installed: {', '.join(missing)} missing")
    with (
        tempfile.TemporaryDirectory(prefix="slurm-") as parent,
        SlurmCluster(Path(parent, "c")) as cluster,
    ):
        yield cluster


@pytest.fixture
def configuration(cluster):
    entry = {"kind": "slurm", "name": SLURM, "conf": str(cluster.conf)}
    return {"CanIDoThis": {"discover": False, "platforms": [entry]}}


@pytest.mark.parametrize("using", [Mouse, Keyboard])
def test_a_refused_notebook_ends_up_run_on_slurm(visit, cluster, using):
    hand = using(visit.page)
    visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit.open_notebook()
    hand.press(visit.button)
    visit.wait_until_planned()
    slurm = visit.card(SLURM)

    describe(visit, hand)
    find_the_memory(visit, hand, slurm.get_by_role("heading"))
    read_the_evidence(hand, slurm)
    take_the_change(visit, hand, slurm)
    visit.screenshot(f"story-{using.__name__.lower()}-yes")
    assert cluster.jobs() == []
    command = take_the_script(visit, hand, slurm)
    visit.screenshot(f"story-{using.__name__.lower()}-script")
    run_it(visit, cluster, command)

    executed = json.loads((visit.folder / "m31_photometry.out.ipynb").read_text())
    (output,) = executed["cells"][-1]["outputs"]
    assert "".join(output["data"]["text/plain"]) == "6"


def describe(visit, hand):
    """See what the notebook was found to need."""
    hand.press(visit.panel.locator("summary", has_text=re.compile("^Needs")))
    package = visit.panel.locator("summary", has_text=re.compile("pyyaml", re.IGNORECASE))
    hand.press(package)
    expect(visit.panel.get_by_text("read in the notebook").first).to_be_visible()


def find_the_memory(visit, hand, verdict):
    """Ask for too much, and come down until Slurm says YES."""
    memory = visit.box("Memory, GiB at least")
    hand.grasp(visit.slider("Memory, GiB at least"), MOST)
    expect(memory).to_have_value("64")
    expect(verdict).to_contain_text(NO)
    for amount, word in DOWNWARDS.items():
        hand.lower()
        expect(memory).to_have_value(amount)
        expect(visit.panel.locator("article.jp-mod-stale")).to_have_count(0)
        expect(verdict).to_contain_text(word)
    hand.let_go()
    visit.wait_until_planned()
    expect(verdict).to_contain_text(YES)


def read_the_evidence(hand, slurm):
    evidence = slurm.locator("summary", has_text=re.compile("^Evidence"))
    hand.press(evidence)
    expect(slurm.get_by_text("sbatch --test-only").first).to_be_visible()
    hand.press(evidence)


def take_the_change(visit, hand, slurm):
    """Ask for more cores than there are, and take what is offered instead."""
    cores = visit.box("Cores at least")
    hand.reach(cores)
    visit.page.keyboard.press("Control+A")
    visit.page.keyboard.type("16")
    expect(slurm.get_by_role("heading")).to_contain_text(NO)
    visit.wait_until_planned()

    hand.press(slurm.get_by_role("button", name=re.compile("^Use 8 cores")))
    expect(slurm.get_by_role("heading")).to_contain_text(YES)
    expect(cores).to_have_value("8")
    expect(cores).to_be_focused()
    visit.wait_until_planned()


def take_the_script(visit, hand, slurm):
    """Copy and save the script; return the command that is shown for it."""
    hand.press(slurm.get_by_role("button", name=re.compile("^Hand over")))
    expect(slurm.get_by_role("region", name=f"Script for {SLURM}")).to_contain_text("#SBATCH")
    hand.press(slurm.get_by_role("button", name="Copy script"))
    expect(slurm.get_by_role("button", name="Copied")).to_be_visible()
    hand.press(slurm.get_by_role("button", name="Save beside the notebook"))
    expect(slurm.get_by_role("status")).to_have_text("Saved as m31_photometry.sbatch")
    copied = visit.page.evaluate("navigator.clipboard.readText()")
    assert (visit.folder / "m31_photometry.sbatch").read_text() == copied
    return slurm.locator(".jp-CanIDoThis-handover code").inner_text()


def run_it(visit, cluster, command):
    """Type the command as it is shown, beside the notebook, and wait for the job's end."""
    here = Path(sys.executable).parent
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=visit.folder,
        env=os.environ | {"PATH": f"{here}:{PATH}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    job = done.stdout.split()[-1]

    def state():
        return cluster.run(
            "squeue", "--noheader", "--states=all", f"--jobs={job}", "-o%T"
        ).strip()

    visit.wait_until(
        lambda: state() not in ("PENDING", "CONFIGURING", "RUNNING", "COMPLETING"), 120
    )
    log = visit.folder / f"m31_photometry-{job}.log"
    assert state() == "COMPLETED", log.read_text()
