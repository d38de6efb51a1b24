"""Which names a person may carry, and what they are told about the others."""

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms import pseudonyms
from rooms.pseudonyms import (
    PseudonymContact,
    PseudonymMixedScripts,
    PseudonymRefused,
    PseudonymReserved,
    PseudonymTaken,
    PseudonymTooLong,
    PseudonymTooShort,
    PseudonymUnreadable,
    compare_key,
    display,
)
from rooms.refusals import REFUSALS


def names(text: str) -> list[str]:
    """The names of a short table, one beside the other."""
    return [name.strip() for line in text.strip().splitlines() for name in line.split("|")]


@pytest.mark.parametrize(
    "name",
    names("""
    Ada|Bo|Quiet Heron|O'Neil|J.R.|Mr.Bean|Jean-Luc|Ñandú|Søren|Ada 2024|Moon 🌙|Анна|Νίνα|محمد|שלום
    हिंदी|ကြွေး|สมชาย|さくら|さくらSakura|山田さん|서울|Nguyễn|Polka Dot|Line 6|Zoë & Co
    """),
)
def test_a_name_in_any_living_script_is_welcome(name: str) -> None:
    assert display(name) == name


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("  Quiet   Heron ", "Quiet Heron"),
        ("Quiet\u00a0Heron", "Quiet Heron"),
        ("Ａｄａ", "Ada"),
        ("Jose\u0301", "Jos\u00e9"),
        ("\ufb01nch", "finch"),
    ],
)
def test_a_name_is_shown_in_its_one_plain_spelling(typed: str, shown: str) -> None:
    assert display(typed) == shown


@pytest.mark.parametrize("name", ["", " ", "   ", "A", "山", "\u3000\u3000"])
def test_a_name_of_less_than_two_characters_is_too_short(name: str) -> None:
    with pytest.raises(PseudonymTooShort):
        display(name)


def test_twenty_four_characters_fit_and_twenty_five_do_not() -> None:
    assert display("ab" * 12) == "ab" * 12
    assert display("कि" * 24) == "कि" * 24
    with pytest.raises(PseudonymTooLong) as refused:
        display("ab" * 12 + "c")
    assert refused.value.facts == {"limit": 24}
    assert "24" in PseudonymTooLong.text


def test_one_character_cannot_be_endless() -> None:
    """Malayalam dot reph joins whatever follows it: a thousand of them are one grapheme."""
    with pytest.raises(PseudonymTooLong):
        display("\u0d4e" * 80 + "\u0d15\u0d15")


def test_a_flood_of_spaces_is_refused_before_it_is_cleaned() -> None:
    with pytest.raises(PseudonymTooLong):
        display("Ada" + " " * 300 + "B")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Ada\0", id="NUL"),
        pytest.param("Ada\nFay", id="line break"),
        pytest.param("Ada\u2028Fay", id="line separator"),
        pytest.param("Ada\ud800", id="half a character"),
        pytest.param("Ada\ue000", id="private use"),
        pytest.param("Ada\U000e0fff", id="unassigned"),
        pytest.param("Ada\u202eyaf", id="turned direction"),
        pytest.param("A\u200bda", id="zero-width space"),
        pytest.param("A\u200dda", id="joiner"),
        pytest.param("A\u00adda", id="soft hyphen"),
        pytest.param("Ada\U000e0061", id="tag"),
        pytest.param("Ada \u2600\ufe0f", id="variation selector"),
        pytest.param("A\u034fda", id="grapheme joiner"),
        pytest.param("Ada\u2800", id="blank braille"),
        pytest.param("Ada\U0001d159", id="a note without a head"),
        pytest.param("\u3164\u3164", id="Hangul filler"),
        pytest.param("\uffa0\uffa0", id="half-width Hangul filler"),
        pytest.param("\u115f\u1160", id="Hangul jamo fillers"),
        pytest.param("Ada\ufffd", id="replacement character"),
        pytest.param("🌙🌙", id="nothing to say aloud"),
        pytest.param("--", id="punctuation alone"),
        pytest.param("\u0301Ada", id="a mark first"),
        pytest.param("Ada \u0316", id="a mark on nothing"),
        pytest.param("Ada\u0316\u0317\u0318", id="three marks piled up"),
        pytest.param("क" + "ा" * 5 + "म", id="five marks in a row"),
    ],
)
def test_a_name_that_not_everybody_could_read_is_refused(name: str) -> None:
    with pytest.raises(PseudonymUnreadable):
        display(name)


@pytest.mark.parametrize(
    "name",
    names("""
    555 1234|5-5-5-1-2|٥٥٥١٢|①②③④⑤|@ada|ada@bo.org|https://x|www ada|ada.com|ada dot com|Ada#123
    insta: ada|IG=ada|Whatsapp me|t.me/ada|tel: 555
    """),
)
def test_a_name_that_leads_outside_is_refused(name: str) -> None:
    with pytest.raises(PseudonymContact):
        display(name)


@pytest.mark.parametrize("name", ["\u0410da", "Аdа", "pαul", "Adaא", "さくらАнна"])
def test_a_name_that_mixes_alphabets_is_refused(name: str) -> None:
    with pytest.raises(PseudonymMixedScripts):
        display(name)


@pytest.mark.parametrize("name", ["Moderator", "M0derat0r", "Ｈｏｓｔ", "Candle Light", "Staff 🌙"])
def test_a_name_that_claims_a_task_is_refused(name: str) -> None:
    with pytest.raises(PseudonymReserved):
        display(name)


def test_a_name_in_another_alphabet_that_looks_like_ada_is_ada() -> None:
    """All letters are Cyrillic, so they may stand together; Ada is in the room already."""
    assert compare_key(display("\u0410\u0501\u0430")) == compare_key(display("Ada"))


def test_a_refusal_does_not_carry_the_name_along() -> None:
    with pytest.raises(PseudonymUnreadable) as refused:
        display("Ada\u0640\u0378")
    assert refused.value.__context__ is None
    assert refused.value.facts == {}


def test_every_reason_has_its_own_code() -> None:
    codes = {code for code, kind in REFUSALS.items() if issubclass(kind, PseudonymRefused)}
    assert codes == {
        "pseudonym_contact",
        "pseudonym_mixed_scripts",
        "pseudonym_reserved",
        "pseudonym_taken",
        "pseudonym_too_long",
        "pseudonym_too_short",
        "pseudonym_unreadable",
    }
    assert PseudonymTaken.code == "pseudonym_taken"


# Names as an attacker draws them: any character, with the troublesome ones far more often.
TROUBLE = "\0\ud800\u200b\u200d\u202e\u2066\u2800\u3164\u115f\ufe0f\u0301\u0316\u0644\u0410aA1 .-🌙"
typed = st.text(
    alphabet=st.one_of(
        st.sampled_from(TROUBLE), st.characters(), st.characters(categories=["L", "M", "N", "Zs"])
    ),
    max_size=30,
) | st.text(alphabet="abc ÀéßıİﬁK٣Жя\u0301\u0327ाि्ー가", max_size=26)


@settings(derandomize=True, deadline=None, max_examples=2_000)
@given(typed)
def test_whatever_is_typed_is_a_good_name_or_a_refusal(raw: str) -> None:
    try:
        name = display(raw)
    except PseudonymRefused:
        return
    assert display(name) == name
    assert name.encode()
    assert name == name.strip()
    assert regex.search(r"[\p{L}\p{N}]", name)
    assert not regex.search(r"[\p{C}\p{Default_Ignorable_Code_Point}\u2800]", name)
    characters = len(regex.findall(r"\X", name))
    assert pseudonyms.FEWEST_CHARACTERS <= characters <= pseudonyms.MOST_CHARACTERS
    assert compare_key(name)
    assert compare_key(compare_key(name)) == compare_key(name)
