"""The lexicons as they ship: read once, and kept as read and as compiled.

To read ten thousand patterns takes seconds, and a server that was killed is needed at once; to
compile them takes half a minute, and nobody in danger should wait for one of them. So both are kept
beside the lexicons, where Python keeps what it has read of a module, under a digest of the files
they were made from. What cannot be kept is read again at every start, and compiled when a text asks
for it.
"""

import mmap
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from importlib.util import cache_from_source
from multiprocessing import get_context
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import msgspec

from moderation.screening.compiled import FORMAT, Compiled
from moderation.screening.lexicon import (
    BadLexicon,
    Concept,
    Lexicon,
    read_concepts,
    read_frequent,
    read_lexicon,
)
from moderation.screening.screen import Index, Screen, codes, index

LENGTH_BYTES: Final = 8
"""The length of what stands first in the file of what is compiled."""

T = TypeVar("T")


class Kept(msgspec.Struct, frozen=True):
    """What was read, and of which files."""

    digest: bytes
    concepts: dict[str, Concept]
    lexicons: tuple[Lexicon, ...]
    frequent: dict[str, float]
    index: Index


class Places(msgspec.Struct, frozen=True):
    """Where the code of each expression lies, by language and name, behind this in the file."""

    digest: bytes
    languages: dict[str, dict[str, tuple[int, int]]]


class _Shipped(NamedTuple):
    """The files that ship, and where what is made of them is kept."""

    lexicons: dict[str, bytes]
    digest: bytes
    read: Path
    compiled: Path


def _shipped() -> _Shipped:
    moderation = resources.files("moderation")
    lexicons = _contents(moderation.joinpath("lexicons"), ".toml")
    engine = _contents(moderation.joinpath("screening"), ".py")
    place = Path(cache_from_source(str(moderation.joinpath("lexicons", "lexicons.py"))))
    digest = _digest([*lexicons.items(), *engine.items()])
    return _Shipped(lexicons, digest, place.with_suffix(".read"), place.with_suffix(".compiled"))


@cache
def shipped_screen() -> Screen:
    """The Screen over all languages there are.

    Raises BadLexicon for a file that was changed into none.
    """
    files = _shipped()
    made = read(files.lexicons, files.digest, files.read)
    ready = compiled(files.digest, files.compiled)
    return Screen(made.concepts, made.lexicons, made.frequent, made.index, ready)


def prepared() -> bool:
    """Whether all there is was read and compiled, and is kept."""
    files = _shipped()
    return kept(files.digest, files.read) is not None and bool(
        compiled(files.digest, files.compiled)
    )


def prepare() -> None:
    """Read and compile all there is, unless that is kept already. It takes half a minute, or less
    where there are several processors. Raises BadLexicon."""
    files = _shipped()
    made = read(files.lexicons, files.digest, files.read)
    if not compiled(files.digest, files.compiled):
        compile_all(made.lexicons, files.digest, files.compiled)


def compile_all(lexicons: Sequence[Lexicon], digest: bytes, place: Path) -> None:
    """Compile every expression of these languages, and keep the code at `place`."""
    # A fresh process, not a fork: whoever calls may have threads.
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as processes:
        made = list(processes.map(_codes, lexicons))
    blob = bytearray()
    places: dict[str, dict[str, tuple[int, int]]] = {}
    for lexicon, found in zip(lexicons, made, strict=True):
        of_language = places[lexicon.language] = {}
        for name, code in found.items():
            of_language[name] = len(blob), len(code)
            blob += code
    head = msgspec.msgpack.encode(Places(digest, places))
    _keep(len(head).to_bytes(LENGTH_BYTES, "big") + head + blob, place)


def _codes(lexicon: Lexicon) -> dict[str, bytes]:
    return dict(codes(lexicon))


def compiled(digest: bytes, place: Path) -> dict[str, Compiled]:
    """What was compiled under this digest, by language; nothing where nothing of use is there. The
    code stays on the disk until a text asks for it."""
    try:
        with place.open("rb") as file:
            everything = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        begin = LENGTH_BYTES + int.from_bytes(everything[:LENGTH_BYTES], "big")
        head = msgspec.msgpack.decode(everything[LENGTH_BYTES:begin], type=Places)
    except (OSError, ValueError, msgspec.MsgspecError):
        return {}
    if head.digest != digest:
        return {}
    return {name: Compiled(p, everything[begin:]) for name, p in head.languages.items()}


def read(texts: dict[str, bytes], digest: bytes, place: Path) -> Kept:
    """What these files say; from `place`, where it was kept under this digest, or anew.

    Raises BadLexicon for a file that is none.
    """
    if (before := kept(digest, place)) is not None:
        return before
    concepts = _read_file(read_concepts, "concepts.toml", texts)
    frequent = _read_file(read_frequent, "frequent.toml", texts)
    languages = sorted(texts.keys() - {"concepts.toml", "frequent.toml"})
    lexicons = tuple(_read_file(read_lexicon, name, texts) for name in languages)
    made = Kept(digest, concepts, lexicons, frequent, index(concepts, lexicons, frequent))
    _keep(msgspec.msgpack.encode(made), place)
    return made


def kept(digest: bytes, place: Path) -> Kept | None:
    """What was read under this digest; None where nothing of use is there."""
    try:
        found = msgspec.msgpack.decode(place.read_bytes(), type=Kept)
    except (OSError, msgspec.MsgspecError):
        return None
    return found if found.digest == digest else None


def _read_file(reads: Callable[[bytes], T], name: str, texts: Mapping[str, bytes]) -> T:
    try:
        return reads(texts[name])
    except (msgspec.MsgspecError, ValueError) as why:
        raise BadLexicon(f"{name}: {why}") from None


def _keep(made: bytes, place: Path) -> None:
    beside = place.with_name(f"{place.name}.{os.getpid()}")
    try:
        place.parent.mkdir(exist_ok=True)
        beside.write_bytes(made)
        beside.replace(place)
    except OSError:
        # A folder that may not be written, or a full disk: it is made again next time.
        with suppress(OSError):
            beside.unlink()


def _contents(folder: Traversable, ending: str) -> dict[str, bytes]:
    files = (file for file in folder.iterdir() if file.name.endswith(ending))
    return {file.name: file.read_bytes() for file in files}


def _digest(files: Sequence[tuple[str, bytes]]) -> bytes:
    every = ((name, sha256(content).hexdigest()) for name, content in sorted(files))
    made_for = (FORMAT, sys.implementation.cache_tag, sys.byteorder)
    return sha256(repr([made_for, *every]).encode()).digest()
