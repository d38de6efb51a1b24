"""The desk as a page: what is known of each case, and never for whom it is about."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from httpx2 import AsyncClient
from sqlalchemy import select

from moderation.danger import NoteDanger
from moderation.reporting import RaiseConcern, ReportIt, ReportWhy
from rooms.arriving import Join
from rooms.meetings import CloseMeeting
from rooms.on_call import ComeOnCall
from rooms.room import Role
from rooms.safety import Category, Danger, Reason, Subject
from server.calling.desk import KEPT, Decision
from server.live.host import Who
from server.people.tables import EVERY_ROOM
from server.storage.tables import audit
from tests.web.duty import above, account_of, built, does, forms_of, member
from tests.web.house import FAY, House
from tests.web.test_live import shown
from web.pages.cases import PAGE

ADA = Who("ad" * 32)
WORDS = "They laughed at me, <b>again</b>."


@pytest.fixture
async def quiet(tmp_path: Path) -> AsyncIterator[House]:
    """A house with an open meeting, Ada in it, and a clock that stands still."""
    async with built(tmp_path) as house:
        await house.open_meeting()
        await does(house, ADA, Join(pseudonym="Quiet Heron"))
        yield house


async def desk(house: House, browser: AsyncClient) -> str:
    """What the desk shows, once all that was laid on it has arrived."""
    await house.parts.wakes.deliver()
    answer = await browser.get(PAGE)
    assert answer.status_code == 200, answer.headers
    return shown(answer.text)


async def reports(house: House, about: str = "Brave Otter", text: str = WORDS) -> None:
    """Ada reports somebody with a role."""
    whom = await member(house, about)
    await does(house, ADA, ReportIt(why=ReportWhy.HURTFUL, member=whom, text=text))


def danger(level: int) -> NoteDanger:
    """What the Screen says of grave words."""
    because = (Reason(concept="wants-to-die", says="wants to die"),)
    return NoteDanger(
        danger=Danger(level=level, category=Category.SUICIDE, subject=Subject.SELF, because=because)
    )


# What is there.


async def test_an_empty_desk_says_that_nothing_needs_a_person(quiet: House) -> None:
    assert "Nothing needs a person right now." in await desk(quiet, await above(quiet, "max"))


async def test_the_desk_lists_a_report_with_all_that_is_known_and_not_who_made_it(
    quiet: House,
) -> None:
    await reports(quiet)
    await quiet.parts.wakes.deliver()
    page = await desk(quiet, await above(quiet, "max"))
    assert "A report about somebody with a role" in page
    assert "15 January, 08:00 UTC" in page
    assert "Tuesday Lantern" in page
    assert "About Brave Otter hurtful" in page
    assert WORDS in page
    assert "Heron" not in page


async def test_the_desk_lists_worry_about_staff_and_their_own_danger(quiet: House) -> None:
    await does(quiet, ADA, RaiseConcern(member=await member(quiet, "Brave Otter")))
    await quiet.parts.hosts.note(quiet.card.id, FAY, danger(3), "a-key-of-danger")
    page = await desk(quiet, await above(quiet, "max"))
    assert "A worry about somebody with a role" in page
    assert "Somebody with a role may need help" in page
    assert "Emergency About Brave Otter" in page
    assert "wants to die" not in page


async def test_a_concern_that_nobody_looked_at_lies_there_after_the_meeting(
    quiet: House,
) -> None:
    await quiet.parts.hosts.note(quiet.card.id, ADA, danger(1), "a-key-of-danger")
    await does(quiet, FAY, CloseMeeting(hand_over=True))
    page = await desk(quiet, await above(quiet, "max"))
    assert "A concern nobody looked at before the meeting ended" in page
    assert "Concern About Quiet Heron" in page


async def test_a_report_that_nobody_looked_at_is_no_concern_also_once_its_words_are_gone(
    quiet: House,
) -> None:
    bo = Who("b0" * 32)
    await does(quiet, bo, Join(pseudonym="Loud Goose"))
    await reports(quiet, "Loud Goose")
    await does(quiet, FAY, CloseMeeting(hand_over=True))
    for login in ("max", "kim"):
        page = await desk(quiet, await above(quiet, login))
        assert "A report nobody looked at before the meeting ended" in page
        assert "A concern nobody" not in page
        assert ("hurtful" in page) == (login == "max")
        quiet.wall.now += (KEPT + timedelta(days=1)).total_seconds()
        await quiet.parts.wakes.sweep()


async def test_a_case_about_somebody_else_says_so(quiet: House) -> None:
    other = NoteDanger(danger=Danger(level=2, subject=Subject.OTHER, category=Category.OVERDOSE))
    await quiet.parts.hosts.note(quiet.card.id, FAY, other, "a-key-of-danger")
    page = await desk(quiet, await above(quiet, "max"))
    assert "Level 2 About Brave Otter. It is about somebody else." in page


@pytest.mark.parametrize(
    ("why", "says"),
    [
        (ReportWhy.HURTFUL, "hurtful"),
        (ReportWhy.CONTACT, "asks for contact"),
        (ReportWhy.OUTING, "says who somebody is"),
        (ReportWhy.SOURCING, "buying or selling"),
        (ReportWhy.OTHER, "something else"),
    ],
)
async def test_a_report_says_what_it_is_about(quiet: House, why: ReportWhy, says: str) -> None:
    await does(quiet, ADA, ReportIt(why=why, member=await member(quiet, "Brave Otter")))
    assert f"About Brave Otter {says}" in await desk(quiet, await above(quiet, "max"))


async def test_the_words_of_a_case_cannot_break_the_page(quiet: House) -> None:
    await reports(quiet)
    await quiet.parts.wakes.deliver()
    page = await (await above(quiet, "max")).get(PAGE)
    assert "&lt;b&gt;again&lt;/b&gt;" in page.text


async def test_the_words_are_gone_after_ninety_days_and_the_page_says_so(quiet: House) -> None:
    await reports(quiet)
    max_ = await above(quiet, "max")
    assert WORDS in await desk(quiet, max_)
    quiet.wall.now += (KEPT + timedelta(days=1)).total_seconds()
    await quiet.parts.wakes.sweep()
    cases = await quiet.parts.desk.read((await account_of(quiet, "max")).id)
    assert [case.words for case in cases] == [None]
    page = await desk(quiet, await above(quiet, "kim"))
    assert "The words of this case are gone, as promised." in page
    assert "About" not in page.partition("Help, without")[0].partition("A report")[2]


# Who reads it.


async def test_nobody_but_a_moderator_reads_the_desk(quiet: House) -> None:
    await reports(quiet)
    await quiet.parts.wakes.deliver()
    fay, _ = await quiet.staff("fay")
    for browser in (quiet.browser(), fay, await above(quiet, "olu", "operator")):
        answer = await browser.get(PAGE)
        assert (answer.status_code, answer.headers["location"]) == (303, "/staff")
        assert "The desk" not in (await browser.get("/staff")).text
        await browser.post(f"{PAGE}/close", data={"case": "1", "decision": "dealt_with"})
    assert await quiet.parts.desk.waiting() == 1


async def test_a_facilitator_never_reads_a_report_about_themselves(quiet: House) -> None:
    lamp, _ = await quiet.staff("lamp")
    account = await account_of(quiet, "lamp")
    who = Who(quiet.parts.staff_tag(account.id, quiet.card.id), Role.FACILITATOR)
    await does(quiet, who, Join(pseudonym="Kind Lamp"))
    await reports(quiet, "Kind Lamp", "A needle about Kind Lamp.")
    await quiet.parts.wakes.deliver()
    for path in (PAGE, "/staff", "/staff/on-call", f"{quiet.room}/live?as=staff"):
        assert "needle" not in (await lamp.get(path)).text


async def test_the_desk_never_shows_a_case_to_the_person_it_is_about(quiet: House) -> None:
    max_ = await above(quiet, "max")
    account = await account_of(quiet, "max")
    who = Who(quiet.parts.staff_tag(account.id, quiet.card.id), Role.MODERATOR)
    await does(quiet, who, ComeOnCall(pseudonym="Grey Heron"))
    await reports(quiet, "Grey Heron", "A needle about Grey Heron.")
    assert "needle" in await desk(quiet, await above(quiet, "kim"))
    assert "needle" not in await desk(quiet, max_)


async def test_a_moderator_who_lost_the_role_reads_nothing_more(quiet: House) -> None:
    max_ = await above(quiet, "max")
    account, accounts = await account_of(quiet, "max"), quiet.parts.accounts
    await accounts.take_role(account.id, EVERY_ROOM, "moderator")
    assert (await max_.get(PAGE)).status_code == 303


async def test_every_reading_is_written_down_and_says_so(quiet: House) -> None:
    await reports(quiet)
    max_ = await above(quiet, "max")
    page = await desk(quiet, max_)
    assert "Only moderators read this, each reading is recorded" in page
    await max_.get(PAGE)
    query = select(audit.c.kind).where(audit.c.kind.like("case%"))
    kinds = await quiet.parts.database.read(lambda c: list(c.scalars(query)))
    assert kinds == ["cases_read", "cases_read"]


# Closing.


@pytest.mark.parametrize(
    ("decision", "said"),
    [
        (Decision.DEALT_WITH, "Dealt with."),
        (Decision.PASSED_ON, "Passed on."),
        (Decision.NOTHING_TO_DO, "There was nothing to do."),
    ],
)
async def test_a_moderator_closes_a_case_with_what_was_decided(
    quiet: House, decision: Decision, said: str
) -> None:
    await reports(quiet)
    max_ = await above(quiet, "max")
    await desk(quiet, max_)
    assert "The desk: 1 open" in shown((await max_.get("/staff")).text)
    page = await max_.get(PAGE)
    assert forms_of(page) == [f"{PAGE}/close"]
    [case] = await quiet.parts.desk.read((await account_of(quiet, "max")).id)
    form = {"case": str(case.id), "decision": decision.value}
    assert (await max_.post(f"{PAGE}/close", data=form)).status_code == 303
    page = await max_.get(PAGE)
    assert said in shown(page.text)
    assert forms_of(page) == []
    assert "The desk: 0 open" in shown((await max_.get("/staff")).text)


@pytest.mark.parametrize(
    "wrong",
    [{"case": ""}, {"case": "x"}, {"case": "9" * 40}, {"case": "99"}, {"decision": "burnt"}],
)
async def test_a_form_made_by_hand_closes_nothing(quiet: House, wrong: dict[str, str]) -> None:
    await reports(quiet)
    max_ = await above(quiet, "max")
    await desk(quiet, max_)
    form = {"case": "1", "decision": "dealt_with"} | wrong
    assert (await max_.post(f"{PAGE}/close", data=form)).status_code == 303
    assert await quiet.parts.desk.waiting() == 1
