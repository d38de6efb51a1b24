"""What somebody needs now is in sight: on a phone, above its keyboard, and on a desktop."""

from typing import Final

import pytest
from playwright.sync_api import Page, expect

from rooms.meetings import ChangeGroundRules
from rooms.modes import SetMode
from rooms.room import Mode
from rooms.turns import CallNext, RaiseHand
from tests.browser.house import FAY, House
from tests.browser.looks import in_sight
from tests.browser.people import Meet

pytestmark = pytest.mark.browser

ADA: Final = "Quiet Heron"
KEYBOARD_OPEN: Final = (360, 300)
SIZES: Final = [(360, 740), (1280, 800), KEYBOARD_OPEN]

LINES: Final = """(selector) => {
  const range = document.createRange();
  range.selectNodeContents(document.querySelector(selector));
  return new Set([...range.getClientRects()].map((r) => Math.round(r.bottom / 8))).size;
}"""
"""How many lines a text takes."""


def resize(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))")


@pytest.mark.parametrize("size", SIZES)
def test_long_rules_scroll_above_the_button_that_accepts_them(
    house: House, meet: Meet, size: tuple[int, int]
) -> None:
    room = house.found()
    room.open()
    ada = meet().joins(room, ADA)
    resize(ada.page, size)
    room.do(FAY, ChangeGroundRules(lines=[f"Rule {n}: speak about yourself." for n in range(12)]))
    ada.sees("Please read the ground rules before you speak")
    resize(ada.page, size)
    assert in_sight(ada.page, '#dock [formaction$="accept-rules"]') == ""
    rules = ada.page.get_by_role("region", name="Ground rules", exact=True)
    box = rules.bounding_box()
    assert box and box["height"] >= 44
    rules.focus()
    ada.page.keyboard.press("End")
    expect(rules.get_by_text("Rule 11")).to_be_in_viewport()
    ada.presses("I accept them")
    expect(ada.button("I accept them")).to_have_count(0)
    ada.says("It was a good week.")
    ada.reads("It was a good week.")


def test_on_my_turn_everything_is_in_sight_above_a_phones_keyboard(
    house: House, meet: Meet
) -> None:
    room = house.found()
    room.open(Mode.TURNS, topic="What helped you this week?")
    ada = meet("phone").joins(room, ADA)
    ada.presses("Raise hand")
    ada.sees("You’re next")
    room.do(FAY, CallNext())
    ada.sees("It’s your turn")
    expect(ada.page.locator(".now__you")).to_be_hidden()  # a seat alone says nothing
    resize(ada.page, KEYBOARD_OPEN)
    for what in ("#who", "#box", "#dock .btn--main", '#dock [formaction$="done"]'):
        assert in_sight(ada.page, what) == ""


def test_a_facilitator_can_write_and_lead_above_a_phones_keyboard(house: House, meet: Meet) -> None:
    room = house.found()
    room.open()
    room.talk(8)
    room.do(FAY, SetMode(mode=Mode.TURNS))
    room.do(room.somebody("Tin Whistle"), RaiseHand())
    fay = meet("phone").holds(house, room, "Kind Otter")
    fay.sees("Pass the floor to Tin Whistle")
    resize(fay.page, KEYBOARD_OPEN)
    for what in ("#box", "#dock .btn:not([hidden])", '.thumb form[action$="call"] .btn'):
        assert in_sight(fay.page, what) == ""
    box, send = fay.box.bounding_box(), fay.button("Send").bounding_box()
    assert box and send
    assert box["x"] + box["width"] <= send["x"]


def test_the_floor_takes_one_line_of_a_phone_for_short_names(house: House, meet: Meet) -> None:
    room = house.found()
    room.open(Mode.TURNS, topic="A good week?")
    bo = room.somebody("Amber Finch")
    ada = meet("phone").joins(room, ADA)
    room.do(bo, RaiseHand())
    room.do(FAY, CallNext())
    ada.sees("Amber Finch has the floor")
    assert ada.page.evaluate(LINES, "#who") == 1
    assert ada.page.evaluate(LINES, ".now__what") == 1
    room.do(FAY, SetMode(mode=Mode.OPEN))
    ada.sees("Brave Otter holds the room")
    assert ada.page.evaluate(LINES, "#who") == 1


def test_a_facilitator_sees_eight_people_and_acts_on_one_without_anything_moving(
    house: House, meet: Meet
) -> None:
    room = house.found()
    room.open()
    room.talk(48)  # six people
    fay = meet().holds(house, room, "Kind Otter")
    people = fay.page.locator('[data-list="people"] > li')
    expect(people).to_have_count(8)
    for person in people.all():
        expect(person).to_be_in_viewport(ratio=1)
    actions = people.last.locator("summary")
    before = actions.bounding_box()
    actions.click()
    expect(people.last.get_by_role("link", name="Mute")).to_be_visible()
    assert actions.bounding_box() == before


def test_a_room_where_nothing_was_said_yet_says_what_will_be_read(house: House, meet: Meet) -> None:
    room = house.found()
    room.open()
    ada = meet("phone").joins(room, ADA)
    ada.sees("You will read what is said from now on.")
    room.say(FAY, "Welcome.")
    ada.reads("Welcome.")
    ada.does_not_see("You will read what is said from now on.")
