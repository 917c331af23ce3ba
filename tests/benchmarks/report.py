"""Turn the figures of a benchmark run into ``docs/benchmarks.md``."""

from __future__ import annotations

import json
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

HEAD = """# Benchmarks

Made by `tests/run bench`; do not edit by hand.

Every figure is processor time, and what counts are ratios: **A** is what we do, **B** a peer or a
floor, both measured in turns in one run. Absolute times are of one machine, which others used
at the same time. In G1 and G2 all answers are held against one oracle before anything is timed;
in G3 every answer is looked at first, so that nobody is missing and nothing unexplained.

| Run | |
|---|---|
| Date | {date} |
| Machine | {machine} |
| Versions | {versions} |
| Seed | 20211, for all data |
"""
PACKAGES = (
    "jupyter_server",
    "tornado",
    "msgspec",
    "numpy",
    "htcondor",
    "jupyterlab_git",
    "kubernetes_asyncio",
)


class Goal(NamedTuple):
    """What one benchmark shows."""

    test: str
    """How its name begins."""
    title: str
    a: str
    b: str
    figure: str
    """Its key among the figures."""
    at_most: dict[str, float] = {}  # noqa: RUF012 - a tuple's default
    """Limit by parameter; an empty parameter is for all."""
    at_least: dict[str, float] = {}  # noqa: RUF012 - same


OURS = "the index over 50,000 ways to run"
GOALS = (
    Goal(
        "test_g1_reasons_for_every_slot",
        "G1. Verdicts and reasons, beside the floor (A / B)",
        f"{OURS}: who accepts, and for each thing asked who refuses and how many",
        "one fused loop in C (`gcc -O3 -march=native`) over the same columns",
        "R1",
        at_most={"ladder": 1.0, "jitter": 4.0},
    ),
    Goal(
        "test_g1_reasons_and_verdicts_against_numpy",
        "G1. Verdicts and reasons, beside numpy (B / A)",
        f"{OURS}, as above",
        "32-bit columns in numpy",
        "numpy_over_ours",
        at_least={"ladder": 3.0, "jitter": 1.0},
    ),
    Goal(
        "test_g1_verdicts_against_classad",
        "G1. Verdicts, beside HTCondor (B / A)",
        f"{OURS}: who accepts",
        "`ClassAd.matches` of the `htcondor` package, ad after ad",
        "S1",
        at_least={"ladder": 5000, "jitter": 1000},
    ),
    Goal(
        "test_g2_",
        "G2. What the nearest change costs (A / B)",
        f"{OURS}: reasons, and for each amount the nearest value that turns a NO",
        "the same index, verdicts only",
        "R2",
        at_most={"": 6},
    ),
    Goal(
        "test_g3_",
        "G3. A plan request (A / B)",
        "`POST canidothis/plan`: every declared platform answers, each NO with reasons, "
        "evidence and changes; no amount is asked twice. `200x20` is 200 platforms with 20 "
        "interfaces each; with `none` nobody accepts, with `some` a few do",
        "a handler that reads JSON and writes 15 bytes, authenticated, in the same server",
        "R3",
        at_most={"": 2.5},
    ),
    Goal(
        "test_g4_kubernetes_lists",
        "G4. A Kubernetes cluster of 1,000 nodes and 30,000 pods, read (B / A)",
        "what nodes have and what pods take of them",
        "the same lists by `kubernetes_asyncio`, which we use underneath",
        "plain_over_ours",
        at_least={"": 3},
    ),
    Goal(
        "test_g4_kubernetes_asked",
        "G4. The same cluster asked while it is warm, as a share of 150 ms of wall time",
        "dry runs of pod and Job, nodes judged; peak memory of reading it by `tracemalloc`",
        "150 ms",
        "share_of_150_ms",
        at_most={"": 1},
    ),
    Goal(
        "test_g5_",
        "G5. What the extension costs a server that starts (A / B)",
        "import and load on top of a bare `jupyter_server`, in a fresh process",
        "`jupyterlab_git`, the same way",
        "R5",
        at_most={"": 0.9},
    ),
    Goal(
        "test_a_thousand_declared",
        "A thousand declared platforms, in milliseconds",
        "verdict, reasons, evidence and changes of each",
        "none, this one is absolute",
        "thousand_platforms_ms",
        at_most={"": 10},
    ),
)


def main(figures: Path, page: Path) -> None:
    """Write the page from pytest-benchmark's JSON."""
    run = json.loads(figures.read_text())
    benches = sorted(run["benchmarks"], key=lambda bench: bench["fullname"])
    sections = [head(run)]
    for goal in GOALS:
        shown = [bench for bench in benches if bench["name"].startswith(goal.test)]
        sections += section(goal, shown) if shown else []
        benches = [bench for bench in benches if bench not in shown]
    if benches:
        sections += ["## Others\n", "| Benchmark | Figures |\n|---|---|"]
        sections += [f"| {title(bench)} | {rest(figures_of(bench))} |" for bench in benches]
    page.write_text("\n".join(sections) + "\n")


def head(run: dict) -> str:
    """Say when, where and with what it was measured."""
    info = run["machine_info"]
    found = {"Python": info["python_version"]}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    cpu = info["cpu"].get("brand_raw", info["machine"])
    return HEAD.format(
        date=run["datetime"][:10],
        machine=f"{info['cpu'].get('count', '?')} cores, {cpu}, {info['system']}",
        versions=", ".join(f"{name} {number}" for name, number in found.items()),
    )


def section(goal: Goal, benches: list[dict]) -> list[str]:
    """Show one goal: what A and B are, and each figure beside its limit."""
    lines = [f"## {goal.title}\n", f"- A: {goal.a}", f"- B: {goal.b}\n"]
    lines.append("| Data | Figure | Goal | | More |\n|---|---|---|---|---|")
    for bench in benches:
        said = figures_of(bench)
        value = said.pop(goal.figure)
        case = bench["name"].partition("[")[2].rstrip("]")
        lines.append(
            f"| {case or 'all'} | **{value}** | {judged(goal, case, value)} | {rest(said)} |"
        )
    return [*lines, ""]


def judged(goal: Goal, case: str, value: float) -> str:
    """Return the limit, and whether it is held or by how much it is missed."""
    for limits, words, worse in (
        (goal.at_most, "at most", lambda limit: value / limit),
        (goal.at_least, "at least", lambda limit: limit / value),
    ):
        limit = limits.get(case, limits.get(""))
        if limit is not None:
            miss = worse(limit)
            return f"{words} {limit} | " + ("met" if miss <= 1 else f"missed, {miss:.1f} times")
    return "none | "


def figures_of(bench: dict) -> dict:
    """Return what a benchmark recorded, or its own median."""
    return dict(bench["extra_info"]) or {"median_us": round(bench["stats"]["median"] * 1e6, 1)}


def rest(said: dict) -> str:
    """Write figures as one line."""
    return "; ".join(f"{key.replace('_', ' ')} {value}" for key, value in said.items())


def title(bench: dict) -> str:
    """Write the name of a test as a sentence."""
    return bench["name"].removeprefix("test_").replace("_", " ")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
