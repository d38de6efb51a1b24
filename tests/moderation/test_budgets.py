"""How often something may be done, and what a person is told who is too fast."""

import pytest

from moderation import budgets
from moderation.budgets import MESSAGES_OF_A_PERSON, Bucket, Budget, TooFast


def spent(bucket: Bucket, now: float) -> int:
    """How often one can draw at this moment."""
    for times in range(1_000):
        try:
            bucket.spend(now)
        except TooFast:
            return times
    raise AssertionError("this bucket has no ground")


def test_ada_may_say_ten_things_at_once_and_twenty_a_minute() -> None:
    bucket = Bucket.full(MESSAGES_OF_A_PERSON, 1_000.0)
    assert spent(bucket, 1_000.0) == 10
    assert spent(bucket, 1_003.0) == 1
    assert spent(bucket, 1_030.0) == 9
    assert spent(bucket, 9_999.0) == 10, "no more is saved than can be spent at once"


def test_whoever_is_too_fast_is_told_when_it_will_go_again() -> None:
    bucket = Bucket.full(Budget(burst=1, rate=1 / 2.4), 0.0)
    bucket.spend(0.0)
    with pytest.raises(TooFast) as refused:
        bucket.spend(0.0)
    after = refused.value.facts["after"]
    assert after == 3
    bucket.spend(float(after))


def test_being_refused_costs_nothing() -> None:
    bucket = Bucket.full(Budget(burst=1, rate=1), 0.0)
    bucket.spend(0.0)
    for _ in range(50):
        with pytest.raises(TooFast):
            bucket.spend(0.5)
    bucket.spend(1.0)


def test_a_clock_that_steps_back_takes_nothing_away() -> None:
    bucket = Bucket.full(Budget(burst=5, rate=1), 100.0)
    assert spent(bucket, 40.0) == 5
    assert spent(bucket, 100.0) == 0
    assert spent(bucket, 102.0) == 2


def test_every_budget_lets_somebody_begin() -> None:
    named = {name: value for name, value in vars(budgets).items() if isinstance(value, Budget)}
    assert len(named) >= 4
    assert [name for name, budget in named.items() if budget.burst < 1 or budget.rate <= 0] == []
