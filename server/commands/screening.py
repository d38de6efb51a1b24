"""`candlelight screen`: what the Screen says of lines of text, one answer a line. And `candlelight
lexicons`, which prepares it.

The same function looks as in the live room. Whoever changes a lexicon tries it here; no line is
kept, and no setting and no database is needed.
"""

import argparse
import sys
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from rooms.safety import Category, Danger, Level, Subject
from server.commands import opening
from server.lexicons import prepare, shipped_screen

MOST_BYTES = 65_536
"""The longest line that is read: many times the longest message."""


class Line(msgspec.Struct):
    """One line of input. `lang` and `preset` change nothing yet: all languages are read at once.
    `before` are the same person's messages just before it."""

    text: str
    lang: str | None = None
    preset: str | None = None
    before: list[str] = []


class Crisis(msgspec.Struct):
    """What danger a text speaks of, with the reasons in words."""

    level: Level
    category: Category | None
    subject: Subject | None
    because: list[str]


class Moderation(msgspec.Struct):
    """Whether a text may be said. Nothing but danger is looked for yet, so it always may."""

    category: str | None = None
    action: str = "allow"
    because: list[str] = []


class Looked(msgspec.Struct):
    """The answer to a line."""

    crisis: Crisis
    moderation: Moderation


class Wrong(msgspec.Struct):
    """What is wrong with a line that cannot be looked at. It never repeats the line."""

    code: str
    text: str


class NotLooked(msgspec.Struct):
    """The answer to a line that cannot be looked at; the run goes on."""

    error: Wrong


def add(commands: opening.Commands) -> None:
    """Add the commands."""
    screen = commands.add_parser("screen", help="say what danger lines of JSON speak of")
    screen.set_defaults(run=_screen)
    lexicons = commands.add_parser(
        "lexicons", help="read and compile the lexicons, so that no start and no look waits for it"
    )
    lexicons.set_defaults(run=_lexicons)


def _lexicons(arguments: argparse.Namespace) -> int:
    prepare()
    return 0


def _screen(arguments: argparse.Namespace) -> int:
    for answer in answers(sys.stdin.buffer):
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        sys.stdout.buffer.flush()
    return 0


def answers(lines: BinaryIO) -> Iterator[Looked | NotLooked]:
    """One answer for each line, in order."""
    screen = shipped_screen()
    decoder = msgspec.json.Decoder(Line)
    for raw in _lines(lines):
        if raw is None:
            yield NotLooked(Wrong("too_long", f"A line has at most {MOST_BYTES} bytes."))
            continue
        try:
            line = decoder.decode(raw)
            line.text.encode()
        except (msgspec.MsgspecError, ValueError, RecursionError):
            yield NotLooked(
                Wrong("malformed", 'Write one object a line: {"text": "…", "lang": "en"}')
            )
            continue
        danger = screen.look(line.text, line.before)
        yield Looked(
            Crisis(danger.level, danger.category, danger.subject, in_words(danger, line.text)),
            Moderation(),
        )


def in_words(danger: Danger, text: str) -> list[str]:
    """The reasons as sentences, each with the words it rests on."""
    return [
        " ".join(
            part
            for part in (
                reason.says,
                f"(“{text[reason.start : reason.end]}”)" if reason.end else "",
                f"[{', '.join(reason.around)}]" if reason.around else "",
            )
            if part
        )
        for reason in danger.because
    ]


def _lines(lines: BinaryIO) -> Iterator[bytes | None]:
    """The lines without their ends; None for one that is too long, however long it is."""
    while raw := lines.readline(MOST_BYTES + 1):
        if raw.endswith(b"\n") or len(raw) <= MOST_BYTES:
            yield raw.rstrip(b"\r\n")
            continue
        while raw and not raw.endswith(b"\n"):
            raw = lines.readline(MOST_BYTES)
        yield None
