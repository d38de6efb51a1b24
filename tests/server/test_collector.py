"""The collector: seldom, and not over what lives as long as the process."""

import gc
from collections.abc import Iterator

import pytest

from server.collector import THRESHOLDS, calm_the_collector


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """The collector of the other tests is left as it was."""
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


def test_what_is_there_at_the_start_is_never_looked_at_again() -> None:
    calm_the_collector()
    assert gc.get_freeze_count() > 10_000
    assert gc.get_threshold() == THRESHOLDS
