"""What a facilitator did to somebody: they alone read of it, with the reason."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from moderation.actions import HideMessage, MuteMember, ReadmitMember, RemoveMember, UnmuteMember
from tests.browser import looks
from tests.browser.house import FAY, House, Room
from tests.browser.people import Meet, Person

pytestmark = pytest.mark.browser

ADA = "Quiet Heron"
REASON = "Thank you for waiting."


def unmuted(room: Room, ada: Person) -> None:
    member = room.member(ADA)
    room.do(FAY, MuteMember(member=member, minutes=10, reason="Three replies during turns"))
    ada.sees("You are muted until")
    room.do(FAY, UnmuteMember(member=member, reason=REASON))


def readmitted(room: Room, ada: Person) -> None:
    member = room.member(ADA)
    room.do(FAY, RemoveMember(member=member, reason="Please rest for tonight"))
    ada.sees("You were asked to leave this meeting")
    room.do(FAY, ReadmitMember(member=member, reason=REASON))


def hidden(room: Room, ada: Person) -> None:
    ada.says("You are all fools.")
    ada.reads("You are all fools.")
    ada.sees("Sent")
    room.do(FAY, HideMessage(message=max(room.numbers()), reason=REASON))


@pytest.mark.parametrize(
    ("act", "notice"),
    [
        (unmuted, "You can speak again"),
        (readmitted, "You can come back in"),
        (hidden, "A facilitator hid your message"),
    ],
)
def test_a_person_reads_what_the_sheet_promised_and_puts_it_away(
    house: House, meet: Meet, act: Callable[[Room, Person], None], notice: str
) -> None:
    room = house.found()
    room.open()
    ada, bo = meet("phone").joins(room, ADA), meet("phone").joins(room, "North Window")
    act(room, ada)
    ada.sees(notice)
    note = ada.page.locator(".notes > li")
    expect(note).to_have_count(1)
    expect(note).to_contain_text("Only you can see this note")
    expect(note).to_contain_text(REASON)
    assert note.evaluate("e => getComputedStyle(e).borderTopStyle") == "dashed"
    expect(ada.page.locator("#status")).to_have_text(re.compile("There is a note for you"))
    looks.stands_everywhere(ada.page, notice, composer=True)
    room.say(FAY, "We go on.")
    bo.reads("We go on.")
    assert REASON not in bo.page.content()
    ada.page.set_viewport_size({"width": 360, "height": 740})
    ada.presses("I have read it")
    expect(note).to_have_count(0)
    expect(ada.box).to_be_focused()


def test_a_note_that_holds_no_longer_is_gone(house: House, meet: Meet) -> None:
    room = house.found()
    room.open()
    ada = meet("phone").joins(room, ADA)
    unmuted(room, ada)
    ada.sees("You can speak again")
    room.do(FAY, MuteMember(member=room.member(ADA), minutes=10, reason="Once more"))
    ada.sees("Once more")
    ada.does_not_see("You can speak again")
    room.do(FAY, UnmuteMember(member=room.member(ADA), reason=REASON))
    ada.sees("You can speak again")
    room.do(FAY, RemoveMember(member=room.member(ADA), reason="Please rest for tonight"))
    ada.sees("You were asked to leave this meeting")
    assert REASON not in ada.page.content()
