"""The Screen: one look at a text, in all languages at once, and the answer with its reasons.

One automaton finds the words that make a pattern worth trying; most texts hold none and are done.
The language of a text is not asked for: lines of five words cannot be told apart reliably.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final, NamedTuple

import ahocorasick
import msgspec

from moderation.screening.compiled import NOTHING_COMPILED, Compiled, code
from moderation.screening.context import Place, Reader, Reading
from moderation.screening.folding import fold, places, undisguised
from moderation.screening.lexicon import BadLexicon, Concept, Lexicon, check
from moderation.screening.patterns import BadPattern, Pattern, Patterns, name_of
from rooms.safety import (
    CONCERN,
    ELEVATED,
    EMERGENCY,
    NO_DANGER,
    Category,
    Danger,
    Level,
    Reason,
    Subject,
)

READ_WITH: Final = 3
"""Messages of one person that are read together, the newest with those before it."""
ANYTHING_GOES: Final = 0
"""The number of the empty set of words."""
PLAINLY: Final = 2
"""So many more of its own words than twice those of any other language a text has to have before it
counts as plainly written in one."""


class _Rule(NamedTuple):
    """One pattern of one language, for one concept. `needs` is the number of the set of words of
    which it needs one besides its anchor; ANYTHING_GOES where it needs none."""

    pattern: Pattern
    needs: int
    concept: str
    tongue: "_Tongue"


@dataclass(frozen=True, slots=True, eq=False)
class _Tongue:
    """One language: how it is read, and the frequent words that no other of ours has."""

    reader: Reader
    own_words: frozenset[str]


class _Find(NamedTuple):
    level: int
    name: str
    subject: Subject | None
    around: tuple[str, ...]
    start: int
    end: int


class Index(msgspec.Struct, frozen=True):
    """Where the search for each pattern begins: slow to work out, and quick to read back.

    `patterns` has for each, in the order of the files, its anchors and its needs, as places in
    `words`, where every set of words stands once; the first is empty, for what needs nothing.
    """

    words: tuple[frozenset[str], ...]
    patterns: tuple[tuple[int, int], ...]


def index(
    concepts: Mapping[str, Concept], lexicons: Sequence[Lexicon], frequent: Mapping[str, float]
) -> Index:
    """Read every pattern there is. Raises BadLexicon for one that means nothing, and where the
    files do not fit together."""
    check(concepts, lexicons)
    words: dict[frozenset[str], int] = {frozenset(): ANYTHING_GOES}
    found: list[tuple[int, int]] = []
    for lexicon in lexicons:
        patterns = Patterns(lexicon.words, frequent)
        try:
            for written_together in lexicon.surroundings():
                patterns.source(*written_together)
        except BadPattern as why:
            raise BadLexicon(f"{lexicon.language}: {why}") from None
        for name, written in _all_patterns(lexicon):
            try:
                read = patterns.read(written)
            except BadPattern as why:
                raise BadLexicon(f"{lexicon.language}, {name}: {why}") from None
            anchors, needs = (words.setdefault(w, len(words)) for w in (read.anchors, read.needs))
            found.append((anchors, needs))
    return Index(tuple(words), tuple(found))


def codes(lexicon: Lexicon) -> Iterator[tuple[str, bytes]]:
    """Every expression of a language by its name, compiled. It takes seconds."""
    patterns = Patterns(lexicon.words, {})
    alone = ((written,) for _, written in _all_patterns(lexicon))
    together = chain(alone, lexicon.surroundings())
    for name, written in {name_of(*written): written for written in together}.items():
        yield name, code(patterns.source(*written))


def _all_patterns(lexicon: Lexicon) -> Iterator[tuple[str, str]]:
    for name, patterns in lexicon.patterns.items():
        yield from ((name, written) for written in patterns)


class Screen:
    """Looks at texts. Make it once: reading the lexicons takes a while, looking does not."""

    def __init__(
        self,
        concepts: Mapping[str, Concept],
        lexicons: Sequence[Lexicon],
        frequent: Mapping[str, float],
        read: Index | None = None,
        compiled: Mapping[str, Compiled] | None = None,
    ) -> None:
        """Without the Index of these files they are read now, which raises BadLexicon. `compiled`
        has for each language what is compiled already; the rest is when a text asks for it."""
        read = read or index(concepts, lexicons, frequent)
        self._concepts = concepts
        self._rules: list[list[_Rule]] = [[] for _ in read.words]  # by their anchors
        common = [frozenset(fold(lexicon.common).split()) for lexicon in lexicons]
        self._tongues: list[_Tongue] = []
        searches = iter(read.patterns)
        for number, lexicon in enumerate(lexicons):
            ready = (compiled or {}).get(lexicon.language, NOTHING_COMPILED)
            patterns = Patterns(lexicon.words, frequent, ready)
            others = frozenset[str]().union(*common[:number], *common[number + 1 :])
            tongue = _Tongue(Reader(lexicon, patterns), common[number] - others)
            self._tongues.append(tongue)
            for name, written in _all_patterns(lexicon):
                anchors, needs = next(searches)
                pattern = Pattern(patterns, written, read.words[anchors], read.words[needs])
                self._rules[anchors].append(_Rule(pattern, needs, name, tongue))
        self._beginnings = frozenset(anchors for anchors, _ in read.patterns)
        self._automaton = _automaton(read.words)

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
        finds.sort(key=self._gravest_first)
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

    def _gravest_first(self, find: _Find) -> tuple[int, bool, bool, int, str]:
        """Of several finds of one level an emergency of the body comes first, and of those one
        whose card says what to do at once."""
        concept = self._concepts[find.name]
        overdose = concept.category is Category.OVERDOSE
        return -find.level, not concept.firm, not overdose, find.start, find.name

    def _finds(self, text: str) -> Iterator[_Find]:
        met = {ANYTHING_GOES}
        # Words follow one another also where somebody writes a comma between them.
        for _, numbers in self._automaton.iter(text.replace(" , ", " ")):
            met |= numbers
        readings: _Readings | None = None
        for number in self._beginnings & met:
            for rule in self._rules[number]:
                if rule.needs not in met:
                    continue
                readings = readings or _Readings(text, self._tongues)
                for found in rule.pattern.expression.finditer(text):
                    find = self._weigh(rule, readings, found.start() + 1, found.end())
                    if find is not None:
                        yield find
                        break

    def _weigh(self, rule: _Rule, readings: "_Readings", start: int, end: int) -> _Find | None:
        """A find in its surroundings; None where they take it away."""
        name = rule.concept
        concept = self._concepts[name]
        reading = readings.by(rule.tongue)
        place = reading.place(start, end)
        if reading.excused(name, place) or reading.means_something_else(place):
            return None
        subject, level = concept.subject, concept.level
        holds = concept.holds
        if concept.them is not None or subject is None:
            who = reading.about(place)
            if who is Subject.OTHER and concept.them is not None:
                name, concept = concept.them, self._concepts[concept.them]
                level, subject = concept.level, concept.subject
                if reading.excused(name, place):
                    return None
            elif subject is None:
                subject = who or Subject.SELF
            if subject is Subject.SELF and reading.addresses(place):
                return None
        if rule.pattern.denies:
            holds = (*holds, "negation")
        found = rule.pattern.expression
        lowered = _lowered(reading, place, found, level, concept.firm, holds)
        native = readings.native(rule.tongue)
        if lowered is not None and native is not None:
            # Close languages share words, and each knows best how it says no.
            other = native.place(start, end)
            if native.means_something_else(other) or native.excused(name, other):
                return None
            lowered = _lowered(native, other, found, lowered, concept.firm, holds)
        if lowered is None:
            return None
        around = list[str]()
        if "laughing" not in holds and lowered < EMERGENCY and reading.laughs(place):
            lowered -= 1
            if lowered < CONCERN and not concept.craving:
                return None
            around.append("laughing")
        if concept.rises and lowered == ELEVATED and reading.rises(place):
            lowered = EMERGENCY
            around.append("soon")
        return _Find(max(lowered, 0), name, subject, tuple(around), start, end)


class _Readings:
    """One text as each language reads it, made when a find asks for it."""

    def __init__(self, text: str, tongues: Sequence[_Tongue]) -> None:
        self._text = text
        self._tongues = tongues
        self._made: dict[_Tongue, Reading] = {}
        self._mostly: _Tongue | None = None
        self._guessed = False

    def by(self, tongue: _Tongue) -> Reading:
        """The text as this language reads it."""
        reading = self._made.get(tongue)
        if reading is None:
            reading = self._made[tongue] = Reading(tongue.reader, self._text)
        return reading

    def native(self, tongue: _Tongue) -> Reading | None:
        """The text as the language it is plainly written in reads it; None where that is the one
        that found something, or cannot be told."""
        if not self._guessed:
            self._guessed = True
            words = frozenset(self._text.split())
            counted = sorted(
                ((len(words & each.own_words), n) for n, each in enumerate(self._tongues)),
                reverse=True,
            )
            if len(counted) > 1 and counted[0][0] >= 2 * counted[1][0] + PLAINLY:
                self._mostly = self._tongues[counted[0][1]]
        if self._mostly is None or self._mostly is tongue:
            return None
        return self.by(self._mostly)


def _lowered(
    reading: Reading,
    place: Place,
    found: re.Pattern[str],
    level: Level,
    firm: bool,
    holds: Collection[str],
) -> Level | None:
    """The level of what was found after a denial, the past, a question, a book and a quotation."""
    if "negation" not in holds and reading.denied(place, found):
        return None
    if "past" not in holds and reading.long_past(place):
        return None
    if "question" not in holds and not firm and reading.asked(place):
        return None
    informs = "information" not in holds and reading.informs(place)
    if (
        informs
        or ("generic" not in holds and reading.in_general(place))
        or ("quotation" not in holds and reading.quoted(place))
    ):
        return min(level, CONCERN) if firm else None
    return level


def _automaton(sets: Sequence[frozenset[str]]) -> ahocorasick.Automaton:
    """Answers, for each piece of text it meets, the numbers of the sets it is in."""
    numbers: dict[str, set[int]] = {}
    for number, anchors in enumerate(sets):
        for anchor in anchors:
            numbers.setdefault(anchor, set()).add(number)
    automaton = ahocorasick.Automaton()
    for anchor, found in numbers.items():
        automaton.add_word(anchor, frozenset(found))
    automaton.make_automaton()
    return automaton
