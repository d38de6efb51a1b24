"""Staff who are in another room hear that an alert waits in one of theirs."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import pytest
from sqlalchemy import Connection, insert

from rooms.orders import TellElsewhere
from server.calling.elsewhere import Elsewhere
from server.people.tables import EVERY_ROOM, accounts, roles
from server.people.tags import AccountId
from tests.server.live.house import ADA, FAY, KIM, House, built
from tests.server.live.listener import Listener

HERE: Final = {7: FAY.tag, 8: KIM.tag}
"""What the room of the house knows two Accounts by."""
FAYS, KIMS = HERE
ALERT: Final = msgspec.json.encode(TellElsewhere(level=3, member=1))


@dataclass
class Two:
    """Two rooms: one that people are in, and one in which an alert waits."""

    house: House
    waits_in: str

    async def holds(self, account: AccountId, room: str, role: str = "facilitator") -> None:
        """Somebody has a role."""

        def hire(connection: Connection) -> None:
            connection.execute(
                insert(accounts).values(
                    id=account,
                    login=f"login{account}",
                    password_hash="",
                    totp_sealed=b"",
                    last_totp_step=0,
                )
            )
            connection.execute(insert(roles).values(account_id=account, room_id=room, role=role))

        await self.house.database.write(hire)

    async def tells(self, room: str = "") -> None:
        """The outbox carries the Order out."""

        def tag_of(account: AccountId, room: str) -> str:
            return HERE[account] if room == self.house.room else f"{account:064}"

        elsewhere = Elsewhere(self.house.database, self.house.hosts, tag_of)
        await elsewhere.tell(room or self.waits_in, ALERT)
        await self.house.settles()


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[Two]:
    async with built(tmp_path) as house:
        yield Two(house, await house.found("Plain Talk"))


def needed(page: Listener) -> list[dict[str, object]]:
    """What somebody's page heard of other rooms."""
    return page.events("NeededElsewhere")


@pytest.mark.parametrize("across", [False, True])
async def test_whoever_may_take_an_alert_hears_of_it_in_another_room(
    two: Two, across: bool
) -> None:
    room, role = (EVERY_ROOM, "moderator") if across else (two.waits_in, "facilitator")
    await two.holds(FAYS, room, role)
    fay = await two.house.opens()
    await two.tells()
    assert needed(fay) == [
        {"type": "NeededElsewhere", "to": fay.me, "room": two.waits_in, "level": 3}
    ]


async def test_nobody_else_hears_of_it_whatever_their_role_here(two: Two) -> None:
    await two.holds(FAYS, two.waits_in)
    await two.holds(KIMS, two.house.room)
    fay = await two.house.opens()
    kim, ada = await two.house.joins(KIM), await two.house.joins(ADA)
    before = list(ada.frames)
    await two.tells()
    assert len(needed(fay)) == 1
    assert needed(kim) == []
    assert ada.frames == before


async def test_somebody_who_is_not_connected_is_not_told(two: Two) -> None:
    await two.holds(FAYS, two.waits_in)
    fay = await two.house.opens()
    kim = await two.house.joins(KIM)
    await two.house.hangs_up(fay)
    before = two.house.hosts.all_live()
    heard = (await two.house.state()).n
    await two.tells()
    assert two.house.hosts.all_live() == before
    assert (await two.house.state()).n == heard
    assert needed(kim) == []


async def test_the_room_itself_is_told_by_its_own_rules_and_not_again(two: Two) -> None:
    await two.holds(FAYS, two.house.room)
    fay = await two.house.opens()
    await two.tells(two.house.room)
    assert needed(fay) == []
