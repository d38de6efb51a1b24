"""The lexicons as they ship: read once, and kept as read.

To read ten thousand patterns takes seconds, and a server that was killed is needed at once. So
what was read is kept beside the lexicons, where Python keeps what it has read of a module, under a
digest of the files it was made from; a file that cannot be written is simply read again.
"""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from importlib.util import cache_from_source
from pathlib import Path
from threading import Event
from typing import Final, TypeVar

import msgspec

from moderation.screening.lexicon import (
    BadLexicon,
    Concept,
    Lexicon,
    read_concepts,
    read_frequent,
    read_lexicon,
)
from moderation.screening.screen import Index, Screen, index

FIRST: Final = (
    "I am going to kill myself tonight",
    "I took all my pills",
    "he is not breathing and his lips are blue",
    "I want to die",
    "me voy a matar esta noche",
    "me tomé todas las pastillas",
    "no respira",
    "je vais me tuer ce soir",
    "j'ai pris tous mes cachets",
    "elle ne respire plus",
    "ich bringe mich heute Nacht um",
    "ich habe alle Tabletten genommen",
    "er atmet nicht mehr",
    "vou me matar hoje à noite",
    "tomei todos os comprimidos",
    "ele não está respirando",
)
"""What is looked at first after a start, so that nobody who says it waits for a compiler."""
FIRST_RESTS: Final = 1
RESTS: Final = 50
"""How many times as long as it worked the warming up rests: it takes minutes, and nobody waits."""

T = TypeVar("T")


class Kept(msgspec.Struct, frozen=True):
    """What was read, and of which files."""

    digest: bytes
    concepts: dict[str, Concept]
    lexicons: tuple[Lexicon, ...]
    frequent: dict[str, float]
    index: Index


@cache
def shipped_screen() -> Screen:
    """The Screen over all languages there are.

    Raises BadLexicon for a file that was changed into none.
    """
    moderation = resources.files("moderation")
    lexicons = _contents(moderation.joinpath("lexicons"), ".toml")
    engine = _contents(moderation.joinpath("screening"), ".py")
    place = Path(cache_from_source(str(moderation.joinpath("lexicons", "lexicons.py"))))
    kept = read(lexicons, _digest([*lexicons.items(), *engine.items()]), place.with_suffix(".read"))
    return Screen(kept.concepts, kept.lexicons, kept.frequent, kept.index)


def warm_up(screen: Screen, stop: Event) -> None:
    """Compile, in a thread, what danger will need, until `stop` is set: first what people say most
    in an emergency, and then, piece by piece, all the rest.

    It takes tens of seconds of a processor that people need: so after each piece it rests a
    multiple of the time it worked. What a text asks for meanwhile is compiled at once.
    """
    for text in FIRST:
        began = time.perf_counter()
        screen.look(text)
        if stop.wait((time.perf_counter() - began) * FIRST_RESTS):
            return
    began = time.perf_counter()
    for _ in screen.compiling():
        if stop.wait((time.perf_counter() - began) * RESTS):
            return
        began = time.perf_counter()


def read(texts: dict[str, bytes], digest: bytes, place: Path) -> Kept:
    """What these files say; from `place`, where it was kept under this digest, or anew.

    Raises BadLexicon for a file that is none.
    """
    try:
        kept = msgspec.msgpack.decode(place.read_bytes(), type=Kept)
    except (OSError, msgspec.MsgspecError):
        kept = None
    if kept is not None and kept.digest == digest:
        return kept
    concepts = _read_file(read_concepts, "concepts.toml", texts)
    frequent = _read_file(read_frequent, "frequent.toml", texts)
    languages = sorted(texts.keys() - {"concepts.toml", "frequent.toml"})
    lexicons = tuple(_read_file(read_lexicon, name, texts) for name in languages)
    made = Kept(digest, concepts, lexicons, frequent, index(concepts, lexicons, frequent))
    _keep(made, place)
    return made


def _read_file(reads: Callable[[bytes], T], name: str, texts: Mapping[str, bytes]) -> T:
    try:
        return reads(texts[name])
    except (msgspec.MsgspecError, ValueError) as why:
        raise BadLexicon(f"{name}: {why}") from None


def _keep(made: Kept, place: Path) -> None:
    beside = place.with_name(f"{place.name}.{os.getpid()}")
    try:
        place.parent.mkdir(exist_ok=True)
        beside.write_bytes(msgspec.msgpack.encode(made))
        beside.replace(place)
    except OSError:
        # A folder that may not be written, or a full disk: it is read again next time.
        with suppress(OSError):
            beside.unlink()


def _contents(folder: Traversable, ending: str) -> dict[str, bytes]:
    files = (file for file in folder.iterdir() if file.name.endswith(ending))
    return {file.name: file.read_bytes() for file in files}


def _digest(files: Sequence[tuple[str, bytes]]) -> bytes:
    every = ((name, sha256(content).hexdigest()) for name, content in sorted(files))
    return sha256(repr(list(every)).encode()).digest()
