"""Words: the secret in a person's own browser, as eight English words.

80 bits are drawn by the server, never chosen by a person, and 8 bits of checksum are added so that
a slip of the pen is told instead of quietly making somebody new. 88 bits are eight words of the
2,048-word English list of BIP 39, whose words differ within their first four letters. Nothing
here is stored: from the words comes a PersonKey, and from that a MemberTag per room (`tags.py`).
"""

import os
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import sha256
from typing import Final, Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from mnemonic import Mnemonic

from rooms.refusals import Refused

PersonKey = bytes
"""32 bytes that are one person's in this deployment. Derived when needed, never stored."""

WORD_COUNT: Final = 8
DRAWN_BYTES: Final = 10
SEALED_BYTES: Final = DRAWN_BYTES + 1
"""The drawn bits and their checksum; what the words spell and what the cookie carries."""

BITS_PER_WORD: Final = 11
PREFIX_LETTERS: Final = 4
LONGEST_INPUT: Final = 400
"""Characters. Eight words, numbered and one to a line, need fewer than 150."""

SUGGESTIONS: Final = 3
LIKENESS: Final = 0.7

LIST: Final[tuple[str, ...]] = tuple(Mnemonic("english").wordlist)
_PLACE: Final = {word: place for place, word in enumerate(LIST)}
_BY_PREFIX: Final = {word[:PREFIX_LETTERS]: word for word in LIST if len(word) >= PREFIX_LETTERS}
_BETWEEN_WORDS: Final = re.compile(r"[\W_]+")


class WrongNumberOfWords(Refused):
    """Somebody typed more or fewer than eight words.

    The fact `count` is how many, unless there was far too much to count.
    """

    code = "wrong_number_of_words"
    text = "There are eight words. Check that none is missing and none is there twice."


class MistypedWord(Refused):
    """A word is not on the list.

    `position` counts from 1. `word` is what was typed and `suggestions` the words of the list that
    look like it, the nearest first, at most three. Both stay out of the exception's arguments and
    facts, which may be logged: seven right words and one nearly right one are almost the secret.
    """

    code = "mistyped_word"
    text = "One of the words is not on the list. Check its spelling."

    def __init__(self, position: int, word: str) -> None:
        super().__init__(position=position)
        self.position = position
        self.word = word
        self.suggestions = tuple(get_close_matches(word, LIST, SUGGESTIONS, LIKENESS))


class WordsDoNotMatch(Refused):
    """Every word is on the list, but they were not drawn together: one is wrong or out of order."""

    code = "words_do_not_match"
    text = "These words do not belong together. One may be wrong, or in another order."


@dataclass(frozen=True, slots=True, repr=False)
class Words:
    """One person's eight words. `drawn` is the ten random bytes they spell.

    They show themselves only to who asks for `spoken`: `repr`, `str`, and with them every log
    line, assertion and traceback, say `Words(hidden)`.
    """

    drawn: bytes

    def __post_init__(self) -> None:
        if len(self.drawn) != DRAWN_BYTES:
            raise ValueError(f"Words are {DRAWN_BYTES} drawn bytes.")

    @classmethod
    def unsealed(cls, sealed: bytes) -> Self:
        """The words of eleven bytes made by `sealed`. Raises `WordsDoNotMatch`."""
        words = cls(sealed[:DRAWN_BYTES].ljust(DRAWN_BYTES, b"\0"))
        if words.sealed != sealed:
            raise WordsDoNotMatch()
        return words

    @property
    def sealed(self) -> bytes:
        """The drawn bytes and their checksum, the first byte of their SHA-256."""
        return self.drawn + sha256(self.drawn).digest()[:1]

    @property
    def spoken(self) -> str:
        """The eight words with a space between them, to be shown to their owner and nobody else."""
        bits = int.from_bytes(self.sealed)
        shifts = range((WORD_COUNT - 1) * BITS_PER_WORD, -1, -BITS_PER_WORD)
        return " ".join(LIST[bits >> shift & len(LIST) - 1] for shift in shifts)

    def person_key(self, salt: bytes) -> PersonKey:
        """The PersonKey: HKDF-SHA256 of the drawn bits under the deployment's person salt."""
        return HKDF(SHA256(), 32, salt=salt, info=b"candlelight/person-key").derive(self.drawn)

    def __repr__(self) -> str:
        return "Words(hidden)"


def draw(random_bytes: Callable[[int], bytes] = os.urandom) -> Words:
    """New words for somebody who has none."""
    return Words(random_bytes(DRAWN_BYTES))


def parse(text: str) -> Words:
    """The words that somebody typed, on whatever keyboard and from whatever scrap of paper.

    Case, spaces of any kind, line breaks, commas, numbering and full-width letters do not matter,
    and a word may stop after its first four letters. Raises `WrongNumberOfWords`, `MistypedWord`
    for the first word that is not on the list, and `WordsDoNotMatch`.
    """
    if len(text) > LONGEST_INPUT:
        raise WrongNumberOfWords()
    plain = unicodedata.normalize("NFKC", text).casefold()
    typed = [part for part in _BETWEEN_WORDS.split(plain) if part and not part.isdecimal()]
    if len(typed) != WORD_COUNT:
        raise WrongNumberOfWords(count=len(typed))
    bits = 0
    for position, word in enumerate(typed, start=1):
        bits = bits << BITS_PER_WORD | _place(position, word)
    return Words.unsealed(bits.to_bytes(SEALED_BYTES))


def _place(position: int, typed: str) -> int:
    word = typed
    if typed not in _PLACE and len(typed) >= PREFIX_LETTERS:
        whole = _BY_PREFIX.get(typed[:PREFIX_LETTERS], "")
        # A beginning is enough; a wrong ending is a slip and is told, never silently mended.
        word = whole if whole.startswith(typed) else typed
    if word not in _PLACE:
        raise MistypedWord(position, typed)
    return _PLACE[word]
