"""A small, seeded sample of the long truth run on Grid Engine: no answer may be wrong."""

import pytest
from truth.gridengine_settings import SETTINGS
from truth.gridengine_truth import measure

from jupyter_canidothis.demo import GridEngineCluster


@pytest.mark.live
@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
async def test_what_we_say_is_what_happens(setting):
    if missing := GridEngineCluster.missing():
        pytest.skip(f"Grid Engine is not installed: {', '.join(missing)} missing")
    matrix = await measure(setting, seed=31, count=10)
    assert [(case.verdict, case.options, case.truth) for case in matrix.wrong()] == []
    assert {case.real for case in matrix.cases} == {True, False}, "the sample holds both"
