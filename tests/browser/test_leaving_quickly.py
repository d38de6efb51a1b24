"""Leave quickly: from every view, at once, in every tab; and Help that no cover ever covers."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from rooms.room import Mode
from tests.browser.house import FAY, House, Room, Weather
from tests.browser.people import Meet, Person

pytestmark = pytest.mark.browser

SECRET = "Only this room may know."


def a_member(house: House, meet: Meet, device: str = "phone") -> tuple[Room, Person]:
    """A room that talks, and Ada in it."""
    room = house.found()
    room.open()
    ada = meet(device).joins(room, "Copper Moth")
    room.say(FAY, SECRET)
    ada.reads(SECRET)
    return room, ada


def is_covered(page: Page) -> None:
    """The page says nothing of us: an empty page of notes with one button."""
    expect(page).to_have_title("Notes")
    expect(page.get_by_role("button")).to_have_count(1)
    expect(page.get_by_role("button", name="Come back")).to_be_visible()
    assert page.get_by_role("link").count() == 0
    for word in ("Lantern", "meeting", "Evening", SECRET):
        assert word not in page.content()


def gone(ada: Person, weather: Weather) -> None:
    """The weather is here instead."""
    ada.page.wait_for_url(weather.address)
    expect(ada.page).to_have_title("Weather")


def press(page: Page) -> None:
    page.locator(".safety a.leave").filter(visible=True).last.click()


def thrice_shift(page: Page) -> None:
    for _ in range(3):
        page.keyboard.press("Shift")


@pytest.mark.parametrize("leave", [press, thrice_shift])
def test_the_room_is_gone_at_once_and_back_leads_nowhere(
    house: House, weather: Weather, meet: Meet, leave: Callable[[Page], None]
) -> None:
    room = house.found()
    room.open()
    ada = meet("desktop")
    ada.goes("/about")
    ada.joins(room, "Copper Moth")
    room.say(FAY, SECRET)
    ada.reads(SECRET)
    ada.box.fill("I was just going to say")
    leave(ada.page)
    gone(ada, weather)
    for _ in range(2):  # the page itself was replaced; those before it are covered
        ada.page.go_back()
        is_covered(ada.page)
    ada.goes(room.live)
    is_covered(ada.page)


def test_every_page_has_the_button_and_it_works(house: House, weather: Weather, meet: Meet) -> None:
    room = house.found()
    room.open()
    ada = meet("phone")
    house.facilitator(room.slug, ada.context)
    pages = ["/", f"/rooms/{room.slug}", f"/rooms/{room.slug}/join", f"/rooms/{room.slug}/after",
             "/words", "/about", "/staff", "/staff/invitation", "/help", "/help/US"]  # fmt: skip
    for path in pages:
        ada.goes(path)
        ada.page.get_by_role("link", name="Leave quickly").click()
        gone(ada, weather)
        ada.goes("/")
        ada.presses("Come back")
        expect(ada.page.get_by_role("link", name="Leave quickly")).to_be_visible()


@pytest.mark.parametrize("leave", [press, thrice_shift])
def test_an_open_sheet_is_left_as_quickly(
    house: House, weather: Weather, meet: Meet, leave: Callable[[Page], None]
) -> None:
    room = house.found()
    room.open()
    room.somebody("Slow River")
    fay = meet("desktop").holds(house, room, "Kind Otter")
    fay.acts("Slow River", "Mute").get_by_label("Reason").fill("A reason")
    leave(fay.page)
    gone(fay, weather)
    fay.goes(f"{room.live}?as=staff")
    is_covered(fay.page)


def test_capital_letters_and_shortcuts_are_no_leaving(house: House, meet: Meet) -> None:
    _, ada = a_member(house, meet, "desktop")
    ada.box.click()
    ada.page.keyboard.type("ABC DEF GHI!")
    for key in ("Shift+A", "Shift+B", "Shift+C", "Shift+ArrowLeft", "Shift+Enter", "Shift+Tab"):
        ada.page.keyboard.press(key)
    ada.page.keyboard.press("Shift")
    ada.sees("Shift, press 2 more times to leave")
    ada.page.keyboard.press("Shift")
    ada.sees("Shift, press 1 more time to leave")
    ada.page.keyboard.press("a")
    ada.page.keyboard.press("Shift")
    ada.sees("Shift, press 2 more times to leave")
    ada.reads(SECRET)


def test_every_tab_is_covered_also_one_that_is_open(
    house: House, weather: Weather, meet: Meet
) -> None:
    room, ada = a_member(house, meet)
    other, about = ada.tab(), ada.tab()
    other.goto(room.live)
    expect(other.get_by_text(SECRET)).to_be_visible()
    about.goto(f"{house.address}/about")
    expect(about.get_by_role("heading", level=1)).to_be_visible()
    press(ada.page)
    gone(ada, weather)
    is_covered(other)
    is_covered(about)


def test_come_back_leads_home_and_the_place_is_kept(
    house: House, weather: Weather, meet: Meet
) -> None:
    room, ada = a_member(house, meet)
    press(ada.page)
    gone(ada, weather)
    ada.goes(f"/rooms/{room.slug}")
    is_covered(ada.page)
    ada.presses("Come back")
    expect(ada.page).to_have_url(f"{house.address}/")
    ada.goes(room.live)
    ada.is_connected()
    assert ada.said() == [SECRET]
    assert room.members() == ["Copper Moth"]


def test_help_stays_under_the_cover(house: House, weather: Weather, meet: Meet) -> None:
    _, ada = a_member(house, meet)
    press(ada.page)
    gone(ada, weather)
    for path in ("/help", "/help/US"):
        ada.goes(path)
        expect(ada.page.get_by_role("heading", level=1)).to_be_visible()
        expect(ada.page.locator("a[href^='tel:']").first).to_be_attached()
    ada.goes("/words")
    is_covered(ada.page)


def test_the_others_see_only_a_lost_connection(house: House, weather: Weather, meet: Meet) -> None:
    room = house.found()
    room.open(Mode.TURNS)
    bo = meet("desktop").joins(room, "Slow River")
    ada = meet("phone").joins(room, "Copper Moth")
    bo.sees("Copper Moth came in")
    press(ada.page)
    gone(ada, weather)
    row = bo.page.locator('[data-list="people"] > li', has_text="Copper Moth")
    expect(row).to_contain_text("connection lost, place kept")
    bo.does_not_see("Copper Moth left")
    assert not room.here("Copper Moth")
    assert room.members() == ["Copper Moth", "Slow River"]


def test_without_script_the_link_does_the_same(house: House, weather: Weather, meet: Meet) -> None:
    room = house.found()
    room.open()
    ada = meet("phone", script=False)
    ada.goes(f"/rooms/{room.slug}/join")
    ada.comes_in("Copper Moth")
    assert room.here("Copper Moth")
    ada.page.get_by_role("link", name="Leave quickly").click()
    gone(ada, weather)
    ada.page.go_back()
    is_covered(ada.page)
    assert not room.here("Copper Moth")
    ada.presses("Come back")
    expect(ada.page.get_by_role("heading", name=re.compile("open now"))).to_be_visible()
