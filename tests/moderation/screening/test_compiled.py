"""Expressions from kept code: they find what freshly compiled ones find, or are not there."""

import re
import zlib

import pytest

from moderation.screening.compiled import NOTHING_COMPILED, Compiled, code

EXPRESSIONS = [
    " (?:to|ta)ke(?:[^ ]*)(?: ,)? pills(?:(?= )|(?<= ))",
    r" [0-9]{2,}(?: ,)? (?:[^ .?\"]+ ){0,3}(?:mg|pills)(?:(?= )|(?<= ))",
    r'(?:(?<=\A )|(?<=[.?,"] ))x',
    "(?!)",
]
TEXTS = ["", " i take 20 pills ", " takes 100 of the pills ", " 20 mg ", " x ", " a , x "]


def kept(packed: bytes) -> re.Pattern[str] | None:
    """The expression from its packed code."""
    return Compiled({"name": (0, len(packed))}, memoryview(packed)).expression("name")


@pytest.mark.parametrize("source", EXPRESSIONS)
def test_a_kept_expression_finds_what_a_compiled_one_finds(source: str) -> None:
    ready, fresh = kept(code(source)), re.compile(source)
    assert ready is not None
    assert ready.flags == fresh.flags
    for text in TEXTS:
        assert [m.span() for m in ready.finditer(text)] == [m.span() for m in fresh.finditer(text)]


def test_an_expression_with_groups_is_refused() -> None:
    with pytest.raises(ValueError, match="groups"):
        code("(a)b")


def test_what_was_not_kept_is_not_there() -> None:
    assert NOTHING_COMPILED.expression("name") is None


@pytest.mark.parametrize(
    "spoilt",
    [
        b"",
        b"no code at all",
        code("take pills")[:-3],
        zlib.compress(b"\x00" * 7),  # no whole units
        zlib.compress(b""),
        zlib.compress(b"\xff" * 64),
        zlib.compress(bytes(range(1, 65))),
    ],
)
def test_spoilt_code_is_never_run(spoilt: bytes) -> None:
    assert kept(spoilt) is None
