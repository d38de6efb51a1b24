"""The card of somebody who may be in danger, in their language, on a page in whatever language.

The numbers are those of the country they chose. With script the page asks for them again with the
hour of the person's own clock; without, what answers day and night comes first.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from babel import Locale
from jinja2 import Environment
from markupsafe import Markup

from moderation.hotlines import Hotlines
from moderation.offers import Option, offer
from rooms.room import Private, Public
from rooms.safety import Category
from web import static_files
from web.language import safety_environment
from web.live_care import card_kind, reachable
from web.live_rows import Row, row
from web.live_signs import Signs


class Cards:
    """Makes the cards of one deployment."""

    def __init__(self, hotlines: Hotlines) -> None:
        self._hotlines = hotlines

    def markup(
        self,
        language: str,
        signs: Signs,
        room: Public,
        mine: Private,
        me: int,
        fields: Callable[[], Markup],
        at: Callable[[str], str],
    ) -> Markup:
        """The card and all it may become, for one person's live page."""
        card = mine.card if card_kind(mine.card) not in ("none", "craving") else None
        offers = (
            self.options(
                mine.country, language, card.level, card.category, None, reachable(room, mine, me)
            )
            if card
            else []
        )
        return Markup(  # noqa: S704 - made by a template that escapes what it is given
            _environment(language)
            .get_template("card.html")
            .render(
                when=signs.when,
                offers=[option_row(option) for option in offers],
                countries=self.countries(language),
                country=mine.country,
                language=language,
                blank=row(),
                fields=fields,
                at=at,
                sprite=static_files.tree().address("icons.svg"),
            )
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


@cache
def _environment(language: str) -> Environment:
    return safety_environment(language, "safety")


@cache
def _countries(language: str, known: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    names = Locale.parse(language, sep="-").territories
    return sorted(((code, str(names.get(code, name))) for code, name in known), key=lambda c: c[1])
