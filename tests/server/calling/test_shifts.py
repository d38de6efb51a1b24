"""The shift plan: who is on call, hour by hour, in the time zone of the deployment."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete

from server.calling.shifts import MOST_SHIFTS, NotYourRoom, Shift, Shifts, ShiftUnusable
from server.people.accounts import Account
from server.people.tables import EVERY_ROOM, roles
from tests.server.calling.house import FRIDAY, UTC, Duty
from tests.server.storage.samples import OTHER_ROOM, ROOM

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MONDAY, SUNDAY = 0, 6


def covers(begins: str, ends: str, weekday: int, at: str, on: int = FRIDAY) -> bool:
    """Whether a shift of one day covers an hour of another."""
    shift = Shift(1, 1, "max", ROOM, on, minute(begins), minute(ends), reachable=True)
    return shift.covers(weekday, minute(at))


def minute(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def test_a_shift_begins_with_its_first_minute_and_ends_before_its_last() -> None:
    hours = ("08:59", "09:00", "16:59", "17:00")
    assert [covers("09:00", "17:00", FRIDAY, at) for at in hours] == [False, True, True, False]
    assert not covers("09:00", "17:00", FRIDAY + 1, "12:00")


def test_a_shift_across_midnight_goes_on_the_next_morning_and_no_other() -> None:
    assert covers("22:00", "06:00", FRIDAY, "22:00")
    assert covers("22:00", "06:00", FRIDAY + 1, "05:59")
    assert not covers("22:00", "06:00", FRIDAY + 1, "06:00")
    assert not covers("22:00", "06:00", FRIDAY, "05:59")
    assert not covers("22:00", "06:00", FRIDAY + 1, "22:00")


def test_the_night_from_sunday_to_monday_is_one_shift() -> None:
    assert covers("22:00", "06:00", SUNDAY, "23:59", on=SUNDAY)
    assert covers("22:00", "06:00", MONDAY, "05:59", on=SUNDAY)
    assert not covers("22:00", "06:00", MONDAY, "06:00", on=SUNDAY)
    assert not covers("22:00", "06:00", SUNDAY, "05:59", on=SUNDAY)


async def on_call_at(duty: Duty, shifts: Shifts, when: str, fold: int = 0) -> bool:
    """Whether somebody is on call when the clocks on the walls of Amsterdam show this."""
    local = datetime.fromisoformat(when).replace(tzinfo=AMSTERDAM, fold=fold)
    duty.now = local.timestamp()
    await shifts.refresh()
    return bool(shifts.on_shift(ROOM))


async def night_shift(duty: Duty, begins: int, ends: int) -> Shifts:
    """Max is on call in the nights from Saturday to Sunday, in Amsterdam."""
    shifts = duty.plan(AMSTERDAM)
    await shifts.add(await duty.hires("max"), ROOM, SUNDAY - 1, begins * 60, ends * 60)
    return shifts


async def test_a_night_in_which_the_clocks_go_forward_is_an_hour_shorter(duty: Duty) -> None:
    shifts = await night_shift(duty, 22, 6)
    assert not await on_call_at(duty, shifts, "2027-03-27 21:59")
    assert await on_call_at(duty, shifts, "2027-03-27 22:00")
    began = duty.now
    assert await on_call_at(duty, shifts, "2027-03-28 01:59")
    assert await on_call_at(duty, shifts, "2027-03-28 03:00")
    assert await on_call_at(duty, shifts, "2027-03-28 05:59")
    assert duty.now - began == (7 * 60 - 1) * 60
    assert not await on_call_at(duty, shifts, "2027-03-28 06:00")


async def test_a_night_in_which_the_clocks_go_back_has_no_hour_without_anybody(
    duty: Duty,
) -> None:
    shifts = await night_shift(duty, 22, 6)
    assert await on_call_at(duty, shifts, "2027-10-30 22:00")
    began = duty.now
    for fold in (0, 1):
        assert await on_call_at(duty, shifts, "2027-10-31 02:30", fold)
    assert await on_call_at(duty, shifts, "2027-10-31 05:59")
    assert duty.now - began == (9 * 60 - 1) * 60
    assert not await on_call_at(duty, shifts, "2027-10-31 06:00")


async def test_the_plan_is_read_in_the_time_zone_of_the_deployment(duty: Duty) -> None:
    max_ = await duty.hires("max")
    there, here = duty.plan(AMSTERDAM), duty.plan(UTC)
    await there.add(max_, ROOM, FRIDAY, 9 * 60, 10 * 60)  # 08:00 to 09:00 in universal time
    await here.refresh()
    assert (len(there.on_shift(ROOM)), len(here.on_shift(ROOM))) == (1, 0)
    duty.now += 3_600
    assert (len(there.on_shift(ROOM)), len(here.on_shift(ROOM))) == (0, 1)


# Whom the plan counts.


async def test_a_facilitator_is_on_call_for_their_room_and_a_moderator_for_all(
    duty: Duty,
) -> None:
    fay, max_ = await duty.hires("fay"), await duty.hires_above("max")
    await duty.on_shift(fay)
    await duty.on_shift(max_, EVERY_ROOM)
    assert [shift.login for shift in duty.shifts.on_shift(ROOM)] == ["fay", "max"]
    assert [shift.login for shift in duty.shifts.on_shift(OTHER_ROOM)] == ["max"]


@pytest.mark.parametrize("room", [OTHER_ROOM, EVERY_ROOM])
async def test_nobody_is_on_call_for_a_room_they_do_not_hold(duty: Duty, room: str) -> None:
    for account in (await duty.hires("fay"), await duty.hires_above("olu", "operator")):
        with pytest.raises(NotYourRoom):
            await duty.on_shift(account, room)
    assert duty.shifts.plan == []


async def test_whoever_lost_the_role_or_was_disabled_is_on_no_shift(duty: Duty) -> None:
    fay, kim = await duty.hires("fay"), await duty.hires("kim")
    for account in (fay, kim):
        await duty.on_shift(account)
    await duty.leaves(kim)
    await duty.database.write(
        lambda c: c.execute(delete(roles).where(roles.c.account_id == fay.id)).close()
    )
    assert duty.shifts.anybody(ROOM)
    duty.now += 59
    await duty.shifts.refresh_now_and_then()
    assert duty.shifts.anybody(ROOM)
    duty.now += 1
    await duty.shifts.refresh_now_and_then()
    assert not duty.shifts.anybody(ROOM)
    assert duty.shifts.plan == []


async def test_nobody_is_promised_who_cannot_be_reached(duty: Duty) -> None:
    max_ = await duty.hires("max", mail=False)
    await duty.on_shift(max_)
    assert len(duty.shifts.on_shift(ROOM)) == 1
    assert not duty.shifts.anybody(ROOM)
    await duty.reached_by(max_, "mail", "max@example.org")
    assert duty.shifts.anybody(ROOM)


async def test_an_address_the_operator_has_no_way_to_call_counts_for_nothing(duty: Duty) -> None:
    await duty.on_shift(await duty.hires("max"))
    for channels, reached in ((("mail",), True), (("push",), False), ((), False)):
        shifts = duty.plan(channels=channels)
        await shifts.refresh()
        assert shifts.anybody(ROOM) is reached


async def test_the_operators_service_reaches_whoever_is_on_shift(duty: Duty) -> None:
    shifts = duty.plan(always=True)
    assert not shifts.anybody(ROOM)
    await shifts.add(await duty.hires("max", mail=False), ROOM, FRIDAY, 360, 720)
    assert shifts.anybody(ROOM)


# Putting oneself in, and taking out.


@pytest.mark.parametrize(
    ("weekday", "begins", "ends"),
    [(7, 0, 60), (-1, 0, 60), (0, 60, 60), (0, 1_440, 60), (0, 0, 1_440), (0, -1, 60)],
)
async def test_a_shift_that_is_none_is_refused(
    duty: Duty, weekday: int, begins: int, ends: int
) -> None:
    max_ = await duty.hires("max")
    with pytest.raises(ShiftUnusable):
        await duty.shifts.add(max_, ROOM, weekday, begins, ends)
    assert duty.shifts.plan == []


async def test_nobody_fills_the_plan_without_end(duty: Duty) -> None:
    max_, kim = await duty.hires("max"), await duty.hires("kim")
    for begins in range(MOST_SHIFTS):
        await duty.shifts.add(max_, ROOM, MONDAY, begins, 1_439)
    with pytest.raises(ShiftUnusable):
        await duty.on_shift(max_)
    await duty.on_shift(kim)
    assert len(duty.shifts.plan) == MOST_SHIFTS + 1


async def removed_by(duty: Duty, account: Account, *, anybody: bool) -> bool:
    """Whether the first shift of the plan is gone when this person takes it out."""
    before = len(duty.shifts.plan)
    await duty.shifts.remove(account, duty.shifts.plan[0].id, anybody=anybody)
    return len(duty.shifts.plan) < before


async def test_people_take_out_their_own_shifts_and_moderators_any(duty: Duty) -> None:
    fay, kim = await duty.hires("fay"), await duty.hires("kim")
    for _ in range(2):
        await duty.on_shift(fay)
    assert not await removed_by(duty, kim, anybody=False)
    assert await removed_by(duty, fay, anybody=False)
    assert await removed_by(duty, kim, anybody=True)


async def test_the_plan_stands_in_the_order_of_the_week(duty: Duty) -> None:
    fay, kim = await duty.hires("fay"), await duty.hires("kim")
    for account, weekday, begins in ((kim, 6, 0), (kim, 0, 600), (fay, 0, 600), (fay, 0, 60)):
        await duty.shifts.add(account, ROOM, weekday, begins, 0 if begins else 60)
    plan = [(shift.weekday, shift.begins, shift.login) for shift in duty.shifts.plan]
    assert plan == [(0, 60, "fay"), (0, 600, "fay"), (0, 600, "kim"), (6, 0, "kim")]


async def test_the_plan_is_there_again_after_a_restart(duty: Duty) -> None:
    await duty.on_shift(await duty.hires("max"))
    fresh = duty.plan()
    assert fresh.plan == []
    await fresh.refresh()
    assert fresh.anybody(ROOM)
