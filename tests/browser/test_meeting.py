"""A whole meeting, from the first page to the last, with three people in three browsers.

Nothing is set up behind the scenes: the server is started by its command line, the facilitator is
invited by it, and everything else is pressed and typed.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.deployment import Deployment
from tests.browser.people import Meet, Person

pytestmark = pytest.mark.browser

ROOM = "Tuesday Lantern"
HOLDER = "Brave Otter"
ADA = "Copper Moth"
BO = "Slow River"


@pytest.mark.parametrize("device", ["desktop", "phone"])
def test_a_whole_meeting(deployment: Deployment, meet: Meet, device: str) -> None:
    slug = deployment.found(ROOM)
    invitation = deployment.command("invite", slug)
    deployment.start()
    fay, ada, bo = (meet(d, at=deployment.address) for d in (device, "phone", "desktop"))

    accepts_the_invitation_and_signs_in(fay, invitation)
    ada.goes("/")
    ada.sees("No meeting is open now.")
    fay.page.get_by_role("link", name="Open the room").click()
    fay.comes_in(HOLDER)
    fay.presses("Open the meeting")
    fay.view("Meeting")
    fay.page.get_by_label("Topic or question").fill("What helped you this week?")
    fay.presses("Set the topic")

    they_come_in(ada, bo)
    fay.view("Room")
    the_facilitator_speaks(fay, ada, bo)
    they_take_turns(fay, ada, bo)
    everybody_may_write(fay, ada, bo)
    the_rules_change(fay, ada)
    bo_makes_trouble(fay, ada, bo)
    bo_is_asked_to_leave_and_let_back_in(fay, ada, bo)
    the_meeting_ends(fay, ada, bo)


def accepts_the_invitation_and_signs_in(fay: Person, invitation: str) -> None:
    phone = fay.accepts(invitation, "fay")
    fay.presses("Sign out")
    fay.signs_in("fay", phone.code())
    fay.sees("You hold one room.")


def they_come_in(ada: Person, bo: Person) -> None:
    for person, name in ((ada, ADA), (bo, BO)):
        person.finds_the_room(ROOM)
        expect(person.page.get_by_role("radio")).to_have_count(3)
        person.presses("Come in")
        assert person.page.url.endswith("/join")  # the ground rules come first
        person.comes_in(name)
        person.is_connected()
        person.sees("What helped you this week?")


def the_facilitator_speaks(fay: Person, ada: Person, bo: Person) -> None:
    ada.sees("The facilitator is speaking.")
    fay.says("Welcome, everybody.")
    for person in (ada, bo, fay):
        person.reads("Welcome, everybody.")
    expect(ada.button("Send")).to_have_count(0)


def they_take_turns(fay: Person, ada: Person, bo: Person) -> None:
    fay.presses("Begin turns")
    ada.sees("You can listen, or write ahead.")
    ada.presses("Raise hand")
    ada.sees("You’re next")
    bo.presses("Raise hand")
    bo.sees(f"You’re after {ADA}")
    ada.box.fill("I walked home the long way round.")  # written ahead
    fay.presses(f"Pass the floor to {ADA}")
    ada.sees("It’s your turn")
    bo.sees(f"{ADA} has the floor")
    expect(ada.box).to_have_value("I walked home the long way round.")
    ada.presses("Send")
    bo.reads("I walked home the long way round.")
    ada.presses("I’m done")
    fay.presses(f"Pass the floor to {BO}")
    bo.sees("It’s your turn")
    bo.says("Sleep helped.")
    ada.reads("Sleep helped.")
    bo.presses("I’m done")
    ada.sees("The floor is free")


def everybody_may_write(fay: Person, ada: Person, bo: Person) -> None:
    fay.view("Meeting")
    fay.presses("Open")
    ada.sees("Anyone may write")
    ada.says("Thank you both.")
    bo.reads("Thank you both.")


def the_rules_change(fay: Person, ada: Person) -> None:
    fay.page.locator("#meeting summary", has_text="Ground rules").first.click()
    fay.page.get_by_label("One rule a line").fill("Speak about yourself.\nNo names, no places.")
    fay.presses("Publish this version")
    ada.sees("Please read the ground rules before you speak")
    ada.sees("No names, no places.")
    expect(ada.button("Send")).to_have_count(0)
    ada.box.fill("I am still here.")
    ada.presses("I accept them")
    ada.presses("Send")
    ada.reads("I am still here.")
    fay.view("Room")
    fay.presses("I accept them")  # whoever holds the room is asked like everybody


def bo_makes_trouble(fay: Person, ada: Person, bo: Person) -> None:
    bo.presses("I accept them")
    bo.says("You are all fools.")
    ada.reads("You are all fools.")

    fay.view("Room")
    row = fay.page.locator("#messages > li", has_text="You are all fools.")
    row.locator("summary").filter(visible=True).click()
    row.get_by_role("link", name="Hide message").click()
    gives_a_reason(fay, "It hurts people here.", "Hide it")
    ada.sees("Hidden by a facilitator")
    for words in ("You are all fools.", "It hurts people here."):
        assert words not in ada.page.content()  # nor in what is spoken to a screen reader
    bo.sees("It hurts people here.")
    bo.reads("You are all fools.")  # nobody's own words are taken from their eyes

    sheet = fay.acts(BO, "Mute")
    sheet.get_by_text("1 hour").click()
    gives_a_reason(fay, "Three replies like that.", "Mute")
    bo.sees("You are muted until")
    bo.sees("Three replies like that.")
    bo.sees(re.compile(r"\d:\d\d"))
    expect(bo.button("Send")).to_have_count(0)
    fay.view("Room")
    fay.says("Let us go on.")
    ada.reads("Let us go on.")
    assert "muted" not in ada.everything_shown().lower()
    assert "Three replies" not in ada.page.content()


def bo_is_asked_to_leave_and_let_back_in(fay: Person, ada: Person, bo: Person) -> None:
    fay.acts(BO, "Ask to leave")
    gives_a_reason(fay, "Please rest tonight.", "Ask to leave")
    for _ in range(2):
        bo.sees("You were asked to leave this meeting")
        bo.sees("Please rest tonight.")
        expect(bo.messages).to_have_count(0)
        for words in ("Welcome, everybody.", "Thank you both.", ADA):
            assert words not in bo.page.content()
        expect(bo.page.get_by_role("link", name="See who to call or text")).to_be_visible()
        bo.page.reload()
    ada.sees(f"{BO} left")
    assert "rest tonight" not in ada.page.content()

    ada.says("It is quiet now.")
    fay.view("Room")
    fay.reads("It is quiet now.")
    fay.view("People")
    fay.page.locator('[data-list="removed"]').get_by_role("link", name="Let back in").click()
    gives_a_reason(fay, "Welcome back.", "Let back in")
    # The mute still runs; it was for an hour and ends now.
    fay.page.locator('[data-list="muted"]').get_by_role("link", name="End the mute").click()
    gives_a_reason(fay, "We had time to breathe.", "End the mute")
    bo.sees("Anyone may write")
    bo.says("I will keep to the rules.")
    ada.reads("I will keep to the rules.")
    ada.says("Good that you are here.")
    bo.reads("Good that you are here.")
    assert "It is quiet now." not in bo.page.content()


def the_meeting_ends(fay: Person, ada: Person, bo: Person) -> None:
    fay.view("Meeting")
    fay.page.get_by_text("Close the meeting").click()
    fay.presses("Close it for everybody")
    for person in (ada, bo):
        person.page.wait_for_url("**/after")
        person.sees("The meeting is over.")
        expect(person.page.locator(".words > li")).to_have_count(8)
        expect(person.page.locator("main").get_by_role("link", name="Help now")).to_be_visible()
    fay.view("Room")
    expect(fay.button("Open the meeting")).to_be_visible()
    ada.goes("/")
    ada.sees("No meeting is open now.")


def gives_a_reason(fay: Person, reason: str, act: str) -> None:
    """Fill in the open sheet; the notice shows what the person will read."""
    sheet = fay.page.locator("dialog[open]")
    sheet.get_by_label("Reason").fill(reason)
    expect(sheet.locator("[data-preview]")).to_have_text(reason)
    sheet.get_by_role("button", name=act, exact=True).click()
    expect(sheet).to_have_count(0)
