"""The card of somebody who may be in danger, and private words, in the language of whoever reads
them, on a page in whatever language.

The numbers are those of the country they chose. With script the page asks for them again with the
hour of the person's own clock; without, what answers day and night comes first.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from babel import Locale
from jinja2 import Environment
from jinja2.environment import TemplateModule
from markupsafe import Markup

from moderation.hotlines import Hotlines
from moderation.offers import Option, offer
from rooms.room import Private, Public
from rooms.safety import Category
from web import static_files
from web.forms import Form
from web.language import safety_environment
from web.live_care import Talk, card_kind, reachable
from web.live_rows import Row, row
from web.live_signs import Signs


class Frame(NamedTuple):
    """What the page around gives: a language, the hidden fields and the addresses of its forms."""

    language: str
    fields: Callable[[], Markup]
    at: Callable[[str], str]

    def template(self, name: str, **context: Any) -> TemplateModule:
        """A template of this folder, in the language, with what each of them needs."""
        given = {"language": self.language, "fields": self.fields, "at": self.at}
        sprite = static_files.tree().address("icons.svg")
        template = _environment(self.language).get_template(name)
        return template.make_module(given | {"sprite": sprite} | context)


class Threads(NamedTuple):
    """The private threads that are open, and the rows that a script makes more of."""

    open: Markup
    row: Markup
    word: Markup


class Cards:
    """Makes the cards and the private words of one deployment."""

    def __init__(self, hotlines: Hotlines) -> None:
        self._hotlines = hotlines

    def card(self, frame: Frame, signs: Signs, room: Public, mine: Private, me: int) -> Markup:
        """The card and all it may become, for one person's live page."""
        card = mine.card if card_kind(mine.card) not in ("none", "craving") else None
        person = reachable(room, mine, me)
        offers = (
            self.options(mine.country, frame.language, card.level, card.category, None, person)
            if card
            else []
        )
        made = frame.template(
            "card.html",
            when=signs.when,
            offers=[option_row(option) for option in offers],
            countries=self.countries(frame.language),
            country=mine.country,
            blank=row(),
        )
        return _markup(str(made))

    def threads(self, frame: Frame, talks: Sequence[Talk], leads: bool, whispered: Form) -> Threads:
        """Somebody's private words; `whispered` is what they wrote and could not be sent."""
        module = frame.template("thread.html", leads=leads, whispered=whispered)
        made: Any = module
        return Threads(
            open=_markup("".join(made.thread(talk.row, talk.words) for talk in talks)),
            row=_markup(made.thread(row(), [])),
            word=_markup(made.word(row())),
        )

    def options(
        self,
        country: str,
        language: str,
        level: int,
        category: Category | None,
        minute: int | None,
        person: bool,
    ) -> list[Option]:
        """The ways to reach somebody, at most three with a person of this place."""
        return offer(
            self._hotlines, country, [language], level, category, minute=minute, person=person
        )

    def countries(self, language: str) -> list[tuple[str, str]]:
        """The countries we have numbers for, by their names in the reader's language."""
        return _countries(language, tuple((c, found.name) for c, found in self._hotlines.items()))


def option_row(option: Option) -> Row:
    """One way to reach somebody; `web/static/js/care.js` makes the same row."""
    held: Mapping[str, Any] = {
        "named": option.name,
        "keyword": option.keyword,
        "always": option.always,
        "closed": option.open_now is False,
        "free": option.free,
        "paid": option.free is False,
        "doubtful": option.doubtful,
    }
    signs = {name for name, holds in held.items() if holds}
    return row(
        f"{option.way}-{option.number}",
        "offer offer--first" if option.way in ("emergency", "ambulance", "police") else "offer",
        signs | {f"way:{option.way}", f"police:{option.dispatch}"},
        number=option.number,
        link=option.link,
        name=option.name,
        keyword=option.keyword,
    )


def _markup(made: str) -> Markup:
    return Markup(made)  # noqa: S704 - made by a template that escapes what it is given


@cache
def _environment(language: str) -> Environment:
    return safety_environment(language, "safety")


@cache
def _countries(language: str, known: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    names = Locale.parse(language, sep="-").territories
    return sorted(((code, str(names.get(code, name))) for code, name in known), key=lambda c: c[1])
