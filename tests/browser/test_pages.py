"""The pages around a meeting in a real browser: readable by everybody, at every size."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.house import House, Room
from tests.browser.people import Meet, Person

SIZES = [(320, 256), (360, 740), (1280, 800)]
"""The first is a desktop window at 400 %."""

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture
def room(house: House) -> Room:
    """A room with an open meeting."""
    room = house.found()
    room.open()
    return room


def paths(room: Room) -> list[str]:
    at = f"/rooms/{room.slug}"
    pages = ["/", "/about", "/words", "/staff", "/staff/invitation", "/nowhere"]
    return [*pages, at, f"{at}/join", f"{at}/after"]


def is_readable(page: Page, where: str) -> None:
    found = Axe().run(page, options=WCAG)
    assert found.violations_count == 0, f"{where}: {found.generate_report()}"


def fits(page: Page, where: str) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{where} scrolls sideways by {wide} px"
    for name in ("leave", "helpnow"):
        on_top = page.evaluate(
            """name => {
                const at = document.querySelector(`a.${name}`).getBoundingClientRect();
                const top = document.elementFromPoint(at.x + at.width / 2, at.y + at.height / 2);
                return at.height >= 44 && top.closest(`a.${name}`) !== null;
            }""",
            name,
        )
        assert on_top, f"{name} cannot be pressed on {where}"


@pytest.mark.parametrize("dark", [False, True])
def test_every_page_can_be_read_by_everybody_and_fits(room: Room, meet: Meet, dark: bool) -> None:
    ada = meet(dark=dark)
    ada.expects("404")
    for path in paths(room):
        ada.goes(path)
        is_readable(ada.page, path)
        for width, height in SIZES:
            ada.page.set_viewport_size({"width": width, "height": height})
            ada.page.evaluate("scrollTo(0, document.body.scrollHeight)")
            fits(ada.page, f"{path} at {width}")
        is_readable(ada.page, path)


@pytest.mark.parametrize("more", [{"contrast": "more"}, {"forced_colors": "active"}])
def test_the_pages_can_be_read_in_stronger_colours(
    room: Room, meet: Meet, more: dict[str, str]
) -> None:
    ada = meet("phone", **more)
    for path in paths(room):
        if path != "/nowhere":
            ada.goes(path)
            is_readable(ada.page, path)


def test_every_refusal_of_the_threshold_can_be_read_by_everybody(room: Room, meet: Meet) -> None:
    ada = meet("phone")
    ada.expects("422")
    ada.goes(f"/rooms/{room.slug}/join")
    ada.fills_in_the_door("Brave Otter")
    ada.page.get_by_text("I have been here before").click()
    ada.presses("Come in")
    ada.sees("That name is already in the room. Please choose another.")
    expect(ada.page.get_by_label("Your name here")).to_have_value("Brave Otter")
    is_readable(ada.page, "a taken name")
    ada.page.get_by_label("Your name here").fill("Paper Kite")
    ada.page.get_by_text("I have been here before").click()
    ada.page.get_by_label("Your eight words").fill("abandom " * 8)
    ada.presses("Come in")
    ada.sees("abandon")
    is_readable(ada.page, "a mistyped word")
    fits(ada.page, "a mistyped word")


def test_the_first_stops_of_the_keyboard_are_leave_help_and_skip(room: Room, meet: Meet) -> None:
    ada = meet()
    for path in paths(room)[:3]:
        ada.goes(path)
        stops = []
        for _ in range(3):
            ada.page.keyboard.press("Tab")
            stops.append(ada.page.evaluate("document.activeElement.className"))
        assert stops == ["leave", "helpnow", "skip"], path


def test_an_invitations_code_comes_from_the_link_and_stays_in_no_history(
    house: House, meet: Meet
) -> None:
    fay = meet()
    fay.goes("/staff/invitation#abcd-efgh-ijkl")
    expect(fay.page.get_by_label("Invitation code")).to_have_value("abcd-efgh-ijkl")
    assert fay.page.url.endswith("/staff/invitation")


def test_somebody_without_script_comes_in_with_a_tap_and_a_tick(room: Room, meet: Meet) -> None:
    bo: Person = meet("phone", script=False)
    bo.goes(f"/rooms/{room.slug}")
    bo.page.get_by_role("link", name="Come in").click()
    bo.page.get_by_role("checkbox", name="I will keep to these").check()
    bo.presses("Come in")
    expect(bo.page).to_have_url(f"{bo.address}/rooms/{room.slug}/live")
    assert len(room.members()) == 1
