"""The pages somebody reads before and after a meeting, and when something is not there."""

import logging
import re

import pytest

from moderation.screening.screen import READ_WITH
from rooms.presence import Leave
from rooms.threads import OpenThread
from server.calling.desk import FALSE_ALARM_KEPT, KEPT
from server.live.protocol import Unavailable
from server.live.screening import TOGETHER_SECONDS
from server.settings import read_settings
from server.storage.snapshots import RESTING_LIFE
from tests.web.house import FAY, House, threshold_form, words_on
from web.language import CHOOSE
from web.pages.errors import ErrorPages, broken_page
from web.pages.room import longest_kept_hours


async def test_the_first_page_says_that_no_meeting_is_open_and_where_help_is(house: House) -> None:
    page = await house.browser().get("/")
    assert "No meeting is open now." in page.text
    assert page.text.count('href="/help"') >= 2
    assert house.card.name in page.text
    assert "Come in" not in page.text


async def test_the_first_page_says_which_meeting_is_open_and_since_when(house: House) -> None:
    await house.open_meeting()
    house.wall.now += 12 * 60
    page = await house.browser().get("/")
    assert "One meeting is open now." in page.text
    assert "Started 12 minutes ago" in page.text
    assert f'href="{house.room}/join"' in page.text


async def test_only_one_thing_on_the_first_page_is_lit(house: House) -> None:
    other = await house.parts.directory.create_room("Plain Talk", "Another.", "Open talk.")
    await house.parts.wakes.deliver()
    await house.open_meeting()
    house.card, card = other, house.card
    await house.open_meeting()
    house.card = card
    page = await house.browser().get("/")
    assert "2 meetings are open now." in page.text
    assert page.text.count("btn--main") == 1


async def test_a_room_that_rests_says_so(house: House) -> None:
    await house.open_meeting()
    await house.parts.hosts.submit(house.card.id, FAY, Leave(), "")
    page = await house.browser().get("/")
    assert "The room is resting" in page.text
    assert "A facilitator is here" not in page.text


async def test_a_room_that_cannot_be_looked_at_hides_no_other(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = await house.parts.directory.create_room("Plain Talk", "Another.", "Open talk.")
    await house.parts.wakes.deliver()
    await house.open_meeting()
    glance = type(house.parts.hosts.entering).glance

    async def one_is_away(_entering: object, room: str) -> object:
        if room == other.id:
            raise Unavailable()
        return await glance(house.parts.hosts.entering, room)

    monkeypatch.setattr(type(house.parts.hosts.entering), "glance", one_is_away)
    page = await house.browser().get("/")
    assert "One meeting is open now." in page.text
    assert "Plain Talk" in page.text


@pytest.mark.parametrize(
    "sentence",
    [
        "What is said here stays here.",
        "If you recognise someone, you may leave without a word.",
        "destroyed at most 48 hours after the meeting opens",
        "They are not mandated reporters.",
        "Not end-to-end encrypted",
        "This room is for adults.",
        "We do not ask your name and do not keep your address on the internet.",
        "This is not an emergency service.",
        "Brave Otter",
    ],
)
async def test_a_room_says_before_joining_who_can_see_what(house: House, sentence: str) -> None:
    await house.open_meeting()
    assert sentence in (await house.browser().get(house.room)).text


async def test_a_room_for_young_people_held_by_mandated_reporters_says_both(house: House) -> None:
    card = await house.parts.directory.create_room(
        "Plain Talk", "Another.", "Open talk.", audience="young", mandated_reporter=True
    )
    await house.parts.wakes.deliver()
    page = await house.browser().get(f"/rooms/{card.id}")
    assert "This room is for young people." in page.text
    assert "They are mandated reporters." in page.text
    assert "not mandated" not in page.text


def test_the_promise_about_the_key_follows_the_setting() -> None:
    assert longest_kept_hours(24) == 48
    assert longest_kept_hours(72) == 96


async def test_a_title_names_the_room_and_never_its_subject(house: House) -> None:
    page = await house.browser().get(house.room)
    assert f"<title>{house.card.name}</title>" in page.text


async def test_the_page_about_this_place_has_a_place_for_each_link_of_the_footer(
    house: House,
) -> None:
    page = await house.browser().get("/about")
    assert 'id="kept"' in page.text
    assert 'id="leaving"' in page.text
    assert "does not clear the browser&#39;s history" in page.text or "history" in page.text


@pytest.mark.parametrize(
    "sentence",
    [
        "A program on this server reads what people write",
        "It reads private words too, and words that were refused.",
        "Nobody else sees the card.",
        "The facilitators of the room see an alert",
        "A call says no word that anybody wrote and no name.",
        "cannot send help",
        "at most 48 hours after it begins",
        "kept for two minutes in the memory of the server",
        f"for at most {RESTING_LIFE.days} days after that",
        f"gone after {KEPT.days} days, and after {FALSE_ALARM_KEPT.days} days where it was a false",
    ],
)
async def test_the_page_about_this_place_says_what_becomes_of_words_that_speak_of_danger(
    house: House, sentence: str
) -> None:
    assert sentence in (await house.browser().get("/about")).text


def test_what_is_read_together_is_forgotten_when_the_page_about_this_place_says() -> None:
    assert (TOGETHER_SECONDS, READ_WITH) == (120, 3), "about.html says two minutes and three"


async def test_the_page_about_this_place_names_every_cookie_a_visitor_can_get(
    house: House,
) -> None:
    await house.open_meeting()
    ada = house.browser()
    await ada.post(f"{house.room}/join", data=threshold_form(await ada.get(f"{house.room}/join")))
    await ada.get("/help", params={CHOOSE: "es"})
    await ada.get("/leave")
    told = {"words": "One with your words", "language": "language", "cover": "pages are covered"}
    assert set(ada.cookies) == told.keys()
    page = await house.browser().get("/about")
    [cookies] = re.findall(r"<dt>Cookies</dt><dd>(.*?)</dd>", page.text)
    for sentence in told.values():
        assert sentence in cookies


async def test_whoever_leaves_sees_their_words_and_help_and_may_come_back(house: House) -> None:
    await house.open_meeting()
    ada = house.browser()
    form = threshold_form(await ada.get(f"{house.room}/join"))
    await ada.post(f"{house.room}/join", data=form)
    left = await ada.post(f"{house.room}/leave", data={"key": "leaving-once"})
    assert (left.status_code, left.headers["location"]) == (303, f"{house.room}/after")
    page = await ada.get(f"{house.room}/after")
    assert "You have left." in page.text
    assert f'href="{house.room}/join"' in page.text
    assert page.text.count('href="/help"') >= 2
    assert words_on(page) == words_on(await ada.get("/words")) != ""
    public = (await house.parts.hosts.host(house.card.id)).room.public
    assert form["name"] not in {p.pseudonym for p in public.people.values()}


async def test_leaving_twice_or_without_having_come_is_no_fault(house: House) -> None:
    await house.open_meeting()
    bo = house.browser()
    for _ in range(2):
        assert (await bo.post(f"{house.room}/leave", data={})).status_code == 303


async def test_after_the_end_the_page_says_that_it_is_over(house: House) -> None:
    await house.open_meeting()
    await house.close_meeting()
    page = await house.browser().get(f"{house.room}/after")
    assert "The meeting is over." in page.text
    assert "Come back in" not in page.text


@pytest.mark.parametrize(
    "path", ["/nowhere", "/rooms/zzzzzz", "/rooms/zzzzzz/join", "/rooms/zzzzzz/after", "/rooms/"]
)
async def test_a_room_of_somebody_else_looks_like_one_that_never_was(
    house: House, path: str
) -> None:
    page = await house.browser().get(path)
    assert page.status_code == 404
    assert "There is nothing at this address." in page.text
    assert 'href="/help"' in page.text


async def test_a_page_that_takes_no_form_says_so_kindly(house: House) -> None:
    page = await house.browser().post("/about")
    assert page.status_code == 405
    assert "This cannot be done here." in page.text
    assert page.headers["allow"] == "GET, HEAD" or "GET" in page.headers["allow"]


async def test_a_database_that_is_away_is_told_without_its_words(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    browser = house.browser()
    await house.parts.database.close()
    with caplog.at_level(logging.WARNING):
        page = await browser.get("/")
    assert page.status_code == 503
    assert 'href="/help"' in page.text
    assert "sqlite" not in page.text.lower()
    assert (await browser.get("/help")).status_code == 200


def test_the_last_page_of_all_has_a_mark_help_and_a_way_home() -> None:
    page = broken_page(read_settings({}))
    assert "Something here stopped working." in page
    assert "{id}" in page
    assert 'href="/help"' in page


def test_a_status_without_words_of_its_own_borrows_those_of_its_kind() -> None:
    pages = ErrorPages(read_settings({}))
    assert b"This could not be read." in bytes(pages.page(418).body)
    assert b"Something here stopped working." in bytes(pages.page(507).body)


async def test_whoever_leaves_while_somebody_writes_with_them_is_shown_the_way_back(
    house: House,
) -> None:
    await house.open_meeting()
    ada = house.browser()
    await ada.post(f"{house.room}/join", data=threshold_form(await ada.get(f"{house.room}/join")))
    hosts, room = house.parts.hosts, house.card.id
    core = (await hosts.host(room)).room.core
    member = next(m for m, known in core.members.items() if known.tag != FAY.tag)
    left = await ada.get(f"{house.room}/after")
    assert "Go on writing" not in left.text
    await hosts.submit(room, FAY, OpenThread(member=member), "")
    await ada.post(f"{house.room}/leave", data={"key": "key-of-leaving"})
    left = await ada.get(f"{house.room}/after")
    assert f'href="{house.room}/live">Go on writing' in left.text
    live = await ada.get(f"{house.room}/live")
    assert live.status_code == 200
    assert "Brave Otter" in live.text
