"""The lexicons as they ship: read once, and kept as read.

To read seven thousand patterns takes seconds, and a server that was killed is needed at once. So
what was read is kept beside the lexicons, where Python keeps what it has read of a module, under a
digest of the files it was made from; a file that cannot be written is simply read again.
"""

from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from importlib.util import cache_from_source
from pathlib import Path
from tempfile import NamedTemporaryFile

import msgspec

from moderation.screening.lexicon import (
    Concept,
    Lexicon,
    read_concepts,
    read_frequent,
    read_lexicon,
)
from moderation.screening.screen import Index, Screen, index


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

    Raises `msgspec.MsgspecError` or `BadLexicon` for a file that was changed into none.
    """
    moderation = resources.files("moderation")
    lexicons = _contents(moderation.joinpath("lexicons"), ".toml")
    engine = _contents(moderation.joinpath("screening"), ".py")
    place = Path(cache_from_source(str(moderation.joinpath("lexicons", "lexicons.py"))))
    kept = read(lexicons, _digest([*lexicons.items(), *engine.items()]), place.with_suffix(".read"))
    return Screen(kept.concepts, kept.lexicons, kept.frequent, kept.index)


def read(texts: dict[str, bytes], digest: bytes, place: Path) -> Kept:
    """What these files say; from `place`, where it was kept under this digest, or anew.

    Raises `msgspec.MsgspecError` or `BadLexicon` for a file that is none.
    """
    try:
        kept = msgspec.msgpack.decode(place.read_bytes(), type=Kept)
    except (OSError, msgspec.MsgspecError):
        kept = None
    if kept is not None and kept.digest == digest:
        return kept
    concepts = read_concepts(texts["concepts.toml"])
    frequent = read_frequent(texts["frequent.toml"])
    languages = sorted(texts.keys() - {"concepts.toml", "frequent.toml"})
    lexicons = tuple(read_lexicon(texts[name]) for name in languages)
    made = Kept(digest, concepts, lexicons, frequent, index(concepts, lexicons, frequent))
    _keep(made, place)
    return made


def _keep(made: Kept, place: Path) -> None:
    try:
        place.parent.mkdir(exist_ok=True)
        with NamedTemporaryFile(dir=place.parent, delete=False) as written:
            written.write(msgspec.msgpack.encode(made))
        Path(written.name).chmod(0o644)  # it says nothing of anybody, and who installs may not run
        Path(written.name).replace(place)
    except OSError:
        return  # a folder that may not be written, or a full disk: it is read again next time


def _contents(folder: Traversable, ending: str) -> dict[str, bytes]:
    files = (file for file in folder.iterdir() if file.name.endswith(ending))
    return {file.name: file.read_bytes() for file in files}


def _digest(files: Sequence[tuple[str, bytes]]) -> bytes:
    every = ((name, sha256(content).hexdigest()) for name, content in sorted(files))
    return sha256(repr(list(every)).encode()).digest()
