"""Pages: templates with what every page needs, and answers made of them."""

import math
from functools import cache
from typing import Any

from babel import Locale, UnknownLocaleError
from jinja2 import Environment
from markupsafe import Markup
from starlette.responses import HTMLResponse

from server.settings import Settings
from web import static_files
from web.language import ENGLISH, environment, script_strings, translations


class Templates:
    """Makes the pages of one deployment, in one language."""

    def __init__(self, settings: Settings, language: str = ENGLISH) -> None:
        self._translations = translations(language)
        self._environment = _environment(
            settings.group_name, settings.exit_url, settings.neutral_title, language
        )

    def text(self, template: str, **context: Any) -> str:
        """A template as text. `context` is what this page shows; the rest is there already."""
        return self._environment.get_template(template).render(context)

    def markup(self, template: str, **context: Any) -> Markup:
        """A template as a piece of another one."""
        return Markup(self.text(template, **context))  # noqa: S704 - a template escapes

    def page(self, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """A template as an answer."""
        return HTMLResponse(self.text(template, **context), status)

    def say(self, sentence: str) -> str:
        """A sentence that a rule gave, a refusal's text for instance, in the page's language."""
        return self._translations.gettext(sentence)


@cache
def _environment(group_name: str, exit_url: str, neutral_title: str, language: str) -> Environment:
    """One environment for all page modules, so that each template is compiled once."""
    templates = environment(language)
    templates.globals.update(
        group_name=group_name,
        exit_url=exit_url,
        neutral_title=neutral_title,
        language=language,
        script_strings=script_strings(language),
        static=static_files.tree().address,
        language_name=language_name,
    )
    return templates


def language_name(code: str) -> str:
    """A language as its own speakers write it; its code where nobody knows it."""
    try:
        return Locale.parse(code, sep="-").get_display_name() or code
    except (ValueError, UnknownLocaleError):
        return code


def minutes_since(then: float, now: float) -> int:
    """Whole minutes from `then` to `now`, both in seconds since the epoch; never negative."""
    return max(0, math.floor((now - then) / 60))
