"""Words: drawn, spoken, written down badly, typed in again."""

import logging
import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mnemonic import Mnemonic

from rooms.refusals import Refused
from server.people.words import (
    LIST,
    MistypedWord,
    Words,
    WordsDoNotMatch,
    WrongNumberOfWords,
    draw,
    parse,
)

ADA = Words(bytes(range(10)))
SPOKEN = ADA.spoken.split()


def test_drawn_words_are_eight_of_the_list_and_read_back_as_themselves() -> None:
    for _ in range(200):
        words = draw()
        spoken = words.spoken.split()
        assert len(spoken) == 8
        assert set(spoken) <= set(LIST)
        assert parse(words.spoken) == words


def test_words_are_eighty_drawn_bits_of_the_source_handed_in() -> None:
    asked: list[int] = []

    def source(count: int) -> bytes:
        asked.append(count)
        return b"\x01" * count

    assert draw(source).drawn == b"\x01" * 10
    assert asked == [10]


def test_the_list_is_the_english_one_and_its_words_differ_in_four_letters() -> None:
    assert list(LIST) == Mnemonic("english").wordlist
    assert len({word[:4] for word in LIST}) == len(LIST) == 2048


def test_the_spelling_never_changes() -> None:
    """If these words change, everybody who wrote theirs down is locked out."""
    assert ADA.spoken == "abandon amount liar amount expire adjust cage catalog"
    assert (
        ADA.person_key(b"s" * 32).hex()
        == "d3b21b8832bf28e7f54c499ff634f803eec68b057b6d18b7f5a13497878bad21"
    )


def test_the_key_depends_on_the_deployment() -> None:
    assert ADA.person_key(b"one") != ADA.person_key(b"two")
    assert len(ADA.person_key(b"one")) == 32


@pytest.mark.parametrize(
    "typed",
    [
        ADA.spoken.upper(),
        ADA.spoken.title(),
        f"  {ADA.spoken}\n",
        ", ".join(SPOKEN),
        ",".join(SPOKEN),
        "\n".join(SPOKEN),
        "\r\n\r\n".join(SPOKEN),
        "\u00a0".join(SPOKEN),
        "\u3000".join(SPOKEN),
        "\u200b".join(SPOKEN),
        " - ".join(SPOKEN),
        "; ".join(SPOKEN) + ".",
        " ".join(f"{n}. {word}" for n, word in enumerate(SPOKEN, 1)),
        " ".join(word[:4] for word in SPOKEN),
        "".join(chr(ord(c) + 0xFEE0) if c != " " else "\u3000" for c in ADA.spoken),
        unicodedata.normalize("NFD", ADA.spoken),
    ],
)
def test_somebody_may_type_their_words_as_they_like(typed: str) -> None:
    assert parse(typed) == ADA


def test_a_word_that_is_not_on_the_list_is_named_with_what_was_meant() -> None:
    typed = [*SPOKEN]
    typed[2] = "abandn"
    with pytest.raises(MistypedWord) as slip:
        parse(" ".join(typed))
    assert (slip.value.position, slip.value.word) == (3, "abandn")
    assert slip.value.suggestions[0] == "abandon"
    assert len(slip.value.suggestions) <= 3


def test_a_wrong_ending_is_told_and_not_mended() -> None:
    typed = [*SPOKEN[:7], "abandoned"]
    with pytest.raises(MistypedWord) as slip:
        parse(" ".join(typed))
    assert "abandon" in slip.value.suggestions


@pytest.mark.parametrize("count", [0, 1, 7, 9, 12, 24])
def test_too_few_or_too_many_words_are_counted(count: int) -> None:
    with pytest.raises(WrongNumberOfWords) as wrong:
        parse(" ".join((SPOKEN * 3)[:count]))
    assert wrong.value.facts == {"count": count}


@pytest.mark.parametrize("book", ["abandon " * 1_000_000, " ".join(["a" * 1_000_000] * 8)])
def test_a_book_pasted_into_the_field_is_refused_without_reading_it(book: str) -> None:
    with pytest.raises(WrongNumberOfWords) as wrong:
        parse(book)
    assert wrong.value.facts == {}


def test_almost_every_exchanged_word_is_told() -> None:
    """One slip in 256 makes other valid words; a checksum of eight bits can do no better."""
    caught = tried = 0
    for place in range(8):
        for other in LIST[::16]:
            typed = [*SPOKEN]
            if typed[place] == other:
                continue
            typed[place] = other
            tried += 1
            try:
                parse(" ".join(typed))
            except WordsDoNotMatch:
                caught += 1
    assert caught / tried > 0.98


def test_two_neighbours_exchanged_are_told() -> None:
    told = 0
    for _ in range(100):
        first, second, *others = draw().spoken.split()
        try:
            parse(" ".join([second, first, *others]))
        except WordsDoNotMatch:
            told += 1
    assert told >= 95


@given(st.text(max_size=500))
def test_whatever_is_typed_gets_words_or_a_sentence(typed: str) -> None:
    try:
        assert isinstance(parse(typed), Words)
    except Refused as refused:
        assert refused.code in {"wrong_number_of_words", "mistyped_word", "words_do_not_match"}


@given(st.lists(st.sampled_from(LIST), min_size=8, max_size=8))
def test_any_eight_words_of_the_list_are_words_or_a_slip(chosen: list[str]) -> None:
    with suppress(WordsDoNotMatch):
        assert parse(" ".join(chosen)).spoken.split() == chosen


def test_words_reach_no_log(caplog: pytest.LogCaptureFixture) -> None:
    words = draw()
    with caplog.at_level(logging.DEBUG):
        logging.warning("%s %r %s", words, words, f"{words}")
        logging.warning("%s", {"words": [words]})
    assert words.spoken.split()[0] not in caplog.text
    assert words.drawn.hex() not in caplog.text
    assert "Words(hidden)" in caplog.text


def test_a_slip_keeps_what_was_typed_out_of_its_facts_and_its_text() -> None:
    """Seven right words and one nearly right one are almost the secret."""
    with pytest.raises(MistypedWord) as slip:
        parse(" ".join([*SPOKEN[:7], "lemmon"]))
    assert slip.value.facts == {"position": 8}
    assert "lemmon" not in f"{slip.value} {slip.value!r} {slip.value.args}"


@pytest.mark.parametrize("sealed", [b"", b"\0", b"\x07" * 10, ADA.sealed + b"\0"])
def test_bytes_of_another_length_are_no_words(sealed: bytes) -> None:
    with pytest.raises(WordsDoNotMatch):
        Words.unsealed(sealed)


def test_words_of_another_length_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="10 drawn bytes"):
        Words(b"short")
