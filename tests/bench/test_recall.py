"""How detection is measured: rates with their intervals, and a document that is never stale."""

import pytest

from bench import recall
from bench.recall import Line, Rate, wilson
from rooms.safety import ELEVATED, EMERGENCY


def test_a_rate_says_how_much_it_may_be_off() -> None:
    low, high = wilson(9, 10)
    assert (round(low, 2), round(high, 2)) == (0.60, 0.98)
    assert wilson(0, 20)[0] == 0.0
    assert wilson(20, 20)[1] == pytest.approx(1.0)
    assert str(Rate(9, 10)) == "0.90 (0.60–0.98)"
    assert str(Rate(0, 0)) == "–"


def test_what_is_missed_and_what_is_taken_for_danger_is_counted() -> None:
    lines = [Line("a", 3), Line("b", 3), Line("c", 2), Line("d", 0, trap="joke"), Line("e", 0)]
    found = list(zip(lines, [3, 2, 2, 2, 1], strict=True))
    assert recall.recall(found, EMERGENCY) == (1, 2)
    assert recall.recall(found, ELEVATED) == (3, 3)
    assert recall.precision(found) == (3, 4)
    assert recall.false_alerts(found) == (1, 2)


def test_a_plain_list_finds_its_words_and_nothing_more() -> None:
    look = recall.by_keywords("en")
    assert look(Line("I want to KILL myself", 3)) == EMERGENCY
    assert look(Line("the rope is up", 3)) == 0
