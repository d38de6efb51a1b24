"""The names offered at the door."""

from itertools import count, repeat

from rooms.pseudonyms import MOST_CHARACTERS, compare_key, display
from rooms.suggestions import FIRST_WORDS, LAST_WORDS, suggest

DRAWN = [3_141_592_653, 2_718_281_828, 1_618_033_988]


def test_a_newcomer_is_offered_three_names() -> None:
    names = suggest(DRAWN, set())
    assert len(names) == 3
    assert all(display(name) == name for name in names)


def test_the_same_draws_offer_the_same_names() -> None:
    assert suggest(DRAWN, set()) == suggest(iter(DRAWN), set())


def test_offered_names_share_no_word() -> None:
    words = " ".join(suggest(repeat(7), set(), how_many=40)).split()
    assert len(words) == len(set(words)) == 80


def test_a_name_that_is_taken_is_not_offered() -> None:
    names = suggest(DRAWN, set())
    taken = {compare_key(name) for name in names}
    others = suggest(DRAWN, taken)
    assert len(others) == 3
    assert taken.isdisjoint(map(compare_key, others))


def test_no_more_is_drawn_than_needed() -> None:
    draws = count(5)
    suggest(draws, set(), how_many=2)
    assert next(draws) == 7
    assert suggest(draws, set(), how_many=0) == []
    assert next(draws) == 8


def test_with_few_draws_there_are_few_names() -> None:
    assert len(suggest(DRAWN[:1], set())) == 1


def test_with_every_name_taken_nothing_is_offered() -> None:
    taken = {compare_key(f"{first} {last}") for first in FIRST_WORDS for last in LAST_WORDS}
    assert suggest(count(), taken) == []
    assert suggest(count(), taken - {compare_key("Quiet Heron")}) == ["Quiet Heron"]


def test_there_are_enough_words_and_none_twice() -> None:
    assert len(FIRST_WORDS) >= 120
    assert len(LAST_WORDS) >= 120
    words = [compare_key(word) for word in (*FIRST_WORDS, *LAST_WORDS)]
    assert len(words) == len(set(words))


def test_every_name_that_can_be_offered_can_be_taken() -> None:
    names = [f"{first} {last}" for first in FIRST_WORDS for last in LAST_WORDS]
    assert [name for name in names if display(name) != name] == []
    assert max(map(len, names)) <= MOST_CHARACTERS
    assert len(set(map(compare_key, names))) == len(names)


def test_the_words_are_plain_english_letters() -> None:
    assert all(word.isascii() and word.istitle() for word in (*FIRST_WORDS, *LAST_WORDS))
