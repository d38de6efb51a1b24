"""The offer: at most three ways, the likeliest first, and never a foreign number."""

from importlib import resources

import msgspec
import pytest

from moderation.hotlines import CRISIS, Country, EmergencyNumbers, Hotline, Kind, for_country, load
from moderation.offers import MOST_OPTIONS, Option, Way, offer
from moderation.opening_hours import MINUTES_IN_DAY, OpeningHours, Span
from rooms.safety import CONCERN, ELEVATED, EMERGENCY, Category, Level

SHIPPED = load(resources.files("moderation").joinpath("data/hotlines.json").read_bytes())
NUMBERS = EmergencyNumbers(
    general="112",
    medical="103",
    police=("102",),
    also_valid=("112", "103", "102"),
    confidence="high",
)
OFFICE = OpeningHours(spans=(Span((0, 1, 2, 3, 4), "09:00", "17:00"),))
MONDAY_MORNING, SUNDAY = 10 * 60, 6 * MINUTES_IN_DAY
CATEGORIES = (None, *Category)


def line(name: str, kind: Kind = "suicide_crisis", **facts: object) -> Hotline:
    """A line that answers day and night on the telephone, unless told otherwise."""
    plain = {
        "kind": kind,
        "name": name,
        "phones": [{"dial": "116 123"}],
        "hours": {"always": True},
        "hours_text": "24/7",
        "free": True,
        "source": "https://example.org",
        "confidence": "high",
        "basis": "source page read",
        "last_checked": "2026-11-20",
    }
    return msgspec.convert(plain | {k: msgspec.to_builtins(v) for k, v in facts.items()}, Hotline)


def offered(
    *lines: Hotline,
    level: Level = ELEVATED,
    category: Category | None = Category.SUICIDE,
    emergency: EmergencyNumbers = NUMBERS,
    minute: int | None = None,
    person: bool = False,
) -> list[Option]:
    """What somebody in Xyland is shown."""
    country = Country(name="Xyland", emergency=emergency, hotlines=lines)
    return offer({"XY": country}, "XY", ["en"], level, category, minute=minute, person=person)


def names(options: list[Option]) -> list[str]:
    """Which lines are shown, in order; empty for the emergency number."""
    return [option.name for option in options]


def ways(options: list[Option]) -> list[Way]:
    """How they are reached, in order."""
    return [option.way for option in options]


LINES = (line("a"), line("b", "mental_health"), line("c"), line("d", "youth"))


@pytest.mark.parametrize("level", [CONCERN, ELEVATED, EMERGENCY])
@pytest.mark.parametrize("person", [False, True])
def test_there_are_three_ways_at_most_and_a_person_is_one_of_them(
    level: Level, person: bool
) -> None:
    assert MOST_OPTIONS == 3
    assert len(offered(*LINES, level=level, person=person)) + person == 3


def test_an_emergency_begins_with_the_emergency_number() -> None:
    first, second, third = offered(*LINES, level=EMERGENCY)
    assert first == Option(way="emergency", number="112", link="tel:112")
    assert names([second, third]) == ["a", "c"]


@pytest.mark.parametrize("level", [CONCERN, ELEVATED])
@pytest.mark.parametrize("category", CATEGORIES)
def test_below_an_emergency_nobody_is_told_to_call_an_emergency_number(
    level: Level, category: Category | None
) -> None:
    assert set(ways(offered(*LINES, level=level, category=category))) == {"call"}


@pytest.mark.parametrize(
    ("category", "way", "number"),
    [
        (None, "emergency", "112"),
        (Category.SUICIDE, "emergency", "112"),
        (Category.SELFHARM, "emergency", "112"),
        (Category.OVERDOSE, "ambulance", "103"),
        (Category.WITHDRAWAL_MEDICAL, "ambulance", "103"),
        (Category.VIOLENCE_ABUSE, "police", "102"),
    ],
)
def test_a_body_needs_an_ambulance_and_violence_the_police(
    category: Category | None, way: Way, number: str
) -> None:
    first = offered(*LINES, level=EMERGENCY, category=category)[0]
    assert (first.way, first.number, first.link) == (way, number, f"tel:{number}")


def test_an_emergency_number_is_shown_with_its_doubt() -> None:
    unsure = EmergencyNumbers(general="112", confidence="medium")
    assert offered(level=EMERGENCY, emergency=unsure)[0].doubtful
    assert not offered(level=EMERGENCY)[0].doubtful


def test_an_emergency_has_its_number_where_there_is_no_line() -> None:
    for person in (False, True):
        assert ways(offered(level=EMERGENCY, person=person)) == ["emergency"]


@pytest.mark.parametrize(
    ("category", "order"),
    [
        (None, ["crisis", "talk"]),
        (Category.SUICIDE, ["crisis", "talk"]),
        (Category.SELFHARM, ["crisis", "talk"]),
        (Category.OVERDOSE, ["never alone", "drugs", "crisis"]),
        (Category.WITHDRAWAL_MEDICAL, ["drugs", "crisis", "talk"]),
        (Category.VIOLENCE_ABUSE, ["at home", "assault", "crisis"]),
    ],
)
def test_the_line_that_fits_closest_comes_first_and_a_crisis_line_fits_always(
    category: Category | None, order: list[str]
) -> None:
    found = offered(
        line("children", "youth"),
        line("assault", "sexual_violence"),
        line("talk", "mental_health"),
        line("drugs", "substance_use"),
        line("poison", "poison"),
        line("at home", "domestic_violence"),
        line("crisis"),
        line("never alone", "never_use_alone"),
        category=category,
    )
    assert names(found) == order


def test_a_line_that_is_closed_now_comes_after_one_that_answers() -> None:
    lines = (line("office", hours=OFFICE), line("talk", "mental_health"))
    assert names(offered(*lines, minute=SUNDAY)) == ["talk", "office"]
    assert names(offered(*lines, minute=MONDAY_MORNING)) == ["office", "talk"]


def test_whether_a_line_is_open_is_said_only_where_it_is_known() -> None:
    def open_now(hours: object, minute: int | None) -> bool | None:
        [option] = offered(line("a", hours=hours), minute=minute)
        return option.open_now

    assert open_now(OFFICE, MONDAY_MORNING) is True
    assert open_now(OFFICE, SUNDAY) is False
    assert open_now(OFFICE, None) is None
    assert open_now(None, MONDAY_MORNING) is None
    assert open_now({"always": True}, None) is True


def test_one_line_offers_a_call_and_then_a_text() -> None:
    both = line(
        "a", phones=[{"dial": "988"}, {"dial": "989"}], text={"number": "741741", "keyword": "HOME"}
    )
    call, text, other = offered(both, line("b"))
    assert (call.way, call.number, call.link) == ("call", "988", "tel:988")
    assert (text.way, text.number, text.keyword) == ("text", "741741", "HOME")
    assert text.link == "sms:741741?&body=HOME"
    assert other.name == "b"


def test_where_there_is_room_for_one_way_it_is_the_call() -> None:
    both = line("a", text={"number": "741741"})
    assert ways(offered(both, level=EMERGENCY, person=True)) == ["emergency", "call"]


def test_a_page_is_offered_where_a_line_has_no_number() -> None:
    page = "https://example.org/chat"
    [option] = offered(line("a", phones=[], web=page))
    assert (option.way, option.number, option.link) == ("web", page, page)
    assert ways(offered(line("a", web=page))) == ["call"]


def test_a_line_nobody_can_reach_takes_no_place() -> None:
    assert names(offered(line("a", phones=[]), line("b"), line("c"))) == ["b", "c"]


def test_what_is_known_of_who_answers_is_said() -> None:
    [option] = offered(
        line("a", dispatch="rarely", dispatch_source="https://example.org", free=None)
    )
    assert (option.dispatch, option.free, option.always) == ("rarely", None, True)
    [unknown] = offered(line("a", confidence="medium"))
    assert (unknown.dispatch, unknown.doubtful) == ("unknown", True)


# The numbers we ship.


@pytest.mark.parametrize("code", ["", "ZZ"])
@pytest.mark.parametrize("level", [ELEVATED, EMERGENCY])
def test_where_no_country_was_chosen_nothing_is_guessed(code: str, level: Level) -> None:
    assert offer(SHIPPED, code, ["en"], level, None) == []


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_country_has_its_emergency_number_first(category: Category | None) -> None:
    for code, country in SHIPPED.items():
        numbers = country.emergency
        for person in (False, True):
            found = offer(SHIPPED, code, ["en"], EMERGENCY, category, person=person)
            assert 1 <= len(found) <= MOST_OPTIONS - person, code
            known = (numbers.first, numbers.for_ambulance, numbers.for_police)
            assert found[0].number in known, code


@pytest.mark.parametrize("category", CATEGORIES)
def test_nobody_is_shown_a_number_of_another_country(category: Category | None) -> None:
    for code, country in SHIPPED.items():
        own = {phone.dial for known in country.hotlines for phone in known.phones}
        own |= {known.text.number for known in country.hotlines if known.text}
        own |= {known.web for known in country.hotlines if known.web}
        found = offer(SHIPPED, code, ["en"], ELEVATED, category)
        assert {option.number for option in found} <= own, code
        assert len(found) <= MOST_OPTIONS, code


def test_every_way_can_be_taken_with_one_tap() -> None:
    taps = {"call": ("tel:",), "web": ("https:",), "text": ("sms:", "https://wa.me/")}
    for code in SHIPPED:
        for category in CATEGORIES:
            for option in offer(SHIPPED, code, ["en"], ELEVATED, category):
                assert option.link.startswith(taps[option.way]), (code, option)


def test_where_a_crisis_line_is_shown_at_all_it_is_offered_in_every_danger() -> None:
    shown = [
        (code, line.name)
        for code in SHIPPED
        if (numbers := for_country(SHIPPED, code, ["en"]))
        for line in numbers.of(CRISIS)[:1]
    ]
    assert len(shown) > 50
    for code, name in shown:
        for category in (None, Category.SUICIDE, Category.SELFHARM):
            found = offer(SHIPPED, code, ["en"], ELEVATED, category)
            assert name in names(found), (code, category)
