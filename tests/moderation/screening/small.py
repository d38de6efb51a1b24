"""A language of a few words, in which the tests of the Screen are told. What ships changes; this
does not."""

from typing import Any, Final

import msgspec

from moderation.screening.lexicon import Concept, Contexts, Lexicon
from moderation.screening.screen import Screen
from rooms.safety import Category, Subject

CONTEXTS: Final = Contexts(
    negation=("not", "never", "don't"),
    denial=(", not really",),
    past=("# years ago", "used to"),
    taken_back=("that was (years|long) ago",),
    present=("again", "last night"),
    information=("the (book|film)",),
    generic=("people who",),
    laughing=("lol", "haha"),
    question=("does anyone", "why"),
    rising=("tonight", "goodbye"),
    parting=("but", "and then"),
    me=("i", "me"),
    them=("he", "she", "my sister"),
    you=("you",),
)


def lexicon(**changes: Any) -> Lexicon:
    """The small language, with some of it changed."""
    language = Lexicon(
        language="small",
        common="i you he she not the a to and but tonight",
        words={"pills": ("pills", "benzo*")},
        contexts=CONTEXTS,
        other_meanings=("want to die of laughter",),
        patterns={
            "wish": ("be dead",),
            "wants": ("want to die",),
            "no-life": ("(don't|not) want to live",),
            "intends": ("kill myself",),
            "pills": ("took .. <pills>", "i took all"),
            "alone": ("use alone",),
            "threat": ("! won't leave alive",),
            "craving": ("craving",),
        },
        unless={"wants": ("the plant",)},
    )
    return msgspec.structs.replace(language, **changes)


def concept(level: int, category: Category | None = Category.SUICIDE, **more: Any) -> Concept:
    """Something that can be found; about its writer, if nothing else is said."""
    facts = {
        "subject": Subject.SELF,
        "says": f"says a thing of level {level}",
        "source": "a test",
    }
    return Concept(level=level, category=category, **(facts | more))


CONCEPTS: Final = {
    "wish": concept(1),
    "wants": concept(2, rises=True, them="other-wants"),
    "other-wants": concept(2, subject=Subject.OTHER),
    "no-life": concept(2, holds=("negation",)),
    "intends": concept(3),
    "pills": concept(3, Category.OVERDOSE, firm=True, them="other-pills"),
    "other-pills": concept(3, Category.OVERDOSE, firm=True, subject=Subject.OTHER),
    "alone": concept(2, Category.OVERDOSE, subject=None),
    "threat": concept(3, Category.VIOLENCE_ABUSE, subject=Subject.OTHER),
    "craving": concept(0, None, craving=True),
}


def screen(*more: Lexicon, **changes: Any) -> Screen:
    """A Screen over the small language, changed, and perhaps others."""
    return Screen(CONCEPTS, [lexicon(**changes), *more], {})
