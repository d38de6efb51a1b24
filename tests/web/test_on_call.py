"""The page of those on call: what waits, who is on shift, and how they are reached."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx2 import AsyncClient
from sqlalchemy import func, select
from starlette.routing import Route

from moderation.danger import NeedHelp
from moderation.reporting import ReportIt, ReportWhy
from rooms.arriving import Join
from rooms.presence import Lost
from rooms.room import MemberId
from rooms.safety import Alert
from server.calling.paging import ATTEMPTS
from server.calling.tables import contacts, shifts
from server.live.host import Who
from server.people.tables import EVERY_ROOM
from tests.server.calling.receivers import Browser, MailReceiver, WebReceiver
from tests.web.duty import (
    FRIDAY,
    above,
    account_of,
    built,
    does,
    forms_of,
    mails,
    member,
    on_shift,
    reached_by_mail,
    ready,
    with_mail,
)
from tests.web.house import House
from tests.web.test_live import at_table, holding, live, shown
from web.pages import cases, naming, on_call, person
from web.pages.on_call import PAGE

ADA = Who("ad" * 32)
PHONE = Browser("https://push.example.net/phone")
Called = tuple[House, MailReceiver]


@pytest.fixture
async def called(tmp_path: Path) -> AsyncIterator[Called]:
    """A house that calls people by mail."""
    async with with_mail(tmp_path) as called:
        yield called


async def page_of(browser: AsyncClient) -> str:
    """What the page says to somebody."""
    answer = await browser.get(PAGE)
    assert answer.status_code == 200, answer.headers
    return shown(answer.text)


async def in_danger(house: House, pseudonym: str = "Quiet Heron", who: Who = ADA) -> MemberId:
    """Somebody in the open meeting presses "I need help now"."""
    await does(house, who, Join(pseudonym=pseudonym))
    await does(house, who, NeedHelp())
    return await member(house, pseudonym)


async def alert(house: House) -> Alert:
    """The one open alert of the house's room."""
    [found] = (await house.parts.hosts.host(house.card.id)).room.staff.alerts.values()
    return found


async def acts(house: House, browser: AsyncClient, verb: str, **fields: str) -> int:
    """A form of the live page, sent by staff; its status."""
    form = {"as": "staff"} | fields
    return (await browser.post(f"{house.room}/live/{verb}", data=form)).status_code


# Who sees it.


def posts(house: House) -> list[str]:
    """Where every form of these pages goes."""
    routes = [*on_call.routes(house.parts), *cases.routes(house.parts)]
    routes += person.routes(house.parts, {})
    found = [r.path for r in routes if isinstance(r, Route) and "POST" in (r.methods or ())]
    assert len(found) == 9
    return found


async def test_a_stranger_cannot_see_the_staff_pages_and_no_form_does_anything(
    house: House,
) -> None:
    guest = house.browser()
    await house.open_meeting()
    await guest.get(f"{house.room}/join")
    for browser in (house.browser(), guest):
        for path in (PAGE, cases.PAGE):
            answer = await browser.get(path)
            assert (answer.status_code, answer.headers["location"]) == (303, "/staff")
        for path in posts(house):
            if path.startswith("/staff"):
                form = {"room": house.card.id, "address": "a@example.org", "weekday": "1"}
                answer = await browser.post(path, data=form)
                assert (answer.status_code, answer.headers["location"]) == (303, "/staff"), path
    assert await rows(house) == (0, 0)


async def rows(house: House) -> tuple[int, int]:
    """How many shifts and ways to reach people there are."""
    counts = [select(func.count()).select_from(table) for table in (shifts, contacts)]
    first, second = [
        await house.parts.database.read(lambda c, q=q: c.execute(q).scalar_one())  # type: ignore[misc]
        for q in counts
    ]
    return first, second


@pytest.mark.parametrize("site", ["cross-site", "same-site", None])
async def test_no_form_can_be_sent_from_another_site(called: Called, site: str | None) -> None:
    house, _ = called
    max_ = await ready(house, "max")
    before = await rows(house)
    if site is None:
        del max_.headers["Sec-Fetch-Site"]
        max_.headers["Origin"] = "https://elsewhere.example"
    else:
        max_.headers["Sec-Fetch-Site"] = site
    for path in posts(house):
        form = {"shift": "1", "address": "evil@example.org", "room": EVERY_ROOM}
        assert (await max_.post(path, data=form)).status_code == 403, path
    assert await rows(house) == before


async def test_a_facilitator_sees_their_room_and_no_other(called: Called) -> None:
    house, _ = called
    other = await house.parts.directory.create_room("Plain Talk", "Another.", "Open talk.")
    await house.parts.wakes.deliver()
    max_ = await above(house, "max")
    await on_shift(max_, other.id)
    house.card, card = other, house.card
    await house.open_meeting()
    await in_danger(house)
    house.card = card
    assert "Emergency: Plain Talk" in await page_of(max_)
    fay, _ = await house.staff("fay")
    page = await page_of(fay)
    assert "Nobody waits now." in page
    assert house.card.name in page
    assert "Plain Talk" not in page
    assert "max" not in page
    form = {"room": other.id, "weekday": FRIDAY, "begins": "10:00", "ends": "11:00"}
    answer = await fay.post(f"{PAGE}/shifts", data=form)
    assert answer.status_code == 422
    assert "You can be on call for rooms you hold" in shown(answer.text)
    come = await fay.post(f"{PAGE}/come", data={"room": other.id})
    assert (come.status_code, come.headers["location"]) == (303, "/staff")


async def test_a_moderator_looks_after_every_room_and_after_people_from_help(
    called: Called,
) -> None:
    house, _ = called
    page = await page_of(await above(house, "max"))
    for name in (house.card.name, "Help, without a meeting", "every room"):
        assert name in page


async def test_an_operator_who_is_called_when_nobody_comes_finds_where_to_say_how(
    called: Called,
) -> None:
    house, _ = called
    olu = await above(house, "olu", "operator")
    assert f'href="{PAGE}"' in (await olu.get("/staff")).text


# What waits.


async def test_an_alert_stands_there_with_level_and_minutes_and_nothing_of_anybody(
    called: Called,
) -> None:
    house, _ = called
    max_ = await above(house, "max")
    assert "Nobody waits now." in await page_of(max_)
    await house.open_meeting()
    await in_danger(house)
    house.wall.now += 7 * 60
    page = await max_.get(PAGE)
    assert "Emergency: Tuesday Lantern Waiting for 7 minutes" in shown(page.text)
    assert "Heron" not in page.text
    assert ADA.tag not in page.text


async def test_whoever_comes_is_seen_by_the_facilitators_and_not_by_the_group(
    called: Called,
) -> None:
    house, _ = called
    max_ = await above(house, "max")
    await house.open_meeting()
    bo = await at_table(house, "North Window")
    await in_danger(house)
    answer = await max_.post(f"{PAGE}/come", data={"room": house.card.id})
    assert answer.headers["location"] == f"{house.room}/live?as=staff"
    room = (await house.parts.hosts.host(house.card.id)).room
    [came] = room.staff.on_call.values()
    assert came.pseudonym != "max"
    assert "Quiet Heron" in shown(await live(house, max_, "?as=staff"))
    assert came.pseudonym not in await live(house, bo)
    assert "North Window" not in await live(house, max_, "?as=staff")


@pytest.mark.parametrize("key", ["", "the-same-key"])
async def test_whoever_comes_twice_is_there_once(called: Called, key: str) -> None:
    house, _ = called
    max_ = await above(house, "max")
    await house.open_meeting()
    for _ in range(2):
        answer = await max_.post(f"{PAGE}/come", data={"room": house.card.id, "key": key})
        assert answer.headers["location"] == f"{house.room}/live?as=staff"
    assert len((await house.parts.hosts.host(house.card.id)).room.staff.on_call) == 1


async def test_a_name_that_is_taken_keeps_nobody_from_coming(
    called: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, _ = called
    max_ = await above(house, "max")
    await house.open_meeting()
    monkeypatch.setattr(naming, "suggestions", lambda count: ["Brave Otter", "Kind Lamp"])
    await max_.post(f"{PAGE}/come", data={"room": house.card.id})
    room = (await house.parts.hosts.host(house.card.id)).room
    assert [one.pseudonym for one in room.staff.on_call.values()] == ["Kind Lamp"]


async def test_the_first_to_accept_has_it_and_the_page_says_so(called: Called) -> None:
    house, _ = called
    max_, kim = await above(house, "max"), await above(house, "kim")
    await house.open_meeting()
    ada = str(await in_danger(house))
    for browser in (max_, kim):
        await browser.post(f"{PAGE}/come", data={"room": house.card.id})
    assert await acts(house, max_, "claim", member=ada) == 303
    owner = (await alert(house)).owner
    assert await acts(house, kim, "claim", member=ada) == 409
    assert (await alert(house)).owner == owner
    assert "Somebody has it." in await page_of(kim)
    assert "Waiting for" not in await page_of(kim)


async def test_an_alert_handed_to_whoever_is_on_call_is_taken_by_the_first(
    called: Called,
) -> None:
    house, mailbox = called
    kim, max_ = await ready(house, "kim"), await ready(house, "max")
    lamp = await holding(house)
    await house.open_meeting()
    ada = str(await in_danger(house))
    assert await acts(house, lamp, "claim", member=ada) == 303
    fields = {"member": ada, "to": "1", "summary": "She is alone"}
    assert await acts(house, lamp, "hand-over", **fields) == 303
    sentence = "An alert in Tuesday Lantern is being handed over to whoever is on call."
    assert await mails(house, mailbox) == [("kim", sentence), ("max", sentence)]
    for browser in (kim, max_):
        await browser.post(f"{PAGE}/come", data={"room": house.card.id})
    taken = [await acts(house, who, "accept-alert", member=ada) for who in (max_, kim)]
    assert taken == [303, 409]


async def test_the_gravest_and_then_the_longest_wait_stands_first(called: Called) -> None:
    house, _ = called
    max_ = await above(house, "max")
    await house.open_meeting()
    other = await house.parts.directory.create_room("Plain Talk", "Another.", "Open talk.")
    await house.parts.wakes.deliver()
    await in_danger(house)
    house.wall.now += 120
    house.card, card = other, house.card
    await house.open_meeting()
    await in_danger(house)
    house.card = card
    await in_danger(house, "North Window", Who("b0" * 32))
    staff = (await house.parts.hosts.host(card.id)).room.staff
    staff.alerts[await member(house, "North Window")].level = 2
    heads = re.findall(r"(Emergency|Level 2): ([A-Z]\w+)", await page_of(max_))
    assert heads == [("Emergency", "Tuesday"), ("Emergency", "Plain"), ("Level 2", "Tuesday")]


# The plan.


async def test_somebody_puts_themselves_into_the_plan_and_takes_themselves_out(
    called: Called,
) -> None:
    house, _ = called
    fay, _ = await house.staff("fay")
    page = await page_of(fay)
    assert "Nobody is in the plan." in page
    await on_shift(fay, house.card.id, "22:00", "06:30")
    page = await page_of(fay)
    assert "fay Friday, 22:00 – 06:30 Tuesday Lantern. Cannot be called yet." in page
    await reached_by_mail(fay, "fay")
    assert "Cannot be called yet." not in await page_of(fay)
    [shift] = house.parts.shifts.plan
    await fay.post(f"{PAGE}/shifts/remove", data={"shift": str(shift.id)})
    assert "Nobody is in the plan." in await page_of(fay)


async def test_whoever_holds_a_room_sees_who_is_on_call_for_every_room(called: Called) -> None:
    house, _ = called
    await ready(house, "max")
    fay, _ = await house.staff("fay")
    page = await page_of(fay)
    assert "Nobody is in the plan." not in page
    assert "Friday, 06:00 – 20:00 every room" in page


async def test_only_a_moderator_takes_somebody_else_out_of_the_plan(called: Called) -> None:
    house, _ = called
    fay, _ = await house.staff("fay")
    bo, _ = await house.staff("bo")
    await on_shift(fay, house.card.id)
    [shift] = house.parts.shifts.plan
    assert f"{PAGE}/shifts/remove" not in forms_of(await bo.get(PAGE))
    for browser, left in ((bo, 1), (await above(house, "max"), 0)):
        await browser.post(f"{PAGE}/shifts/remove", data={"shift": str(shift.id)})
        assert len(house.parts.shifts.plan) == left


async def test_the_plan_says_which_clock_it_means(tmp_path: Path) -> None:
    async with built(tmp_path, TIMEZONE="Europe/Amsterdam") as house:
        fay, _ = await house.staff("fay")
        assert "Times are those of Europe/Amsterdam." in await page_of(fay)


@pytest.mark.parametrize(
    "wrong",
    [
        {"weekday": "7"},
        {"weekday": "-1"},
        {"weekday": "Friday"},
        {"weekday": "9" * 40},
        {"begins": ""},
        {"begins": "25:00"},
        {"begins": "10:0"},
        {"begins": "010:00"},
        {"begins": "11:00"},
        {"ends": "24:00"},
        {"ends": "11"},
        {"ends": "１１:00"},
    ],
)
async def test_a_shift_made_by_hand_gets_a_sentence_and_no_fault(
    called: Called, wrong: dict[str, str]
) -> None:
    house, _ = called
    fay, _ = await house.staff("fay")
    form = {"room": house.card.id, "weekday": "1", "begins": "10:00", "ends": "11:00"} | wrong
    answer = await fay.post(f"{PAGE}/shifts", data=form)
    assert answer.status_code == 422
    assert "Choose a day, a beginning and an end that are different." in shown(answer.text)
    assert house.parts.shifts.plan == []
    for shift in ("", "x", "9" * 40):
        answer = await fay.post(f"{PAGE}/shifts/remove", data={"shift": shift})
        assert answer.status_code == 303


# How one is called.


async def test_somebody_gives_an_address_and_takes_it_away(called: Called) -> None:
    house, _ = called
    fay, _ = await house.staff("fay")
    assert "You cannot be called yet." in await page_of(fay)
    wrong = await fay.post(f"{PAGE}/mail", data={"address": "fay at home"})
    assert wrong.status_code == 422
    assert "That is not an address we can write to." in shown(wrong.text)
    await reached_by_mail(fay, "fay")
    page = await fay.get(PAGE)
    assert "fay@example.org" in shown(page.text)
    assert "You cannot be called yet." not in shown(page.text)
    contact = re.search(r'name="contact" value="([0-9a-f]+)"', page.text)
    assert contact
    bo, _ = await house.staff("bo")
    for browser, left in ((bo, 1), (fay, 0)):
        await browser.post(f"{PAGE}/contacts/remove", data={"contact": contact[1]})
        assert (await rows(house))[1] == left


async def test_nobody_reads_where_somebody_else_is_called(called: Called) -> None:
    house, _ = called
    max_ = await ready(house, "max")
    fay, _ = await house.staff("fay")
    for browser in (fay, await above(house, "kim")):
        assert "max@example.org" not in (await browser.get(PAGE)).text
    assert "max@example.org" in (await max_.get(PAGE)).text


async def test_mail_says_what_a_call_says_and_who_can_see_it(called: Called) -> None:
    house, _ = called
    fay, _ = await house.staff("fay")
    page = await page_of(fay)
    assert "A call says level and room, and never a word of anybody." in page
    assert "Whoever carries your mail can see it." in page


async def test_web_push_is_off_by_default(house: House) -> None:
    fay, _ = await house.staff("fay")
    page = await fay.get(PAGE)
    assert "data-push" not in page.text
    assert f"{PAGE}/push" not in page.text
    assert "have set up no way to call anybody" in shown(page.text)


@pytest.mark.parametrize("channel", ["mail", "push"])
async def test_nobody_leaves_an_address_where_no_call_would_go(house: House, channel: str) -> None:
    fay, _ = await house.staff("fay")
    answer = await fay.post(f"{PAGE}/{channel}", data={"address": "fay@example.org"})
    assert answer.status_code == 422
    assert "This server calls nobody that way." in shown(answer.text)
    assert (await rows(house))[1] == 0


async def test_web_push_says_its_cost_before_a_browser_is_asked(tmp_path: Path) -> None:
    async with built(tmp_path, WEB_PUSH="true") as house:
        fay, _ = await house.staff("fay")
        page = await fay.get(PAGE)
        assert house.parts.push_key is not None
        assert f'data-push="{house.parts.push_key.public}" hidden>' in page.text
        cost = page.text.partition('id="push-cost">')[2].partition("</p>")[0]
        assert "The company behind your browser then learns" in cost
        assert "and when it is called" in cost
        assert 'aria-describedby="push-cost"' in page.text


async def test_a_browser_that_may_be_called_is_kept_without_saying_which(tmp_path: Path) -> None:
    async with built(tmp_path, WEB_PUSH="true") as house:
        fay, _ = await house.staff("fay")
        answer = await fay.post(f"{PAGE}/push", data={"address": "no subscription"})
        assert answer.status_code == 422
        answer = await fay.post(f"{PAGE}/push", data={"address": PHONE.subscription()})
        assert answer.status_code == 303
        page = await fay.get(PAGE)
        assert "A browser Take away" in shown(page.text)
        assert "push.example.net" not in page.text


async def test_without_script_nothing_is_offered_that_needs_one(tmp_path: Path) -> None:
    async with with_mail(tmp_path, WEB_PUSH="true") as (house, _):
        max_ = await ready(house, "max")
        page = await max_.get(PAGE)
        assert set(forms_of(page)) == {
            f"{PAGE}/shifts",
            f"{PAGE}/shifts/remove",
            f"{PAGE}/mail",
            f"{PAGE}/contacts/remove",
            f"{PAGE}/test",
        }
        assert "Call this browser" not in shown(page.text)
        assert not re.search(r"<button[^>]*\bdisabled|\bonclick", page.text)


async def test_the_test_button_calls_oneself_and_says_what_to_expect(called: Called) -> None:
    house, mailbox = called
    await ready(house, "max")
    fay, _ = await house.staff("fay")
    assert "Send me a test" not in await page_of(fay)
    await reached_by_mail(fay, "fay")
    assert "Send me a test" in await page_of(fay)
    answer = await fay.post(f"{PAGE}/test", data={})
    said = await fay.get(answer.headers["location"].partition("#")[0])
    assert "It is on its way. If nothing comes within two minutes, look below" in shown(said.text)
    assert await mails(house, mailbox) == [
        ("fay", "This is a test. Calls from Help reach you here.")
    ]


async def test_a_webhook_stands_for_everybody_and_is_tested_too(tmp_path: Path) -> None:
    async with WebReceiver() as service:
        settings = {"WEBHOOK_URL": service.address, "WEBHOOK_SECRET": "s" * 24}
        async with built(tmp_path, **settings) as house:
            fay, _ = await house.staff("fay")
            await on_shift(fay, house.card.id)
            page = await page_of(fay)
            assert "Calls go to the service that the people who run this server have" in page
            assert "Cannot be called yet." not in page
            await fay.post(f"{PAGE}/test", data={})
            await house.parts.wakes.deliver()
    assert [post.json()["why"] for post in service.posts] == ["test"]


async def test_a_call_that_was_given_up_stands_on_the_page(called: Called) -> None:
    house, mailbox = called
    max_ = await ready(house, "max")
    mailbox.refuses = "451 later"
    await max_.post(f"{PAGE}/test", data={})
    assert "Calls that did not go out" not in await page_of(max_)
    await house.parts.wakes.deliver()
    assert "mail: tried 1 time, and goes on" in await page_of(max_)
    for _ in range(ATTEMPTS):
        house.wall.now += 300
        await house.parts.wakes.deliver()
        await max_.get("/staff")  # they stay signed in
    assert f"mail: given up after {ATTEMPTS} attempts" in await page_of(max_)


# What a room asks for, all the way to a mail.


async def test_an_alert_with_no_facilitator_connected_calls_whoever_is_on_shift(
    called: Called,
) -> None:
    house, mailbox = called
    await ready(house, "max")
    fay, _ = await house.staff("fay")
    await reached_by_mail(fay, "fay")
    await house.open_meeting()
    facilitator = await member(house, "Brave Otter")
    await house.parts.hosts.order(house.card.id, Lost(member=facilitator))
    await in_danger(house)
    assert await mails(house, mailbox) == [
        ("max", "Level 3 alert in Tuesday Lantern. Nobody has taken it yet.")
    ]


async def test_a_report_about_somebody_on_shift_does_not_reach_them(called: Called) -> None:
    house, mailbox = called
    await ready(house, "max")
    lamp = await holding(house)
    await reached_by_mail(lamp, "lamp")
    await on_shift(lamp, house.card.id)
    await acts(house, lamp, "open", mode="open")
    await does(house, ADA, Join(pseudonym="Quiet Heron"))
    about = await member(house, "Kind Lamp")
    await does(house, ADA, ReportIt(why=ReportWhy.HURTFUL, member=about, text="Unkind"))
    assert await mails(house, mailbox) == [
        ("max", "A report in Tuesday Lantern is about somebody with a role.")
    ]


async def test_whoever_asked_for_it_is_reminded_a_day_later(called: Called) -> None:
    house, mailbox = called
    lamp = await holding(house)
    await reached_by_mail(lamp, "lamp")
    await house.open_meeting()
    ada = str(await in_danger(house))
    await acts(house, lamp, "claim", member=ada)
    fields = {"outcome": "with_someone", "note": "Her sister came", "remind": "yes"}
    assert await acts(house, lamp, "close-alert", member=ada, **fields) == 303
    assert await mails(house, mailbox) == []
    house.wall.now += 86_399
    assert await mails(house, mailbox) == []
    house.wall.now += 1
    sentence = "A day ago you closed an alert in Tuesday Lantern."
    assert await mails(house, mailbox) == [
        ("lamp", f"{sentence} Look how the person is, if you can.")
    ]
    assert await mails(house, mailbox) == []


async def test_whoever_comes_finds_help_for_themselves(called: Called) -> None:
    house, _ = called
    fay, _ = await house.staff("fay")
    page = await fay.get(PAGE)
    assert "take ten minutes" in shown(page.text)
    assert page.text.count('href="/help"') >= 2


async def test_whoever_lost_their_role_sees_no_room_any_more(called: Called) -> None:
    house, _ = called
    fay, _ = await house.staff("fay")
    await on_shift(fay, house.card.id)
    account = await account_of(house, "fay")
    await house.parts.accounts.take_role(account.id, house.card.id, "facilitator")
    assert (await fay.get(PAGE)).status_code == 303
    await house.parts.shifts.refresh()
    assert house.parts.shifts.plan == []
