"""The catalogue: every sentence somebody can read stands in the template for translators."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from web.extraction import sentences
from web.language import ENGLISH, SAFE

HOME = Path(__file__).parents[2]
TRANSLATIONS = HOME / "web" / "translations"
CATALOGUES = {"messages": "babel.cfg", "safety": "babel.safety.cfg"}


def committed(file: Path) -> set[str]:
    """The message ids of a committed catalogue."""
    with file.open("rb") as written:
        return {str(m.id if isinstance(m.id, str) else m.id[0]) for m in read_po(written) if m.id}


def found(mapping: str) -> set[str]:
    """The message ids in the code as it is now."""
    with (HOME / mapping).open(encoding="utf-8") as file:
        parse: Callable[..., tuple[Any, Any]] = parse_mapping_cfg
        methods, options = parse(file)
    wanted = ("rooms", "moderation", "server", "web")
    messages = extract_from_dir(
        HOME,
        methods,
        options,
        keywords={"_": None, "gettext": None, "ngettext": (1, 2), "N_": None, "t": None},
        directory_filter=lambda path: (
            Path(path).relative_to(HOME).parts[:1] in {(name,) for name in wanted}
            or Path(path) == HOME
        ),
    )
    return {str(m[2] if isinstance(m[2], str) else m[2][0]) for m in messages if m[2]}


@pytest.mark.parametrize("catalogue", CATALOGUES)
def test_every_sentence_in_the_code_stands_in_the_template(catalogue: str) -> None:
    template = committed(TRANSLATIONS / f"{catalogue}.pot")
    assert found(CATALOGUES[catalogue]) == template, "Run ./dev messages and commit the result."


@pytest.mark.parametrize("language", [tag for tag in SAFE if tag != ENGLISH])
def test_what_is_read_in_danger_is_complete_in_every_language(language: str) -> None:
    file = TRANSLATIONS / language / "safety.po"
    assert committed(file) == committed(TRANSLATIONS / "safety.pot"), "Run ./dev messages."
    with file.open("rb") as written:
        unfinished = [m.id for m in read_po(written, locale=language) if not m.string or m.fuzzy]
    assert not unfinished


def test_the_sentence_of_a_refusal_is_found_without_a_mark() -> None:
    code = 'class No(Refused):\n    code = "no"\n    text = "Not now."\n'
    assert [m[2] for m in sentences(io.BytesIO(code.encode()), {}, [], {})] == ["Not now."]


def test_a_class_that_is_no_refusal_gives_no_sentence() -> None:
    code = 'class Box:\n    text = "Not a sentence."\n'
    assert not list(sentences(io.BytesIO(code.encode()), {}, [], {}))
