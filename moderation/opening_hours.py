"""When a line answers, as far as that is known.

Hours are in the line's own local time, and a week is 10,080 minutes that start on Monday at 00:00.
Nothing here knows a clock or a time zone: whoever asks brings the minute of the week.
"""

from typing import Annotated

import msgspec

MINUTES_IN_DAY = 24 * 60
MINUTES_IN_WEEK = 7 * MINUTES_IN_DAY

Day = Annotated[int, msgspec.Meta(ge=0, le=6)]
"""Monday is 0, Sunday is 6."""

TimeOfDay = Annotated[str, msgspec.Meta(pattern=r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]
"""Hours and minutes, `00:00` to `24:00`."""


def minute_of_day(time: TimeOfDay) -> int:
    """Minutes since midnight: 0 for `00:00`, 1,440 for `24:00`."""
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)


class Span(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same opening hours on some days. Closing at or before opening means the next morning."""

    days: Annotated[tuple[Day, ...], msgspec.Meta(min_length=1)]
    opens: TimeOfDay
    closes: TimeOfDay

    @property
    def past_midnight(self) -> bool:
        """Whether the line closes on the day after it opened."""
        return minute_of_day(self.closes) <= minute_of_day(self.opens)

    def holds(self, minute: int) -> bool:
        """Whether this minute of the week lies inside the span; a week wraps from Sunday on."""
        opens = minute_of_day(self.opens)
        length = minute_of_day(self.closes) - opens + MINUTES_IN_DAY * self.past_midnight
        return any(
            (minute - day * MINUTES_IN_DAY - opens) % MINUTES_IN_WEEK < length for day in self.days
        )


class OpeningHours(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True
):
    """Either day and night, or some spans of the week. Hours nobody knows are None, not this."""

    always: bool = False
    spans: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        if self.always == bool(self.spans):
            raise ValueError("hours are either always, or at least one span, and not both")

    def open_at(self, minute: int) -> bool:
        """Whether somebody should answer at this minute of the week."""
        return self.always or any(span.holds(minute) for span in self.spans)
