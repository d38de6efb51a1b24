"""When two names look the same: folding letters to the shape that the eye sees.

The table is Unicode's list of confusable characters (UTS 39), from the package
`confusable_homoglyphs`. It says that Cyrillic а, Greek α and Latin a share one shape, their
prototype, and that m can be taken for rn.
"""

import unicodedata
from functools import cache
from typing import Final

from confusable_homoglyphs.confusables import confusables_data

# Passes until a key no longer changes; the test over the whole table needs no more than these.
_PASSES: Final = 3

# Shapes that differ for a careful eye and not for a hurried one.
_HURRIED: Final = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l"})


def _prototypes() -> dict[str, str]:
    """Each confusable character with its prototype.

    The package keeps the list in both directions: a prototype names all that look like it, and
    each of these names the prototype alone. Where only two characters share a shape either may
    stand for both; it is the lower code point, so that the answer does not depend on any order.
    Right-to-left characters are wrapped in direction marks in the list; these are not part of them.
    """
    alike = {
        shape.strip("\u200e"): [other["c"].strip("\u200e") for other in others]
        for shape, others in confusables_data.items()
    }
    found = {}
    for shape, others in alike.items():
        if len(shape) != 1 or len(others) != 1:
            continue
        other = others[0]
        alone = len(other) == 1 and alike.get(other) == [shape]
        if not alone or other < shape:
            found[shape] = other
    return found


_PROTOTYPES: Final = _prototypes()


@cache
def _shape(character: str) -> str:
    """The shape of one character, in Latin letters where one of its cases looks Latin.

    Case is tried both ways because small and capital letters of one alphabet may look like
    different things: Cyrillic Н looks like H, and н like nothing Latin, yet both are one letter.
    """
    for form in (character, character.upper(), character.lower()):
        shape = _PROTOTYPES.get(form, form)
        if shape.isascii():
            return shape
    return _PROTOTYPES.get(character.lower(), character.lower())


def compare_key(name: str) -> str:
    """What is the same for names that look the same: compared, never shown.

    casefold(NFKC(skeleton)), with 0 and o, 1, l and i, m and rn taken for one another. Accents
    count. Any text has a key, and the key of a key is itself.
    """
    key = name
    for _ in range(_PASSES):
        skeleton = "".join(map(_shape, unicodedata.normalize("NFD", key)))
        key = unicodedata.normalize("NFKC", skeleton).casefold().translate(_HURRIED)
    return unicodedata.normalize("NFKC", key)
