"""The offer: what somebody is shown who may be in danger. At most three ways, the likeliest first.

A bare list of numbers is rarely used; few ways, a person among them, and an answer to "what happens
if I call?" are (docs/SAFETY.md). An emergency begins with the emergency number. A foreign number is
never shown, and where no country was chosen there is a picker instead of a guess.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec

from moderation.hotlines import CRISIS, Dispatch, Hotline, Hotlines, Kind, Numbers, for_country
from moderation.telephone import call_link
from rooms.safety import EMERGENCY, Category, Level

MOST_OPTIONS: Final = 3

Way = Literal["emergency", "ambulance", "police", "call", "text", "web"]
"""How somebody is reached: the emergency number in its three forms, a call, a text, a web page."""

_KINDS: Final[Mapping[Category | None, tuple[Kind, ...]]] = {
    None: CRISIS,
    Category.SUICIDE: CRISIS,
    Category.SELFHARM: CRISIS,
    Category.OVERDOSE: ("never_use_alone", "substance_use", *CRISIS),
    Category.VIOLENCE_ABUSE: ("domestic_violence", "sexual_violence", *CRISIS),
    Category.WITHDRAWAL_MEDICAL: ("substance_use", *CRISIS),
}
"""Which lines fit which danger, the closest first; a crisis line fits always."""


class Option(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One way to reach somebody: what to dial or open, and what is known of who answers.

    `open_now` is None where hours or the hour are not known. `dispatch` answers whether they may
    send police or an ambulance without asking.
    """

    way: Way
    number: str
    link: str
    name: str = ""
    keyword: str = ""
    always: bool = False
    open_now: bool | None = None
    free: bool | None = None
    dispatch: Dispatch = "unknown"
    doubtful: bool = False


def offer(
    hotlines: Hotlines,
    country: str,
    languages: Sequence[str],
    level: Level,
    category: Category | None,
    *,
    minute: int | None = None,
    person: bool = False,
) -> list[Option]:
    """What to show, besides a private word where a `person` can come: three ways in all.

    `country` is empty where none was chosen; then nothing is shown. `minute` is the minute of the
    week where the person is, or None where that is not known.
    """
    numbers = for_country(hotlines, country, languages, minute) if country else None
    if numbers is None:
        return []
    found: list[Option] = []
    if level == EMERGENCY:
        found.append(_emergency(numbers, category))
    room = MOST_OPTIONS - person - len(found)
    for line in _fitting(numbers, category, minute):
        found += _ways(line, minute)[: max(1, room - len(found))]
        if len(found) >= MOST_OPTIONS - person:
            break
    return found[: MOST_OPTIONS - person]


def _emergency(numbers: Numbers, category: Category | None) -> Option:
    """The number for this emergency: an ambulance for a body, the police against violence."""
    emergency = numbers.emergency
    doubtful = emergency.confidence != "high"
    if category is Category.VIOLENCE_ABUSE:
        way, dial = "police", emergency.for_police
    elif category in (Category.OVERDOSE, Category.WITHDRAWAL_MEDICAL):
        way, dial = "ambulance", emergency.for_ambulance
    else:
        way, dial = "emergency", emergency.first
    return Option(way=way, number=dial, link=call_link(dial), doubtful=doubtful)  # type: ignore[arg-type]


def _fitting(numbers: Numbers, category: Category | None, minute: int | None) -> list[Hotline]:
    """The lines that fit, the closest kind first; what is closed now comes after what is open."""
    kinds = _KINDS[category]
    lines = sorted(numbers.of(kinds), key=lambda line: kinds.index(line.kind))
    return sorted(lines, key=lambda line: _open(line, minute) is False)


def _open(line: Hotline, minute: int | None) -> bool | None:
    if line.always:
        return True
    if minute is None or line.hours is None:
        return None
    return line.hours.open_at(minute)


def _ways(line: Hotline, minute: int | None) -> list[Option]:
    """The ways to one line: a call first, then a text, then its page."""

    def option(way: Way, number: str, link: str, keyword: str = "") -> Option:
        return Option(
            way=way,
            number=number,
            link=link,
            name=line.name,
            keyword=keyword,
            always=line.always,
            open_now=_open(line, minute),
            free=line.free,
            dispatch=line.dispatch,
            doubtful=line.doubtful,
        )

    found = [option("call", phone.dial, phone.link) for phone in line.phones[:1]]
    if line.text:
        found.append(option("text", line.text.number, line.text.link, line.text.keyword or ""))
    if line.web and not found:
        found.append(option("web", line.web, line.web))
    return found
