"""What stands around a find: whether it is denied, long past, about a film, about somebody else.

A keyword alone says little: of a hundred messages with the word in them, fourteen are strongly
concerning (O'Dea 2015). So every find is read in its sentence and its clause before it counts.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from moderation.screening.lexicon import Lexicon
from moderation.screening.patterns import Patterns
from rooms.safety import Subject

NEGATION_REACHES: Final = 5
"""Words before a find in which a denial counts (safety.md section 2.2)."""
SUBJECT_REACHES: Final = 7
"""Words before a find in which the person it is about is looked for."""

_SENTENCE: Final = re.compile(r"[.?] ")


@dataclass(frozen=True, slots=True)
class Place:
    """A find with its surroundings, in folded text."""

    start: int
    end: int
    sentence: tuple[int, int]
    clause: int
    asks: bool


class _Context:
    """One context of a Reader, made when it is first asked for."""

    def __set_name__(self, owner: type["Reader"], name: str) -> None:
        self._name = name

    def __get__(self, reader: "Reader", owner: type["Reader"]) -> re.Pattern[str]:
        written = getattr(reader.lexicon.contexts, self._name)
        expression = reader.__dict__[self._name] = reader.patterns.expression(*written)
        return expression


class Reader:
    """Reads contexts in one language."""

    negation = _Context()
    denial = _Context()
    past = _Context()
    taken_back = _Context()
    present = _Context()
    information = _Context()
    generic = _Context()
    laughing = _Context()
    question = _Context()
    rising = _Context()
    parting = _Context()
    me = _Context()
    them = _Context()
    you = _Context()

    def __init__(self, lexicon: Lexicon, patterns: Patterns) -> None:
        self.lexicon = lexicon
        self.patterns = patterns

    @cached_property
    def other_meanings(self) -> re.Pattern[str]:
        """The idioms."""
        return self.patterns.expression(*self.lexicon.other_meanings)

    @cached_property
    def unless(self) -> Mapping[str, re.Pattern[str]]:
        """What takes a concept away."""
        unless = self.lexicon.unless.items()
        return {name: self.patterns.expression(*written) for name, written in unless}


class Reading:
    """One text as one language reads it. What is asked of a whole sentence is looked up once,
    however many finds there are in it."""

    def __init__(self, reader: Reader, text: str) -> None:
        self._reader = reader
        self._text = text
        self._known: dict[tuple[int, int, int], bool] = {}
        self._idioms: list[tuple[int, int]] | None = None

    def place(self, start: int, end: int) -> Place:
        """Where a find stands: its sentence, and the beginning of its clause."""
        text = self._text
        before = max(text.rfind(" . ", 0, start), text.rfind(" ? ", 0, start))
        begin = before + 2 if before >= 0 else 0
        after = _SENTENCE.search(text, end)
        finish = after.start() if after else len(text)
        comma = text.rfind(" , ", begin, start)
        clause = comma + 2 if comma >= 0 else begin
        for parting in self._reader.parting.finditer(text, clause, start):
            clause = parting.end()
        return Place(start, end, (begin, finish), clause, bool(after and after[0] == "? "))

    def excused(self, concept: str, place: Place) -> bool:
        """Whether something in the sentence takes this concept away. A laugh alone never does:
        people laugh with what they mean."""
        unless = self._reader.unless.get(concept)
        if unless is None or not self._in(unless, place):
            return False
        begin, end = place.sentence
        return any(
            not self._is_a_laugh(found.start(), found.end())
            for found in unless.finditer(self._text, begin, min(end + 1, len(self._text)))
        )

    def _is_a_laugh(self, start: int, end: int) -> bool:
        laugh = self._reader.laughing.match(self._text, start)
        return laugh is not None and laugh.end() >= end

    def means_something_else(self, place: Place) -> bool:
        """Whether the find is part of an idiom."""
        if self._idioms is None:
            found = self._reader.other_meanings.finditer(self._text)
            self._idioms = [(idiom.start() + 1, idiom.end()) for idiom in found]
        return any(start < place.end and place.start < end for start, end in self._idioms)

    def denied(self, place: Place, expression: re.Pattern[str]) -> bool:
        """Whether a denial stands in the clause just before what `expression` found, within it, or,
        where a language puts it there, just behind. One of the pattern's own words is none: without
        it nothing would have been found ("you will never find me")."""
        text, begin = self._text, self._back(place.start, NEGATION_REACHES, place.clause)
        for denial in self._reader.negation.finditer(text, begin, place.end + 1):
            if denial.start() < place.start - 1:
                return True
            without = text[: denial.start()] + text[denial.end() :]
            if expression.match(without, place.start - 1):
                return True
        return self._reader.denial.match(text, place.end) is not None

    def long_past(self, place: Place) -> bool:
        """Whether the sentence tells of a past that is over, or the next one says that it is."""
        if self._in(self._reader.past, place) and not self._in(self._reader.present, place):
            return True
        _, end = place.sentence
        return self._reader.taken_back.match(self._text, end + 1) is not None

    def informs(self, place: Place) -> bool:
        """Whether the sentence is about a book, a training, a word or a number to call."""
        return self._in(self._reader.information, place)

    def in_general(self, place: Place) -> bool:
        """Whether the sentence speaks of people in general."""
        return self._in(self._reader.generic, place)

    def asked(self, place: Place) -> bool:
        """Whether it is a question to others."""
        return place.asks and self._in(self._reader.question, place)

    def laughs(self, place: Place) -> bool:
        """Whether somebody laughs with it. People joke about what they mean: it says little."""
        begin, _ = place.sentence
        return self._reader.laughing.search(self._text, begin) is not None

    def rises(self, place: Place) -> bool:
        """Whether a word of time, means or farewell stands beside it."""
        return self._in(self._reader.rising, place)

    def quoted(self, place: Place) -> bool:
        """Whether it stands between quotation marks."""
        text = self._text
        return text.count('"', 0, place.start) % 2 == 1 and '"' in text[place.end :]

    def about(self, place: Place) -> Subject | None:
        """Whom the sentence is about, by the nearest person before the find; None where nobody is
        named: in a chat that is the writer."""
        begin = self._back(place.start, SUBJECT_REACHES, place.sentence[0])
        nearest: tuple[int, Subject] | None = None
        persons = ((self._reader.me, Subject.SELF), (self._reader.them, Subject.OTHER))
        for expression, subject in persons:
            for found in expression.finditer(self._text, begin, place.end + 1):
                if nearest is None or found.start() > nearest[0]:
                    nearest = found.start(), subject
        return nearest[1] if nearest else None

    def addresses(self, place: Place) -> bool:
        """Whether it is said to somebody else: "you", with no "I" in the clause or in the find."""
        begin = self._back(place.start, SUBJECT_REACHES, place.clause)
        you = self._reader.you.search(self._text, begin, place.start)
        return you is not None and self._reader.me.search(self._text, begin, place.end + 1) is None

    def _in(self, expression: re.Pattern[str], place: Place) -> bool:
        begin, end = place.sentence
        # An expression hashes all of its code every time; it lives as long as its Reader.
        asked = (id(expression), begin, end)
        known = self._known.get(asked)
        if known is None:
            found = expression.search(self._text, begin, min(end + 1, len(self._text)))
            known = self._known[asked] = found is not None
        return known

    def _back(self, start: int, words: int, floor: int) -> int:
        """The place so many words before `start`, not before `floor`."""
        place = start
        for _ in range(words):
            found = self._text.rfind(" ", floor, max(place - 1, floor))
            if found < 0:
                return floor
            place = found + 1
        return max(place - 1, floor)
