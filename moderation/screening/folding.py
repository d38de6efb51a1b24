"""Folding: a text made plain for looking at, and the way back to where its words stand.

People in danger do not proofread. What does not change the meaning is taken away: capitals,
accents, apostrophes, invisible signs. What is left are words of small letters and digits with one
blank between them, and four signs that end or part a clause:

- `.` and `?` end a sentence; nothing is read across them;
- `,` parts a sentence: a comma, a dash, a bracket, a picture;
- `"` opens or closes what is quoted.

A folded text has a blank at both ends, so that every word in it stands between two.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

_ENDS: Final = ".!;\u00bf\n\r\u2028\u2029\u3002"
_ASKS: Final = "?\u061f"
_PARTS: Final = ",:()[]{}/|\\\u2013\u2014\u2015\u2026\u060c\u3001+=>"
_QUOTES: Final = '"\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a'
_LIGATURES: Final = {"\u0153": "oe", "\u0152": "oe", "\u00e6": "ae", "\u00c6": "ae"}
_APOSTROPHES: Final = "'\u2018\u2019\u201a\u201b`\u00b4\u02bc\u02b9\u2032"


class _Signs(dict[int, str]):
    """What each character becomes, for `str.translate`; worked out once and remembered."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold(chr(code))
        return folded


def _fold(character: str) -> str:
    for signs, folded in ((_ENDS, "."), (_ASKS, "?"), (_PARTS, ","), (_QUOTES, '"')):
        if character in signs:
            return folded
    if character in _APOSTROPHES:
        return " "
    plain = unicodedata.normalize("NFKD", _LIGATURES.get(character, character).casefold())
    letters = "".join(c for c in plain if c.isalnum())
    if letters:
        return letters.casefold()
    category = unicodedata.category(character)
    if category in ("Mn", "Me", "Cf"):
        return ""  # an accent, or something nobody sees
    return "," if category == "So" else " "


_SIGNS: Final = _Signs()
# Dots that trail off, and a dash between words, end no sentence; a hyphen in a word parts nothing.
# Signs that are repeated end one sentence, and no empty ones after it.
_TOGETHER: Final = re.compile(r"\.{2,}|-{2,}|(?<=\s)-(?=\s)|[!?]{2,}")
_PAUSE_SIGN: Final = "\u2026"


def fold(text: str) -> str:
    """The folded text."""
    if ".." in text or "-" in text or "!" in text or "?" in text:
        text = _TOGETHER.sub(_one_sign, text)
    plain = text.translate(_SIGNS)
    if not plain.isalnum():
        for sign in '.,?"':
            if sign in plain:
                plain = plain.replace(sign, f" {sign} ")
    return f" {' '.join(plain.split())} "


def _one_sign(found: re.Match[str]) -> str:
    if "?" in found[0]:
        return "?"
    return "!" if "!" in found[0] else _PAUSE_SIGN


def places(text: str) -> list[int]:
    """For each character of `fold(text)`, the place in `text` it comes from.

    Slow, and asked for only where something was found.
    """
    found: list[int] = []
    blank = True  # whether a blank would follow a blank
    end = 0

    def blanks() -> None:
        nonlocal blank
        if not blank:
            found.append(end)
            blank = True

    found.append(0)
    for place, piece in _pieces(text):
        for sign in piece:
            if sign.isspace():
                blanks()
            elif sign in '.,?"':
                blanks()
                found.append(place)
                end = place + 1
                blank = False
                blanks()
            else:
                found.append(place)
                blank = False
            end = place + 1
    blanks()
    if len(found) == 1:
        found.append(end)
    return found


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    place = 0
    while place < len(text):
        together = _TOGETHER.match(text, place)
        if together:
            yield place, _one_sign(together).translate(_SIGNS)
            place = together.end()
        else:
            yield place, text[place].translate(_SIGNS)
            place += 1


_RUNS: Final = re.compile(r"([a-z])\1\1")
# A word that is one letter over and over is laughter ("kkkk", "jjj"), and stays.
_RUN: Final = re.compile(r" ([a-z])\1{2,}(?= )|([a-z])\2{2,}")
_VOWELS: Final = "aeiou"
_LETTERED: Final = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"}
_DISGUISES: Final = re.compile(r"[0-9@$*!]")
_MASKED: Final = re.compile(r"(?<![\w@$])(?=\S*[a-z])(?=\S*[0-9@$!*])[a-z0-9@$!*]{3,}(?![\w@$])")
_MIXED: Final = re.compile(r"[a-zA-Z][0-9@$!*]+[a-zA-Z]|[@$*][a-zA-Z]|[0-9][a-zA-Z]{2}|[a-z][@$*]")
_PLAIN_NUMBER: Final = re.compile(
    r"\d+(?:st|nd|rd|th|s|k|m|x|h|am|pm|mg|ml|g|min|mins|hrs?|yrs?|yo)?"
)
_SPREADS: Final = re.compile(r" [a-z] [a-z] [a-z] [a-z] ")
_SPREAD: Final = re.compile(r"(?<=[ ])(?:[a-z] ){3,}[a-z](?= )")


def undisguised(text: str, folded: str) -> list[str]:
    """Other readings of a text in which words are stretched, spread out or written with digits.
    `folded` is the text folded, which whoever asks has already.

    Folded, like what `fold` answers; usually none. Numbers that are plainly numbers stay as they
    are, so that "1234 days" is never read as a word.
    """
    readings: list[str] = []
    if _RUNS.search(folded):
        readings += [
            _RUN.sub(lambda run: run[2] or run[0], folded),
            _RUN.sub(lambda run: (run[2] or "") * 2 or run[0], folded),
        ]
    if _SPREADS.search(folded):
        readings.append(_SPREAD.sub(lambda found: found[0].replace(" ", ""), folded))
    if not _DISGUISES.search(text) or not _MIXED.search(text):
        return readings
    lowered = text.casefold()
    masked = _MASKED.sub(_unmasked, lowered)
    if "*" in masked:
        readings += [fold(masked.replace("*", vowel)) for vowel in _VOWELS]
    if masked != lowered:
        readings.append(fold(masked))
    return readings


def _unmasked(found: re.Match[str]) -> str:
    word = found[0]
    if _PLAIN_NUMBER.fullmatch(word):
        return word
    ends = word.rstrip("!")
    inner = ends.replace("!", "i")
    spelled = "".join(_LETTERED.get(letter, letter) for letter in inner)
    return spelled + word[len(ends) :]
