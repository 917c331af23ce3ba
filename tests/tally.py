"""Print what ran and what was skipped and why; the exit status of ``tests/run``."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def main(tally: Path, status: int) -> int:
    """Add up the runs of all tiers."""
    runs = (
        [json.loads(line) for line in tally.read_text().splitlines()] if tally.exists() else []
    )
    skipped = [entry for run in runs for entry in run["skipped"]]
    left_out = [entry for run in runs for entry in run.get("left_out", [])]
    passed = sum(run["passed"] for run in runs)
    failed = sum(run["failed"] for run in runs)
    if left_out:
        print("\nLeft out:\n" + "\n".join(f"  {entry}" for entry in left_out))
    if skipped:
        print(f"\nSkipped, and why ({len(skipped)}):")
        print("\n".join(f"  {entry}" for entry in skipped))
    else:
        print("\nNothing was skipped.")
    if skipped and os.environ.get("CANIDOTHIS_SKIP_NOTHING") == "1":
        print("FAILED: this run must skip nothing")
        status = 1
    if status:
        print("FAILED: see above")
    print(f"{passed} passed, {failed} failed, {len(skipped)} skipped")
    return 1 if status or failed or not passed else 0


def leave_out(tally: Path, what: str) -> int:
    """Note what could not even be started here, so that the tally says so."""
    with tally.open("a", encoding="utf-8") as stream:
        line = {"passed": 0, "failed": 0, "skipped": [], "left_out": [what]}
        stream.write(json.dumps(line) + "\n")
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "--left-out":
        sys.exit(leave_out(Path(sys.argv[2]), sys.argv[3]))
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
