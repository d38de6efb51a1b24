"""The files of the lexicons: what they may hold, and how a mistake in one is told."""

import json
from typing import Any

import msgspec
import pytest

from moderation.screening.lexicon import (
    BadLexicon,
    Concept,
    Frequent,
    check,
    read_concepts,
    read_frequent,
    read_lexicon,
)
from rooms.safety import Category
from tests.moderation.screening.small import CONCEPTS, concept, lexicon

WANTS = b"""
[wants-to-die]
says = "wants to die"
level = 2
category = "suicide"
source = "C-SSRS 2"
"""


def written(parts: dict[str, Any]) -> bytes:
    """The file with these parts."""
    return "\n".join(f"{name} = {_value(part)}" for name, part in parts.items()).encode()


def _value(part: Any) -> str:
    if isinstance(part, dict):
        return f"{{{', '.join(f'{name} = {_value(inner)}' for name, inner in part.items())}}}"
    return json.dumps(part)  # words and lists of words are written alike in both


def parts() -> dict[str, Any]:
    """The parts of the small language's file."""
    found: dict[str, Any] = msgspec.to_builtins(lexicon())
    return found


def test_a_concept_is_what_its_file_says() -> None:
    (wants,) = read_concepts(WANTS).values()
    assert (wants.level, wants.category, wants.subject) == (2, Category.SUICIDE, None)
    assert not (wants.firm or wants.craving or wants.holds or wants.rises or wants.them)


def test_a_language_comes_back_from_its_file() -> None:
    assert read_lexicon(written(parts())) == lexicon()


def test_a_language_may_leave_out_what_it_does_not_need() -> None:
    plain = parts()
    del plain["unless"], plain["contexts"]["denial"], plain["contexts"]["taken_back"]
    read = read_lexicon(written(plain))
    assert (read.unless, read.contexts.denial, read.contexts.taken_back) == ({}, (), ())


def test_frequent_words_weigh_what_their_list_says() -> None:
    weights = read_frequent(written({"hundred": "the a", "thirty": "to", "ten": "took\nall"}))
    assert weights == {"the": 200.0, "a": 200.0, "to": 60.0, "took": 20.0, "all": 20.0}


def test_a_word_in_two_lists_counts_as_the_more_frequent() -> None:
    assert Frequent(hundred="the", thirty="", ten="the").weights() == {"the": 200.0}


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        (b"level = 2", b"level = 4", "$[...].level"),
        (b"level = 2", b"level = -1", "$[...].level"),
        (b"level = 2", b'level = "2"', "$[...].level"),
        (b"level = 2", b"", "level"),
        (b"says =", b"say =", "say"),
        (b'"suicide"', b'"sadness"', "$[...].category"),
        (b"source =", b'holds = ["sarcasm"]\nsource =', "$[...].holds[0]"),
        (b"source =", b'them = "Somebody Else"\nsource =', "$[...].them"),
        (b"source =", b'patterns = ["die"]\nsource =', "patterns"),
        (b"wants-to-die", b"Wants", "$"),
        (b'"wants to die"', b'"wants to die', "line 3"),
    ],
)
def test_a_mistake_in_the_concepts_is_told_with_its_place(
    old: bytes, new: bytes, place: str
) -> None:
    assert old in WANTS
    with pytest.raises(msgspec.MsgspecError) as refused:
        read_concepts(WANTS.replace(old, new))
    assert place in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_mistake_in_a_language_is_told_with_its_place() -> None:
    plain = parts()
    plain["contexts"]["negation"] = "not"
    with pytest.raises(msgspec.ValidationError, match=r"\$\.contexts\.negation"):
        read_lexicon(written(plain))


@pytest.mark.parametrize("part", ["language", "common", "words", "contexts", "patterns"])
def test_a_language_without_one_of_its_parts_is_refused(part: str) -> None:
    plain = parts()
    del plain[part]
    with pytest.raises(msgspec.ValidationError, match=part):
        read_lexicon(written(plain))


def test_a_part_nobody_knows_is_refused_and_not_passed_over() -> None:
    plain = parts() | {"paterns": {}}
    with pytest.raises(msgspec.ValidationError, match="paterns"):
        read_lexicon(written(plain))


def test_bytes_that_are_no_text_are_refused() -> None:
    for read in (read_concepts, read_lexicon, read_frequent):
        with pytest.raises((msgspec.MsgspecError, UnicodeDecodeError)):
            read(b"\xff\xfe")


# Together.


def test_files_that_fit_are_accepted() -> None:
    check(CONCEPTS, [lexicon(), lexicon(language="other")])


@pytest.mark.parametrize(
    ("concepts", "sentence"),
    [
        ({"wants": concept(2, them="nobody")}, "wants becomes nobody, which is no concept"),
        ({"calm": concept(0)}, "calm: a craving has level 0, and nothing else has"),
        ({"urge": concept(1, craving=True)}, "urge: a craving has level 0, and nothing else has"),
    ],
)
def test_concepts_that_do_not_fit_are_refused_in_a_sentence(
    concepts: dict[str, Concept], sentence: str
) -> None:
    with pytest.raises(BadLexicon) as refused:
        check(concepts, [])
    assert str(refused.value) == sentence


@pytest.mark.parametrize("changes", [{"patterns": {"fun": ("x",)}}, {"unless": {"fun": ("x",)}}])
def test_patterns_for_nothing_are_refused_by_language_and_name(changes: dict[str, Any]) -> None:
    with pytest.raises(BadLexicon) as refused:
        check(CONCEPTS, [lexicon(), lexicon(language="xx", **changes)])
    assert str(refused.value) == "xx has patterns for fun, which is no concept"
