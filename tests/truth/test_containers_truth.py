"""A small, seeded sample of the long truth run on engines: no answer may be wrong."""

import pytest
from truth.containers_truth import KINDS, lacks, measure


@pytest.mark.live
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
async def test_what_we_say_of_containers_is_what_happens(kind):
    if absent := lacks(kind):
        pytest.skip(f"missing: {absent}")
    matrix = await measure(kind, seed=3, count=8)
    assert [(case.verdict, case.options, case.truth) for case in matrix.wrong()] == []
    assert {case.real for case in matrix.cases} == {True, False}
