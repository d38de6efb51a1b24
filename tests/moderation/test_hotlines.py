"""Which numbers somebody sees, in which order, and what never hides one."""

import json
from importlib import resources

import msgspec
import pytest

from moderation.hotlines import (
    CRISIS,
    FALLBACK,
    Country,
    EmergencyNumbers,
    Hotline,
    Kind,
    Numbers,
    for_country,
    load,
    load_override,
    merge,
)
from moderation.opening_hours import MINUTES_IN_DAY, OpeningHours, Span
from moderation.telephone import Phone

EMERGENCY = EmergencyNumbers(general="112", also_valid=("112",), confidence="high")
ALWAYS = OpeningHours(always=True)
OFFICE = OpeningHours(spans=(Span((0, 1, 2, 3, 4), "09:00", "17:00"),))
SHIPPED = load(resources.files("moderation").joinpath("data/hotlines.json").read_bytes())


def line(name: str, kind: Kind = "suicide_crisis", **facts: object) -> Hotline:
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


def shown(
    *lines: Hotline, languages: tuple[str, ...] = ("en",), minute: int | None = None
) -> list[str]:
    found = for_country(
        {"XY": Country(name="Xyland", emergency=EMERGENCY, hotlines=lines)}, "XY", languages, minute
    )
    assert found is not None
    return [found_line.name for found_line in found.lines]


def test_a_country_we_do_not_know_gets_nothing_rather_than_a_foreign_number() -> None:
    assert for_country(SHIPPED, "ZZ", ["en"]) is None


def test_a_crisis_line_that_answers_day_and_night_comes_first() -> None:
    assert shown(
        line("for women", "domestic_violence"),
        line("office", hours=OFFICE),
        line("crisis"),
    ) == ["crisis", "for women", "office"]


def test_day_and_night_comes_before_limited_hours() -> None:
    assert shown(line("office", "youth", hours=OFFICE), line("all", "youth")) == ["all", "office"]


def test_a_line_that_is_open_now_comes_before_one_that_is_not() -> None:
    monday_evening = 20 * 60
    evening = OpeningHours(spans=(Span((0,), "19:00", "22:00"),))
    lines = (line("office", hours=OFFICE), line("evening", hours=evening))
    assert shown(*lines) == ["office", "evening"]
    assert shown(*lines, minute=monday_evening) == ["evening", "office"]
    assert shown(*lines, minute=monday_evening - 4 * 60) == ["office", "evening"]
    assert shown(*lines, minute=6 * MINUTES_IN_DAY) == ["office", "evening"]


def test_a_person_sees_their_own_language_first() -> None:
    lines = (line("nl", languages=["nl"]), line("es and nl", languages=["nl", "es"]))
    assert shown(*lines, languages=("es",)) == ["es and nl", "nl"]
    assert shown(*lines, languages=("nl",)) == ["nl", "es and nl"]


def test_a_line_for_one_region_comes_after_one_for_everybody() -> None:
    assert shown(line("north", region="North"), line("all")) == ["all", "north"]


def test_a_doubtful_line_is_not_shown_beside_a_sure_one() -> None:
    assert shown(line("low", confidence="low"), line("sure", confidence="medium")) == ["sure"]


def test_doubt_never_hides_the_last_line_of_a_country() -> None:
    assert shown(line("low", confidence="low", last_checked=None)) == ["low"]


def test_an_old_record_never_hides_a_countrys_last_line() -> None:
    assert shown(line("old", last_checked="1999-01-01", confidence="low")) == ["old"]


def test_a_number_that_nobody_checked_is_shown_with_its_doubt() -> None:
    assert line("medium", confidence="medium").doubtful
    assert line("no date", last_checked=None).doubtful
    assert not line("checked").doubtful


def test_the_medical_number_is_called_first_only_when_it_alone_is_known() -> None:
    unsure = EmergencyNumbers(
        general="112", medical="103", also_valid=("103",), confidence="medium"
    )
    assert unsure.first == "103"
    assert EmergencyNumbers(medical="15", confidence="low").first == "15"
    assert unsure.others == ("112",)


def test_an_unknown_police_number_gives_way_to_the_general_one() -> None:
    numbers = EmergencyNumbers(
        general="112", police=("117", "102"), also_valid=("102", "112"), confidence="high"
    )
    assert numbers.for_police == "102"
    assert EmergencyNumbers(general="112", police=("117",), confidence="high").for_police == "112"


def test_a_country_without_an_emergency_number_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        load(b'{"XY": {"name": "Xyland", "emergency": {"confidence": "high"}}}')


# The operator's own file.


def override(code: str, **change: object) -> bytes:
    return json.dumps({code: {k: msgspec.to_builtins(v) for k, v in change.items()}}).encode()


def own(code: str, **change: object) -> Country:
    shipped = {"XY": Country(name="Xyland", emergency=EMERGENCY, hotlines=(line("a"), line("b")))}
    return merge(shipped, load_override(override(code, **change)))[code]


def test_an_operator_replaces_a_line_by_its_kind_and_name() -> None:
    country = own("XY", hotlines=[line("a", phones=[{"dial": "7"}]), line("new")])
    assert [found.name for found in country.hotlines] == ["a", "b", "new"]
    assert country.hotlines[0].phones == (Phone(dial="7"),)


def test_an_operator_hides_a_line_that_has_closed() -> None:
    country = own("XY", hide=[{"kind": "suicide_crisis", "name": "a"}])
    assert [found.name for found in country.hotlines] == ["b"]


def test_an_operator_replaces_a_whole_country_and_keeps_its_emergency_number() -> None:
    country = own("XY", whole=True, hotlines=[line("only")])
    assert [found.name for found in country.hotlines] == ["only"]
    assert country.emergency == EMERGENCY


def test_an_operator_brings_a_new_emergency_number() -> None:
    assert own("XY", emergency={"general": "999", "confidence": "high"}).emergency.first == "999"


def test_a_new_country_needs_an_emergency_number() -> None:
    with pytest.raises(ValueError, match="emergency"):
        own("QQ", name="Q", hotlines=[line("a")])
    assert own("QQ", name="Q", emergency={"general": "1 1", "confidence": "low"}).name == "Q"


def test_a_slip_of_the_pen_in_the_operators_file_is_told() -> None:
    with pytest.raises(msgspec.ValidationError):
        load_override(b'{"XY": {"hidden": []}}')
    with pytest.raises(msgspec.ValidationError):
        load_override(b'{"xy": {}}')


# The numbers we ship.


def test_every_record_came_through() -> None:
    assert sum(len(country.hotlines) for country in SHIPPED.values()) == 309
    assert sum(bool(country.hotlines) for country in SHIPPED.values()) == 99


def every_country() -> list[tuple[str, Numbers]]:
    return [(code, numbers) for code in SHIPPED if (numbers := for_country(SHIPPED, code, ["en"]))]


def test_every_country_with_lines_shows_at_least_one() -> None:
    for code, numbers in every_country():
        assert bool(numbers.lines) == bool(SHIPPED[code].hotlines), code
        assert numbers.fallback == FALLBACK


def test_where_a_crisis_line_answers_day_and_night_it_is_the_first() -> None:
    for code, numbers in every_country():
        if any(found.always and found.kind in CRISIS for found in numbers.lines):
            assert numbers.lines[0].always, code
            assert numbers.lines[0].kind in CRISIS, code


def test_no_line_for_one_region_is_the_first_where_the_country_has_one_for_all() -> None:
    for code, numbers in every_country():
        crisis = [n for n in numbers.of(CRISIS) if n.always]
        if any(found.region is None for found in crisis):
            assert numbers.lines[0].region is None, code


def test_no_number_of_another_country_is_shown() -> None:
    for code, country in SHIPPED.items():
        for found in country.hotlines:
            for phone in found.phones:
                if phone.dial.startswith("+"):
                    assert phone.e164 == "+" + "".join(filter(str.isdigit, phone.dial)), code


def test_hours_are_known_or_said_to_be_unknown() -> None:
    texts = {n.hours_text for c in SHIPPED.values() for n in c.hotlines if n.hours is None}
    assert len([n for c in SHIPPED.values() for n in c.hotlines if n.always]) == 240
    assert all(
        any(
            word in text
            for word in ("weekdays", "Mon", "hours", "?", "weekend", "h daily", "varies", "shorter")
        )
        for text in texts
    )


def test_whether_a_line_sends_police_is_only_said_with_a_source() -> None:
    for country in SHIPPED.values():
        for found in country.hotlines:
            assert (found.dispatch == "unknown") == (found.dispatch_source is None), found.name
