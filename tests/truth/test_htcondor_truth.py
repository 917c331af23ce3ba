"""A small, seeded sample of the long truth run on HTCondor: no answer may be wrong."""

import pytest
from live.condor_pool import CondorPool
from truth.htcondor_truth import SETTINGS, measure


@pytest.mark.live
@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
async def test_what_we_say_is_what_happens(setting):
    if missing := CondorPool.missing():
        pytest.skip(missing)
    matrix = await measure(setting, seed=3, count=10)
    assert [(case.verdict, case.options, case.truth) for case in matrix.wrong()] == []
    assert {case.real for case in matrix.cases} == {True, False}
