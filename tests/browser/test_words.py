"""Eight words: shown at any time, the same person on another device, and forgotten when asked."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.house import FAY, House
from tests.browser.people import Meet, Person

pytestmark = pytest.mark.browser


def words_of(person: Person) -> list[str]:
    """The eight words on the page."""
    shown = person.page.locator(".words > li")
    expect(shown).to_have_count(8)
    return shown.all_inner_texts()


def test_the_words_can_be_seen_from_inside_the_room(house: House, meet: Meet) -> None:
    room = house.found()
    room.open()
    ada = meet("phone").joins(room, "Copper Moth")
    ada.page.get_by_role("link", name="People and ground rules").click()
    with ada.context.expect_page() as opened:
        ada.page.get_by_role("link", name=re.compile("Your words")).click()
    room_page, ada.page = ada.page, opened.value
    words = words_of(ada)
    assert len(set(words)) > 1
    ada.goes(f"/rooms/{room.slug}/after")
    assert words_of(ada) == words
    ada.page = room_page
    room.say(FAY, "Still here.")
    expect(ada.page.locator("#messages")).to_contain_text("Still here.")


def test_the_words_give_the_same_place_and_name_on_a_second_device(
    house: House, meet: Meet
) -> None:
    room = house.found()
    room.open()
    ada = meet("phone").joins(room, "Copper Moth")
    ada.says("From my phone.")
    ada.reads("From my phone.")
    looking = ada.tab()
    looking.goto(f"{house.address}/words")
    words = looking.locator(".words > li").all_inner_texts()

    laptop = meet("desktop")
    laptop.goes(f"/rooms/{room.slug}/join")
    laptop.page.get_by_text("I have been here before").click()
    laptop.page.get_by_label("Your eight words").fill(" ".join(words))
    laptop.page.get_by_role("checkbox", name="I will keep to these").check()
    laptop.presses("Come in")
    expect(laptop.page).to_have_url(room.live)
    laptop.is_connected()
    expect(laptop.page.locator("#messages > li.msg--mine")).to_contain_text("From my phone.")
    laptop.says("From my laptop.")
    ada.reads("From my laptop.")
    expect(ada.page.locator("#messages > li.msg--mine")).to_have_count(2)
    assert room.members() == ["Copper Moth"]


def test_a_slip_is_told_and_nothing_typed_is_lost(house: House, meet: Meet) -> None:
    room = house.found()
    room.open()
    ada = meet("phone").joins(room, "Copper Moth")
    ada.goes("/words")
    words = words_of(ada)
    bo = meet("phone")
    bo.expects("422")
    bo.goes("/words")
    bo.sees("This device has no words yet.")

    slipped = [*words[:2], words[2][:3] + "q" + words[2][3:], *words[3:]]
    bo.page.get_by_label("Your eight words").fill(" ".join(slipped))
    bo.presses("Use these words")
    bo.sees(f"Word 3 is “{slipped[2]}”.")
    expect(bo.page.get_by_label("Your eight words")).to_have_value(" ".join(slipped))
    expect(bo.page.locator(".words")).to_have_count(0)

    swapped = [words[1], words[0], *words[2:]]
    if swapped != words:  # the check also tells the order
        bo.page.get_by_label("Your eight words").fill(" ".join(swapped))
        bo.presses("Use these words")
        expect(bo.page.locator("#words-wrong")).to_be_visible()

    first_letters = " ".join(word[:4] for word in words)
    bo.page.get_by_label("Your eight words").fill(first_letters.upper())
    bo.presses("Use these words")
    assert words_of(bo) == words


def test_a_device_forgets_when_asked_and_the_words_bring_one_back(house: House, meet: Meet) -> None:
    room = house.found()
    room.open()
    ada = meet("phone").joins(room, "Copper Moth")
    ada.goes("/words")
    words = words_of(ada)
    ada.presses("Forget me on this device")
    ada.sees("This device has forgotten you.")
    assert [c["name"] for c in ada.context.cookies()] == []
    ada.goes(room.live)
    expect(ada.page).to_have_url(re.compile("/join$"))  # a stranger, at the door

    ada.goes("/words")
    ada.page.get_by_label("Your eight words").fill(" ".join(words))
    ada.page.get_by_role("checkbox", name="Remember me").check()
    ada.presses("Use these words")
    assert words_of(ada) == words
    kept = [c for c in ada.context.cookies() if c["name"] == "words"]
    assert kept[0]["expires"] > 0  # for 90 days, because it was asked for
    assert kept[0]["httpOnly"]
    ada.goes(room.live)
    ada.is_connected()
    assert room.members() == ["Copper Moth"]
