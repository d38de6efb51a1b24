"""Facts about numbers in the reader's words: hours, languages, dates, names of countries."""

import unicodedata
from collections.abc import Iterable
from datetime import date
from gettext import NullTranslations

from babel import Locale
from babel.dates import format_date, get_day_names

from moderation.hotlines import Hotline
from moderation.opening_hours import OpeningHours, Span


class HelpWords:
    """What the Help pages say about a number, in one language."""

    def __init__(self, language: str, translations: NullTranslations) -> None:
        self.language = language
        self._locale = Locale.parse(language, sep="-")
        self._days = get_day_names("wide", locale=self._locale)
        self._ = translations.gettext

    def country(self, code: str, name: str) -> str:
        """A country's name, `name` where the language has none for it."""
        return str(self._locale.territories.get(code, name))

    def day(self, day: date) -> str:
        """A date in full, so that nobody has to guess which part is the month."""
        return str(format_date(day, format="long", locale=self._locale))

    def hours(self, hours: OpeningHours | None) -> str:
        """When somebody answers. Unknown hours are said to be unknown, never guessed."""
        if hours is None:
            return self._("Its hours are not known here")
        if hours.always:
            return self._("Day and night")
        return _begun("; ".join(self._span(span) for span in hours.spans))

    def _span(self, span: Span) -> str:
        times = self._("{opens} to {closes}").format(opens=span.opens, closes=span.closes)
        if span.past_midnight:
            times = self._("{opens} to {closes} the next morning").format(
                opens=span.opens, closes=span.closes
            )
        return self._("{days}, {times}").format(days=self._which_days(span.days), times=times)

    def _which_days(self, days: tuple[int, ...]) -> str:
        names = [str(self._days[day]) for day in days]
        if len(days) == 7:
            return self._("Every day")
        if len(days) > 2 and days == tuple(range(days[0], days[-1] + 1)):
            return self._("{first} to {last}").format(first=names[0], last=names[-1])
        return ", ".join(names)

    def languages(self, line: Hotline) -> str:
        """The languages a line speaks, as far as they are known."""
        known = self._locale.languages
        names = [str(known[tag]) for tag in line.languages if tag in known]
        if line.interpreters:
            names.append(self._("others through an interpreter"))
        elif line.other_languages:
            names.append(self._("others"))
        return _begun(", ".join(names))


def _begun(sentence: str) -> str:
    """Names of days and languages are small in many languages, and here they begin a sentence."""
    return sentence[:1].upper() + sentence[1:]


def by_first_letter(names: Iterable[tuple[str, str]]) -> list[tuple[str, list[tuple[str, str]]]]:
    """(code, name) pairs in the order of a phone book, under their first letters."""

    def plain(name: str) -> str:
        letters = unicodedata.normalize("NFD", name.casefold())
        return "".join(letter for letter in letters if not unicodedata.combining(letter))

    letters: dict[str, list[tuple[str, str]]] = {}
    for code, name in sorted(names, key=lambda pair: plain(pair[1])):
        letters.setdefault(plain(name)[0].upper(), []).append((code, name))
    return list(letters.items())
