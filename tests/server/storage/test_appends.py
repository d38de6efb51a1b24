"""An append must fill the numbers it claims."""

import pytest

from server.storage.appends import Append
from tests.server.storage.samples import ROOM, row


@pytest.mark.parametrize("given", [[], [1], [2, 3], [1, 3], [2, 1], [1, 2, 3]])
def test_an_append_with_a_hole_cannot_be_made(given: list[int]) -> None:
    with pytest.raises(ValueError, match="numbers"):
        Append(ROOM, 0, 2, [row(n) for n in given])


def test_an_append_that_fills_its_numbers_can() -> None:
    assert Append(ROOM, 4, 6, [row(5), row(6)]).new == 6
