"""The facilitator's page and its sheets, in every state and at every size."""

from typing import Final

import pytest
from playwright.sync_api import expect

from moderation.actions import MuteMember, RemoveMember
from rooms.modes import SetMode
from rooms.room import Mode
from rooms.turns import CallNext, RaiseHand
from tests.browser import looks
from tests.browser.house import FAY, House
from tests.browser.people import Meet

pytestmark = pytest.mark.browser

LONG: Final = "Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlung"
"""One word that is wider than a small phone."""


def test_every_sheet_stands(house: House, meet: Meet) -> None:
    room = house.found()
    room.open()
    room.talk(20)
    room.do(FAY, SetMode(mode=Mode.TURNS))
    room.do(FAY, MuteMember(member=room.member("Copper Moth"), minutes=60, reason="A pause."))
    room.do(FAY, RemoveMember(member=room.member("Amber Finch"), reason="A long pause."))
    fay = meet().holds(house, room, "Kind Otter")
    bo = room.somebody("Tin Whistle")
    room.do(FAY, CallNext(member=room.member("Tin Whistle")))
    room.say(bo, LONG)
    fay.reads(LONG)
    openers = {
        "hide": "#messages > li:last-child a[data-sheet=hide]",
        "mute": "#messages > li:last-child a[data-sheet=mute]",
        "remove": "#messages > li:last-child a[data-sheet=remove]",
        "unmute": "[data-list=muted] a",
        "readmit": "[data-list=removed] a",
    }
    fay.page.locator("#messages > li:last-child summary").filter(visible=True).click()
    for verb, opener in openers.items():
        fay.page.set_viewport_size({"width": 1280, "height": 800})
        fay.page.locator(opener).click()
        sheet = fay.page.locator("dialog[open]")
        expect(sheet.locator("#sheet-head")).to_be_focused()
        sheet.get_by_label("Reason").fill(LONG)
        looks.stands_everywhere(fay.page, f"the sheet {verb}", composer=False)
        fay.page.keyboard.press("Escape")
        expect(sheet).to_have_count(0)
    fay.goes(f"{room.live}/mute?member={room.member('Tin Whistle')}")  # the sheet as a page
    looks.stands_everywhere(fay.page, "the sheet without script", composer=False)


@pytest.mark.parametrize("view", ["Room", "People", "Meeting"])
def test_the_facilitators_page_stands_in_every_view(house: House, meet: Meet, view: str) -> None:
    room = house.found()
    room.open(Mode.TURNS, topic="What helped you this week?")
    for name in ("Slow River", "Paper Kite"):
        room.do(room.somebody(name), RaiseHand())
    room.do(FAY, MuteMember(member=room.member("Paper Kite"), minutes=60, reason="A pause."))
    fay = meet().holds(house, room, "Kind Otter")
    fay.box.fill("Welcome, everybody.")
    fay.page.set_viewport_size({"width": 360, "height": 740})
    fay.view(view)
    for fold in fay.page.locator(f"#{view.lower()} summary").filter(visible=True).all():
        fold.click()
    looks.stands_everywhere(fay.page, f"facilitator, {view}", composer=view == "Room")


def test_a_room_at_rest_stands_for_its_facilitator(house: House, meet: Meet) -> None:
    room = house.found()
    fay = meet().holds(house, room, "Kind Otter")
    looks.stands_everywhere(fay.page, "facilitator, no meeting", composer=False)
    fay.page.set_viewport_size({"width": 1280, "height": 800})
    fay.presses("Open the meeting")
    fay.presses("Pause the room")
    fay.sees("The room is resting. Resume")
    looks.stands_everywhere(fay.page, "facilitator, paused", composer=True)
    fay.page.set_viewport_size({"width": 360, "height": 740})
    fay.presses("The room is resting. Resume")
    expect(fay.button("The room is resting. Resume")).to_have_count(0)
