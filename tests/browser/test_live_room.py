"""The live room in a browser: words are kept, nothing moves, and what must vanish vanishes."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from moderation.actions import MuteMember, ReadmitMember, RemoveMember
from rooms.meetings import CloseMeeting
from rooms.modes import SetMode
from rooms.room import Mode
from rooms.turns import CallNext
from tests.browser.house import FAY, House, Room
from tests.browser.line import Line
from tests.browser.people import Meet, Person
from tests.browser.test_pages import fits, is_readable

pytestmark = pytest.mark.browser

AWAY = ("ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "WebSocket connection to", "ERR_SOCKET")
"""What a browser says of a server that is not there."""


@pytest.fixture
def room(house: House) -> Room:
    """A room of this test's own, whose meeting is open."""
    room = house.found()
    room.open()
    return room


@pytest.fixture
def line(house: House) -> Iterator[Line]:
    line = Line(house.address)
    yield line
    line.stop()


def over_a_line(room: Room, line: Line, meet: Meet) -> Person:
    """Ada on a phone, by a line that a test can cut."""
    ada = meet("phone", at=line.address)
    ada.expects(*AWAY)
    return ada.joins(room, "Quiet Heron")


def unsent(ada: Person) -> list[str]:
    """Words of one's own that are not in the room."""
    return ada.page.locator("#messages .msg--unsent .msg__words").all_inner_texts()


def test_a_turn_from_the_raised_hand_to_the_end(house: House, meet: Meet) -> None:
    room = house.found()
    room.open(Mode.TURNS)
    fay, ada = meet().holds(house, room, "Kind Lamp"), meet("phone").joins(room, "Quiet Heron")
    ada.presses("Raise hand")
    ada.sees("You’re next")
    assert ada.page.evaluate("document.activeElement.textContent") == "Lower hand"
    fay.presses("Pass the floor to Quiet Heron")
    ada.sees("You have the floor")
    is_readable(ada.page, "my turn")
    ada.says("It was a week with two good days in it.")
    fay.reads("It was a week with two good days in it.")
    ada.presses("I’m done")
    fay.sees("The floor is free")
    is_readable(fay.page, "the facilitator's view")


def test_words_written_while_the_line_is_down_arrive_once_and_in_order(
    room: Room, line: Line, meet: Meet
) -> None:
    ada = over_a_line(room, line, meet)
    line.cut()
    for text in ("First", "Second", "Third"):
        ada.says(text)
    ada.box.fill("A draft that stays")
    ada.sees("Trying to reconnect.")
    assert unsent(ada) == ["First", "Second", "Third"]
    expect(ada.box).to_be_enabled()
    is_readable(ada.page, "connection lost")
    fits(ada.page, "connection lost")
    room.say(FAY, "You missed this.")
    line.restore()
    ada.presses("Try now")
    ada.reads("Third")
    expect(ada.page.locator("#messages .msg--unsent")).to_have_count(0)
    assert ada.said() == ["You missed this.", "First", "Second", "Third"]
    ada.sees("You’re back. You missed part; it starts here.")
    ada.does_not_see("Trying to reconnect.")
    expect(ada.box).to_have_value("A draft that stays")


def test_words_the_rules_refuse_stay_with_their_author(room: Room, line: Line, meet: Meet) -> None:
    ada = over_a_line(room, line, meet)
    line.cut()
    ada.says("I wanted to say this.")
    room.do(FAY, SetMode(mode=Mode.CLOSED))
    line.restore()
    ada.sees("The facilitator is speaking now.")
    assert unsent(ada) == ["I wanted to say this."]
    is_readable(ada.page, "not sent")
    room.do(FAY, SetMode(mode=Mode.OPEN))
    ada.sees("Anyone may write")
    ada.presses("Try now")
    expect(ada.page.locator("#messages .msg--unsent")).to_have_count(0)
    assert ada.said() == ["I wanted to say this."]


def test_words_that_are_let_go_of_are_gone(room: Room, line: Line, meet: Meet) -> None:
    ada = over_a_line(room, line, meet)
    line.cut()
    ada.says("I thought better of it.")
    ada.sees("Not sent yet")
    ada.presses("Delete")
    line.restore()
    room.say(FAY, "Welcome.")
    ada.reads("Welcome.")
    assert ada.said() == ["Welcome."]


def test_nothing_moves_under_somebody_who_reads_back(room: Room, meet: Meet) -> None:
    ada = meet("phone").joins(room, "Quiet Heron")
    room.talk(40)
    ada.reads("Thought 40.")
    ada.page.locator(".stream").evaluate("stream => { stream.scrollTop = -900; }")
    newest = ada.page.locator("#newest")
    expect(newest).to_be_visible()
    place = "() => document.querySelectorAll('#messages > li')[30].getBoundingClientRect().top"
    before = ada.page.evaluate(place)
    room.say(FAY, "One more.", "And a second one, which is long enough for two lines on a phone.")
    expect(newest).to_contain_text("2 new")
    assert abs(ada.page.evaluate(place) - before) < 1
    newest.click()
    expect(newest).to_be_hidden()
    assert "And a second one" in ada.page.evaluate("document.activeElement.textContent")


def test_the_message_list_is_one_stop_of_the_tab_key(room: Room, meet: Meet) -> None:
    ada = meet().joins(room, "Quiet Heron")
    room.say(FAY, "One.", "Two.")
    ada.says("Three.")
    ada.reads("Three.")
    focused = "document.activeElement.textContent.replace(/\\s+/g, ' ')"
    ada.box.focus()
    ada.page.keyboard.press("Shift+Tab")
    assert "Three." in ada.page.evaluate(focused)
    ada.page.keyboard.press("Home")
    assert "One." in ada.page.evaluate(focused)
    ada.page.keyboard.press("ArrowDown")
    assert "Two." in ada.page.evaluate(focused)
    ada.page.keyboard.press("End")
    ada.page.keyboard.press("Enter")
    ada.page.wait_for_function("document.activeElement.textContent.includes('More')")
    ada.page.keyboard.press("Escape")
    ada.page.wait_for_function("document.activeElement.tagName === 'ARTICLE'")
    ada.page.keyboard.press("Tab")
    assert ada.page.evaluate("document.activeElement.closest('#messages')") is None


def test_other_peoples_messages_are_spoken_once_and_many_become_a_number(
    room: Room, meet: Meet
) -> None:
    ada = meet().joins(room, "Quiet Heron")
    spoken = ada.page.locator("#announcer p")
    room.say(FAY, "Welcome.")
    expect(spoken).to_have_text(["Brave Otter: Welcome."])
    ada.says("Thank you.")
    room.talk(5)
    expect(spoken).to_have_text(["Brave Otter: Welcome.", "5 new messages"])


def test_enter_sends_with_a_keyboard_and_not_while_a_word_is_composed(
    room: Room, meet: Meet
) -> None:
    ada = meet().joins(room, "Quiet Heron")
    ada.box.fill("One line")
    ada.page.keyboard.press("Shift+Enter")
    ada.page.keyboard.type("and another")
    ada.box.evaluate(
        """box => box.dispatchEvent(
            new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true }))"""
    )
    expect(ada.box).to_have_value("One line\nand another")
    ada.page.keyboard.press("Enter")
    ada.reads("and another")
    assert ada.said() == ["One line\nand another"]
    expect(ada.box).to_be_focused()


def test_a_mute_is_told_with_its_reason_and_words_in_the_box_stay(room: Room, meet: Meet) -> None:
    ada = meet("phone").joins(room, "Quiet Heron")
    ada.box.fill("Half a thought")
    member = room.member("Quiet Heron")
    room.do(FAY, MuteMember(member=member, minutes=10, reason="Three replies during turns"))
    ada.sees("You are muted until")
    ada.sees("Three replies during turns")
    expect(ada.box).to_have_value("Half a thought")
    is_readable(ada.page, "muted")
    fits(ada.page, "muted")


def test_nothing_of_the_room_stays_with_somebody_who_was_removed(room: Room, meet: Meet) -> None:
    ada = meet("phone").joins(room, "Quiet Heron")
    room.say(FAY, "A needle in the room.")
    ada.reads("A needle in the room.")
    member = room.member("Quiet Heron")
    room.do(FAY, RemoveMember(member=member, reason="Please rest for tonight"))
    ada.sees("You were asked to leave this meeting")
    ada.sees("Please rest for tonight")
    everything = ada.page.evaluate("document.documentElement.innerHTML")
    assert "needle" not in everything
    assert "Brave Otter" not in everything
    is_readable(ada.page, "removed")
    fits(ada.page, "removed")
    room.do(FAY, ReadmitMember(member=member, reason="Welcome back"))
    ada.sees("Brave Otter holds the room")
    room.say(FAY, "Good that you are back.")
    ada.reads("Good that you are back.")
    ada.says("Thank you.")
    ada.reads("Thank you.")
    ada.sees("Sent")
    assert unsent(ada) == []
    assert ada.said() == ["Good that you are back.", "Thank you."]


def test_a_sheet_shows_the_notice_as_it_will_be_read_and_gives_the_focus_back(
    house: House, room: Room, meet: Meet
) -> None:
    room.somebody("Quiet Heron")
    fay = meet().holds(house, room, "Kind Lamp")
    sheet = fay.acts("Quiet Heron", "Mute")
    expect(sheet.get_by_role("heading", name="Mute Quiet Heron")).to_be_focused()
    sheet.get_by_label("Reason").fill("Three replies during turns")
    sheet.get_by_label("1 hour").check()
    expect(sheet.locator(".mine")).to_contain_text(re.compile(r"You are muted until \d+:\d\d"))
    expect(sheet.locator(".mine")).to_contain_text("Three replies during turns")
    is_readable(fay.page, "a sheet")
    leave = sheet.locator("a.leave").bounding_box()
    assert leave == fay.page.locator("body > header a.leave").bounding_box()
    fay.page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    assert "Mute" in fay.page.evaluate("document.activeElement.textContent")


def test_everybody_goes_on_when_the_meeting_is_over_but_not_without_their_words(
    room: Room, meet: Meet
) -> None:
    ada = meet("phone").joins(room, "Quiet Heron")
    bo = meet("phone").joins(room, "North Window")
    bo.box.fill("Words nobody has seen")
    room.do(FAY, CloseMeeting())
    ada.page.wait_for_url("**/after")
    bo.sees("The meeting is over.")
    expect(bo.box).to_have_value("Words nobody has seen")
    is_readable(bo.page, "the meeting is over")
    bo.page.get_by_role("link", name="Go on").click()
    bo.page.wait_for_url("**/after")


def test_help_opens_beside_the_room_only_while_words_wait_in_it(room: Room, meet: Meet) -> None:
    ada = meet("phone").joins(room, "Quiet Heron")
    ada.expects("favicon.ico")
    ada.box.fill("Words that live on this page alone")
    with ada.context.expect_page() as beside:
        ada.page.locator("body > header a.helpnow").click()
    expect(beside.value).to_have_url(re.compile("/help"))
    expect(ada.box).to_have_value("Words that live on this page alone")
    ada.box.fill("")
    ada.page.locator("body > header a.helpnow").click()
    ada.page.wait_for_url("**/help")


@pytest.mark.parametrize("size", [(360, 300), (320, 740)])
def test_the_box_is_in_sight_in_small_windows(
    room: Room, meet: Meet, size: tuple[int, int]
) -> None:
    ada = meet("phone").joins(room, "Quiet Heron")
    room.talk(20)
    ada.reads("Thought 20.")
    ada.page.set_viewport_size({"width": size[0], "height": size[1]})
    room.do(FAY, SetMode(mode=Mode.TURNS))
    ada.presses("Raise hand")
    room.do(FAY, CallNext())
    ada.sees("You have the floor")
    box = ada.box.bounding_box()
    assert box
    assert box["y"] + box["height"] <= size[1]
    fits(ada.page, f"a window of {size}")
