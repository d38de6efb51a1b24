"""Languages: the catalogues, and templates that speak through them.

Every sentence a visitor can see is a key in a gettext catalogue, in English. A language that is
not there, or a sentence that is not translated yet, is shown in English and never as a key.

There are two catalogues. `messages` holds the pages; `safety` holds Help and the cards, and is
complete in every language of `SAFE`: whoever is in danger is not asked to read another one.
"""

import gettext
import io
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

from babel import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import BaseLoader, Environment, PackageLoader, StrictUndefined
from starlette.requests import HTTPConnection

CATALOGUES: Final = Path(__file__).parent / "translations"
DOMAIN: Final = "messages"
ENGLISH: Final = "en"
SAFE: Final = ("en", "es", "fr", "de", "pt")
"""The languages of Help and of the cards, as their speakers would look for them."""
COOKIE: Final = "language"
CHOOSE: Final = "in"
"""The name in an address that chooses a language: `/help?in=es`."""
_ACCEPTED: Final = re.compile(
    r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)\s*(?:;\s*q=([0-9.]+))?\s*"
)


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of a language; an empty one, which answers in English, where there is none."""
    return gettext.translation(DOMAIN, CATALOGUES, [language], fallback=True)


@cache
def safety_translations(language: str) -> gettext.NullTranslations:
    """The catalogue of Help and of the cards, read from the file that translators write."""
    file = CATALOGUES / language / "safety.po"
    if not file.is_file():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with file.open("rb") as written:
        write_mo(compiled, read_po(written, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def chosen(connection: HTTPConnection) -> str:
    """The language of Help and of the cards for this browser: the one that is chosen with this
    very address, or was chosen before, else the first it accepts that we have. Never more than a
    preference, and stored nowhere but there."""
    for tag in (connection.query_params.get(CHOOSE, ""), connection.cookies.get(COOKIE, "")):
        if tag in SAFE:
            return tag
    wanted: list[tuple[float, int, str]] = []
    for part in connection.headers.get("accept-language", "")[:200].split(","):
        found = _ACCEPTED.fullmatch(part)
        if found:
            wanted.append((-_quality(found[2]), len(wanted), found[1]))
    tags = [tag.replace("-", "_") for _, _, tag in sorted(wanted)]
    return negotiate_locale(tags, SAFE) or ENGLISH


def _quality(written: str | None) -> float:
    try:
        return float(written) if written else 1.0
    except ValueError:
        return 0.0


def language_cookie(language: str, secure: bool) -> str:
    """The `Set-Cookie` value that keeps a chosen language until the browser closes."""
    return f"{COOKIE}={language}; Path=/; SameSite=Lax" + ("; Secure" if secure else "")


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
    """A fresh template environment in one language, for the pages."""
    return _speaking(PackageLoader("web", "templates"), translations(language))


def safety_environment(language: str, folder: str) -> Environment:
    """A fresh template environment in one language, for Help or for the cards."""
    return _speaking(PackageLoader("web", f"templates/{folder}"), safety_translations(language))


def _speaking(loader: BaseLoader, catalogue: gettext.NullTranslations) -> Environment:
    """Everything a template writes is escaped, and a name that nobody gave it is an error: a page
    with a hole in it must fail in a test and not in front of somebody."""
    templates = Environment(
        loader=loader,
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    install: Callable[..., Any] = templates.install_gettext_translations  # type: ignore[attr-defined]
    install(catalogue, newstyle=True)
    return templates
