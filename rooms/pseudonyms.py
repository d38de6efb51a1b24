"""Pseudonyms: which names a person may carry in a room, and when two names are the same.

A pseudonym is text written by a stranger, shown to everybody beside every line. So it is the same
on every screen, cannot be taken for another member or for staff, and does not lead outside.
The rules and their numbers follow PRECIS nicknames (RFC 8266), UTS 39 and this project's own
measurements of what those two let through.
"""

import unicodedata
from typing import Final

import regex
from confusable_homoglyphs.categories import unique_aliases
from precis_i18n import get_profile

from rooms.lookalikes import compare_key
from rooms.refusals import Refused
from rooms.reserved_names import is_reserved

__all__ = [
    "FEWEST_CHARACTERS",
    "MOST_CHARACTERS",
    "PseudonymContact",
    "PseudonymMixedScripts",
    "PseudonymRefused",
    "PseudonymReserved",
    "PseudonymTaken",
    "PseudonymTooLong",
    "PseudonymTooShort",
    "PseudonymUnreadable",
    "compare_key",
    "display",
]

FEWEST_CHARACTERS: Final = 2
MOST_CHARACTERS: Final = 24
"""Characters as a reader counts them (grapheme clusters)."""

# One grapheme can be made of any number of code points; three each is room for every script.
_MOST_CODE_POINTS: Final = 3 * MOST_CHARACTERS
# What is longer than this is not looked at: cleaning a name must cost nothing worth attacking.
_MOST_TYPED: Final = 256

# A year is a number too. From five digits on it may be a telephone number or a date of birth.
_MOST_DIGITS: Final = 4


class PseudonymRefused(Refused, family=True):
    """A name that cannot be used in this room."""


class PseudonymTooShort(PseudonymRefused):
    """Fewer than `FEWEST_CHARACTERS`."""

    code = "pseudonym_too_short"
    text = "A name here has at least two characters."


class PseudonymTooLong(PseudonymRefused):
    """More than `MOST_CHARACTERS`."""

    code = "pseudonym_too_long"
    text = "That name is a little long. Up to 24 characters fit here."


class PseudonymReserved(PseudonymRefused):
    """A name that claims a role or speaks for the house."""

    code = "pseudonym_reserved"
    text = "That name would look like somebody with a task here. Please choose another."


class PseudonymUnreadable(PseudonymRefused):
    """Characters that are invisible, that pile up, or that not every screen can show."""

    code = "pseudonym_unreadable"
    text = "Not everybody could read that name. Letters and spaces always work."


class PseudonymMixedScripts(PseudonymRefused):
    """Letters of alphabets that are not written together, as impostors do."""

    code = "pseudonym_mixed_scripts"
    text = "That name mixes letters of different alphabets. Please use one of them."


class PseudonymContact(PseudonymRefused):
    """A telephone number, an address or a handle: a way out of anonymity."""

    code = "pseudonym_contact"
    text = "Please not your real name, and no numbers or handles."


class PseudonymTaken(PseudonymRefused):
    """Somebody in this room has that name, or one that looks like it."""

    code = "pseudonym_taken"
    text = "That name is already in the room. Please choose another."


_nickname: Final = get_profile("NicknameCasePreserved")

# Never in a name, whatever surrounds it: control, format, surrogate, private and unassigned
# characters and line ends; characters that take no room, or room without ink (blank braille,
# a note without a head, the fillers of Hangul); and the signs that stand for a missing character.
_UNSEEN: Final = regex.compile(
    r"[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\U0001D159\uFFFC\uFFFD]"
)
# Marks need a letter to stand on. Two may pile up on it (Vietnamese, Thai, Hebrew); those that
# take their own room, as Burmese and Tamil write them, may follow until there are four.
_STRAY_MARK: Final = regex.compile(r"(?<![\p{L}\p{N}\p{M}])\p{M}")
_PILED_MARKS: Final = regex.compile(r"[\p{Mn}\p{Me}](?:\p{Mc}*[\p{Mn}\p{Me}]){2}|\p{M}{5}")
_SPEAKABLE: Final = regex.compile(r"[\p{L}\p{N}]")

_DIGIT: Final = regex.compile(r"\p{Nd}")
_CONTACT: Final = regex.compile(
    r"""
    @ | :// | \b www\b | \# \d{3}                     # mail and handles, addresses, name#1234
    | [\p{L}\p{N}] \s* (?: \. | \b dot \b ) \s*       # example.org, example dot com
      (?: app|biz|chat|com|de|edu|es|fr|gg|gov|info|io|link|ly|me|mx|net|online|org|ru|site|tv|uk|us
      | xyz ) \b
    | \b (?: facebook|instagram|onlyfans|snapchat|telegram|tiktok|whatsapp ) \b
    | \b (?: discord|fb|ig|insta|kik|line|signal|skype|snap|tel|tg|tt|wa ) \s* [:=/]
    """,
    regex.VERBOSE | regex.IGNORECASE,
)

# Scripts that one language writes together (UTS 39, "highly restrictive").
_WRITTEN_TOGETHER: Final = (
    {"LATIN", "HAN", "HIRAGANA", "KATAKANA"},
    {"LATIN", "HAN", "BOPOMOFO"},
    {"LATIN", "HAN", "HANGUL"},
)
_OF_EVERY_SCRIPT: Final = {"COMMON", "INHERITED"}


def display(raw: str) -> str:
    """The name as everybody will see it. The display form of a display form is itself.

    Spaces are trimmed and joined, and compatibility forms (full-width, ligatures) made plain.
    Raises the PseudonymRefused that says what is in the way.
    """
    name = _plain(raw)
    characters = len(regex.findall(r"\X", name))
    if characters > MOST_CHARACTERS or len(name) > _MOST_CODE_POINTS:
        raise PseudonymTooLong(limit=MOST_CHARACTERS)
    if characters < FEWEST_CHARACTERS:
        raise PseudonymTooShort(limit=FEWEST_CHARACTERS)
    if not _SPEAKABLE.search(name) or _STRAY_MARK.search(name) or _PILED_MARKS.search(name):
        raise PseudonymUnreadable()
    if len(_DIGIT.findall(name)) > _MOST_DIGITS or _CONTACT.search(name):
        raise PseudonymContact()
    scripts = unique_aliases(name) - _OF_EVERY_SCRIPT
    if len(scripts) > 1 and not any(scripts <= together for together in _WRITTEN_TOGETHER):
        raise PseudonymMixedScripts()
    if is_reserved(name):
        raise PseudonymReserved()
    return name


def _plain(raw: str) -> str:
    """The typed name in its one plain spelling, or the refusal of what cannot be shown."""
    if len(raw) > _MOST_TYPED:
        raise PseudonymTooLong(limit=MOST_CHARACTERS)
    # Before anything is mapped; no mapping makes an unseen character out of others.
    if _UNSEEN.search(raw):
        raise PseudonymUnreadable()
    if not raw.strip():
        raise PseudonymTooShort(limit=FEWEST_CHARACTERS)
    name = _enforced(raw)
    if not name:
        raise PseudonymUnreadable()
    return name


def _enforced(raw: str) -> str:
    """The nickname as PRECIS spells it, or nothing where PRECIS does not allow it.

    PRECIS says no with an encoding error that quotes the name. It ends here, so that no refusal
    carries the name along as its context.
    """
    try:
        return unicodedata.normalize("NFC", _nickname.enforce(raw))
    except UnicodeEncodeError:
        return ""
