"""Languages: the catalogues, and templates that speak through them.

Every sentence a visitor can see is a key in a gettext catalogue, in English. A language that is
not there, or a sentence that is not translated yet, is shown in English and never as a key.
"""

import gettext
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

CATALOGUES: Final = Path(__file__).parent / "translations"
DOMAIN: Final = "messages"
ENGLISH: Final = "en"


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of a language; an empty one, which answers in English, where there is none."""
    return gettext.translation(DOMAIN, CATALOGUES, [language], fallback=True)


@cache
def script_strings(language: str) -> str | None:
    """The sentences that scripts need in a language, as JSON; None where scripts speak English.

    A page carries them in a data block, so that no script waits for a second request before it can
    tell somebody what happened.
    """
    file = CATALOGUES / language / "strings.json"
    if language == ENGLISH or not file.is_file():
        return None
    # Inside an element of HTML only `</script>` and `<!--` could end the block early.
    return file.read_text(encoding="utf-8").replace("<", "\\u003c")


def environment(language: str) -> Environment:
    """A fresh template environment in one language.

    Everything a template writes is escaped, and a name that nobody gave it is an error: a page with
    a hole in it must fail in a test and not in front of somebody.
    """
    templates = Environment(
        loader=PackageLoader("web", "templates"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.install_gettext_translations(  # type: ignore[attr-defined]
        translations(language), newstyle=True
    )
    return templates
