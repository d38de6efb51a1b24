"""The lexicons: what is looked for, in data files that people who do not program can review.

`concepts.toml` says what there is to find, in any language: its level, category and subject, why it
counts, and the source of that. A file for each language says how people write it. Who calls brings
the bytes; nothing here touches a file.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal

import msgspec

from rooms.safety import Category, Level, Subject

ConceptId = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z-]*$")]

ContextName = Literal[
    "negation", "past", "information", "generic", "laughing", "quotation", "question"
]
"""What can stand around a find and lower it."""


class Concept(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that can be found in a text.

    `says` completes the sentence "This person …" for a facilitator. `firm` is a physical emergency:
    only the plain past or a plain denial lowers it. `holds` names contexts that do not lower it,
    because its own words hold them ("I do not want to live"). `rises` means that a word of time or
    farewell beside it makes it one level higher. `them` is the concept it becomes when the sentence
    is about somebody else. `craving` is no danger: level 0, and a quiet link to Help.
    """

    says: str
    level: Level
    category: Category | None = None
    subject: Subject | None = None
    source: str
    firm: bool = False
    craving: bool = False
    holds: tuple[ContextName, ...] = ()
    rises: bool = False
    them: ConceptId | None = None


class Contexts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands around a find, in one language: patterns, as in the rest of the file."""

    negation: tuple[str, ...]
    denial: tuple[str, ...] = ()
    past: tuple[str, ...]
    taken_back: tuple[str, ...] = ()
    present: tuple[str, ...]
    information: tuple[str, ...]
    generic: tuple[str, ...]
    laughing: tuple[str, ...]
    question: tuple[str, ...]
    rising: tuple[str, ...]
    parting: tuple[str, ...]
    me: tuple[str, ...]
    them: tuple[str, ...]
    you: tuple[str, ...]


class Lexicon(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one language says it.

    `common` are its most frequent words, which no search begins with. `words` are the lists that
    patterns name. `other_meanings` are idioms: what overlaps one of them is no find. `unless` are
    patterns in the same sentence that take a concept away.
    """

    language: str
    common: str
    words: Mapping[str, tuple[str, ...]]
    contexts: Contexts
    other_meanings: tuple[str, ...]
    patterns: Mapping[ConceptId, tuple[str, ...]]
    unless: Mapping[ConceptId, tuple[str, ...]] = {}

    def surroundings(self) -> Iterator[tuple[str, ...]]:
        """The patterns of everything that is looked for around a find; each of these is looked for
        as one."""
        contexts = self.contexts
        yield from (getattr(contexts, name) for name in contexts.__struct_fields__)
        yield self.other_meanings
        yield from self.unless.values()


class Frequent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The words that stand in more than so many of a thousand messages, in any language."""

    hundred: str
    thirty: str
    ten: str

    def weights(self) -> dict[str, float]:
        """How often each of these words is expected; any other counts as 1."""
        weighed = ((self.ten, 20.0), (self.thirty, 60.0), (self.hundred, 200.0))
        return {word: weight for words, weight in weighed for word in words.split()}


def read_frequent(written: bytes) -> dict[str, float]:
    """`frequent.toml`, as weights. Raises `msgspec.MsgspecError` for a file that is not one."""
    return msgspec.toml.decode(written, type=Frequent).weights()


def read_concepts(written: bytes) -> dict[str, Concept]:
    """`concepts.toml`. Raises `msgspec.MsgspecError` for a file that is not one."""
    return msgspec.toml.decode(written, type=dict[ConceptId, Concept])


def read_lexicon(written: bytes) -> Lexicon:
    """The file of one language. Raises `msgspec.MsgspecError` for a file that is not one."""
    return msgspec.toml.decode(written, type=Lexicon)


class BadLexicon(ValueError):
    """Lexicons that do not fit together; the message says what does not."""


def check(concepts: Mapping[str, Concept], lexicons: Sequence[Lexicon]) -> None:
    """Raise BadLexicon where a file names a concept that is not there."""
    for name, concept in concepts.items():
        if concept.them is not None and concept.them not in concepts:
            raise BadLexicon(f"{name} becomes {concept.them}, which is no concept")
        if concept.craving is not (concept.level == 0):
            raise BadLexicon(f"{name}: a craving has level 0, and nothing else has")
    for lexicon in lexicons:
        for name in [*lexicon.patterns, *lexicon.unless]:
            if name not in concepts:
                raise BadLexicon(f"{lexicon.language} has patterns for {name}, which is no concept")
