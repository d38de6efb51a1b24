"""What an operator should look at before people rely on the numbers."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import urlsplit

import msgspec

from moderation.hotlines import Country, Hotline, Hotlines
from moderation.telephone import dialable

STALE_AFTER = timedelta(days=180)
"""How long a check is good for. Services move: three countries changed theirs in three years."""


class Problem(msgspec.Struct, frozen=True):
    """One thing to look at. A `grave` one means that a person could press a button in vain."""

    country: str
    line: str | None
    text: str
    grave: bool = False


def check(hotlines: Hotlines, today: date) -> list[Problem]:
    """Everything to look at: grave things first, then the least sure lines, country by country."""
    found = [p for code, country in hotlines.items() for p in _in_country(code, country)]
    lines = [(code, line) for code, country in hotlines.items() for line in country.hotlines]
    lines.sort(key=lambda item: ("low", "medium", "high").index(item[1].confidence))
    found += [p for code, line in lines for p in _in_line(code, line, today)]
    return sorted(found, key=lambda problem: not problem.grave)


def _in_country(code: str, country: Country) -> Iterator[Problem]:
    numbers = country.emergency
    for number in {numbers.first, numbers.for_ambulance, numbers.for_police}:
        if not dialable(number):
            yield Problem(code, None, f"emergency number {number!r} cannot be dialled", grave=True)
    if numbers.confidence != "high":
        yield Problem(code, None, f"emergency number {numbers.first} is not confirmed")
    twice = Counter((line.kind, line.name) for line in country.hotlines)
    for (kind, name), count in twice.items():
        if count > 1:
            yield Problem(code, name, f"{count} lines of kind {kind} have this name", grave=True)


def _in_line(code: str, line: Hotline, today: date) -> Iterator[Problem]:
    if not (line.phones or line.text or line.web):
        yield Problem(code, line.name, "has nothing to call, write to or open", grave=True)
    numbers = [phone.dial for phone in line.phones]
    for number in numbers + ([line.text.number] if line.text else []):
        if not dialable(number):
            yield Problem(code, line.name, f"{number!r} cannot be dialled", grave=True)
    if line.web and not _is_web_address(line.web):
        yield Problem(code, line.name, f"{line.web!r} is not a web address", grave=True)
    doubt = f"confidence {line.confidence}" + (f"; {line.caveat}" if line.caveat else "")
    if line.last_checked is None:
        yield Problem(code, line.name, f"never checked ({doubt})")
    elif line.last_checked > today:
        yield Problem(code, line.name, f"checked in the future: {line.last_checked}", grave=True)
    elif today - line.last_checked > STALE_AFTER:
        yield Problem(code, line.name, f"last checked {line.last_checked} ({doubt})")


def _is_web_address(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in ("https", "http") and bool(parts.hostname)
