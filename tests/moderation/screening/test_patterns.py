"""The little language of the lexicons: what each of its signs finds, and what it refuses."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.screening.folding import fold
from moderation.screening.patterns import BadPattern, Pattern, Patterns

LISTS = {
    "pills": ("pills", "sleeping tablets", "benzo*"),
    "i": ("i", "we"),
    "took": ("<i> took", "swallowed"),
}
FREQUENT = {"the": 200.0, "i": 60.0, "to": 60.0, "took": 20.0, "all": 20.0}
PATTERNS = Patterns(LISTS, FREQUENT)


def found(pattern: str, text: str) -> str | None:
    """What a pattern finds in a text; None where it finds nothing."""
    match = PATTERNS.read(pattern).expression.search(fold(text))
    return match[0].strip() if match else None


FINDS = [
    ("die", "I could DIE."),
    ("díe", "die"),
    ("die", "díe"),
    ("suicid*", "suicidal"),
    ("suicid*", "suicid"),
    ("*pills", "painpills"),
    ("*pill*", "painpills"),
    ("don't", "don't"),
    ("don't", "dont"),
    ("don't", "don t"),
    ("don’t", "dont"),
    ("über", "über"),
    ("über", "ueber"),
    ("über", "uber"),
    ("cœur", "coeur"),
    ("self-harm", "self harm"),
    ("want to die", "want, to die"),
    ("want to die", "want 😭 to die"),
    ("want (to die|it all to end)", "want it all to end"),
    ("want (to (die|go)|out)", "want to go"),
    ("took <pills>", "took sleeping tablets"),
    ("took <pills>", "took benzodiazepines"),
    ("<took> <pills>", "we took pills"),
    ("<took> <pills>", "swallowed pills"),
    ("want (just)? to die", "want to die"),
    ("want (just)? to die", "want just to die"),
    ("<i>? want out", "want out"),
    ("want to? out", "want out"),
    ("took .. pills", "took pills"),
    ("took .. pills", "took all of my pills"),
    ("took ... pills", "took one two three four five six seven eight pills"),
    ("took .... pills", "took it. All? \"Yes\", those pills"),
    ("took # pills", "took 4 pills"),
    ("took ## pills", "took 40 pills"),
    ("in ####", "in 2015"),
    ("#mg of", "50mg of"),
    ("#h ago", "20h ago"),
    ("^ die", "die"),
    ("^ die", "so, die"),
    ("^ die", "so. die"),
    ("die $", "die"),
    ("die $", "die, now"),
    ("want to die (now|$)", "want to die"),
    ("want to die (now|$)", "want to die now"),
    ("(^|to) die", "to die"),
    ("! won't leave alive", "wont leave alive"),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "text"), FINDS)
def test_a_pattern_finds(pattern: str, text: str) -> None:
    assert found(pattern, text)


FINDS_NOT = [
    ("die", "diet"),
    ("die", "indie"),
    ("suicid*", "nosuicide"),
    ("*pills", "pillsbury"),
    ("want to die", "want to. die"),
    ("want to die", "want to really die"),
    ("want to die", 'want to" die'),
    ("want (to die|out)", "want to"),
    ("took <pills>", "took tablets"),
    ("took .. pills", "took one two three four pills"),
    ("took .. pills", "took it. pills"),
    ("took .. pills", "took it? pills"),
    ("took ... pills", "took one two three four five six seven eight nine pills"),
    ("took ... pills", "took it. pills"),
    ("took .... pills", f"took {'and ' * 13} pills"),
    ("took # pills", "took four pills"),
    ("took ## pills", "took 4 pills"),
    ("in ####", "in 12345"),
    ("in ####", "in 201"),
    ("#mg of", "50 mg of"),
    ("^ die", "to die"),
    ("die $", "die now"),
    ("want to die (now|$)", "want to die later"),
]


@pytest.mark.parametrize(("pattern", "text"), FINDS_NOT)
def test_a_pattern_does_not_find(pattern: str, text: str) -> None:
    assert found(pattern, text) is None


def test_the_longer_of_two_words_is_found_whole() -> None:
    assert found("(kill|kill myself|killing)", "kill myself") == "kill myself"
    assert found("(to (die|go)|to (die|go) now)", "to die now") == "to die now"


def test_a_gap_stays_where_it_was_written() -> None:
    assert found("to? .. want out", "want nothing but out") is None


# What makes a pattern worth trying.


def test_the_search_begins_at_the_rarest_word() -> None:
    pattern = PATTERNS.read("i took .. the <pills>")
    assert pattern.anchors == {" pills ", " sleeping tablets ", " benzo"}
    assert pattern.needs == {" i took "}


def test_words_that_follow_one_another_are_looked_for_together() -> None:
    assert PATTERNS.read("took the lot").anchors == {" took the lot "}
    assert PATTERNS.read("took .. lot").needs == {" took "}
    assert PATTERNS.read("took (the)? lot").needs == {" took "}
    assert found("took the lot", "took, the lot") is not None


def test_what_may_be_missing_is_not_waited_for() -> None:
    pattern = PATTERNS.read("(overdose)? took .. the")
    assert pattern.anchors == {" took "}
    assert pattern.needs == {" the "}


def test_an_apostrophe_is_looked_for_with_and_without() -> None:
    assert PATTERNS.read("don't").anchors == {" dont ", " don t "}


def test_an_expression_is_compiled_once() -> None:
    pattern = PATTERNS.read("want to die")
    assert pattern.expression is pattern.expression


def test_a_pattern_says_that_it_denies() -> None:
    assert PATTERNS.read("! won't leave alive").denies
    assert not PATTERNS.read("won't leave alive").denies


WORTH: list[Pattern] = [PATTERNS.read(pattern) for pattern, _ in FINDS]
WORDS = sorted({word for pattern, text in FINDS for word in re.split(r"([.,?\"]| )", text) if word})


@given(st.lists(st.sampled_from(WORDS)).map(" ".join))
def test_nothing_is_found_without_its_anchor_and_what_it_needs(text: str) -> None:
    folded = fold(text)
    searched = folded.replace(" , ", " ")
    for pattern in WORTH:
        if pattern.expression.search(folded):
            assert any(piece in searched for piece in pattern.anchors)
            assert not pattern.needs or any(piece in searched for piece in pattern.needs)


@pytest.mark.parametrize(("pattern", "text"), FINDS)
def test_what_is_found_holds_its_anchor_and_what_it_needs(pattern: str, text: str) -> None:
    compiled, searched = PATTERNS.read(pattern), fold(text).replace(" , ", " ")
    assert any(piece in searched for piece in compiled.anchors)
    assert not compiled.needs or any(piece in searched for piece in compiled.needs)


# What is looked at after a find.


def test_one_of_several_is_found() -> None:
    expression = PATTERNS.expression("not", "used to", "# years ago")
    texts = ["I used to", "10 years ago", "not"]
    assert [bool(expression.search(fold(text))) for text in [*texts, "nothing"]] == [
        True,
        True,
        True,
        False,
    ]


def test_none_of_none_is_no_expression() -> None:
    assert PATTERNS.expression().search(fold("i took it not")) is None


# What means nothing.


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("", "an empty choice"),
        ("(die", "a bracket without an end"),
        ("die)", "a bracket too many or too few"),
        ("to (die|)", "an empty choice"),
        ("die | go", "a bracket too many or too few"),
        ("? die", "a '?' where none can be"),
        ("die ? ?", "a '?' where none can be"),
        ("die ..?", "a '?' where none can be"),
        ("took ##### pills", "'#####', which is no number"),
        ("took <potions>", "names <potions>, which is no list here"),
        ("took <Pills>", "cannot be read after 'took'"),
        ("die > go", "cannot be read after 'die'"),
        ("..", "asks for no word at all"),
        ("^ $", "asks for no word at all"),
        ("die?", "asks for no word at all"),
        ("# ##", "asks for no word at all"),
        ("*", "asks for no word at all"),
        ("(die|#)", "asks for no word at all"),
    ],
)
def test_a_pattern_that_means_nothing_is_refused_with_its_words(pattern: str, why: str) -> None:
    with pytest.raises(BadPattern) as refused:
        PATTERNS.read(pattern)
    assert repr(pattern) in str(refused.value)
    assert why in str(refused.value)


def test_a_list_that_names_itself_is_no_endless_work() -> None:
    circles = Patterns({"a": ("die <b>",), "b": ("<a>", "now"), "c": ("die", "die <c>")}, {})
    for pattern in ("go <a>", "go <b>", "go <c>"):
        with suppress(BadPattern):
            assert circles.read(pattern).expression.search(" go die ") is not None


@given(st.text("ad ()|?<>^$#.*!'ü\n", max_size=30))
def test_whatever_is_written_means_something_or_is_refused(written: str) -> None:
    with suppress(BadPattern):
        PATTERNS.read(written).expression.search(" a d a d ")
