"""What somebody may ask of one room, on however many pages; and what is kept of those who asked."""

import pytest

from moderation.actions import HideMessage
from moderation.alerts import ClaimAlert
from moderation.budgets import COMMANDS_OF_A_PERSON, JOINS_OF_A_PERSON, TooFast
from moderation.danger import NeedHelp, PutCardAway
from moderation.reporting import ReportIt, ReportWhy
from rooms.arriving import Join
from rooms.presence import Leave
from rooms.refusals import Refused
from rooms.speaking import Speak
from rooms.threads import AskForWord, SayPrivately
from rooms.turns import LowerHand, RaiseHand
from server.live.host import Who
from server.live.purse import TIDIED_AT, Purse, is_apart
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


async def test_somebody_who_asked_for_too_much_can_still_ask_for_help(house: House) -> None:
    await house.opens()
    page = await house.joins(ADA)
    for _ in range(50):
        await house.refuses(ADA, LowerHand())
    assert (await house.refuses(ADA, LowerHand())).code == "too_fast"
    await house.do(ADA, NeedHelp())
    await house.do(ADA, PutCardAway())
    await house.do(ADA, AskForWord())
    await house.settles()
    assert page.events("CardOffered") and page.events("CardPutAway") and page.events("YouAsked")


async def test_danger_in_words_that_came_too_fast_is_still_heard(house: House) -> None:
    fay = await house.opens()
    page = await house.joins(ADA)
    for _ in range(50):
        await house.refuses(ADA, LowerHand())
    refused = await house.refuses(ADA, Speak(text="I am going to kill myself tonight"))
    assert (refused.code, refused.help) == ("too_fast", 3)
    await house.settles()
    assert page.events("CardOffered") and fay.events("AlertRaised")


def test_reports_are_few_and_never_cost_a_word_to_the_room() -> None:
    purse = Purse()
    report = ReportIt(member=1, why=ReportWhy.HURTFUL, text="unkind")
    told = 0
    with pytest.raises(TooFast):
        for told in range(1_000):  # noqa: B007 - how many went through is what is asked
            purse.spend(ADA.tag, report, 0.0)
    assert 5 <= told <= 20
    purse.spend(ADA.tag, Speak(text="hello"), 0.0)
    purse.spend(ADA.tag, SayPrivately(other=1, text="hello"), 0.0)


def test_what_is_apart_is_the_crisis_path_and_nothing_else() -> None:
    assert all(map(is_apart, (NeedHelp(), ClaimAlert(member=1), AskForWord(), Leave())))
    hide = HideMessage(message=1, reason="a name")
    assert not any(map(is_apart, (Speak(text="a"), RaiseHand(), JOIN, hide)))
