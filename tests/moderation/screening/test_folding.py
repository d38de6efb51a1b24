"""A text made plain: what people in danger mistype is read, and every word knows where it stood."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from moderation.screening.folding import fold, places, undisguised

CRIES = [
    ("plain", "i want to die"),
    ("shouted", "I WANT TO DIE"),
    ("with accents", "I wánt tö dìe"),
    ("with loose accents", "I wa\u0301nt\u0323 to di\u0301\u0323e\u20dd"),
    ("full-width", "Ｉ ｗａｎｔ ｔｏ ｄｉｅ"),
    ("in letters of mathematics", "𝐈 𝔀𝓪𝓷𝓽 𝘁𝗼 𝚍𝚒𝚎"),
    ("in circles", "ⓘ ⓦⓐⓝⓣ ⓣⓞ ⓓⓘⓔ"),
    ("with signs nobody sees", "I wa\u200bnt\u2060 t\u00ado d\u200di\ufeffe"),
    ("turned around by bidi signs", "\u202eI want\u202c \u2066to\u2069 die\u200f"),
    ("in many blanks", "  I\u00a0want \t to\u3000die "),
    ("with a hyphen", "I-want-to-die"),
]


@pytest.mark.parametrize(("_", "written"), CRIES)
def test_a_cry_is_read_however_it_is_typed(_: str, written: str) -> None:
    assert fold(written) == " i want to die "


@pytest.mark.parametrize("apostrophe", "'’‘`´ʼ′")
def test_an_apostrophe_of_any_keyboard_is_a_blank(apostrophe: str) -> None:
    assert fold(f"Don{apostrophe}t") == " don t "


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Œuvre", "oeuvre"),
        ("Ærø", "aerø"),
        ("Straße", "strasse"),
        ("ﬁne", "fine"),
        ("Σίσυφος", "σισυφοσ"),
        ("ЖИТЬ", "жить"),
        ("½", "12"),
    ],
)
def test_letters_of_every_script_are_small_and_bare(written: str, folded: str) -> None:
    assert fold(written) == f" {folded} "


@pytest.mark.parametrize("sign", [".", "!", ";", "\n", "\u2028", "。", "¿"])
def test_a_sentence_ends(sign: str) -> None:
    assert fold(f"no{sign} stop") == " no . stop "


@pytest.mark.parametrize("signs", ["!!", "!!!!!", "...!", "!.."])
def test_signs_that_are_repeated_end_one_sentence(signs: str) -> None:
    assert fold(f"no{signs} stop").replace(" , ", " ") == " no . stop "


@pytest.mark.parametrize("signs", ["??", "?!", "!?!"])
def test_signs_with_a_question_mark_among_them_ask(signs: str) -> None:
    assert fold(f"why{signs} stop") == " why ? stop "


@pytest.mark.parametrize("sign", "?؟")
def test_a_question_is_seen(sign: str) -> None:
    assert fold(f"why{sign}") == " why ? "


@pytest.mark.parametrize(
    "sign", [",", ":", "(", "/", "–", "—", "…", "...", "..", "--", " - ", "😭"]
)
def test_a_sentence_is_parted_and_does_not_end(sign: str) -> None:
    assert fold(f"no{sign}stop") == " no , stop "


@pytest.mark.parametrize("signs", ['""', "“”", "„“", "«»", "‹›"])
def test_a_quotation_is_seen_in_every_style(signs: str) -> None:
    assert fold(f"{signs[0]}no{signs[1]}") == ' " no " '


@pytest.mark.parametrize("text", ["", " ", "\u200b", "\ud800", "\u0301"])
def test_a_text_without_a_word_is_two_blanks(text: str) -> None:
    assert fold(text) == "  "


# The way back.


def stood(text: str, word: str) -> str:
    """What stands in a text where its folded word was found."""
    folded, where = fold(text), places(text)
    start = folded.index(f" {word} ") + 1
    return text[where[start] : where[start + len(word) - 1] + 1]


@pytest.mark.parametrize(
    ("text", "word", "there"),
    [
        ("I want to DIE", "die", "DIE"),
        ("😭😭 die 😭", "die", "die"),
        ("so... I d\u200bi\u200be now", "die", "d\u200bi\u200be"),
        ("ﬁne, Straße!", "strasse", "Straße"),
        ("oh - no -- die", "die", "die"),
        ("'die'", "die", "die"),
        ("\n\n die\n", "die", "die"),
        ("½ ½ die", "die", "die"),
    ],
)
def test_a_word_is_found_where_it_stands(text: str, word: str, there: str) -> None:
    assert stood(text, word) == there


@pytest.mark.parametrize("text", ["milk\n- die", "milk\t-\tdie", "milk\u00a0-\u00a0die"])
def test_a_list_with_dashes_does_not_move_the_words_behind_it(text: str) -> None:
    assert stood(text, "die") == "die"


TRICKY = [*" \t\n-.,?'\"’…😭\u200b\u0301ﬁßİŉΰ\u0345½œa", "..", "--", " - ", "\n- ", "\ud800"]


@given(st.lists(st.sampled_from(TRICKY) | st.characters()).map("".join))
def test_every_letter_of_a_folded_text_stands_in_the_text_in_order(text: str) -> None:
    folded, where = fold(text), places(text)
    assert len(where) == len(folded)
    assert where == sorted(where)
    assert all(0 <= place <= len(text) for place in where)
    for sign, place in zip(folded, where, strict=True):
        assert not sign.isalnum() or sign in fold(text[place])


@given(st.text())
@example("a.. -- b - c…")
def test_a_folded_text_is_plain_and_stays_as_it_is(text: str) -> None:
    folded = fold(text)
    assert folded[0] == folded[-1] == " "
    assert "  " not in folded.strip()
    assert all(c.isalnum() or c in ' .,?"' for c in folded)
    assert fold(folded) == folded


# Disguises.


def others(text: str) -> list[str]:
    """The other readings, without the blanks around them."""
    return [reading.strip() for reading in undisguised(text, fold(text))]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("s u i c i d e", "suicide"),
        ("S U I C I D E", "suicide"),
        ("killlll", "kill"),
        ("dieeee", "die"),
        ("suic1dal", "suicidal"),
        ("$u1c1d3", "suicide"),
        ("k1ll", "kill"),
        ("k!ll", "kill"),
        ("k*ll", "kill"),
        ("d*e", "die"),
        ("c@tting", "catting"),
        ("5uicidal!!", "suicidal ."),
    ],
)
def test_a_disguised_word_is_read(written: str, read: str) -> None:
    assert read in others(written)


@pytest.mark.parametrize(
    "text",
    [
        "I am 1234 days sober",
        "50mg at 7am, 20h, 3rd step, 2yrs",
        "Good evening, everybody!",
        "b4 we go",
        "A B C",
        "$5",
        "100%",
        "",
    ],
)
def test_numbers_and_ordinary_words_have_no_other_reading(text: str) -> None:
    assert others(text) == []


@pytest.mark.parametrize("laughter", ["kkkk", "jjj"])
def test_laughter_stays_laughter(laughter: str) -> None:
    assert set(others(laughter)) == {laughter}


@given(st.text("aeikl 013457@$*!.,'\n"))
def test_another_reading_is_a_folded_text_too(text: str) -> None:
    for reading in undisguised(text, fold(text)):
        assert fold(reading) == reading
