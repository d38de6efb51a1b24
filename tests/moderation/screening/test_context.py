"""What stands around a find: a denial, the past, a book, a laugh, and whom it is about."""

from collections.abc import Callable

import pytest

from moderation.screening.context import NEGATION_REACHES, SUBJECT_REACHES, Place, Reader, Reading
from moderation.screening.folding import fold
from moderation.screening.patterns import Patterns
from rooms.safety import Subject
from tests.moderation.screening.small import lexicon

LANGUAGE = lexicon()
READER = Reader(LANGUAGE, Patterns(LANGUAGE.words, {}))


def around(text: str) -> tuple[Reading, Place]:
    """A text, and the place of the words between its stars."""
    before, found, after = (fold(part).strip() for part in text.split("*"))
    folded = f" {' '.join(f'{before} {found} {after}'.split())} "
    start = len(f" {before} ".lstrip()) + 1 if before else 1
    assert folded[start : start + len(found)] == found
    reading = Reading(READER, folded)
    return reading, reading.place(start, start + len(found))


def holds(question: Callable[[Reading, Place], bool], text: str) -> bool:
    """Whether something stands around the words between the stars."""
    reading, place = around(text)
    return question(reading, place)


# Where a find stands.


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("I *die*", "i die"),
        ("Yes. I *die*. No", "i die"),
        ("Why? I *die*? No", "i die"),
        ("Yes\nwell, I *die*, no", "well , i die , no"),
    ],
)
def test_a_find_stands_in_its_sentence(text: str, sentence: str) -> None:
    reading, place = around(text)
    begin, end = place.sentence
    assert reading._text[begin:end].strip() == sentence


def test_a_clause_begins_behind_its_comma_or_its_but() -> None:
    for text, clause in [
        ("well, I *die*", "i die"),
        ("I rest but she did *die*", "she did die"),
        ("one, two but three, four *die*", "four die"),
        ("one. two *die*", "two die"),
    ]:
        reading, place = around(text)
        assert reading._text[place.clause : place.end].strip() == clause


def test_only_a_question_mark_at_its_end_makes_it_a_question() -> None:
    asks = [around(text)[1].asks for text in ("*die*?", "*die* now?", "*die*. Why?", "why? *die*")]
    assert asks == [True, True, False, False]


# Denials.

WISHES = READER.patterns.expression("(i|do)? .. (want to)? die", "you will never find me")
"""What finds what stands between the stars here."""


def denied(reading: Reading, place: Place) -> bool:
    return reading.denied(place, WISHES)


@pytest.mark.parametrize(
    "text",
    [
        "I do not *want to die*",
        "I don't *want to die*",
        "I never ever *want to die*",
        "I *do not want to die*",
        "not one two three four *die*",
        "I *want to die*, not really",
    ],
)
def test_what_is_denied_is_denied(text: str) -> None:
    assert holds(denied, text)


@pytest.mark.parametrize(
    "text",
    [
        "I *want to die*",
        "I did not sleep, I *want to die*",
        "I did not sleep but I *want to die*",
        "I did not sleep. I *want to die*",
        "not one two three four five *die*",
        "I *want to die*, I am not well",
        "a knot I *want to die*",
    ],
)
def test_a_denial_of_something_else_denies_nothing(text: str) -> None:
    assert not holds(denied, text)


def test_a_denial_that_the_pattern_itself_asks_for_denies_nothing() -> None:
    assert not holds(denied, "here *you will never find me*")
    assert holds(denied, "not true that *you will never find me*")


def test_a_denial_reaches_five_words() -> None:
    for words in range(2 * NEGATION_REACHES):
        text = f"not {'so ' * words}*die*"
        assert holds(denied, text) is (words < NEGATION_REACHES)


# Time.


@pytest.mark.parametrize(
    ("text", "past"),
    [
        ("I used to *want to die*", True),
        ("10 years ago I *took pills*", True),
        ("I *took pills* 10 years ago", True),
        ("I *took pills*. That was years ago", True),
        ("I *took pills*. Yes. That was years ago", False),
        ("I *took pills*", False),
        ("I used to and again I *took pills*", False),
        ("10 years ago, and last night, I *took pills*", False),
        ("10 years ago I was well. I *took pills*", False),
    ],
)
def test_what_is_over_is_past(text: str, past: bool) -> None:
    assert holds(Reading.long_past, text) is past


@pytest.mark.parametrize(
    ("text", "rises"),
    [
        ("tonight I *want to die*", True),
        ("I *want to die*, goodbye", True),
        ("Goodbye. I *want to die*", False),
        ("I *want to die*", False),
    ],
)
def test_a_farewell_counts_in_its_own_sentence(text: str, rises: bool) -> None:
    assert holds(Reading.rises, text) is rises


# What it is about.


def test_a_book_a_question_and_people_in_general_are_told_from_the_writer() -> None:
    assert holds(Reading.informs, "in the book they *want to die*")
    assert not holds(Reading.informs, "I read the book. I *want to die*")
    assert holds(Reading.in_general, "people who *want to die* need rest")
    assert not holds(Reading.in_general, "my people, I *want to die*")
    assert holds(Reading.asked, "why does one *want to die*?")
    assert not holds(Reading.asked, "why does one *want to die*")
    assert not holds(Reading.asked, "should I *die*?")


def test_somebody_laughs_in_the_same_breath_or_behind_it() -> None:
    assert holds(Reading.laughs, "lol I *want to die*")
    assert holds(Reading.laughs, "I *want to die*. haha")
    assert not holds(Reading.laughs, "lol. I *want to die*")


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('he said "I *want to die*" and left', True),
        ("he said “I *want to die*” and left", True),
        ('"yes" he said I *want to die*', False),
        ('"yes" and "I *want to die*"', True),
        ('my 5" screen. I *want to die*', False),
        ("I *want to die*", False),
    ],
)
def test_only_what_stands_between_two_marks_is_quoted(text: str, quoted: bool) -> None:
    assert holds(Reading.quoted, text) is quoted


def test_an_idiom_covers_what_it_overlaps() -> None:
    assert holds(Reading.means_something_else, "I *want to die* of laughter")
    assert not holds(Reading.means_something_else, "I want to die of laughter, I *want to die*")


def test_only_the_concept_that_a_sentence_excuses_is_excused() -> None:
    reading, place = around("the plant seems to *want to die*")
    assert reading.excused("wants", place)
    assert not reading.excused("intends", place)
    reading, place = around("the plant is well. I *want to die*")
    assert not reading.excused("wants", place)


# Whom it is about.


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("I *want to die*", Subject.SELF),
        ("she does *want to die*", Subject.OTHER),
        ("my sister told me she may *die*", Subject.OTHER),
        ("she thinks that I *want to die*", Subject.SELF),
        ("*die*", None),
        ("She left. May *die*", None),
    ],
)
def test_it_is_about_the_nearest_person(text: str, subject: Subject | None) -> None:
    reading, place = around(text)
    assert reading.about(place) is subject


def test_a_person_is_looked_for_seven_words_back() -> None:
    for words in range(2 * SUBJECT_REACHES):
        reading, place = around(f"she {'so ' * words}*die*")
        assert (reading.about(place) is Subject.OTHER) is (words < SUBJECT_REACHES)


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("you should *die*", True),
        ("you know I *want to die*", False),
        ("you know, *want to die*", False),
        ("do you think they cry if *I die*", False),
        ("*die*", False),
    ],
)
def test_what_is_said_to_somebody_else_is_told(text: str, addresses: bool) -> None:
    assert holds(Reading.addresses, text) is addresses
