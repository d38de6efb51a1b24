"""Names that look the same have one key."""

import pytest
from confusable_homoglyphs.confusables import confusables_data
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.lookalikes import compare_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Ada", "ADA", id="case"),
        pytest.param("Ada", "\u0410d\u0430", id="Cyrillic А and а"),
        pytest.param("Ada", "\U0001d4d0\U0001d4ed\U0001d4ea", id="mathematical script"),
        pytest.param("Ada", "Ａｄａ", id="full width"),
        pytest.param("Bo", "B0", id="nought for o"),
        pytest.param("Ian", "1an", id="one for I"),
        pytest.param("Fin", "F1n", id="one for i"),
        pytest.param("Ian", "lan", id="small L for I"),
        pytest.param("Mo", "rno", id="r and n for m"),
        pytest.param("HOPE", "\u041d\u041e\u0420\u0415", id="capitals of another alphabet"),
        pytest.param("анна", "АННА", id="case in Cyrillic"),
        pytest.param("caf\u00e9", "cafe\u0301", id="an accent written apart"),
    ],
)
def test_names_that_look_the_same_have_one_key(one: str, other: str) -> None:
    assert compare_key(one) == compare_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Ada", "Bo"), ("Jose", "José"), ("Dan", "Dav"), ("Анна", "Инна")]
)
def test_names_that_differ_to_the_eye_have_two_keys(one: str, other: str) -> None:
    assert compare_key(one) != compare_key(other)


def test_the_key_of_a_key_is_itself_for_every_confusable_character() -> None:
    unstable = [
        shape for shape in confusables_data if compare_key(compare_key(shape)) != compare_key(shape)
    ]
    assert unstable == []


def test_every_listed_pair_of_one_latin_character_meets() -> None:
    """The package's list, read again without our table: what looks like a letter has its key."""
    apart = [
        (letter, shape["c"])
        for letter in "abcdefghjklnopqrstuvwxyz"
        for shape in confusables_data.get(letter, [])
        if compare_key(shape["c"].strip("\u200e")) != compare_key(letter)
    ]
    assert apart == []


@settings(derandomize=True, deadline=None, max_examples=500)
@given(st.text(alphabet=st.characters(), max_size=40))
def test_any_text_has_a_stable_key(text: str) -> None:
    key = compare_key(text)
    assert compare_key(key) == key
