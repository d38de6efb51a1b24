"""One thing the doctor found."""

from dataclasses import dataclass
from enum import IntEnum


class State(IntEnum):
    """How bad it is. The worst of all is the command's exit code."""

    ok = 0
    look = 1
    broken = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, and a sentence: what is so, and where it is not well, what to do."""

    state: State
    subject: str
    sentence: str


def ok(subject: str, sentence: str) -> Finding:
    """All is well."""
    return Finding(State.ok, subject, sentence)


def look(subject: str, sentence: str) -> Finding:
    """Somebody should look, this week."""
    return Finding(State.look, subject, sentence)


def broken(subject: str, sentence: str) -> Finding:
    """A promise is not kept, or people cannot meet. Today."""
    return Finding(State.broken, subject, sentence)
