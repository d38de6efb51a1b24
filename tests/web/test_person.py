"""A person of this place, reached from Help: only while it is true, and without script."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx2 import AsyncClient, Response

from rooms.safety import EMERGENCY
from server.live.protocol import Unavailable
from server.people.tables import EVERY_ROOM
from server.people.words import draw
from tests.server.calling.receivers import Browser, MailReceiver
from tests.web.duty import above, built, forms_of, mails, on_shift, ready, with_mail
from tests.web.house import House, hidden
from tests.web.test_live import shown, without_templates
from web.pages import naming

PAGE = "/help/person"
NOBODY = "Nobody of this place is on duty now."
Called = tuple[House, MailReceiver]


@pytest.fixture
async def called(tmp_path: Path) -> AsyncIterator[Called]:
    """A house that calls people by mail."""
    async with with_mail(tmp_path) as called:
        yield called


def form_of(page: Response) -> dict[str, str]:
    return {name: hidden(page, name) for name in ("key", "sealed")}


async def comes(browser: AsyncClient) -> Response:
    """Somebody reads the page and presses its one button; the page they are led to."""
    answer = await browser.post(PAGE, data=form_of(await browser.get(PAGE)))
    assert answer.status_code == 303, answer.text
    return await browser.get(answer.headers["location"])


async def alerts(house: House) -> int:
    """How many people from Help wait or are looked after."""
    return len((await house.parts.hosts.host(house.parts.help_room)).room.staff.alerts)


async def test_with_nobody_on_shift_the_page_says_so_and_shows_no_button(house: House) -> None:
    browser = house.browser()
    page = await browser.get(PAGE)
    assert NOBODY in shown(page.text)
    assert forms_of(page) == []
    assert 'href="/help"' in page.text
    answer = await browser.post(PAGE, data={"key": "a-key-made-by-hand"} | form_of_hand(house))
    assert (answer.status_code, await alerts(house)) == (409, 0)
    assert NOBODY in shown(answer.text)
    assert "set-cookie" not in answer.headers


def form_of_hand(house: House) -> dict[str, str]:
    """The hidden words of the page, for a form that is not on it."""
    return {"sealed": house.parts.threshold.seal(draw(), house.wall.now)}


async def test_while_somebody_is_on_shift_the_page_says_what_happens_before_it_does(
    called: Called,
) -> None:
    house, _ = called
    await ready(house, "max")
    browser = house.browser()
    page = await browser.get(PAGE)
    words = shown(page.text)
    assert "Somebody is on duty." in words
    assert "They do not know who or where you are, and cannot send help." in words
    assert "If you are in danger now, call first. Numbers" in words
    assert forms_of(page) == [PAGE]
    assert await alerts(house) == 0
    assert not browser.cookies


async def test_whoever_presses_the_button_has_a_private_place_and_somebody_is_called(
    called: Called,
) -> None:
    house, mailbox = called
    await ready(house, "max")
    browser = house.browser()
    page = await comes(browser)
    words = shown(page.text)
    assert str(page.url).endswith(f"/rooms/{house.parts.help_room}/live")
    assert "You matter here. Please reach somebody now." in words
    assert "You asked for a private word. Nobody has answered yet." in words
    assert await mails(house, mailbox) == [
        ("max", "Level 3 alert in Help. Nobody has taken it yet.")
    ]


async def test_a_persons_page_works_without_script_to_the_last_word(called: Called) -> None:
    house, _ = called
    max_ = await ready(house, "max")
    ada = house.browser()
    page = await ada.get(PAGE)
    assert "<script" not in page.text
    await comes(ada)
    room, live = house.parts.help_room, f"/rooms/{house.parts.help_room}/live"
    [me] = (await house.parts.hosts.host(room)).room.staff.alerts
    await max_.post("/staff/on-call/come", data={"room": room, "key": "the-key-of-coming"})
    for verb in ("claim", "open-thread"):
        form = {"as": "staff", "member": str(me)}
        assert (await max_.post(f"{live}/{verb}", data=form)).status_code == 303
    beside = without_templates(await max_.get(f"{live}?as=staff"))
    form = {"as": "staff", "other": str(me), "text": "I am here with you."}
    assert f'value="{me}"' in beside
    assert (await max_.post(f"{live}/answer-privately", data=form)).status_code == 303
    mine = await ada.get(live)
    assert "I am here with you." in shown(without_templates(mine))
    assert f"{live}/say-privately" in forms_of(mine)
    form = {"other": hidden(mine, "other"), "text": "Thank you for coming."}
    assert (await ada.post(f"{live}/say-privately", data=form)).status_code == 303
    theirs = without_templates(await max_.get(f"{live}?as=staff"))
    assert "Thank you for coming." in shown(theirs)


async def test_a_form_that_is_sent_twice_is_one_person(called: Called) -> None:
    house, _ = called
    await ready(house, "max")
    form = form_of(await house.browser().get(PAGE))
    for _ in range(2):
        assert (await house.browser().post(PAGE, data=form)).status_code == 303
    assert await alerts(house) == 1


async def test_somebody_comes_back_with_the_words_they_have(called: Called) -> None:
    house, _ = called
    await ready(house, "max")
    browser = house.browser()
    await comes(browser)
    answer = await browser.post(PAGE, data=form_of(await browser.get(PAGE)))
    assert answer.status_code == 303
    assert "set-cookie" not in answer.headers, "a remembered one would end with the browser"
    assert await alerts(house) == 1


async def test_the_words_are_kept_for_this_sitting_and_no_script_reads_them(
    called: Called,
) -> None:
    house, _ = called
    await ready(house, "max")
    browser = house.browser()
    answer = await browser.post(PAGE, data=form_of(await browser.get(PAGE)))
    [cookie] = answer.headers.get_list("set-cookie")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Max-Age" not in cookie


@pytest.mark.parametrize("sealed", ["", "forged", "old"])
async def test_a_page_that_was_open_for_long_is_pressed_once_more(
    called: Called, sealed: str
) -> None:
    house, _ = called
    await ready(house, "max")
    browser = house.browser()
    form = form_of(await browser.get(PAGE))
    if sealed == "old":
        house.wall.now += 31 * 60
    else:
        form["sealed"] = sealed
    answer = await browser.post(PAGE, data=form)
    assert (answer.status_code, await alerts(house)) == (422, 0)
    assert "Please press the button once more." in shown(answer.text)
    assert (await browser.post(PAGE, data=form_of(answer))).status_code == 303
    assert await alerts(house) == 1


async def test_what_cannot_be_stored_says_so_and_where_the_numbers_are(
    called: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, _ = called
    await ready(house, "max")
    browser = house.browser()
    form = form_of(await browser.get(PAGE))

    async def away(*_: object) -> None:
        raise Unavailable

    monkeypatch.setattr(type(house.parts.hosts), "note", away)
    answer = await browser.post(PAGE, data=form)
    assert answer.status_code == 409
    assert "The numbers in Help always work." in shown(answer.text)
    assert forms_of(answer) == [PAGE]


async def test_a_name_that_is_taken_is_not_the_persons_to_worry_about(
    called: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, _ = called
    await ready(house, "max")
    monkeypatch.setattr(naming, "suggestions", lambda count: ["Quiet Heron", "North Window"])
    for _ in range(2):
        await comes(house.browser())
    room = (await house.parts.hosts.host(house.parts.help_room)).room
    assert [a.pseudonym for a in room.staff.alerts.values()] == ["Quiet Heron", "North Window"]


async def test_nobody_is_led_to_an_empty_place_because_all_names_were_taken(
    called: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, _ = called
    await ready(house, "max")
    monkeypatch.setattr(naming, "suggestions", lambda count: ["Quiet Heron"])
    await comes(house.browser())
    browser = house.browser()
    answer = await browser.post(PAGE, data=form_of(await browser.get(PAGE)))
    came = await alerts(house) == 2
    assert came or (answer.status_code, forms_of(answer)) == (409, [PAGE])


async def test_every_person_from_help_is_an_emergency_until_somebody_has_looked(
    called: Called,
) -> None:
    house, _ = called
    await ready(house, "max")
    await comes(house.browser())
    room = (await house.parts.hosts.host(house.parts.help_room)).room
    assert [alert.level for alert in room.staff.alerts.values()] == [EMERGENCY]


async def test_help_leads_to_a_person_only_while_somebody_is_on_shift(called: Called) -> None:
    house, _ = called
    browser = house.browser()
    assert f'href="{PAGE}"' not in (await browser.get("/help")).text
    await ready(house, "max")
    page = await browser.get("/help")
    assert f'href="{PAGE}"' in page.text
    assert page.headers["candlelight-person"] == "here"
    kept = await browser.get("/help?kept")
    assert f'href="{PAGE}"' not in kept.text
    assert "candlelight-person" not in kept.headers
    house.wall.now += 86_400
    assert f'href="{PAGE}"' not in (await browser.get("/help")).text
    assert NOBODY in shown((await browser.get(PAGE)).text)


async def test_the_shift_is_the_one_of_the_clock_on_the_wall_there(tmp_path: Path) -> None:
    async with with_mail(tmp_path, TIMEZONE="America/Los_Angeles") as (house, _):
        await ready(house, "max")  # 06:00 to 20:00 there; here it is midnight
        assert NOBODY in shown((await house.browser().get(PAGE)).text)
        house.wall.now += 6 * 3_600
        assert "Somebody is on duty." in shown((await house.browser().get(PAGE)).text)


async def test_somebody_on_shift_for_one_room_is_not_there_for_help(called: Called) -> None:
    house, _ = called
    fay, _ = await house.staff("fay")
    await fay.post("/staff/on-call/mail", data={"address": "fay@example.org"})
    await on_shift(fay, house.card.id)
    assert house.parts.shifts.anybody(house.card.id)
    assert NOBODY in shown((await house.browser().get(PAGE)).text)


async def test_nobody_is_promised_whom_no_call_can_reach(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        max_ = await above(house, "max")
        await on_shift(max_, EVERY_ROOM)
        assert NOBODY in shown((await house.browser().get(PAGE)).text)
        phone = Browser("https://push.example.net/phone").subscription()
        await max_.post("/staff/on-call/mail", data={"address": "max@example.org"})
        await max_.post("/staff/on-call/push", data={"address": phone})
        # This house has neither a mail server nor web push.
        assert NOBODY in shown((await house.browser().get(PAGE)).text)


async def test_the_page_speaks_the_readers_language_and_is_kept_nowhere(called: Called) -> None:
    house, _ = called
    for tag in ("en", "es", "de"):
        page = await house.browser(**{"Accept-Language": tag}).get(PAGE)
        assert re.search(rf'<html lang="{tag}"', page.text)
        assert page.headers["cache-control"] == "no-store"


async def test_a_language_chosen_on_the_page_changes_the_page(called: Called) -> None:
    house, _ = called
    browser = house.browser()
    page = await browser.get(PAGE)
    assert 'href="?in=es"' in page.text
    assert '<html lang="es"' in (await browser.get(f"{PAGE}?in=es")).text


async def test_where_people_from_help_are_looked_after_is_no_group_on_the_first_page(
    house: House,
) -> None:
    page = await house.browser().get("/")
    assert house.card.name in page.text
    assert house.parts.help_room not in page.text
