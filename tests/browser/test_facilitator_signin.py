"""Facilitators sign in with a password and a code that works once, and can end it everywhere."""

import pytest
from playwright.sync_api import expect

from server.people.invitations import create_invitation, invitation_path
from tests.browser.house import House
from tests.browser.people import Meet

pytestmark = pytest.mark.browser


def invited(house: House, room: str) -> str:
    """The address of an invitation to hold a room."""
    made = create_invitation(
        house.parts.database, room_id=room, role="facilitator", now=house.parts.wall()
    )
    return invitation_path(house.do(made))


def test_wrong_codes_and_used_codes_open_nothing(house: House, meet: Meet) -> None:
    room = house.found()
    fay = meet("desktop")
    fay.expects("422")
    phone = fay.accepts(invited(house, room.slug), "lapwing")
    fay.presses("Sign out")

    fay.signs_in("lapwing", "000000" if phone.used() != "000000" else "111111")
    expect(fay.page.locator("#wrong")).to_be_visible()
    expect(fay.page.get_by_label("Sign-in name")).to_have_value("lapwing")
    expect(fay.page.get_by_label("Password")).to_have_value("")
    fay.signs_in("lapwing", phone.used())
    expect(fay.page.locator("#wrong")).to_be_visible()
    fay.goes(f"/rooms/{room.slug}/join?as=staff")
    expect(fay.page).to_have_url(f"{house.address}/staff")


def test_a_backup_code_opens_once(house: House, meet: Meet) -> None:
    room = house.found()
    fay = meet("desktop")
    fay.expects("422")
    fay.accepts(invited(house, room.slug), "dunlin")
    fay.presses("Sign out")
    fay.signs_in("dunlin", fay.backup_codes[3])
    fay.sees("You hold one room.")
    fay.presses("Sign out")
    fay.signs_in("dunlin", fay.backup_codes[3])
    expect(fay.page.locator("#wrong")).to_be_visible()


def test_an_invitation_works_once(house: House, meet: Meet) -> None:
    room = house.found()
    address = invited(house, room.slug)
    meet("desktop").accepts(address, "lark")
    bo = meet("desktop")
    bo.expects("422")
    bo.goes(address)
    bo.page.get_by_label("Sign-in name").fill("wren")
    bo.page.get_by_label("Password").fill("nine blue lamps at night")
    bo.page.get_by_label("Six digits").fill("123456")
    bo.presses("Accept and sign in")
    expect(bo.page.locator(".wrong").first).to_be_visible()
    expect(bo.page.get_by_label("Sign-in name")).to_have_value("wren")


@pytest.mark.parametrize("press", ["Sign out", "Sign out everywhere"])
def test_signing_out_closes_the_live_page(house: House, meet: Meet, press: str) -> None:
    room = house.found()
    room.open()
    fay = meet("desktop").holds(house, room, "Kind Otter")
    fay.box.fill("I was about to say")
    desk = fay.tab()
    desk.goto(f"{house.address}/staff")
    desk.get_by_role("button", name=press, exact=True).click()
    expect(desk.get_by_label("Password")).to_be_visible()

    fay.sees("Your sign-in has ended.")
    expect(fay.box).to_have_value("I was about to say")
    assert not room.here("Kind Otter")
    fay.goes(f"{room.live}?as=staff")
    expect(fay.page).to_have_url(f"{house.address}/staff")
