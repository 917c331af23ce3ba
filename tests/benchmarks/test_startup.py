"""G5: what the extension costs a server that starts, beside a peer, in fresh processes."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

import pytest

PEER = "jupyterlab_git"
ROUNDS = 9
PROBE = """
import json, resource, sys, time
import jupyter_server.serverapp
from jupyter_server.serverapp import ServerApp
def peak():
    with open('/proc/self/statm') as f:
        return int(f.read().split()[1]) * resource.getpagesize()
before, memory, started = set(sys.modules), peak(), time.process_time()
import importlib
package = importlib.import_module(sys.argv[1])
for point in package._jupyter_server_extension_points():
    importlib.import_module(point['module'])
spent = time.process_time() - started
fresh = {name.partition('.')[0] for name in set(sys.modules) - before}
print(json.dumps({'ms': spent * 1e3, 'mb': (peak() - memory) / 2**20,
                  'fresh': sorted(fresh - set(sys.stdlib_module_names))}))
"""


def probe(package):
    """Import one extension on top of a server in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, package], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_g5_import_and_load_on_top_of_a_bare_server(benchmark):
    pytest.importorskip(PEER, reason=f"{PEER}, a benchmark peer, is not installed")
    ours, peer = [], []
    for _ in range(ROUNDS):
        ours.append(probe("jupyter_canidothis"))
        peer.append(probe(PEER))

    def median(runs, what):
        return statistics.median(run[what] for run in runs)

    benchmark.extra_info.update(
        R5=round(median(ours, "ms") / median(peer, "ms"), 3),
        ours_ms=round(median(ours, "ms"), 2),
        peer_ms=round(median(peer, "ms"), 2),
        ours_mb=round(median(ours, "mb"), 2),
        peer_mb=round(median(peer, "mb"), 2),
        new_third_party=", ".join(ours[0]["fresh"]),
    )
    benchmark.pedantic(probe, args=("jupyter_canidothis",), rounds=1)
    assert set(ours[0]["fresh"]) <= {"jupyter_canidothis", "msgspec", "psutil"}
