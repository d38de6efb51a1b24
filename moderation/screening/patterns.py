"""The little language of the lexicons: what people may write in a pattern, and what it becomes.

    <i> (took|swallowed) .. (all|whole bottle) <pills>

- a word stands for itself, folded; `word*` for every word that begins so, `*word` for every one
  that ends so;
- `(this|that one)` is one of several; `<pills>` is a list the lexicon names; both may hold others;
- `?` behind a word, a list or a bracket: it may be missing;
- `..` up to three words between, `...` up to eight; neither reaches across the end of a sentence;
- `....` up to twelve words between, whatever ends there;
- `#` any number in digits, `##` one from ten on, `####` one of four digits, such as a year; `#h` is
  one with letters to it;
- `^` the beginning of a clause, `$` the end of one;
- `!` before all of it: its own words deny something, so a denial does not take it away;
- an apostrophe may be missing in what people write, and so may an accent.

A pattern becomes a regular expression, and what must be in a text for that to be worth trying: its
anchors, and the words it needs besides, which one automaton finds for all patterns.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product
from typing import Final

from moderation.screening.compiled import NOTHING_COMPILED, Compiled
from moderation.screening.folding import fold

WordLists = Mapping[str, Sequence[str]]
"""The lists a lexicon names, each of words, short phrases or patterns."""

_TOKEN: Final = re.compile(r"\s*(\.{2,4}|#+[a-z]*|\^|\$|[()|?]|<[a-z_]+>|[^\s()|?<>^$#]+)")
_WORD_BETWEEN: Final = r'(?:[^ .?"]+ )'
_GAPS: Final = {
    "..": f"{_WORD_BETWEEN}{{0,3}}",
    "...": f"{_WORD_BETWEEN}{{0,8}}",
    "....": "(?:[^ ]+ ){0,12}",
}
# The end of a clause may be asked for behind a word, or within a bracket that follows one.
_EDGES: Final = {
    "^": r'(?:(?<=\A )|(?<=[.?,"] ))',
    "$": r'(?:(?= (?:\Z|[.?,"]))|(?<= )(?=\Z|[.?,"]))',
}
_NEVER: Final = "(?!)"
_WHOLE: Final = "(?:(?= )|(?<= ))"
"""What follows a match: it ends with a whole word."""
_NUMBER: Final = re.compile(r"(#|##|####)([a-z]*)")
_DIGITS: Final = {"#": "[0-9]+", "##": "[0-9]{2,}", "####": "[0-9]{4}"}
_DENIES: Final = "! "
_JOINT: Final = r"(?: ,)? "
_NEVER_AN_ANCHOR: Final = 1_000_000.0
_NOT_TELLING: Final = 300.0
"""What is expected so often says nothing about whether a pattern is worth trying."""
_RARER: Final = 0.3
"""How much rarer two words are together than the rarer of them alone, roughly."""
_MOST_SPELLINGS: Final = 8
_UNSURE: Final = re.compile(r"[*#]")
"""Words with an open end, and numbers, are looked for alone."""
_UMLAUTS: Final = (("\u00e4", "ae"), ("\u00f6", "oe"), ("\u00fc", "ue"))


class BadPattern(ValueError):
    """A pattern that means nothing; the message says which and why."""


class Pattern:
    """A pattern. Every match holds one of the `anchors`, which are pieces of folded text without
    its commas, and one of its `needs`, unless there are none.

    Most of the thousands of patterns meet none of their words in the life of a server: so its
    expression is made when it is first asked for.
    """

    __slots__ = ("_expression", "_patterns", "_written", "anchors", "needs")

    def __init__(
        self,
        patterns: "Patterns",
        written: str,
        anchors: frozenset[str],
        needs: frozenset[str],
    ) -> None:
        self._patterns = patterns
        self._written = written
        self._expression: re.Pattern[str] | None = None
        self.anchors = anchors
        self.needs = needs

    @property
    def denies(self) -> bool:
        """Whether its own words deny something."""
        return self._written.startswith(_DENIES)

    @property
    def expression(self) -> re.Pattern[str]:
        """What matches, from the blank before the first word on."""
        if self._expression is None:
            self._expression = self._patterns.expression(self._written)
        return self._expression


@dataclass(frozen=True, slots=True)
class _Item:
    """One place of a pattern: a word (in its spellings), a choice of sequences, a gap, an edge."""

    spellings: tuple[str, ...] = ()
    choice: "_Choice | None" = None
    optional: bool = False
    gap: str = ""
    edge: str = ""


_Sequence = tuple[_Item, ...]


_Unit = tuple[float, frozenset[str]]
"""How often something is expected in ordinary talk, roughly, and the pieces of text of which one is
there when it is."""
_NOTHING: Final[_Unit] = (_NEVER_AN_ANCHOR, frozenset())


class _Choice:
    """One of several sequences. A list is one object in all patterns that name it, so what is
    worked out about it is worked out once."""

    def __init__(self, sequences: tuple[_Sequence, ...]) -> None:
        self.sequences = sequences
        self.weighed: _Unit | None = None

    @cached_property
    def expression(self) -> str:
        return _one_of(_expression(sequence) for sequence in self.sequences)


class Patterns:
    """The patterns of one language: its lists, how often the most frequent words are met, and what
    is compiled already."""

    def __init__(
        self,
        lists: WordLists,
        frequent: Mapping[str, float],
        compiled: Compiled = NOTHING_COMPILED,
    ) -> None:
        self._lists = lists
        self._frequent = frequent
        self._compiled = compiled
        self._read_lists: dict[str, _Choice] = {}
        self._reading: list[str] = []

    def read(self, written: str) -> Pattern:
        """Read one pattern and find its anchors. Raises BadPattern."""
        sequence = self._read(written.removeprefix(_DENIES))
        rarest_first = sorted(self._units(sequence), key=lambda unit: unit[0])
        if not rarest_first or rarest_first[0][0] >= _NEVER_AN_ANCHOR:
            raise BadPattern(f"{written!r} asks for no word at all")
        _, anchors = rarest_first[0]
        # More than two would be found in every text, and spare too few searches for that.
        besides = (words for weight, words in rarest_first[1:] if weight < _NOT_TELLING)
        needs = next((words for words in besides if words != anchors), frozenset[str]())
        return Pattern(self, written, anchors, needs)

    def expression(self, *written: str) -> re.Pattern[str]:
        """What one pattern matches, or any of several. Raises BadPattern."""
        ready = self._compiled.expression(name_of(*written))
        return ready or re.compile(self.source(*written))

    def source(self, *written: str) -> str:
        """The same, as `re.compile` takes it. Raises BadPattern."""
        sequences = (self._read(pattern.removeprefix(_DENIES)) for pattern in written)
        expressions = [_expression(sequence) for sequence in sequences]
        return f" {_one_of(expressions)}{_WHOLE}" if expressions else _NEVER

    # Reading.

    def _read(self, written: str) -> _Sequence:
        tokens, place = list[str](), 0
        for found in _TOKEN.finditer(written.rstrip()):
            if found.start() != place:
                break
            tokens.append(found[1])
            place = found.end()
        if place != len(written.rstrip()):
            raise BadPattern(f"{written!r} cannot be read after {written[:place]!r}")
        choice, rest = self._choice(written, tokens)
        if rest or len(choice) != 1:
            raise BadPattern(f"{written!r} has a bracket too many or too few")
        return choice[0]

    def _choice(self, written: str, tokens: list[str]) -> tuple[tuple[_Sequence, ...], list[str]]:
        """Sequences parted by `|`, up to a closing bracket; and the tokens from there on."""
        sequences: list[_Sequence] = []
        items: list[_Item] = []
        while tokens and tokens[0] != ")":
            sign, tokens = tokens[0], tokens[1:]
            if sign == "|":
                sequences.append(tuple(items))
                items = []
                continue
            if sign == "(":
                choice, tokens = self._choice(written, tokens)
                if not tokens:
                    raise BadPattern(f"{written!r} has a bracket without an end")
                item, tokens = _Item(choice=_Choice(choice)), tokens[1:]
            elif sign == "?":
                raise BadPattern(f"{written!r} has a '?' where none can be")
            else:
                item = self._item(written, sign)
            if tokens and tokens[0] == "?" and not (item.gap or item.edge):
                item, tokens = _Item(item.spellings, item.choice, optional=True), tokens[1:]
            items.append(item)
        sequences.append(tuple(items))
        if not all(sequences):
            raise BadPattern(f"{written!r} has an empty choice")
        return tuple(sequences), tokens

    def _item(self, written: str, token: str) -> _Item:
        if token in _GAPS:
            return _Item(gap=_GAPS[token])
        if token in _EDGES:
            return _Item(edge=token)
        if token.startswith("#"):
            if not _NUMBER.fullmatch(token):
                raise BadPattern(f"{written!r} has {token!r}, which is no number")
            return _Item(spellings=(token,))
        if token.startswith("<"):
            return _Item(choice=self._list(written, token[1:-1]))
        return _Item(spellings=_spelled(token))

    def _list(self, written: str, name: str) -> _Choice:
        if name not in self._lists:
            raise BadPattern(f"{written!r} names <{name}>, which is no list here")
        if name not in self._read_lists:
            if name in self._reading:
                raise BadPattern(f"the list <{name}> names itself")
            self._reading.append(name)
            sequences = tuple(self._read(entry) for entry in self._lists[name])
            self._reading.pop()
            self._read_lists[name] = _Choice(sequences)
        return self._read_lists[name]

    # Anchors.

    def _anchors(self, sequence: _Sequence) -> _Unit:
        """What of a sequence is rarest, and must be in a text that holds it."""
        return min(self._units(sequence), key=lambda unit: unit[0], default=_NOTHING)

    def _units(self, sequence: _Sequence) -> Iterator[_Unit]:
        """All that must be in a text which holds this sequence: its runs of plain words, and its
        choices."""
        run: list[_Item] = []
        for item in sequence:
            plain = not (item.choice or item.optional or item.gap or item.edge)
            if plain and (not run or self._joins(run, item)):
                run.append(item)
                continue
            if run:
                yield self._run(run)
            run = [item] if plain else []
            if item.choice and not item.optional:
                yield self._weighed(item.choice)
        if run:
            yield self._run(run)

    def _joins(self, run: list[_Item], item: _Item) -> bool:
        """Whether a word can be looked for together with those before it."""
        spellings = len(item.spellings)
        for before in run:
            spellings *= len(before.spellings)
        sharp = any(_UNSURE.search(s) for word in (run[-1], item) for s in word.spellings)
        return spellings <= _MOST_SPELLINGS and not sharp

    def _run(self, run: list[_Item]) -> _Unit:
        """Words that follow one another: rarer than the rarest of them."""
        weight = min(max(self._weight(s) for s in item.spellings) for item in run)
        if weight < _NEVER_AN_ANCHOR:
            weight *= _RARER ** (len(run) - 1)
        return weight, frozenset(
            anchor
            for spellings in product(*(item.spellings for item in run))
            for anchor in _both_ways(" ".join(spellings))
        )

    def _weighed(self, choice: _Choice) -> _Unit:
        """The rarest of every sequence of a choice, together."""
        if choice.weighed is None:
            found = [self._anchors(sequence) for sequence in choice.sequences]
            words = frozenset[str]().union(*(anchors for _, anchors in found))
            choice.weighed = sum(weight for weight, _ in found), words
        return choice.weighed

    def _weight(self, spelling: str) -> float:
        """How often a word is expected in ordinary talk, roughly."""
        if spelling.startswith("#"):
            return _NEVER_AN_ANCHOR
        words = spelling.strip("*").replace("~", " ").split()
        return min((self._frequent.get(word, 1.0) for word in words), default=_NEVER_AN_ANCHOR)


def name_of(*written: str) -> str:
    """The name under which the expression of these patterns is kept."""
    return "\n".join(written)


@cache
def _spelled(word: str) -> tuple[str, ...]:
    """A word as it may look when folded: `~` stands for an apostrophe, which people write as one,
    as a blank or not at all; and umlauts may be written as two letters."""
    spellings = {word}
    for letter, pair in _UMLAUTS:
        spellings |= {spelling.replace(letter, pair) for spelling in spellings}
    found: list[str] = []
    for spelling in sorted(spellings):
        pieces = [fold(piece).strip() for piece in re.split("['\u2019]", spelling.strip("*"))]
        folded = "~".join(piece for piece in pieces if piece)
        found.append("*" * spelling.startswith("*") + folded + "*" * spelling.endswith("*"))
    return tuple(found)


def _expression(sequence: _Sequence) -> str:
    written = ""
    gap = ""
    lead = ""  # what may be missing at the beginning; a gap behind it is missing with it
    begun = False  # whether a word that must be there stands before
    for item in sequence:
        if item.gap:
            if begun:
                gap = item.gap
            elif lead:
                lead += item.gap
            continue
        if lead:
            written, lead = f"{written}(?:{lead})?", ""
        if item.edge:
            written += _EDGES[item.edge]
        elif not begun and item.optional:
            lead = _words(item) + _JOINT
        elif not begun:
            written, begun = written + _words(item), True
        elif item.optional:
            written += f"(?:{_JOINT}{_words(item)})?"
        else:
            written += f"{_JOINT}{gap}{_words(item)}"
            gap = ""
    return written


def _words(item: _Item) -> str:
    if item.choice:
        return item.choice.expression
    return _one_of(_spelling(spelling) for spelling in item.spellings)


_Tree = dict[str, "_Tree"]
_ANY_LETTERS: Final = "[^ ]*"
_STEP: Final = re.compile(rf"{re.escape(_JOINT)}|{re.escape(_ANY_LETTERS)}| \?|[a-z0-9]|\Z")


def _one_of(choice: Iterable[str]) -> str:
    """One expression for all of these. Plain words become a tree, letter by letter, so that a text
    is compared with a list of a hundred in the time of a few."""
    tree: _Tree = {}
    rest: list[str] = []
    for expression in dict.fromkeys(choice):
        steps = _STEP.findall(expression)
        if "".join(steps) != expression:
            rest.append(expression)
            continue
        branch = tree
        for step in steps:
            branch = branch.setdefault(step, {})
    rest.sort(key=len, reverse=True)
    if tree:
        rest.append(_grown(tree))
    return rest[0] if len(rest) == 1 else f"(?:{'|'.join(rest)})"


def _grown(tree: _Tree) -> str:
    """The expression of a tree; the longer of two words that begin alike is tried first."""
    branches = [step + _grown(branch) for step, branch in tree.items() if step]
    if "" in tree:
        branches.append("")
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"


def _spelling(spelling: str) -> str:
    if number := _NUMBER.fullmatch(spelling):
        return _DIGITS[number[1]] + number[2]
    before = _ANY_LETTERS if spelling.startswith("*") else ""
    after = _ANY_LETTERS if spelling.endswith("*") else ""
    return before + spelling.strip("*").replace("~", " ?") + after


def _both_ways(spelling: str) -> Iterator[str]:
    """What to look for: an apostrophe may be a blank or nothing."""
    begin = "" if spelling.startswith("*") else " "
    end = "" if spelling.endswith("*") else " "
    words = spelling.strip("*").split("~")
    for joints in product(("", " "), repeat=len(words) - 1):
        rest = "".join(j + w for j, w in zip(joints, words[1:], strict=True))
        yield f"{begin}{words[0]}{rest}{end}"
