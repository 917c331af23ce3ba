"""Fixtures that every tier shares, and the tally of what ran and what was skipped."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

pytest_plugins = ["pytest_jupyter.jupyter_server", "pytest_jupyter.jupyter_client"]


@pytest.fixture(autouse=True)
def no_foreign_configuration(monkeypatch, tmp_path):
    """Tests read no configuration but their own, whoever runs them."""
    monkeypatch.setenv("JUPYTER_NO_CONFIG", "1")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "jupyter-config"))
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    # Nor do they ask the cluster of whoever runs them.
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "no-kubeconfig"))
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)


def pytest_terminal_summary(terminalreporter):
    """Add this run to the tally that ``tests/run`` prints at its end."""
    tally = os.environ.get("CANIDOTHIS_TALLY")
    is_worker = hasattr(terminalreporter.config, "workerinput")  # its controller counts
    if not tally or is_worker:
        return
    stats = terminalreporter.stats
    skipped = [f"{report.nodeid}: {_reason(report)}" for report in stats.get("skipped", [])]
    failed = len(stats.get("failed", [])) + len(stats.get("error", []))
    line = {"passed": len(stats.get("passed", [])), "failed": failed, "skipped": skipped}
    with Path(tally).open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(line) + "\n")


def _reason(report):
    return report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
