"""Turn the figures of a benchmark run into ``docs/benchmarks.md``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

HEAD = """# Benchmarks

Made by `tests/run bench`; do not edit by hand. Everything is processor time, and what counts are
the ratios to a peer or a floor measured in the same run; absolute times are of one machine.

- Date: {date}
- Python {python}, {machine}

"""


def main(figures: Path, page: Path) -> None:
    """Write the page from pytest-benchmark's JSON."""
    run = json.loads(figures.read_text())
    info = run["machine_info"]
    lines = [
        HEAD.format(
            date=run["datetime"][:10],
            python=info["python_version"],
            machine=f"{info['cpu'].get('count', '?')} cores, {info['machine']}",
        )
    ]
    lines += ["| Benchmark | Figures |", "|---|---|"]
    for bench in sorted(run["benchmarks"], key=lambda bench: bench["name"]):
        said = bench["extra_info"] or {"median_us": round(bench["stats"]["median"] * 1e6, 1)}
        name = bench["name"].removeprefix("test_").replace("_", " ")
        text = "; ".join(f"{key} = {value}" for key, value in said.items())
        lines.append(f"| {name} | {text} |")
    page.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
