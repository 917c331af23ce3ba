"""The headers that planners send each other."""

import pytest

from jupyter_canidothis.errors import RequestError
from jupyter_canidothis.wire import via


def test_a_chain_of_plans_comes_back_as_it_went():
    assert via.read_via(via.write_via(("a1", "b_2", "c-3"))) == ("a1", "b_2", "c-3")
    assert via.read_via("") == ()


@pytest.mark.parametrize(
    "header", ["a b", "a\x00", "x" * 65, ",".join("abcdefgh" * 5), "<script>"]
)
def test_a_chain_that_is_no_chain_is_a_request_error(header):
    with pytest.raises(RequestError) as caught:
        via.read_via(header)
    assert caught.value.field == via.VIA


def test_a_deadline_comes_back_as_it_went():
    assert via.read_deadline(via.write_deadline(4.5)) == 4.5
    assert via.read_deadline("") is None
    assert via.write_deadline(0.0) == "1"


@pytest.mark.parametrize("header", ["soon", "-1", "1.5", "1" * 10, "0\x1f"])
def test_a_deadline_that_is_no_number_is_a_request_error(header):
    with pytest.raises(RequestError) as caught:
        via.read_deadline(header)
    assert caught.value.field == via.DEADLINE
