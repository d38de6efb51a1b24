"""Phones sleep, tabs are killed, answers are lost, servers die; no place and no word is lost."""

import random
import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Route, expect

from rooms.room import Mode
from tests.browser.deployment import Deployment
from tests.browser.house import FAY, House
from tests.browser.line import Line
from tests.browser.people import Meet, Person

pytestmark = pytest.mark.browser

AWAY = ("ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "WebSocket connection to", "ERR_SOCKET")
"""What a browser says of a server that is not there."""


@pytest.fixture
def line(own_house: House) -> Iterator[Line]:
    line = Line(own_house.address)
    yield line
    line.stop()


def test_a_phone_that_sleeps_six_minutes_misses_nothing(
    own_house: House, line: Line, meet: Meet
) -> None:
    room = own_house.found()
    room.open(Mode.TURNS)
    bo = room.somebody("Slow River")
    ada = meet("phone", at=line.address)
    ada.expects(*AWAY)
    ada.page.clock.install()
    ada.goes(f"/rooms/{room.slug}/join")
    ada.comes_in("Copper Moth")
    ada.is_connected()
    room.say(FAY, "Welcome.")
    ada.reads("Welcome.")
    ada.presses("Raise hand")
    ada.sees("You’re next")
    ada.box.fill("I am thinking about it")

    line.fall_asleep()
    own_house.later(30)
    assert not room.here("Copper Moth")
    for minute in range(6):
        room.say(FAY, f"Minute {minute}, first.", f"Minute {minute}, second.")
        own_house.later(60)
    room.somebody("Amber Finch")
    assert "Minute 0" not in ada.everything_shown()

    line.restore()
    ada.page.clock.fast_forward(6 * 60 * 1000)
    ada.reads("Minute 5, second.")
    minutes = [f"Minute {m}, {half}." for m in range(6) for half in ("first", "second")]
    assert ada.said() == ["Welcome.", *minutes]
    ada.sees("You’re back. You missed part; it starts here.")
    ada.sees("You’re next")
    expect(ada.box).to_have_value("I am thinking about it")
    assert room.here("Copper Moth")
    assert room.members() == ["Amber Finch", "Copper Moth", "Slow River"]
    assert bo.tag  # Bo was there all the time and noticed nothing


def test_words_sent_into_a_dead_line_arrive_once(own_house: House, line: Line, meet: Meet) -> None:
    room = own_house.found()
    room.open()
    ada = meet("phone", at=line.address)
    ada.expects(*AWAY)
    ada.goes(f"/rooms/{room.slug}/join")
    ada.comes_in("Copper Moth")
    ada.is_connected()
    line.cut()
    ada.says("Said into the dark.")
    ada.sees("Trying to reconnect.")
    ada.sees("Not sent yet")
    expect(ada.button("Try now")).to_be_visible()
    assert ada.page.get_by_role("link", name="Help now").filter(visible=True).count() == 2
    ada.presses("Try now")
    line.restore()
    expect(ada.button("Try now")).to_have_count(0)
    ada.does_not_see("Trying to reconnect.")
    other = meet("desktop", at=own_house.address).joins(room, "Slow River")
    ada.says("And now in the light.")
    other.reads("And now in the light.")
    ada.reads("And now in the light.")
    assert ada.said() == ["Said into the dark.", "And now in the light."]


def test_a_killed_tab_opens_again_in_its_place(house: House, meet: Meet) -> None:
    room = house.found()
    room.open(Mode.TURNS)
    ada = meet("phone").joins(room, "Copper Moth")
    room.say(FAY, "Welcome.")
    ada.presses("Raise hand")
    ada.sees("You’re next")
    ada.page.close()
    room.say(FAY, "Said meanwhile.")

    ada.page = ada.tab()
    ada.goes(f"{room.live}")
    ada.is_connected()
    ada.sees("You’re next")
    assert ada.said() == ["Welcome.", "Said meanwhile."]
    ada.goes(f"/rooms/{room.slug}/join")  # the door leads straight to it, too
    expect(ada.page).to_have_url(room.live)
    assert room.members() == ["Copper Moth"]


def test_two_tabs_are_one_person(house: House, meet: Meet) -> None:
    room = house.found()
    room.open()
    ada = meet("desktop").joins(room, "Copper Moth")
    first, second = ada.page, ada.tab()
    second.goto(room.live)
    ada.says("From the first tab.")
    expect(second.locator("#messages .msg__words", has_text="From the first tab.")).to_be_visible()
    expect(second.locator('[data-list="people"] > li')).to_have_count(2)
    ada.page = second
    ada.says("From the second tab.")
    second.close()
    ada.page = first
    ada.reads("From the second tab.")
    assert ada.said() == ["From the first tab.", "From the second tab."]
    assert room.here("Copper Moth")
    assert room.members() == ["Copper Moth"]


def test_a_double_tap_on_come_in_makes_one_person(house: House, meet: Meet) -> None:
    room = house.found()
    room.open()
    ada = meet("phone")
    ada.goes(f"/rooms/{room.slug}/join")
    ada.fills_in_the_door("Copper Moth")
    ada.button("Come in").dblclick(delay=5)
    expect(ada.page).to_have_url(room.live)
    ada.is_connected()
    assert room.members() == ["Copper Moth"]


def test_a_lost_answer_at_the_door_makes_no_ghost(house: House, meet: Meet) -> None:
    room = house.found()
    room.open()
    ada = meet("phone")
    ada.expects("ERR_CONNECTION_RESET")
    lost: list[str] = []

    def lose_the_first(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.request.post_data or "")
            route.fetch(max_redirects=0)
            route.abort("connectionreset")
        else:
            route.continue_()

    ada.page.route("**/join", lose_the_first)
    ada.goes(f"/rooms/{room.slug}/join")
    ada.fills_in_the_door("Copper Moth")
    ada.button("Come in").click(no_wait_after=True)
    expect(ada.page).to_have_url("chrome-error://chromewebdata/")
    assert room.members() == ["Copper Moth"]
    ada.page.reload()  # the browser sends the form again
    expect(ada.page).to_have_url(room.live)
    assert lost
    assert room.members() == ["Copper Moth"]


def test_a_server_killed_in_a_burst_loses_and_doubles_nothing(
    deployment: Deployment, meet: Meet
) -> None:
    slug = deployment.found("Tuesday Lantern")
    invitation = deployment.command("invite", slug)
    deployment.start()
    people = [meet(at=deployment.address) for _ in range(3)]
    for person in people:
        person.expects(*AWAY)
    fay, ada, bo = people
    fay.accepts(invitation, "fay")
    fay.goes(f"/rooms/{slug}/join?as=staff")
    fay.comes_in("Brave Otter")
    fay.presses("Open the meeting")
    fay.presses("Open")
    for person, name in ((ada, "Copper Moth"), (bo, "Slow River")):
        person.goes(f"/rooms/{slug}/join")
        person.comes_in(name)
        person.is_connected()
        person.sees("Anyone may write")

    seed = random.randrange(2**32)
    print("seed", seed)  # noqa: T201 - shown when the test fails
    chance = random.Random(seed)
    expected: list[str] = []
    for round_ in range(3):
        lines = [f"Round {round_}, thought {n}." for n in range(9)]
        expected += lines
        deadly = chance.randrange(1, 9)
        for n, words in enumerate(lines):
            people[n % 3].box.fill(words)
            people[n % 3].page.keyboard.press("Enter")
            if n == deadly:
                time.sleep(chance.random() * 0.05)
                deployment.kill()
                deployment.start()
        for person in people:
            for words in lines:
                person.reads(words)
            expect(person.page.locator(".state--bad").filter(visible=True)).to_have_count(0)

    said = [person.said() for person in people]
    assert sorted(said[0]) == sorted(expected)
    assert said[0] == said[1] == said[2]
    ada.page.reload()
    ada.is_connected()
    assert ada.said() == said[0]
    assert all(re.fullmatch(r"Round \d, thought \d\.", words) for words in said[0])
    sent_by(ada, [w for n, w in enumerate(expected) if n % 9 % 3 == 1])


def sent_by(person: Person, words: list[str]) -> None:
    """These, in this order, are a person's own."""
    mine = person.page.locator("#messages > li.msg--mine .msg__words").all_text_contents()
    assert mine == words
