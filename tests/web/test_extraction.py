"""The catalogue: every sentence somebody can read stands in the template for translators."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from web.extraction import sentences

HOME = Path(__file__).parents[2]
TEMPLATE = HOME / "web" / "translations" / "messages.pot"


def committed() -> set[str]:
    """The message ids of the committed template."""
    with TEMPLATE.open("rb") as file:
        return {str(m.id if isinstance(m.id, str) else m.id[0]) for m in read_po(file) if m.id}


def found() -> set[str]:
    """The message ids in the code as it is now."""
    with (HOME / "babel.cfg").open(encoding="utf-8") as file:
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


def test_every_sentence_in_the_code_stands_in_the_template() -> None:
    assert found() == committed(), "Run ./dev messages and commit the result."


def test_the_sentence_of_a_refusal_is_found_without_a_mark() -> None:
    code = 'class No(Refused):\n    code = "no"\n    text = "Not now."\n'
    assert [m[2] for m in sentences(io.BytesIO(code.encode()), {}, [], {})] == ["Not now."]


def test_a_class_that_is_no_refusal_gives_no_sentence() -> None:
    code = 'class Box:\n    text = "Not a sentence."\n'
    assert not list(sentences(io.BytesIO(code.encode()), {}, [], {}))
