"""A small, seeded sample of the long truth run: no answer may be wrong."""

import pytest
from truth.settings import SETTINGS
from truth.slurm_truth import measure, measure_starts

from jupyter_canidothis.demo import SlurmCluster


@pytest.mark.live
@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
async def test_what_we_say_is_what_happens(setting):
    if missing := setting.missing():
        pytest.skip(missing)
    matrix = await measure(setting, seed=7, count=40)
    assert [(case.verdict, case.options, case.truth) for case in matrix.wrong()] == []
    assert any(case.real for case in matrix.cases), "the sample holds jobs that run"


@pytest.mark.live
async def test_what_we_say_of_now_is_what_happens():
    if missing := SlurmCluster.missing():
        pytest.skip(f"Slurm is not installed: {', '.join(missing)} missing")
    starts = (await measure_starts(seed=1, count=20)).starts
    wrong = [s for s in starts if not s.right]
    assert [(s.case.options, s.now, s.after) for s in wrong] == []
    assert {s.after is not None for s in starts} == {True, False}
