"""The collector: seldom, and not over what lives as long as the process."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from server.collector import QUIET, THRESHOLDS, calm_the_collector, collect_in_a_quiet_moment


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


class Circle:
    """Something that only the collector can free."""

    def __init__(self) -> None:
        self.itself = self


def test_what_ended_in_a_circle_is_freed_in_a_quiet_moment_and_only_then() -> None:
    calm_the_collector()
    gone = weakref.ref(Circle())
    assert not collect_in_a_quiet_moment(QUIET + 1)
    assert gone() is not None
    assert collect_in_a_quiet_moment(QUIET)
    assert gone() is None
