"""The numbers to call: emergency numbers and hotlines, and in which order they are shown.

The data is the file `moderation/data/hotlines.json`, read by whoever calls; an operator's own file
of the same shape goes over it. Every rule of order here answers one question: what does a person in
danger need first? An unsure number is shown with its doubt, a foreign number is never shown, and
neither age nor doubt hides an emergency number or a country's last line.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Annotated, Literal

import msgspec

from moderation.opening_hours import OpeningHours
from moderation.telephone import Data, Phone, TextNumber

CountryCode = Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2, in capitals."""

Confidence = Literal["high", "medium", "low"]
"""How sure the number is: a page naming it was read, or several lists have it; one public list has
it; nobody confirmed it. Not even `high` means that somebody dialled it."""

Kind = Literal[
    "suicide_crisis",
    "mental_health",
    "never_use_alone",
    "substance_use",
    "domestic_violence",
    "sexual_violence",
    "youth",
    "lgbtq",
    "veterans",
    "poison",
]
CRISIS: tuple[Kind, ...] = ("suicide_crisis", "mental_health")
"""Kinds that anybody may call about anything, the plainest first."""

ONLY_READ = "source page read"
"""The `basis` of the checks we ship. An operator who has dialled a number writes another one."""

FALLBACK = ("https://findahelpline.com", "https://befrienders.org")
"""Where to look when a country has no line here: both list services around the world."""

Dispatch = Literal["yes", "rarely", "no", "unknown"]
"""May the line send police or an ambulance without asking? `unknown` unless a source says."""


class Hotline(Data, frozen=True, kw_only=True):
    """One service of one country, with what is known about it and how well it is known."""

    kind: Kind
    name: str
    region: str | None = None
    phones: tuple[Phone, ...] = ()
    text: TextNumber | None = None
    web: str | None = None
    hours: OpeningHours | None = None
    hours_text: str
    languages: tuple[str, ...] = ()
    interpreters: bool = False
    other_languages: str | None = None
    free: bool | None
    note: str | None = None
    caveat: str | None = None
    dispatch: Dispatch = "unknown"
    dispatch_source: str | None = None
    source: str
    seen_on: tuple[str, ...] = ()
    confidence: Confidence
    basis: str
    last_checked: date | None = None

    @property
    def always(self) -> bool:
        """Whether somebody answers day and night."""
        return self.hours is not None and self.hours.always

    @property
    def only_read(self) -> bool:
        """Whether the last check was reading a page that names the number, not dialling it."""
        return self.basis == ONLY_READ

    @property
    def doubtful(self) -> bool:
        """Whether the page must say that the number is not yet checked."""
        return self.confidence != "high" or self.last_checked is None


class EmergencyNumbers(Data, frozen=True, kw_only=True):
    """A country's emergency numbers; `also_valid` are those a public numbering plan knows."""

    general: str | None = None
    medical: str | None = None
    ambulance: tuple[str, ...] = ()
    police: tuple[str, ...] = ()
    fire: tuple[str, ...] = ()
    also_valid: tuple[str, ...] = ()
    mobile_112_likely: bool = False
    confidence: Confidence
    note: str | None = None
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not (self.general or self.medical):
            raise ValueError("emergency numbers need a general or a medical number")

    @property
    def first(self) -> str:
        """The number to call for any danger: the general one, unless only the medical is known."""
        known = [n for n in (self.general, self.medical) if n in self.also_valid]
        return (known or [n for n in (self.general, self.medical) if n])[0]

    @property
    def others(self) -> tuple[str, ...]:
        """What else to try when `first` does not answer.

        112 only where mobile networks know it; what the numbering plan lists besides only where
        `first` itself is not in it, for then any of them may be the better one.
        """
        mobile = ("112",) if self.mobile_112_likely else ()
        plan = () if self.first in self.also_valid else self.also_valid
        numbers = dict.fromkeys((self.general, self.medical, *self.ambulance, *plan, *mobile))
        return tuple(n for n in numbers if n and n != self.first)

    @property
    def for_ambulance(self) -> str:
        """The number to call for somebody who does not wake up."""
        return self.medical or self.first

    @property
    def for_police(self) -> str:
        """The number to call against violence: lists disagree, so only a number the plan knows."""
        return next((n for n in self.police if n in self.also_valid), self.first)


class Country(Data, frozen=True, kw_only=True):
    """What is known for one country."""

    name: str
    emergency: EmergencyNumbers
    hotlines: tuple[Hotline, ...] = ()


Hotlines = Mapping[CountryCode, Country]


class LineName(Data, frozen=True, kw_only=True):
    """The two things that, inside a country, say which line is meant."""

    kind: Kind
    name: str


class CountryOverride(Data, frozen=True, kw_only=True):
    """What an operator changes in a country: lines are replaced by kind and name, or added."""

    name: str | None = None
    emergency: EmergencyNumbers | None = None
    hotlines: tuple[Hotline, ...] = ()
    hide: tuple[LineName, ...] = ()
    whole: bool = False


Override = Mapping[CountryCode, CountryOverride]


def load(shipped: bytes) -> Hotlines:
    """Read a data file. Raises `msgspec.ValidationError` where a fact has the wrong shape."""
    return msgspec.json.decode(shipped, type=dict[CountryCode, Country])


def load_override(written: bytes) -> Override:
    """Read an operator's file. Raises `msgspec.DecodeError` or its `ValidationError`."""
    return msgspec.json.decode(written, type=dict[CountryCode, CountryOverride])


def merge(shipped: Hotlines, override: Override) -> Hotlines:
    """Lay the operator's file over ours. An emergency number can be replaced, never taken away.

    Raises ValueError for a country that we do not ship and that brings no emergency number.
    """
    merged = dict(shipped)
    for code, change in override.items():
        old = merged.get(code)
        emergency = change.emergency or (old and old.emergency)
        if not emergency:
            raise ValueError(f"{code}: a country needs its emergency numbers")
        gone = {(line.kind, line.name) for line in change.hide}
        new = {(line.kind, line.name): line for line in change.hotlines}
        kept = () if old is None or change.whole else old.hotlines
        lines = [new.pop((line.kind, line.name), line) for line in kept]
        lines = [line for line in lines if (line.kind, line.name) not in gone]
        name = change.name or (old.name if old else code)
        merged[code] = Country(name=name, emergency=emergency, hotlines=(*lines, *new.values()))
    return merged


class Numbers(msgspec.Struct, frozen=True):
    """What a person is shown for a country, first things first."""

    emergency: EmergencyNumbers
    lines: tuple[Hotline, ...]
    fallback: tuple[str, ...] = FALLBACK

    def of(self, kinds: Collection[Kind]) -> tuple[Hotline, ...]:
        """The lines of these kinds, in the order they are shown."""
        return tuple(line for line in self.lines if line.kind in kinds)


def for_country(
    hotlines: Hotlines, code: str, languages: Sequence[str], minute: int | None = None
) -> Numbers | None:
    """The numbers of one country, or None where we know none; never another country's.

    `languages` are those the person reads, the best first. `minute` is the minute of the week
    there, or None on a page that is read later than it is made.

    The order: one crisis line that answers day and night; then day and night before limited hours,
    what is open at `minute` before what is not, the person's language, the whole country before a
    region, and the surer number. Doubtful (`low`) lines show only where a country has no other.
    """
    country = hotlines.get(code)
    if country is None:
        return None
    sure = [line for line in country.hotlines if line.confidence != "low"]
    lines = sure or list(country.hotlines)

    def order(line: Hotline) -> tuple[bool, bool, int, bool, int]:
        spoken = [languages.index(tag) for tag in line.languages if tag in languages]
        closed = minute is None or line.hours is None or not line.hours.open_at(minute)
        return (
            not line.always,
            closed and not line.always,
            min(spoken, default=len(languages)),
            line.region is not None,
            ("high", "medium", "low").index(line.confidence),
        )

    lines.sort(key=order)
    crisis = [line for kind in CRISIS for line in lines if line.kind == kind and line.always]
    if crisis:
        first = min(crisis, key=lambda line: line.region is not None)
        lines.remove(first)
        lines.insert(0, first)
    return Numbers(emergency=country.emergency, lines=tuple(lines))
