"""What events leave beside the log: meetings in numbers, Sanctions, and an audit without words."""

from typing import Any

from sqlalchemy import Select, select

from moderation.actions import (
    HideMessage,
    MuteMember,
    ReadmitMember,
    RemoveMember,
    UnmuteMember,
)
from server.storage.tables import audit, meetings, sanctions
from tests.server.live.house import ADA, BO, FAY, START, House

REASON = "only-ada-reads-this"
MINUTE = int(START // 60)


async def rows(house: House, query: Select[Any]) -> list[Any]:
    return list(await house.database.read(lambda c: c.execute(query).all()))


async def sanctioned(house: House) -> list[tuple[int, str, int | None]]:
    s = sanctions.c
    query = select(s.member, s.kind, s.until_minute).order_by(s.n)
    return [tuple(row) for row in await rows(house, query)]


async def test_a_meeting_leaves_its_numbers_and_no_names(house: House) -> None:
    await house.opens()
    await house.joins(ADA)
    (opened,) = await rows(house, select(meetings))
    assert (opened.number, opened.opened_minute, opened.closed_minute) == (1, MINUTE, None)
    house.hands.pass_(3_600)
    await house.closes()
    (closed,) = await rows(house, select(meetings))
    assert (closed.closed_minute, closed.attendance) == (MINUTE + 60, 2)
    assert closed.delete_after == MINUTE + 60 + 24 * 60
    assert opened.first_n < closed.last_n <= (await house.state()).n


async def test_a_mute_stands_until_its_end_or_until_it_is_lifted(house: House) -> None:
    await house.opens()
    ada = await house.joins(ADA)
    mute = MuteMember(member=ada.me, minutes=5, reason=REASON)
    await house.do(FAY, mute)
    assert await sanctioned(house) == [(ada.me, "muted", MINUTE + 6)]
    await house.do(FAY, UnmuteMember(member=ada.me, reason=REASON))
    assert await sanctioned(house) == []
    await house.do(FAY, mute)
    await house.ticks(301)
    assert await sanctioned(house) == []


async def test_a_removal_stands_until_somebody_is_let_in_again(house: House) -> None:
    await house.opens()
    ada = await house.joins(ADA)
    await house.do(FAY, RemoveMember(member=ada.me, reason=REASON))
    assert await sanctioned(house) == [(ada.me, "removed", None)]
    await house.do(FAY, ReadmitMember(member=ada.me, reason=REASON))
    assert await sanctioned(house) == []


async def test_what_held_for_a_meeting_ends_with_it_and_a_mute_goes_on(house: House) -> None:
    await house.opens()
    ada, bo = await house.joins(ADA), await house.joins(BO)
    await house.do(FAY, MuteMember(member=bo.me, minutes=60, reason=REASON))
    await house.do(FAY, RemoveMember(member=ada.me, reason=REASON))
    assert len(await sanctioned(house)) == 2
    await house.closes()
    assert await sanctioned(house) == [(bo.me, "muted", MINUTE + 61)]


async def test_every_action_is_in_the_audit_and_none_of_its_words(house: House) -> None:
    await house.opens()
    ada = await house.joins(ADA)
    message = (await house.says(ADA, "Hello"))["room"]
    for action in (
        HideMessage(message=message, reason=REASON),
        MuteMember(member=ada.me, minutes=5, reason=REASON),
        UnmuteMember(member=ada.me, reason=REASON),
        RemoveMember(member=ada.me, reason=REASON),
        ReadmitMember(member=ada.me, reason=REASON),
    ):
        await house.do(FAY, action)
    found = await rows(house, select(audit).order_by(audit.c.n))
    assert [row.kind for row in found] == ["hide", "mute", "unmute", "remove", "readmit"]
    assert {row.until_minute for row in found} == {None, MINUTE + 6}
    assert len({row.actor for row in found}) == len({row.target for row in found}) == 1
    assert found[0].actor != found[0].target
    assert REASON not in str(found)
    assert str(ada.me) not in str(found)


async def test_a_refused_action_leaves_nothing(house: House) -> None:
    await house.opens()
    ada = await house.joins(ADA)
    await house.refuses(ADA, MuteMember(member=ada.me, minutes=5, reason=REASON))
    assert await rows(house, select(audit)) == await sanctioned(house) == []
