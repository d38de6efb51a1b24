"""Whoever changes a lexicon tries it on lines of text; a line that is wrong stops nothing."""

import io
import json
from typing import Any

import pytest

from rooms.safety import Danger, Reason
from server.commands.screening import MOST_BYTES, in_words
from server.lexicons import prepared
from tests.server.commands.conftest import Said, Terminal

LINE = b'{"text": "I want to die", "lang": "en"}'
CALM = {
    "crisis": {"level": 0, "category": None, "subject": None, "because": []},
    "moderation": {"category": None, "action": "allow", "because": []},
}


class Desk:
    """A terminal, and what is piped into it."""

    def __init__(self, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
        self._terminal = terminal
        self._monkeypatch = monkeypatch

    def pipes(self, written: bytes) -> Said:
        """`candlelight screen` on these bytes."""
        self._monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(written)))
        return self._terminal.type("screen")

    def asks(self, *lines: bytes) -> list[Any]:
        """The answers to these lines; the run itself goes well."""
        said = self.pipes(b"\n".join(lines) + b"\n")
        assert (said.code, said.err) == (0, "")
        return [json.loads(answer) for answer in said.out.splitlines()]


@pytest.fixture
def desk(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(terminal, monkeypatch)


def line(**fields: object) -> bytes:
    """A line with these fields."""
    return json.dumps(fields).encode()


def levels(answers: list[Any]) -> list[int | str]:
    """The level of each answer; for a line that could not be looked at, the code of its error."""
    return [a["error"]["code"] if "error" in a else a["crisis"]["level"] for a in answers]


def test_each_line_has_its_answer_in_order(desk: Desk) -> None:
    calm, danger = desk.asks(line(text="Good evening", lang="en"), LINE)
    assert calm == CALM
    assert danger["crisis"] == {
        "level": 2,
        "category": "suicide",
        "subject": "self",
        "because": ["wants to die, or not to live any more (“I want to die”)"],
    }
    assert danger["moderation"] == CALM["moderation"]


def test_an_answer_has_these_parts_and_no_others(desk: Desk) -> None:
    (answer,) = desk.asks(LINE)
    assert list(answer) == ["crisis", "moderation"]
    assert list(answer["crisis"]) == ["level", "category", "subject", "because"]
    assert list(answer["moderation"]) == ["category", "action", "because"]


def test_an_emergency_may_be_said_as_everything_may(desk: Desk) -> None:
    (answer,) = desk.asks(line(text="she isn't breathing", lang="en"))
    assert answer["crisis"]["level"] == 3
    assert (answer["crisis"]["category"], answer["crisis"]["subject"]) == ("overdose", "other")
    assert answer["moderation"]["action"] == "allow"


@pytest.mark.parametrize(
    "preset", ["12-step", "smart", "harm-reduction", "family", "", "off", None]
)
def test_no_preset_and_no_language_switches_an_emergency_off(
    desk: Desk, preset: str | None
) -> None:
    text = "I am going to kill myself tonight"
    lines = [line(text=text, lang=lang, preset=preset) for lang in ("en", "de", "xx", None)]
    assert levels(desk.asks(*lines, line(text=text))) == [3] * 5


def test_what_was_said_before_is_read_along(desk: Desk) -> None:
    cry = line(text="the whole bottle", lang="en", before=["hi", "i took"])
    assert levels(desk.asks(line(text="the whole bottle"), cry)) == [0, 3]


def test_no_settings_and_no_folders_are_needed(desk: Desk, terminal: Terminal) -> None:
    desk.asks(LINE)
    assert list(terminal.folder.iterdir()) == []


WRONG = {
    "an empty line": b"",
    "blanks": b"  \t ",
    "half an object": b'{"text": "I want to die"',
    "no object": b'["I want to die"]',
    "text alone": b'"I want to die"',
    "nothing": b"null",
    "two objects": LINE + LINE,
    "no text": b'{"lang": "en"}',
    "a number for a text": b'{"text": 4}',
    "no text at all": b'{"text": null}',
    "a list for a text": b'{"text": ["I want to die"]}',
    "a number for a language": b'{"text": "I want to die", "lang": 4}',
    "an object for a preset": b'{"text": "I want to die", "preset": {}}',
    "a text for what was before": b'{"text": "I want to die", "before": "x"}',
    "half a character": b'{"text": "I want to die \\ud83d"}',
    "half a character before": b'{"text": "I want to die", "before": ["\\ud83d"]}',
    "an escape that is none": b'{"text": "\\x"}',
    "bytes that are no text": b'{"text": "I want to die \xff"}',
    "another encoding": LINE.decode().encode("utf-16"),
    "a mark of byte order": b"\xef\xbb\xbf" + LINE,
    "brackets without end": b"[" * 60_000,
    "objects without end": b'{"text":' * 6_000,
    "too long a number": b'{"text": ' + b"9" * 60_000 + b"}",
}


@pytest.mark.parametrize("wrong", [pytest.param(w, id=name) for name, w in WRONG.items()])
def test_a_wrong_line_is_told_and_the_run_goes_on(desk: Desk, wrong: bytes) -> None:
    answers = desk.asks(LINE, *wrong.split(b"\n"), LINE)
    assert levels([answers[0], answers[-1]]) == [2, 2]
    errors = answers[1:-1]
    assert len(errors) == len(wrong.split(b"\n"))
    for error in errors:
        assert set(error) == {"error"}
        assert error["error"]["code"] == "malformed"
        assert "die" not in error["error"]["text"]


def test_a_nul_is_read_over(desk: Desk) -> None:
    assert levels(desk.asks(b'{"text": "I\\u0000want to die"}', line(text="\x00"))) == [2, 0]
    assert levels(desk.asks(b'{"text": "\x00"}')) == ["malformed"]


def test_a_field_nobody_knows_hides_no_danger(desk: Desk) -> None:
    assert levels(desk.asks(line(text="I want to die", mood="low"))) == [2]


def test_characters_of_every_script_come_back_as_they_were(desk: Desk) -> None:
    (answer,) = desk.asks('{"text": "👩‍🚒 … I wánt to die"}'.encode())
    assert answer["crisis"]["because"][0].endswith("(“I wánt to die”)")


@pytest.mark.parametrize("over", [1, 2, MOST_BYTES - 1, MOST_BYTES, MOST_BYTES + 1, 9 * MOST_BYTES])
def test_a_huge_line_is_not_read_and_the_next_is(desk: Desk, over: int) -> None:
    huge = b"x" * (MOST_BYTES + over)
    assert levels(desk.asks(huge, LINE)) == ["too_long", 2]
    said = desk.pipes(huge)  # with no end at all
    assert levels([json.loads(answer) for answer in said.out.splitlines()]) == ["too_long"]


def test_the_longest_line_is_read(desk: Desk) -> None:
    longest = line(text="I want to die. ".ljust(MOST_BYTES))
    longest = longest.replace(b" " * (len(longest) - MOST_BYTES), b"", 1)
    assert len(longest) == MOST_BYTES
    assert levels(desk.asks(longest, LINE)) == [2, 2]
    assert levels([json.loads(desk.pipes(longest).out)]) == [2]  # with no end at all


def test_lines_may_end_as_windows_ends_them_and_the_last_may_not_end(desk: Desk) -> None:
    said = desk.pipes(LINE + b"\r\n" + LINE)
    assert levels([json.loads(answer) for answer in said.out.splitlines()]) == [2, 2]


def test_nothing_asked_is_nothing_answered(desk: Desk) -> None:
    assert desk.pipes(b"") == Said(0, "", "")


def test_a_reason_is_told_with_its_words_and_what_stood_around_them() -> None:
    reasons = (
        Reason(concept="a", says="wants to rest", start=3, end=7),
        Reason(concept="b", says="is tired", around=("soon", "laughing"), end=2),
        Reason(concept="c", says="said so before"),
    )
    assert in_words(Danger(level=2, because=reasons), "so, rest") == [
        "wants to rest (“ res”)",
        "is tired (“so”) [soon, laughing]",
        "said so before",
    ]


def test_the_lexicons_can_be_prepared_before_anybody_waits_for_them(terminal: Terminal) -> None:
    assert terminal.type("lexicons") == Said(0, "", "")
    assert prepared()
