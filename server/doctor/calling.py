"""What the doctor sees of the people who are called when somebody is in danger."""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import Connection, func, select

from server.calling.shifts import MINUTES_OF_DAY, Shift, Shifts
from server.calling.tables import calls, cases
from server.doctor.finding import Finding, look, ok
from server.settings import Settings
from server.storage.database import Database

MINUTES_OF_WEEK: Final = 7 * MINUTES_OF_DAY
WAITS_TOO_LONG_MINUTES: Final = MINUTES_OF_DAY
"""After so long a case that nobody has looked at is a promise broken."""


async def examine(database: Database, settings: Settings, now: float) -> list[Finding]:
    """Whether somebody can be called, whether calls go out, and whether anybody reads the desk.

    Raises StorageUnavailable.
    """
    always = bool(settings.webhook_url)
    ways = {"mail": settings.smtp_url, "push": settings.web_push}
    on = [name for name, setting in ways.items() if setting]
    shifts = Shifts(database, lambda: now, settings.timezone, always=always, channels=on)
    await shifts.refresh()
    return [
        *_people(settings, shifts.plan, always=always),
        *await database.read(lambda c: list(_calls(c))),
        *await database.read(lambda c: list(_desk(c, now))),
    ]


def _people(settings: Settings, plan: Sequence[Shift], *, always: bool) -> Iterator[Finding]:
    if not (settings.webhook_url or settings.smtp_url or settings.web_push):
        yield look(
            "on call",
            "There is no way to call anybody: set WEBHOOK_URL, SMTP_URL or WEB_PUSH. Until then an "
            "alert reaches only people who have a page open.",
        )
        return
    if not plan:
        yield look(
            "on call",
            "The shift plan is empty. On the page On call your people say when they can be called.",
        )
        return
    unreachable = {shift.login for shift in plan if not (always or shift.reachable)}
    if unreachable:
        yield look(
            "on call",
            f"{len(unreachable)} people are in the shift plan and cannot be called. On the page On "
            "call they add a way, and press Test.",
        )
    hours = len(covered(shift for shift in plan if always or shift.reachable)) // 60
    yield ok("on call", f"Somebody can be called in {hours} of the week's 168 hours.")


def covered(plan: Iterator[Shift]) -> set[int]:
    """The minutes of the week, from Monday's first on, that lie in one of these shifts."""
    minutes = set[int]()
    for shift in plan:
        begin = shift.weekday * MINUTES_OF_DAY + shift.begins
        length = (shift.ends - shift.begins) % MINUTES_OF_DAY or MINUTES_OF_DAY
        minutes |= {minute % MINUTES_OF_WEEK for minute in range(begin, begin + length)}
    return minutes


def _calls(connection: Connection) -> Iterator[Finding]:
    dead = connection.execute(select(func.count()).where(calls.c.dead)).scalar_one()
    if dead:
        yield look(
            "calls",
            f"{dead} calls to your people did not go out, and were given up. Look at the page On "
            "call, and press Test there.",
        )
    else:
        yield ok("calls", "None was given up.")


def _desk(connection: Connection, now: float) -> Iterator[Finding]:
    before = int(now // 60) - WAITS_TOO_LONG_MINUTES
    old = (cases.c.closed_minute.is_(None), cases.c.minute < before)
    waiting = connection.execute(select(func.count()).where(*old)).scalar_one()
    if waiting:
        yield look(
            "desk",
            f"{waiting} cases wait for more than a day. A moderator looks at them on the page "
            "The desk.",
        )
    else:
        yield ok("desk", "No case waits for more than a day.")
