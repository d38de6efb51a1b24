"""The dev set is what it says it is, and no change of a rule loses what was found before."""

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from typing import Final

import pytest

from bench import recall
from bench.recall import LANGUAGES, Line, Rate
from rooms.safety import ELEVATED, EMERGENCY

PARTS: Final = ("known", "unread")
MOST_SHARED: Final = 0.6


def every_line() -> list[Line]:
    """All lines of the dev set but the ordinary talk."""
    return [line for part in PARTS for tag in LANGUAGES for line in recall.lines(part, tag)]


def words(line: Line) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", " ".join([*line.before, line.text]).casefold()))


def twins(lines: list[Line]) -> Iterator[tuple[str, str]]:
    """Pairs of lines that share more than three of five of their words."""
    having: dict[str, list[int]] = defaultdict(list)
    spelled = [words(line) for line in lines]
    for number, mine in enumerate(spelled):
        shared: dict[int, int] = defaultdict(int)
        for other in chain.from_iterable(having[word] for word in mine):
            shared[other] += 1
        for other, count in shared.items():
            if 2 * count / (len(mine) + len(spelled[other])) > MOST_SHARED:
                yield lines[other].text, lines[number].text
        for word in mine:
            having[word].append(number)


def test_half_of_more_than_eight_hundred_lines_are_traps_that_say_which() -> None:
    lines = every_line()
    traps = [line for line in lines if line.level == 0]
    assert len(lines) >= 800
    assert 0.45 < len(traps) / len(lines) < 0.55
    assert all(line.trap and line.category is None for line in traps)
    assert all(line.category and line.subject and not line.trap for line in lines if line.level)
    assert len({line.trap for line in traps}) >= 20


def test_a_third_is_written_by_people_who_never_saw_a_rule() -> None:
    unread = [line for tag in LANGUAGES for line in recall.lines("unread", tag)]
    assert len(unread) / len(every_line()) > 0.3


def test_the_lines_are_typed_as_people_type() -> None:
    lines = every_line()
    assert sum(bool(line.before) for line in lines) > 40, "cries in pieces"
    assert sum(any(ord(sign) > 0x2600 for sign in line.text) for line in lines) > 40, "emoji"
    assert sum(line.text == line.text.lower() for line in lines) > 400, "no capitals"


def test_no_two_lines_share_more_than_three_of_five_words() -> None:
    assert list(twins(every_line())) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_rules_were_written_with_is_found(language: str) -> None:
    look = recall.by_rules()
    found = [(line, look(line)) for line in recall.lines("known", language)]
    assert at_least(recall.recall(found, EMERGENCY), 0.96)
    assert at_least(recall.recall(found, ELEVATED), 0.93)
    assert not at_least(recall.false_alerts(found), 0.04)


def test_what_nobody_wrote_a_rule_for_is_found_as_often_as_before() -> None:
    """A floor a little below what was measured, so that no change makes it worse unseen. The aim
    for false alerts, one in twenty, is further away: docs/SAFETY.md says how far."""
    look = recall.by_rules()
    found = [(line, look(line)) for tag in LANGUAGES for line in recall.lines("unread", tag)]
    assert at_least(recall.recall(found, EMERGENCY), 0.87)
    assert at_least(recall.recall(found, ELEVATED), 0.87)
    assert not at_least(recall.false_alerts(found), 0.11)


def test_ordinary_sorrow_raises_no_alarm() -> None:
    look = recall.by_rules()
    found = [(line, look(line)) for tag in LANGUAGES for line in recall.lines("ordinary", tag)]
    assert len(found) >= 1_000
    assert not at_least(recall.false_alerts(found), 0.003)


def at_least(rate: Rate, share: float) -> bool:
    return rate.hits / rate.of >= share
