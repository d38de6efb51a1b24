"""What the doctor says about the people who are called, and about the calls."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Connection, insert, update

from rooms.orders import Call, CaseKind, PageOnCall, TellDesk
from server.assemble import Parts, assemble
from server.calling.shifts import Shift
from server.calling.tables import calls
from server.doctor import Finding, State, calling
from server.live.host import Clock
from server.people.accounts import Account
from server.people.tables import EVERY_ROOM, accounts, roles
from server.settings import Settings, read_settings

NOW = datetime(2027, 1, 15, 8, tzinfo=UTC).timestamp()
DAY = 86_400
STILL = Clock(lambda: NOW, lambda: NOW)
MOSS = Account(7, "moss", disabled=False)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folders = {"DATA_DIR": f"{tmp_path}/data", "KEYS_DIR": f"{tmp_path}/keys"}
    mail = {"SMTP_URL": "smtp://mail.example.org", "MAIL_FROM": "calls@example.org"}
    return read_settings({**folders, **mail})


@pytest.fixture
async def parts(settings: Settings) -> AsyncIterator[Parts]:
    async with assemble(settings, STILL) as made:
        await made.database.write(_moss_is_a_moderator)
        yield made


def _moss_is_a_moderator(connection: Connection) -> None:
    known = {"id": MOSS.id, "login": MOSS.login, "password_hash": "", "totp_sealed": b""}
    connection.execute(insert(accounts).values(**known, last_totp_step=0))
    held = {"account_id": MOSS.id, "room_id": EVERY_ROOM, "role": "moderator"}
    connection.execute(insert(roles).values(**held))


async def can_be_called(parts: Parts) -> None:
    await parts.database.write(lambda c: parts.contacts.add(c, MOSS.id, "mail", "moss@example.org"))


def about(findings: Sequence[Finding], subject: str) -> list[State]:
    return [finding.state for finding in findings if finding.subject == subject]


def said(findings: Sequence[Finding], subject: str) -> str:
    return " ".join(finding.sentence for finding in findings if finding.subject == subject)


async def test_without_any_way_to_call_people_the_doctor_says_which_settings(
    parts: Parts, tmp_path: Path
) -> None:
    bare = read_settings({"DATA_DIR": f"{tmp_path}/data", "KEYS_DIR": f"{tmp_path}/keys"})
    found = await calling.examine(parts.database, bare, NOW)
    assert about(found, "on call") == [State.look]
    assert "WEBHOOK_URL" in said(found, "on call")


async def test_an_empty_shift_plan_is_told(parts: Parts, settings: Settings) -> None:
    found = await calling.examine(parts.database, settings, NOW)
    assert about(found, "on call") == [State.look]


async def test_whoever_is_on_shift_and_cannot_be_called_is_told(
    parts: Parts, settings: Settings
) -> None:
    await parts.shifts.add(MOSS, EVERY_ROOM, 0, 9 * 60, 17 * 60)
    found = await calling.examine(parts.database, settings, NOW)
    assert about(found, "on call") == [State.look, State.ok]
    assert "in 0 of the week" in said(found, "on call")
    assert MOSS.login not in said(found, "on call"), "the doctor's words may be pasted anywhere"


async def test_the_hours_somebody_can_be_called_in_are_counted(
    parts: Parts, settings: Settings
) -> None:
    await can_be_called(parts)
    await parts.shifts.add(MOSS, EVERY_ROOM, 0, 9 * 60, 17 * 60)
    await parts.shifts.add(MOSS, EVERY_ROOM, 0, 16 * 60, 18 * 60)
    found = await calling.examine(parts.database, settings, NOW)
    assert about(found, "on call") == [State.ok]
    assert "in 9 of the week" in said(found, "on call")


def test_a_night_from_sunday_to_monday_is_counted_once() -> None:
    night = Shift(1, MOSS.id, MOSS.login, EVERY_ROOM, 6, 22 * 60, 6 * 60, reachable=True)
    minutes = calling.covered(iter([night, night]))
    assert len(minutes) == 8 * 60
    assert {0, 6 * 60 - 1, calling.MINUTES_OF_WEEK - 1} <= minutes
    assert 6 * 60 not in minutes


async def test_calls_that_were_given_up_are_told(parts: Parts, settings: Settings) -> None:
    assert about(await calling.examine(parts.database, settings, NOW), "calls") == [State.ok]
    await can_be_called(parts)
    await parts.shifts.add(MOSS, EVERY_ROOM, 4, 0, 23 * 60)
    page = msgspec.json.encode(PageOnCall(why=Call.ALERT, level=3))
    await parts.paging.page(parts.help_room, page)
    await parts.database.write(lambda c: c.execute(update(calls).values(dead=True)))
    assert about(await calling.examine(parts.database, settings, NOW), "calls") == [State.look]


async def test_a_case_nobody_looked_at_for_a_day_is_told(parts: Parts, settings: Settings) -> None:
    case = TellDesk(kind=CaseKind.CONCERN, about="Amber Finch", case=5, at=NOW)
    await parts.desk.lay(parts.help_room, msgspec.json.encode(case))
    assert about(await calling.examine(parts.database, settings, NOW), "desk") == [State.ok]
    late = await calling.examine(parts.database, settings, NOW + DAY + 120)
    assert about(late, "desk") == [State.look]
    assert "Amber Finch" not in said(late, "desk")
