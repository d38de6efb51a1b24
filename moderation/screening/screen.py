"""The Screen: one look at a text, in all languages at once, and the answer with its reasons.

One automaton finds the words that make a pattern worth trying; most texts hold none and are done.
The language of a text is not asked for: lines of five words cannot be told apart reliably.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import ahocorasick

from moderation.screening.context import Reader
from moderation.screening.folding import fold, places, undisguised
from moderation.screening.lexicon import BadLexicon, Concept, Lexicon, check
from moderation.screening.patterns import BadPattern, Pattern, Patterns
from rooms.safety import (
    CONCERN,
    ELEVATED,
    EMERGENCY,
    NO_DANGER,
    Danger,
    Reason,
    Subject,
)

READ_WITH: Final = 3
"""Messages of one person that are read together, the newest with those before it."""


class _Rule(NamedTuple):
    """One pattern of one language, for one concept."""

    pattern: Pattern
    concept: str
    tongue: "_Tongue"


@dataclass(frozen=True, slots=True)
class _Tongue:
    """One language's way of reading."""

    reader: Reader
    other_meanings: re.Pattern[str] | None
    unless: Mapping[str, re.Pattern[str]]


class _Find(NamedTuple):
    level: int
    name: str
    subject: Subject | None
    around: tuple[str, ...]
    start: int
    end: int


class Screen:
    """Looks at texts. Make it once: compiling takes a moment, looking does not."""

    def __init__(
        self,
        concepts: Mapping[str, Concept],
        lexicons: Sequence[Lexicon],
        frequent: Mapping[str, float],
    ) -> None:
        """Compile. Raises BadLexicon where the files do not fit together."""
        check(concepts, lexicons)
        self._concepts = concepts
        rules: dict[frozenset[str], list[_Rule]] = {}  # by their anchors
        for lexicon in lexicons:
            patterns = Patterns(lexicon.words, frequent)
            try:
                tongue = _tongue(lexicon, patterns)
            except BadPattern as why:
                raise BadLexicon(f"{lexicon.language}: {why}") from None
            for name, written in lexicon.patterns.items():
                for pattern in written:
                    try:
                        compiled = patterns.compile(pattern)
                    except BadPattern as why:
                        raise BadLexicon(f"{lexicon.language}, {name}: {why}") from None
                    rule = _Rule(compiled, name, tongue)
                    rules.setdefault(compiled.anchors, []).append(rule)
        self._rules = list(rules.values())
        self._automaton = _automaton(list(rules))

    def look(self, text: str, before: Sequence[str] = ()) -> Danger:
        """What danger a text speaks of. `before` are the same person's messages just before it,
        the oldest first: a cry is often typed in pieces."""
        folded = fold(text)
        finds = list(self._finds(folded))
        for reading in undisguised(text, folded):
            finds += (f._replace(start=0, end=0) for f in self._finds(reading))
        if before:
            finds += self._reaching_in(folded, ", ".join([*before[-READ_WITH + 1 :], text]))
        return self._danger(text, finds)

    def _reaching_in(self, folded: str, joined: str) -> Iterator[_Find]:
        """What is found in a text when it is read with those before it. What stands in those alone
        was found there; it is not found again with every message that follows."""
        read = fold(joined)
        begin = len(read) - len(folded)
        for find in self._finds(read):
            if find.end > begin + 1:
                yield find._replace(start=max(find.start - begin, 0), end=find.end - begin)

    def _danger(self, text: str, finds: list[_Find]) -> Danger:
        if not finds:
            return NO_DANGER
        finds.sort(key=lambda f: (-f.level, f.start))
        first = finds[0]
        if first.level == 0:
            return Danger(craving=True)
        concept = self._concepts[first.name]
        where = places(text)
        because: dict[str, Reason] = {}
        for find in finds:
            if find.level and find.name not in because:
                start, end = (where[find.start], where[find.end - 1] + 1) if find.end else (0, 0)
                says = self._concepts[find.name].says
                because[find.name] = Reason(
                    concept=find.name, says=says, around=find.around, start=start, end=end
                )
        return Danger(
            level=first.level,
            category=concept.category,
            subject=first.subject,
            because=tuple(because.values()),
            craving=any(f.level == 0 for f in finds),
        )

    def _finds(self, text: str) -> Iterator[_Find]:
        hit: set[int] = set()
        for _, numbers in self._automaton.iter(text):
            hit |= numbers
        if not hit:
            return
        words = frozenset(text.split())
        for number in hit:
            for rule in self._rules[number]:
                for needed in rule.pattern.needs:
                    if needed.isdisjoint(words):
                        break
                else:
                    for found in rule.pattern.expression.finditer(text):
                        find = self._weigh(rule, text, found.start() + 1, found.end())
                        if find is not None:
                            yield find

    def _weigh(self, rule: _Rule, text: str, start: int, end: int) -> _Find | None:
        """A find in its surroundings; None where they take it away."""
        name, (reader, other_meanings, unless) = rule.concept, _parts(rule.tongue)
        concept = self._concepts[name]
        place = reader.place(text, start, end)
        begin, finish = place.sentence
        if name in unless and unless[name].search(text, begin, min(finish + 1, len(text))):
            return None
        if other_meanings is not None and any(
            other.start() + 1 < end and start < other.end()
            for other in other_meanings.finditer(text, begin)
        ):
            return None
        subject, around = concept.subject, list[str]()
        level = concept.level
        holds = concept.holds
        if concept.them is not None or subject is None:
            who = reader.about(text, place)
            if who is Subject.OTHER and concept.them is not None:
                name, concept = concept.them, self._concepts[concept.them]
                level, subject = concept.level, concept.subject
            elif subject is None:
                subject = who or Subject.SELF
            if subject is Subject.SELF and reader.addresses(text, place):
                return None
        if not (rule.pattern.denies or "negation" in holds) and reader.denied(text, place):
            return None
        if "past" not in holds and (
            reader.long_past(text, place) or reader.taken_back_after(text, place)
        ):
            return None
        if "question" not in holds and not concept.firm and reader.asked(text, place):
            return None
        if ("information" not in holds and reader.informs(text, place)) or (
            "generic" not in holds and reader.in_general(text, place)
        ):
            if not concept.firm:
                return None
            level = min(level, CONCERN)
        if "quotation" not in holds and reader.quoted(text, place):
            if not concept.firm:
                return None
            level = min(level, CONCERN)
        if "laughing" not in holds and level < EMERGENCY and reader.laughs(text, place):
            level -= 1
            if level < CONCERN and not concept.craving:
                return None
            around.append("laughing")
        if concept.rises and level == ELEVATED and reader.rises(text, place):
            level = EMERGENCY
            around.append("soon")
        return _Find(max(level, 0), name, subject, tuple(around), start, end)


def _automaton(sets: Sequence[frozenset[str]]) -> ahocorasick.Automaton:
    """Answers, for each anchor it meets, the numbers of the sets it is in."""
    numbers: dict[str, set[int]] = {}
    for number, anchors in enumerate(sets):
        for anchor in anchors:
            numbers.setdefault(anchor, set()).add(number)
    automaton = ahocorasick.Automaton()
    for anchor, found in numbers.items():
        automaton.add_word(anchor, frozenset(found))
    automaton.make_automaton()
    return automaton


def _parts(
    tongue: _Tongue,
) -> tuple[Reader, re.Pattern[str] | None, Mapping[str, re.Pattern[str]]]:
    return tongue.reader, tongue.other_meanings, tongue.unless


def _tongue(lexicon: Lexicon, patterns: Patterns) -> _Tongue:
    """Raises BadPattern."""
    unless = {
        name: found
        for name, written in lexicon.unless.items()
        if (found := patterns.any_of(written)) is not None
    }
    other_meanings = patterns.any_of(lexicon.other_meanings)
    return _Tongue(Reader(lexicon.contexts, patterns), other_meanings, unless)
