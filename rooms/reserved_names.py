"""Names that nobody may take, because they speak for the house.

A newcomer in distress believes somebody called "Moderator". Who has a role is shown by the screen,
from the role itself; a name that claims one is therefore always false, and is refused however it is
spelled: "Adm1n", "F.a.c.i.l.i.t.a.t.o.r", "Модератор" in letters that look Latin.
"""

import unicodedata
from typing import Final

import regex

from rooms.lookalikes import compare_key

# Refused as a word of the name, or as the whole of it. "Ghost" contains one and is a fine name.
_WORDS: Final = """
    admin administrator candlelight clinician cofacilitator cohost counsellor counselor everybody
    everyone facilitator greeter helper helpline host hotline mod moderator nobody official operator
    police reader root server somebody someone staff support sysadmin system therapist timekeeper
    administrador administradora anfitrion anfitriona ayudante facilitador facilitadora lector
    lectora moderador moderadora operador operadora sistema soporte
""".split()

# Refused anywhere inside a name: no other word contains them.
_ANYWHERE: Final = """
    administrador administrator candlelight facilitador facilitator helpline moderador moderator
    timekeeper
""".split()

# Signs and digits that are read as letters by somebody who wants to.
_READ_AS_LETTERS: Final = str.maketrans("$€£!|", "selil")
_DIGITS_AS_LETTERS: Final = str.maketrans("23456789", "zeasbtbg")
_DIGITS: Final = "0123456789"

_SPOKEN: Final = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_INNER_CAPITAL: Final = regex.compile(r"(?<=\p{Ll})(?=\p{Lu})")


def _bare(text: str) -> str:
    """Letters alone, by their shape: no accents, no signs, digits read as letters."""
    apart = unicodedata.normalize("NFD", compare_key(text))
    return "".join(filter(str.isalnum, apart)).translate(_DIGITS_AS_LETTERS)


_RESERVED: Final = frozenset(map(_bare, _WORDS))
_RESERVED_ANYWHERE: Final = tuple(map(_bare, _ANYWHERE))
_RESERVED_START: Final = _bare("admin")


def is_reserved(name: str) -> bool:
    """Whether a name claims a role, a service or the house itself."""
    readings = {name, name.translate(_READ_AS_LETTERS)}
    readings |= {_INNER_CAPITAL.sub(" ", reading) for reading in readings}
    return any(_claims(_SPOKEN.findall(reading)) for reading in readings)


def _claims(words: list[str]) -> bool:
    whole = "".join(words)
    bare = _bare(whole)
    if bare.startswith(_RESERVED_START) or any(word in bare for word in _RESERVED_ANYWHERE):
        return True
    for word in (*words, whole):
        # "Host2" and "Hosts" claim what "Host" claims.
        for reading in (_bare(word), _bare(word.strip(_DIGITS))):
            if reading in _RESERVED or reading.removesuffix("s") in _RESERVED:
                return True
    return False
