"""Leave quickly in a real browser: at once, in every tab, and nothing of ours behind Back."""

import re

from playwright.sync_api import expect

from tests.browser.house import House, Weather
from tests.browser.people import Meet, Person


def cover(person: Person) -> str:
    values = [c["value"] for c in person.context.cookies() if c["name"] == "cover"]
    return values[0] if values else ""


def is_away(person: Person, weather: Weather) -> None:
    expect(person.page).to_have_url(weather.address)
    assert cover(person) == "1"


def test_one_press_and_the_weather_is_there(house: House, meet: Meet, weather: Weather) -> None:
    ada = meet("phone")
    ada.goes("/about")
    ada.page.locator("a.leave").click()
    is_away(ada, weather)


def test_without_script_the_same_link_does_the_same(
    house: House, meet: Meet, weather: Weather
) -> None:
    ada = meet("phone", script=False)
    ada.goes("/about")
    ada.page.locator("a.leave").click()
    is_away(ada, weather)


def test_back_shows_notes_and_one_press_comes_home(
    house: House, meet: Meet, weather: Weather
) -> None:
    ada = meet()
    ada.goes("/")
    ada.goes("/about")
    ada.page.locator("a.leave").click()
    is_away(ada, weather)
    ada.page.go_back()
    expect(ada.page).to_have_title("Notes")
    assert "Evening Group" not in ada.everything_shown()
    ada.button("Come back").click()
    expect(ada.page).to_have_title("Evening Group")
    assert cover(ada) == ""


def test_shift_three_times_leaves_and_says_how_many_are_left(
    house: House, meet: Meet, weather: Weather
) -> None:
    ada = meet()
    ada.goes("/about")
    status = ada.page.locator("div[role=status].vh")
    ada.page.keyboard.press("Shift")
    expect(status).to_have_text("Shift, press 2 more times to leave")
    ada.page.keyboard.press("Shift")
    expect(status).to_have_text("Shift, press 1 more time to leave")
    ada.page.keyboard.press("Shift")
    is_away(ada, weather)


def test_capital_letters_and_shortcuts_do_not_count(house: House, meet: Meet) -> None:
    ada = meet()
    ada.goes("/words")
    box = ada.page.get_by_label("Your eight words")
    box.focus()
    for letters in ("ABC", "DEF", "GHI"):
        for letter in letters:
            ada.page.keyboard.press(f"Shift+{letter}")
        ada.page.keyboard.press("Space")
    ada.page.keyboard.press("Shift")
    ada.page.keyboard.press("Shift")
    ada.page.keyboard.press("a")
    ada.page.keyboard.press("Shift")
    ada.page.keyboard.press("Shift+Tab")
    expect(box).to_have_value("ABC DEF GHI a")
    assert cover(ada) == ""


def test_every_other_tab_turns_into_notes(house: House, meet: Meet, weather: Weather) -> None:
    ada = meet()
    ada.goes("/")
    other = ada.tab()
    other.goto(f"{ada.address}/about")
    ada.page.locator("a.leave").click()
    is_away(ada, weather)
    expect(other).to_have_title("Notes")
    expect(other.get_by_role("button", name="Come back")).to_be_visible()


def test_help_stays_readable_after_leaving(house: House, meet: Meet, weather: Weather) -> None:
    ada = meet()
    ada.goes("/")
    ada.page.locator("a.leave").click()
    is_away(ada, weather)
    ada.goes("/help")
    expect(ada.page).to_have_title(re.compile("Help"))


def test_somebody_in_a_room_is_lost_to_it_at_once(
    house: House, meet: Meet, weather: Weather
) -> None:
    room = house.found()
    room.open()
    ada = meet().joins(room, "Paper Kite")
    ada.page.locator("a.leave").first.click()
    is_away(ada, weather)
    expect.set_options(timeout=10_000)
    for _ in range(50):
        if not room.here("Paper Kite"):
            break
        ada.page.wait_for_timeout(100)
    assert not room.here("Paper Kite")
    assert "Paper Kite" in room.members()
