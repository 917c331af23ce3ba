"""A small, seeded sample of the long truth run on Kubernetes: no answer may be wrong."""

import pytest
from live import control_plane
from truth.kubernetes_truth import SETTINGS, run_all


@pytest.mark.live
async def test_what_we_say_is_what_the_scheduler_decides():
    if lacking := control_plane.missing():
        pytest.skip(lacking)
    matrices = await run_all(count=8, seed=7)
    wrong = [(m.setting, c.verdict, c.options, c.truth) for m in matrices for c in m.wrong()]
    assert wrong == []
    starts = [started for matrix in matrices for started in matrix.starts]
    assert [(s.case.options, s.now, s.after) for s in starts if not s.right] == []
    hidden = next(m for m in matrices if m.setting == "nodes hidden")
    assert all(case.verdict.value != "YES" for case in hidden.cases)
    assert len(matrices) == len(SETTINGS) + 2
    assert any(case.real for matrix in matrices for case in matrix.cases)
