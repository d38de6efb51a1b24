"""The wait after wrong sign-ins: growing, never a lock, and nobody else's."""

import pytest

from server.people.delays import FORGOTTEN_S, LONGEST_S, MOST_NAMES, Delays, TooSoon
from tests.server.people.conftest import Clock


def fail(delays: Delays, clock: Clock, name: str) -> int:
    """Fail once, as soon as it is allowed; answers how long that took, in seconds."""
    waited = 0
    while True:
        try:
            delays.begin(name)
        except TooSoon as too_soon:
            seconds = too_soon.facts["retry_after"]
            assert isinstance(seconds, int)
            waited += seconds
            clock.pass_(seconds=seconds)
        else:
            return waited


def test_two_slips_are_free_and_then_the_wait_doubles_up_to_a_minute() -> None:
    clock = Clock()
    delays = Delays(clock)
    waits = [fail(delays, clock, "fay") for _ in range(50)]
    assert waits[:9] == [0, 0, 0, 1, 2, 4, 8, 16, 32]
    assert set(waits[9:]) == {int(LONGEST_S)}


def test_even_a_thousand_failures_are_no_lock() -> None:
    clock = Clock()
    delays = Delays(clock)
    for _ in range(1_500):
        fail(delays, clock, "fay")
    clock.pass_(seconds=LONGEST_S)
    delays.begin("fay")


def test_knocking_during_the_wait_does_not_make_it_longer() -> None:
    """Otherwise somebody who knocks for ever would keep the owner out for ever."""
    clock = Clock()
    delays = Delays(clock)
    for _ in range(6):
        fail(delays, clock, "fay")
    for _ in range(100):
        with pytest.raises(TooSoon):
            delays.begin("fay")
    clock.pass_(seconds=8)
    delays.begin("fay")


def test_one_name_waits_for_its_own_failures_alone() -> None:
    clock = Clock()
    delays = Delays(clock)
    for _ in range(20):
        fail(delays, clock, "fay")
    delays.begin("mo")


def test_guesses_sent_at_one_moment_are_each_a_failure() -> None:
    delays = Delays(Clock())
    for _ in range(3):
        delays.begin("fay")
    with pytest.raises(TooSoon):
        delays.begin("fay")


def test_success_ends_the_wait_and_an_attempt_without_an_answer_does_not_count() -> None:
    clock = Clock()
    delays = Delays(clock)
    for _ in range(5):
        fail(delays, clock, "fay")
    delays.succeeded("fay")
    assert [fail(delays, clock, "fay") for _ in range(3)] == [0, 0, 0]
    for _ in range(10):
        delays.unanswered("mo")
        delays.begin("mo")
        delays.unanswered("mo")
    assert [fail(delays, clock, "mo") for _ in range(3)] == [0, 0, 0]


def test_failures_are_forgotten_after_an_hour() -> None:
    clock = Clock()
    delays = Delays(clock)
    for _ in range(20):
        fail(delays, clock, "fay")
    clock.pass_(seconds=FORGOTTEN_S)
    assert [fail(delays, clock, "fay") for _ in range(3)] == [0, 0, 0]


def test_a_flood_of_names_does_not_fill_the_memory() -> None:
    delays = Delays(Clock())
    for number in range(MOST_NAMES + 500):
        delays.begin(f"name-{number}")
    assert len(delays._records) <= MOST_NAMES + 1


def test_the_sentence_says_how_long_and_that_it_may_be_tried_again() -> None:
    clock = Clock()
    delays = Delays(clock)
    for _ in range(3):
        fail(delays, clock, "fay")
    clock.pass_(seconds=0.25)
    with pytest.raises(TooSoon) as too_soon:
        delays.begin("fay")
    assert too_soon.value.facts == {"retry_after": 1}
    assert too_soon.value.retry
