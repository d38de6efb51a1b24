"""A whole meeting without a line of script: links, forms, and a button that shows what is new."""

import re

import pytest
from playwright.sync_api import expect

from rooms.meetings import ChangeGroundRules
from rooms.room import Mode
from rooms.turns import CallNext
from tests.browser import looks
from tests.browser.house import FAY, House
from tests.browser.people import Meet, Person

pytestmark = pytest.mark.browser


def reading(meet: Meet, device: str = "phone") -> Person:
    """Somebody whose browser runs no script."""
    return meet(device, script=False)


def test_a_member_takes_part_without_script(house: House, meet: Meet) -> None:
    room = house.found()
    room.open(Mode.TURNS, topic="What helped you this week?")
    ada = reading(meet)
    ada.goes(f"/rooms/{room.slug}/join")
    ada.comes_in("Copper Moth")
    ada.sees("What helped you this week?")

    room.say(FAY, "Welcome, everybody.")
    ada.does_not_see("Welcome, everybody.")
    ada.presses("Show new messages")
    ada.reads("Welcome, everybody.")

    ada.presses("Raise hand")
    ada.sees("You’re next")
    ada.presses("Lower hand")
    ada.presses("Raise hand")
    ada.box.fill("I walked home slowly.")
    room.do(FAY, CallNext())
    ada.presses("Show new messages")  # words that wait in the box stay in it
    ada.sees("It’s your turn")
    expect(ada.box).to_have_value("I walked home slowly.")
    ada.presses("Send")
    ada.reads("I walked home slowly.")
    expect(ada.box).to_have_value("")
    ada.page.reload()
    assert ada.said() == ["Welcome, everybody.", "I walked home slowly."]

    mine = ada.page.locator("#messages > li", has_text="I walked home slowly.")
    mine.locator("summary").filter(visible=True).click()
    mine.get_by_role("button", name="Take it back").click()
    ada.sees("Taken back by Copper Moth")
    ada.presses("I’m done")
    ada.sees("The floor is free")

    ada.page.get_by_role("link", name="People and ground rules").click()
    ada.page.get_by_text("Change your name").click()
    ada.page.get_by_label("Your name in this room").fill("Kind Moth")
    ada.presses("Use this name")
    assert room.members() == ["Kind Moth"]
    ada.page.get_by_role("link", name="People and ground rules").click()
    ada.presses("Leave the meeting")
    expect(ada.page).to_have_url(re.compile("/after$"))
    expect(ada.page.locator(".words > li")).to_have_count(8)
    assert not room.here("Kind Moth")


def test_refused_words_stay_in_the_box(house: House, meet: Meet) -> None:
    room = house.found()
    room.open()
    ada = reading(meet)
    ada.expects("422", "409")
    ada.goes(f"/rooms/{room.slug}/join")
    ada.comes_in("Copper Moth")

    long = "I have a lot to say. " * 120
    ada.says(long)
    ada.sees("This is too long to send at once.")
    expect(ada.box).to_have_value(long)

    room.do(FAY, ChangeGroundRules(lines=["Speak about yourself."]))
    ada.says("A shorter thought.")
    ada.sees("Please read them before you speak again.")
    expect(ada.box).to_have_value("A shorter thought.")
    ada.presses("I accept them")
    expect(ada.box).to_have_value("A shorter thought.")
    ada.presses("Send")
    ada.reads("A shorter thought.")
    assert ada.said() == ["A shorter thought."]


def test_a_form_sent_twice_says_it_once(house: House, meet: Meet) -> None:
    room = house.found()
    room.open()
    ada = reading(meet)
    ada.goes(f"/rooms/{room.slug}/join")
    ada.comes_in("Copper Moth")
    ada.box.fill("Only once.")
    ada.button("Send").dblclick(delay=5)
    ada.reads("Only once.")
    ada.page.reload()
    assert ada.said() == ["Only once."]


def test_a_facilitator_holds_the_room_without_script(house: House, meet: Meet) -> None:
    room = house.found()
    fay = reading(meet, "desktop")
    house.facilitator(room.slug, fay.context)
    fay.goes(f"/rooms/{room.slug}/join?as=staff")
    fay.comes_in("Kind Otter")
    fay.presses("Open the meeting")
    fay.presses("Open")
    bo = reading(meet)
    bo.goes(f"/rooms/{room.slug}/join")
    bo.comes_in("Slow River")
    bo.says("You are all fools.")

    fay.presses("Show new messages")
    fay.reads("You are all fools.")
    opens_the_sheet(fay, "mute")
    assert looks.safety(fay.page) == []
    fay.page.get_by_text("1 hour").click()
    fay.page.get_by_label("Reason").fill("Three replies like that.")
    fay.presses("Mute")
    bo.presses("Show new messages")
    bo.sees("You are muted until")
    bo.sees("Three replies like that.")

    opens_the_sheet(fay, "hide")
    fay.page.get_by_label("Reason").fill("It hurts people here.")
    fay.presses("Hide it")
    fay.acts("Slow River", "Ask to leave")
    fay.page.get_by_label("Reason").fill("Please rest tonight.")
    fay.presses("Ask to leave")
    bo.page.reload()
    bo.sees("You were asked to leave this meeting")
    bo.sees("Please rest tonight.")
    assert bo.said() == []

    fay.page.get_by_role("link", name="Let back in").click()
    fay.page.get_by_label("Reason").fill("Welcome back.")
    fay.presses("Let back in")
    fay.page.get_by_text("Close the meeting").click()
    fay.presses("Close it for everybody")
    fay.sees("No meeting is open")


def opens_the_sheet(fay: Person, act: str) -> None:
    """The sheet of an act on the newest message or whoever wrote it, as a page of its own."""
    message = fay.page.locator("#messages > li article").last
    if not message.locator("details[open]").filter(visible=True).count():
        message.locator("summary").filter(visible=True).click()
    message.locator(f"a[data-sheet={act}]").click()
    expect(fay.page).to_have_url(re.compile(f"/live/{act}"))
