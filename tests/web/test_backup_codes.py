"""Backup codes and resets through their pages: shown once, typed in place of the six digits."""

import re

import pyotp
from httpx2 import AsyncClient, Response

from server.people import resets
from tests.web.house import PASSWORD, House, hidden, secret_on

PAGE = "/staff/backup-codes"


def codes_on(page: Response) -> list[str]:
    return re.findall(r'class="code" dir="ltr">([\d ]+)<', page.text)


async def written_down(browser: AsyncClient) -> list[str]:
    """Somebody looks at new codes and says that they have them."""
    page = await browser.get(PAGE)
    answer = await browser.post(PAGE, data={"sealed": hidden(page, "sealed")})
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff")
    return codes_on(page)


async def sign_in(house: House, login: str, code: str) -> int:
    form = {"login": login, "password": PASSWORD, "code": code}
    return (await house.browser().post("/staff/sign-in", data=form)).status_code


async def test_who_accepts_an_invitation_is_shown_ten_codes(house: House) -> None:
    fay, _ = await house.staff("fay")
    assert "You have no backup codes." in (await fay.get("/staff")).text
    page = await fay.get(PAGE)
    assert len(set(codes_on(page))) == 10
    assert page.headers["cache-control"] == "no-store"


async def test_a_code_opens_the_door_once(house: House) -> None:
    fay, _ = await house.staff("fay")
    code = (await written_down(fay))[0]
    assert "You have 10 backup codes left." in (await fay.get("/staff")).text
    assert await sign_in(house, "fay", code) == 303
    assert await sign_in(house, "fay", code) == 422
    assert "You have 9 backup codes left." in (await fay.get("/staff")).text


async def test_looking_changes_nothing(house: House) -> None:
    fay, _ = await house.staff("fay")
    kept = await written_down(fay)
    shown = codes_on(await fay.get(PAGE))
    assert await sign_in(house, "fay", shown[0]) == 422
    assert await sign_in(house, "fay", kept[0]) == 303


async def test_codes_of_somebody_else_or_of_an_old_page_are_not_kept(house: House) -> None:
    fay, _ = await house.staff("fay")
    mo, _ = await house.staff("mo")
    field = hidden(await mo.get(PAGE), "sealed")
    answer = await fay.post(PAGE, data={"sealed": field})
    assert answer.status_code == 422
    assert "This page could not be read." in answer.text
    house.wall.now += 29 * 60
    await mo.get("/staff")  # still there
    house.wall.now += 2 * 60
    late = await mo.post(PAGE, data={"sealed": field})
    assert late.status_code == 422
    assert "You have no backup codes." in (await mo.get("/staff")).text


async def test_a_stranger_is_shown_no_codes(house: House) -> None:
    stranger = house.browser()
    for answer in (await stranger.get(PAGE), await stranger.post(PAGE, data={"sealed": "x"})):
        assert (answer.status_code, answer.headers["location"]) == (303, "/staff")
        assert codes_on(answer) == []


async def test_a_lost_phone_is_replaced_through_the_link(house: House) -> None:
    fay, lost = await house.staff("fay")
    parts = house.parts
    code = await resets.reset(parts.database, parts.secrets, "fay", house.wall.now)
    assert "Sign in to hold a room" in (await fay.get("/staff")).text
    page = await fay.get(resets.PAGE)
    assert "Sign in anew" in page.text
    assert 'action="/staff/reset"' in page.text
    phone = pyotp.TOTP(secret_on(page))
    form = {
        "code": code,
        "login": "fay",
        "password": "eleven slow barges pass",
        "enrolment": hidden(page, "enrolment"),
        "digits": phone.at(int(house.wall.now)),
    }
    answer = await fay.post(resets.PAGE, data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    assert "You hold one room." in (await fay.get("/staff")).text
    assert await sign_in(house, "fay", lost.at(int(house.wall.now) + 60)) == 422
    again = await fay.post(resets.PAGE, data=form)
    assert again.status_code == 422
    assert "This invitation does not work" in again.text
