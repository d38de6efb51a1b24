"""What stands around a find: whether it is denied, long past, about a film, about somebody else.

A keyword alone says little: of a hundred messages with the word in them, fourteen are strongly
concerning (O'Dea 2015). So every find is read in its sentence and its clause before it counts.
"""

import re
from dataclasses import dataclass
from typing import Final

from moderation.screening.lexicon import Contexts
from moderation.screening.patterns import Patterns
from rooms.safety import Subject

NEGATION_REACHES: Final = 5
"""Words before a find in which a denial counts (safety.md section 2.2)."""
SUBJECT_REACHES: Final = 7
"""Words before a find in which the person it is about is looked for."""

_SENTENCE: Final = re.compile(r"[.?] ")
_NOTHING: Final = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Place:
    """A find with its surroundings, in folded text."""

    start: int
    end: int
    sentence: tuple[int, int]
    clause: int
    asks: bool


class Reader:
    """Reads contexts in one language."""

    def __init__(self, contexts: Contexts, patterns: Patterns) -> None:
        """Raises BadPattern."""
        c = contexts

        def any_of(written: tuple[str, ...]) -> re.Pattern[str]:
            return patterns.any_of(written) or _NOTHING

        self.negation = any_of(c.negation)
        self.denial = any_of(c.denial)
        self.past = any_of(c.past)
        self.taken_back = any_of(c.taken_back)
        self.present = any_of(c.present)
        self.information = any_of(c.information)
        self.generic = any_of(c.generic)
        self.laughing = any_of(c.laughing)
        self.question = any_of(c.question)
        self.rising = any_of(c.rising)
        self.parting = any_of(c.parting)
        self.me = any_of(c.me)
        self.them = any_of(c.them)
        self.you = any_of(c.you)

    def place(self, text: str, start: int, end: int) -> Place:
        """Where a find stands: its sentence, and the beginning of its clause."""
        before = max(text.rfind(" . ", 0, start), text.rfind(" ? ", 0, start))
        begin = before + 2 if before >= 0 else 0
        after = _SENTENCE.search(text, end)
        finish = after.start() if after else len(text)
        comma = text.rfind(" , ", begin, start)
        clause = comma + 2 if comma >= 0 else begin
        for parting in self.parting.finditer(text, clause, start):
            clause = parting.end()
        return Place(start, end, (begin, finish), clause, bool(after and after[0] == "? "))

    def denied(self, text: str, place: Place) -> bool:
        """Whether a denial stands in the clause just before the find, within it, or, where a
        language puts it there, just behind."""
        begin = _back(text, place.start, NEGATION_REACHES, place.clause)
        if self.negation.search(text, begin, place.end + 1) is not None:
            return True
        return self.denial.match(text, place.end) is not None

    def long_past(self, text: str, place: Place) -> bool:
        """Whether the sentence tells of a past that is over."""
        return self._in(self.past, text, place) and not self._in(self.present, text, place)

    def taken_back_after(self, text: str, place: Place) -> bool:
        """Whether the next sentence says that it is over, or was not meant."""
        _, end = place.sentence
        return end < len(text) and self.taken_back.match(text, end + 1) is not None

    def informs(self, text: str, place: Place) -> bool:
        """Whether the sentence is about a book, a training, a word or a number to call."""
        return self._in(self.information, text, place)

    def in_general(self, text: str, place: Place) -> bool:
        """Whether the sentence speaks of people in general."""
        return self._in(self.generic, text, place)

    def asked(self, text: str, place: Place) -> bool:
        """Whether it is a question to others."""
        return place.asks and self._in(self.question, text, place)

    def laughs(self, text: str, place: Place) -> bool:
        """Whether somebody laughs with it. People joke about what they mean: it says little."""
        begin, _ = place.sentence
        return self.laughing.search(text, begin) is not None

    def rises(self, text: str, place: Place) -> str:
        """The word of time, means or farewell beside it; empty where there is none."""
        begin, end = place.sentence
        found = self.rising.search(text, begin, min(end + 1, len(text)))
        return found[0] if found else ""

    def quoted(self, text: str, place: Place) -> bool:
        """Whether it stands between quotation marks."""
        return text.count('"', 0, place.start) % 2 == 1 and '"' in text[place.end :]

    def about(self, text: str, place: Place) -> Subject | None:
        """Whom the sentence is about, by the nearest person before the find; None where nobody is
        named: in a chat that is the writer."""
        begin = _back(text, place.start, SUBJECT_REACHES, place.sentence[0])
        nearest: tuple[int, Subject] | None = None
        for expression, subject in ((self.me, Subject.SELF), (self.them, Subject.OTHER)):
            for found in expression.finditer(text, begin, place.end + 1):
                if nearest is None or found.start() > nearest[0]:
                    nearest = found.start(), subject
        return nearest[1] if nearest else None

    def addresses(self, text: str, place: Place) -> bool:
        """Whether it is said to somebody else: "you", with no "I" in the clause."""
        begin = _back(text, place.start, SUBJECT_REACHES, place.clause)
        you = self.you.search(text, begin, place.start)
        return you is not None and self.me.search(text, begin, place.start) is None

    @staticmethod
    def _in(expression: re.Pattern[str], text: str, place: Place) -> bool:
        begin, end = place.sentence
        return expression.search(text, begin, min(end + 1, len(text))) is not None


def _back(text: str, start: int, words: int, floor: int) -> int:
    """The place so many words before `start`, not before `floor`."""
    place = start
    for _ in range(words):
        found = text.rfind(" ", floor, max(place - 1, floor))
        if found < 0:
            return floor
        place = found + 1
    return max(place - 1, floor)
