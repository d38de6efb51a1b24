"""What somebody may ask of one room, on however many pages; and what is kept of those who asked."""

import pytest

from moderation.budgets import COMMANDS_OF_A_PERSON, JOINS_OF_A_PERSON, TooFast
from rooms.arriving import Join
from rooms.presence import Leave
from rooms.refusals import Refused
from rooms.turns import LowerHand, RaiseHand
from server.live.host import Who
from server.live.purse import TIDIED_AT, Purse
from tests.server.live.house import ADA, House

JOIN = Join(pseudonym="Amber Finch")


async def test_a_hand_that_goes_up_and_down_by_forms_does_not_fill_the_room(house: House) -> None:
    await house.opens()
    page = await house.joins(ADA)
    codes = set()
    for n in range(100):
        try:
            await house.do(ADA, LowerHand() if n % 2 else RaiseHand())
        except Refused as refused:
            codes.add(refused.code)
    assert codes == {"too_fast"}
    await house.settles()
    assert len(page.events("HandRaised") + page.events("HandLowered")) < COMMANDS_OF_A_PERSON.burst
    house.hands.pass_(1)
    await house.do(ADA, RaiseHand() if len(page.events("HandRaised")) % 2 == 0 else LowerHand())


async def test_somebody_who_asked_for_too_much_can_still_leave(house: House) -> None:
    await house.opens()
    await house.joins(ADA)
    for _ in range(50):
        await house.refuses(ADA, LowerHand())
    assert (await house.refuses(ADA, LowerHand())).code == "too_fast"
    await house.do(ADA, Leave())
    assert "Amber Finch" not in await house.here()


def test_a_name_is_changed_less_often_than_anything_else() -> None:
    purse = Purse()
    for _ in range(int(JOINS_OF_A_PERSON.burst)):
        purse.spend(ADA.tag, JOIN, 0.0)
    with pytest.raises(TooFast):
        purse.spend(ADA.tag, JOIN, 0.0)
    purse.spend(ADA.tag, RaiseHand(), 0.0)


def test_people_who_are_new_each_time_leave_nothing_behind() -> None:
    purse = Purse()
    for n in range(20 * TIDIED_AT):
        purse.spend(Who(f"{n:064x}").tag, JOIN, n / 10)
    assert len(purse) <= TIDIED_AT + 2


def test_tidying_gives_nobody_a_new_budget() -> None:
    purse = Purse()
    for _ in range(int(JOINS_OF_A_PERSON.burst)):
        purse.spend(ADA.tag, JOIN, 0.0)
    for n in range(2 * TIDIED_AT):
        purse.spend(Who(f"{n:064x}").tag, JOIN, 1.0)
    with pytest.raises(TooFast):
        purse.spend(ADA.tag, JOIN, 1.0)
