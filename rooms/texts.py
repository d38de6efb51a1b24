"""What people write: made safe to show, and never changed more than that needs.

Text comes from strangers' keyboards and clipboards and is shown to a whole room. It must not hide
anything, turn the reading direction of its surroundings, pile marks over other people's lines or
push them off the screen. No word is ever cut or replaced: what is too long is refused whole.

Every function here is stable: cleaning a cleaned text changes nothing.
"""

import re
import unicodedata
from typing import Final

import regex

from rooms.refusals import Refused

MOST_CHARACTERS: Final = 2_000
"""Longest message, in characters as a reader counts them (grapheme clusters)."""

MOST_BYTES: Final = 8 * 1024
"""Longest text of any kind, in bytes of UTF-8. One grapheme can be any number of code points."""

MOST_NEWLINES: Final = 20
"""Line breaks kept in one message, and never more than two of them together."""

MOST_MARKS: Final = 4
"""Combining marks kept on one letter. No living language writes more; decorations do."""

# Raw text longer than this cannot become short enough, and is not looked at.
_MOST_TYPED: Final = 2 * MOST_BYTES
# A line's grapheme may be an emoji of several parts, but not endless.
_CODE_POINTS_PER_CHARACTER: Final = 8


class TextUnreadable(Refused):
    """Half a character (a lone surrogate) or a NUL: no text, and no database stores it alike."""

    code = "text_unreadable"
    text = "Part of this could not be read. Please type it again."


class TextEmpty(Refused):
    """Nothing that anybody would see."""

    code = "text_empty"
    text = "There is nothing to send yet."


class TextTooLong(Refused):
    """A message over its limit. `limit` is in characters."""

    code = "text_too_long"
    text = "This is too long to send at once. Send it in two parts; nothing is lost."


class LineTooLong(Refused):
    """A topic, a reason or another single line over its limit. `limit` is in characters."""

    code = "line_too_long"
    text = "This is longer than fits here. Please say it in fewer words."


# Nearly everything said in English: printable ASCII without a space at either end. It is clean as
# it stands; this one match is its whole cost.
_PLAIN: Final = re.compile(rf"[!-~](?:[ -~]{{0,{MOST_CHARACTERS - 2}}}[!-~])?")

_LINE_END: Final = regex.compile(r"\r\n?|[\u0085\u2028\u2029]")
# Format characters steer software and show nothing: direction embeddings, overrides and isolates,
# zero-width spaces, soft hyphens, tags. Kept are the three direction marks, which turn nothing but
# themselves, the joiners (see `_settled`), the signs some scripts write around a number, and the
# tags that spell the flags of England, Scotland and Wales. NUL never comes this far.
_HIDDEN: Final = regex.compile(
    r"""(?V1)
    (\U0001F3F4 (?: \U000E0067\U000E0062\U000E0065\U000E006E\U000E0067
                  | \U000E0067\U000E0062\U000E0073\U000E0063\U000E0074
                  | \U000E0067\U000E0062\U000E0077\U000E006C\U000E0073 ) \U000E007F)
    | [\p{Cc}--\n]
    | [\p{Cf}--[\u061C\u200C-\u200F\p{Prepended_Concatenation_Mark}]]
    | \u034F
    """,
    regex.VERBOSE,
)
_HANGING: Final = regex.compile(r"[\p{M}\u200C\u200D]")
# A character with the marks and joiners that hang on it, and the character after them.
_CLUSTER: Final = regex.compile(
    r"([^\p{M}\u200C\u200D]?)([\p{M}\u200C\u200D]+)(?=(.?))", regex.DOTALL
)
_MARK: Final = regex.compile(r"\p{M}")
_PICTURE: Final = regex.compile(r"\p{Extended_Pictographic}")
_PICTURE_PART: Final = regex.compile(r"[\p{Extended_Pictographic}\p{Emoji_Modifier}]")
# Scripts in which a joiner changes how a word is written (UAX 31, section 2.3).
_JOINING_LETTER: Final = regex.compile(
    r"""(?V1)[\p{L}&&[
    \p{scx=Arabic}\p{scx=Syriac}\p{scx=Mongolian}\p{scx=Nko}\p{scx=Mandaic}
    \p{scx=Devanagari}\p{scx=Bengali}\p{scx=Gurmukhi}\p{scx=Gujarati}\p{scx=Oriya}\p{scx=Tamil}
    \p{scx=Telugu}\p{scx=Kannada}\p{scx=Malayalam}\p{scx=Sinhala}\p{scx=Khmer}\p{scx=Myanmar}
    \p{scx=Tibetan}]]""",
    regex.VERBOSE,
)
_EMPTY_LINES: Final = regex.compile(r"\n(?:\p{Zs}*\n){2,}")
# Something with ink: blank braille and the fillers of Hangul are letters without any.
_INK: Final = regex.compile(r"(?V1)[^\s\p{C}\p{M}\p{Default_Ignorable_Code_Point}\u2800]")


def message(raw: str) -> str:
    """A Message as it will be stored and shown.

    Raises TextUnreadable, TextEmpty or TextTooLong.
    """
    if _PLAIN.fullmatch(raw):
        return raw
    text = _spaced(_cleaned(raw, TextTooLong(limit=MOST_CHARACTERS)))
    if not _INK.search(text):
        raise TextEmpty()
    if length(text) > MOST_CHARACTERS or len(text.encode()) > MOST_BYTES:
        raise TextTooLong(limit=MOST_CHARACTERS)
    return text


def line(raw: str, limit: int) -> str:
    """A text of one line (a topic, a reason), at most `limit` characters long.

    Line breaks become spaces. Raises TextUnreadable, TextEmpty or LineTooLong.
    """
    text = " ".join(_cleaned(raw, LineTooLong(limit=limit)).split())
    if not _INK.search(text):
        raise TextEmpty()
    if (
        length(text) > limit
        or len(text) > limit * _CODE_POINTS_PER_CHARACTER
        or len(text.encode()) > MOST_BYTES
    ):
        raise LineTooLong(limit=limit)
    return text


def length(text: str) -> int:
    """How many characters a reader counts: grapheme clusters, so that one flag is one."""
    # ASCII has one pair that counts as one, CR LF, and no clean text has a CR.
    return len(text) if text.isascii() else len(regex.findall(r"\X", text))


def _cleaned(raw: str, too_long: Refused) -> str:
    """The text without anything hidden, in NFC. Raises TextUnreadable or the given refusal."""
    if len(raw) > _MOST_TYPED:
        raise too_long
    if "\0" in raw or _halved(raw):
        raise TextUnreadable()
    text = _LINE_END.sub("\n", raw).replace("\t", " ")
    if _may_hide(text):
        text = _HIDDEN.sub(r"\1", text)
    # Marks are thinned before NFC, which would sort thousands of them by exchanging neighbours, and
    # again after it, because NFC writes a few characters as a letter with marks.
    return _thinned(unicodedata.normalize("NFC", _thinned(text)))


def _may_hide(text: str) -> bool:
    """A quick look that spares most texts the long one. The grapheme joiner counts as printable."""
    return not text.replace("\n", " ").isprintable() or "\u034f" in text


def _thinned(text: str) -> str:
    return _CLUSTER.sub(_settled, text) if _HANGING.search(text) else text


def _halved(text: str) -> bool:
    """Whether some character is half of a pair, which no encoding can carry."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _settled(cluster: regex.Match[str]) -> str:
    """One character with at most `MOST_MARKS`, and with joiners only where they join something.

    Between letters of a script that needs them one joiner at a time is kept. In pictures the one
    that ties two parts together is kept. Anywhere else a joiner could only hide a word from its
    reader, or from those who look out for danger.
    """
    base, tail, following = cluster.groups()
    letter = bool(_JOINING_LETTER.match(base))
    kept = base
    marks = 0
    for sign in tail:
        if _MARK.match(sign):
            marks += 1
            if marks <= MOST_MARKS:
                kept += sign
        elif letter and kept[-1] not in "\u200c\u200d":
            kept += sign
    if tail[-1] == "\u200d" and _PICTURE_PART.match(base) and _PICTURE.match(following):
        kept += "\u200d"
    return kept


def _spaced(text: str) -> str:
    """The text with its edges trimmed, at most one empty line in a row and few lines in all."""
    lines = _EMPTY_LINES.sub("\n\n", text.strip()).split("\n")
    rest = lines[MOST_NEWLINES:]
    return "\n".join([*lines[:MOST_NEWLINES], " ".join(filter(None, rest))] if rest else lines)
