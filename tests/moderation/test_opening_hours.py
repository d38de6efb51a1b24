"""When a line can be reached, told in words."""

import msgspec
import pytest

from moderation.opening_hours import MINUTES_IN_DAY, OpeningHours, Span

MONDAY, FRIDAY, SUNDAY = 0, 4, 6
WEEKDAYS = (0, 1, 2, 3, 4)


def at(day: int, hour: int, minute: int = 0) -> int:
    return day * MINUTES_IN_DAY + hour * 60 + minute


def hours(*spans: Span) -> OpeningHours:
    return OpeningHours(spans=spans)


def test_a_line_that_is_always_open_is_open_on_sunday_night() -> None:
    assert OpeningHours(always=True).open_at(at(SUNDAY, 23, 59))


def test_office_hours_begin_with_the_minute_they_open_and_end_before_they_close() -> None:
    office = hours(Span(WEEKDAYS, "09:00", "17:00"))
    assert not office.open_at(at(MONDAY, 8, 59))
    assert office.open_at(at(MONDAY, 9))
    assert office.open_at(at(FRIDAY, 16, 59))
    assert not office.open_at(at(FRIDAY, 17))
    assert not office.open_at(at(SUNDAY, 12))


def test_a_night_line_stays_open_past_midnight() -> None:
    night = hours(Span((FRIDAY,), "19:00", "07:00"))
    assert night.open_at(at(FRIDAY, 23))
    assert night.open_at(at(FRIDAY + 1, 6, 59))
    assert not night.open_at(at(FRIDAY + 1, 7))
    assert not night.open_at(at(FRIDAY, 6))


def test_sunday_night_reaches_into_monday() -> None:
    assert hours(Span((SUNDAY,), "15:00", "03:00")).open_at(at(MONDAY, 2, 59))


def test_closing_at_midnight_is_not_the_next_morning() -> None:
    evening = Span((MONDAY,), "16:00", "24:00")
    assert not evening.past_midnight
    assert hours(evening).open_at(at(MONDAY, 23, 59))
    assert not hours(evening).open_at(at(MONDAY + 1, 0))


@pytest.mark.parametrize(
    "written",
    [
        b"{}",
        b'{"always": true, "spans": [{"days": [0], "opens": "09:00", "closes": "17:00"}]}',
        b'{"spans": [{"days": [7], "opens": "09:00", "closes": "17:00"}]}',
        b'{"spans": [{"days": [], "opens": "09:00", "closes": "17:00"}]}',
        b'{"spans": [{"days": [0], "opens": "9", "closes": "25:00"}]}',
    ],
)
def test_hours_that_mean_nothing_are_refused(written: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(written, type=OpeningHours)
