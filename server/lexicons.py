"""The lexicons as they ship: read once, compiled once."""

from functools import cache
from importlib import resources

from moderation.screening.lexicon import read_concepts, read_frequent, read_lexicon
from moderation.screening.screen import Screen


@cache
def shipped_screen() -> Screen:
    """The Screen over all languages there are.

    Raises `msgspec.MsgspecError` or `BadLexicon` for a file that was changed into none.
    """
    folder = resources.files("moderation").joinpath("lexicons")
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    texts = {file.name: file.read_bytes() for file in files}
    concepts = read_concepts(texts.pop("concepts.toml"))
    frequent = read_frequent(texts.pop("frequent.toml"))
    return Screen(concepts, [read_lexicon(text) for text in texts.values()], frequent)
