"""The little language of the lexicons: what people may write in a pattern, and what it becomes.

    <i> (took|swallowed) .. (all|whole bottle) <pills>

- a word stands for itself, folded; `word*` for every word that begins so;
- `(this|that one)` is one of several; `<pills>` is a list the lexicon names; both may hold others;
- `?` behind a word, a list or a bracket: it may be missing;
- `..` up to three words between, `...` up to eight; neither reaches across the end of a sentence;
- `#` any number in digits, `####` one of four digits, such as a year;
- `^` the beginning of a clause, `$` the end of one;
- an apostrophe may be missing in what people write, and so may an accent.

A pattern is compiled to one regular expression, and to its anchors: sets of words of each of which
one must be there for the expression to be worth trying. One automaton finds them for all patterns.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from moderation.screening.folding import fold

WordLists = Mapping[str, Sequence[str]]
"""The lists a lexicon names, each of words, short phrases or patterns."""

_TOKEN: Final = re.compile(r"\s*(\.{2,3}|#+|\^|\$|[()|?]|<[a-z_]+>|[^\s()|?<>^$#]+)")
_GAPS: Final = {"..": 3, "...": 8}
_EDGES: Final = {"^": r'(?:(?<=\A )|(?<=[.?,"] ))', "$": r'(?= (?:\Z|[.?,"]))'}
_NUMBERS: Final = {"#": "[0-9]+", "####": "[0-9]{4}"}
_WORD_BETWEEN: Final = r'(?:[^ .?"]+ )'
_JOINT: Final = r"(?: ,)? "
_COMMON: Final = 1_000.0
_NEVER_AN_ANCHOR: Final = 1_000_000.0
_UMLAUTS: Final = (("\u00e4", "ae"), ("\u00f6", "oe"), ("\u00fc", "ue"))


class BadPattern(ValueError):
    """A pattern that means nothing; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern; a match begins with the blank before its first word. Of each of the
    `anchors`, the rarest first, every match holds one: they are pieces of folded text."""

    expression: re.Pattern[str]
    anchors: tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class _Item:
    """One place of a pattern: a word (in its spellings), a choice of sequences, a gap, an edge."""

    spellings: tuple[str, ...] = ()
    choice: tuple["_Sequence", ...] = ()
    optional: bool = False
    gap: int = 0
    edge: str = ""


_Sequence = tuple[_Item, ...]


class Patterns:
    """The patterns of one language: its lists, and the words too frequent to search for."""

    def __init__(self, lists: WordLists, common: frozenset[str]) -> None:
        self._lists = lists
        self._common = common
        self._read_lists: dict[str, tuple[_Sequence, ...]] = {}

    def compile(self, written: str) -> Pattern:
        """Compile one pattern. Raises BadPattern."""
        sequence = self._read(written)
        weighed = sorted(self._weighed_items(sequence), key=lambda one: one[0])
        if not weighed or weighed[0][0] >= _NEVER_AN_ANCHOR:
            raise BadPattern(f"{written!r} asks for no word at all")
        rare = [words for weight, words in weighed if weight < _COMMON]
        anchors = tuple(rare) or (weighed[0][1],)
        return Pattern(re.compile(f" {_expression(sequence)}(?= )"), anchors)

    def any_of(self, written: Sequence[str]) -> re.Pattern[str] | None:
        """One expression for any of several patterns, for what is looked at after a find."""
        expressions = [_expression(self._read(pattern)) for pattern in written]
        return re.compile(f" {_one_of(expressions)}(?= )") if expressions else None

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
                item, tokens = _Item(choice=choice), tokens[1:]
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
        if token in _NUMBERS:
            return _Item(spellings=(token,))
        if token.startswith("<"):
            return _Item(choice=self._list(written, token[1:-1]))
        return _Item(spellings=tuple(_spelled(token)))

    def _list(self, written: str, name: str) -> tuple[_Sequence, ...]:
        if name not in self._lists:
            raise BadPattern(f"{written!r} names <{name}>, which is no list here")
        if name not in self._read_lists:
            self._read_lists[name] = ()  # a list that names itself is empty there
            self._read_lists[name] = tuple(self._read(entry) for entry in self._lists[name])
        return self._read_lists[name]

    # Anchors.

    def _anchors(self, sequence: _Sequence) -> tuple[float, frozenset[str]]:
        """The place of a sequence whose words are rarest: its weight, and its words."""
        weighed = self._weighed_items(sequence)
        return min(weighed, key=lambda one: one[0], default=(_NEVER_AN_ANCHOR, frozenset()))

    def _weighed_items(self, sequence: _Sequence) -> list[tuple[float, frozenset[str]]]:
        required = (item for item in sequence if not (item.optional or item.gap or item.edge))
        return [self._weighed(item) for item in required]

    def _weighed(self, item: _Item) -> tuple[float, frozenset[str]]:
        if item.choice:
            found = [self._anchors(sequence) for sequence in item.choice]
            return sum(w for w, _ in found), frozenset[str]().union(*(a for _, a in found))
        weight = max(self._weight(spelling) for spelling in item.spellings)
        return weight, frozenset(a for s in item.spellings for a in _both_ways(s))

    def _weight(self, spelling: str) -> float:
        """How often a word is expected in ordinary talk, roughly."""
        if spelling in _NUMBERS:
            return _NEVER_AN_ANCHOR
        words = spelling.rstrip("*").replace("~", " ").split()
        return 1.0 if any(word not in self._common for word in words) else _COMMON


def _spelled(word: str) -> Iterator[str]:
    """A word as it may look when folded: `~` stands for an apostrophe, which people write as one,
    as a blank or not at all; and umlauts may be written as two letters."""
    spellings = {word}
    for letter, pair in _UMLAUTS:
        spellings |= {spelling.replace(letter, pair) for spelling in spellings}
    for spelling in sorted(spellings):
        pieces = [fold(piece).strip() for piece in re.split("['\u2019]", spelling.rstrip("*"))]
        yield "~".join(piece for piece in pieces if piece) + "*" * spelling.endswith("*")


def _expression(sequence: _Sequence) -> str:
    written = ""
    gap = 0
    begun = False  # whether a word that must be there stands before
    for item in sequence:
        if item.edge:
            written += _EDGES[item.edge]
        elif item.gap:
            gap = item.gap
        else:
            words = _words(item)
            if not begun:
                written += f"(?:{words}{_JOINT})?" if item.optional else words
                begun = not item.optional
            elif item.optional:
                written += f"(?:{_JOINT}{words})?"
            else:
                between = f"{_WORD_BETWEEN}{{0,{gap}}}" if gap else ""
                written += f"{_JOINT}{between}{words}"
                gap = 0
    return written


def _words(item: _Item) -> str:
    if item.choice:
        return _one_of(_expression(sequence) for sequence in item.choice)
    return _one_of(_NUMBERS.get(s) or _spelling(s) for s in item.spellings)


_Tree = dict[str, "_Tree"]
_ANY_ENDING: Final = "[^ ]*"
_STEP: Final = re.compile(rf"{re.escape(_JOINT)}|{re.escape(_ANY_ENDING)}| \?|[a-z0-9]|\Z")


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
    return spelling.rstrip("*").replace("~", " ?") + (_ANY_ENDING if spelling.endswith("*") else "")


def _both_ways(spelling: str) -> Iterator[str]:
    end = "" if spelling.endswith("*") else " "
    words = spelling.rstrip("*").split("~")
    for joints in product(("", " "), repeat=len(words) - 1):
        yield f" {words[0]}{''.join(j + w for j, w in zip(joints, words[1:], strict=True))}{end}"
