"""The staff entrance through its pages: invited once, two factors to come in, out everywhere."""

import pyotp
import pytest
from httpx2 import Response

from server.people.invitations import create_invitation
from tests.web.duty import above, account_of
from tests.web.house import PASSWORD, House, hidden, secret_on


def session_set(answer: Response) -> str:
    found = [c for c in answer.headers.get_list("set-cookie") if c.startswith("sid=")]
    return found[0] if found else ""


async def test_a_stranger_sees_the_sign_in_form_and_nothing_of_any_room(house: House) -> None:
    page = await house.browser().get("/staff")
    assert "Sign in to hold a room" in page.text
    assert house.card.name not in page.text
    assert "<title>Evening Group</title>" in page.text


async def test_an_invited_person_holds_their_room_and_no_other(house: House) -> None:
    await house.parts.directory.create_room("Plain Talk", "Another.", "Open talk.")
    fay, _ = await house.staff("fay")
    page = await fay.get("/staff")
    assert "You hold one room." in page.text
    assert house.card.name in page.text
    assert f'href="{house.room}/join?as=staff"' in page.text
    assert "Plain Talk" not in page.text
    assert "<title>Evening Group</title>" in page.text


async def test_whoever_is_called_without_holding_a_room_finds_where_and_only_moderators_the_desk(
    house: House,
) -> None:
    for role, desk in (("operator", 0), ("moderator", 1)):
        page = await (await above(house, role, role)).get("/staff")
        assert 'href="/staff/on-call"' in page.text
        assert page.text.count('href="/staff/cases"') == desk
        assert "You hold no room." in page.text
        assert "give you a room" not in page.text


async def test_whoever_lost_every_role_waits_for_a_room_and_is_led_nowhere_else(
    house: House,
) -> None:
    fay, totp = await house.staff("fay")
    account = await account_of(house, "fay")
    await house.parts.accounts.take_role(account.id, house.card.id, "facilitator")
    form = {"login": "fay", "password": PASSWORD, "code": totp.at(int(house.wall.now))}
    await fay.post("/staff/sign-in", data=form)
    page = await fay.get("/staff")
    assert "You hold no room yet." in page.text
    assert "give you a room" in page.text
    assert "/staff/on-call" not in page.text


async def test_signing_in_takes_name_password_and_code_and_makes_a_new_session(
    house: House,
) -> None:
    fay, totp = await house.staff("fay")
    before = fay.cookies["sid"]
    form = {"login": "Fay", "password": PASSWORD, "code": totp.at(int(house.wall.now))}
    answer = await fay.post("/staff/sign-in", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff")
    assert "HttpOnly" in session_set(answer)
    assert "SameSite=Strict" in session_set(answer)
    assert "Max-Age" not in session_set(answer)
    assert fay.cookies["sid"] != before
    old = house.browser(Cookie=f"sid={before}")
    assert "Sign in to hold a room" in (await old.get("/staff")).text


@pytest.mark.parametrize(
    "wrong", [{"login": "mo"}, {"password": "seven grey herons fly"}, {"code": "000000"}]
)
async def test_every_mistake_gets_one_answer_and_no_secret_comes_back(
    house: House, wrong: dict[str, str]
) -> None:
    _, totp = await house.staff("fay")
    form = {"login": "fay", "password": PASSWORD, "code": totp.at(int(house.wall.now))} | wrong
    answer = await house.browser().post("/staff/sign-in", data=form)
    assert answer.status_code == 422
    assert "That did not match." in answer.text
    assert f'value="{form["login"]}"' in answer.text
    assert form["password"] not in answer.text
    assert session_set(answer) == ""


async def test_too_many_mistakes_are_told_how_long_to_wait(house: House) -> None:
    bo = house.browser()
    form = {"login": "bo", "password": "wrong", "code": "000000"}
    answers = [await bo.post("/staff/sign-in", data=form) for _ in range(4)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert "Try again in" in answers[-1].text


async def test_signing_out_ends_the_session_and_not_only_the_cookie(house: House) -> None:
    fay, _ = await house.staff("fay")
    token = fay.cookies["sid"]
    answer = await fay.post("/staff/sign-out")
    assert "Max-Age=0" in session_set(answer)
    old = house.browser(Cookie=f"sid={token}")
    assert "Sign in to hold a room" in (await old.get("/staff")).text


async def test_a_session_on_another_device_can_be_ended_alone(house: House) -> None:
    phone, totp = await house.staff("fay")
    laptop = house.browser()
    form = {"login": "fay", "password": PASSWORD, "code": totp.at(int(house.wall.now))}
    await laptop.post("/staff/sign-in", data=form)
    page = await laptop.get("/staff")
    assert page.text.count("this device") == 1
    account = await house.parts.accounts.by_login("fay")
    assert account is not None
    listed = await house.parts.sessions.of(account.id)
    assert len(listed) == 2
    theirs = min(listed, key=lambda session: session.created_minute)
    await laptop.post("/staff/sessions/end", data={"session": theirs.hash.hex()})
    assert "Sign in to hold a room" in (await phone.get("/staff")).text
    assert "You hold one room." in (await laptop.get("/staff")).text


async def test_nobody_ends_a_session_of_somebody_else(house: House) -> None:
    fay, _ = await house.staff("fay")
    mo, _ = await house.staff("mo")
    account = await house.parts.accounts.by_login("fay")
    assert account is not None
    [session] = await house.parts.sessions.of(account.id)
    await mo.post("/staff/sessions/end", data={"session": session.hash.hex()})
    await house.browser().post("/staff/sessions/end", data={"session": session.hash.hex()})
    assert "You hold one room." in (await fay.get("/staff")).text


async def test_signing_out_everywhere_leaves_no_session(house: House) -> None:
    phone, totp = await house.staff("fay")
    laptop = house.browser()
    form = {"login": "fay", "password": PASSWORD, "code": totp.at(int(house.wall.now))}
    await laptop.post("/staff/sign-in", data=form)
    await laptop.post("/staff/sessions/end-all")
    for browser in (phone, laptop):
        assert "Sign in to hold a room" in (await browser.get("/staff")).text


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"code": "aaaa-aaaa"}, "code-wrong"),
        ({"login": "fay@example.org"}, "login-wrong"),
        ({"password": "short"}, "password-wrong"),
        ({"digits": "000000"}, "digits-wrong"),
    ],
)
async def test_a_slip_in_an_invitation_is_told_at_its_field_and_the_phone_stays_paired(
    house: House, wrong: dict[str, str], place: str
) -> None:
    code = await create_invitation(
        house.parts.database, room_id=house.card.id, role="facilitator", now=house.wall.now
    )
    fay = house.browser()
    page = await fay.get("/staff/invitation")
    form = {
        "code": code,
        "login": "fay",
        "password": PASSWORD,
        "enrolment": hidden(page, "enrolment"),
        "digits": pyotp.TOTP(secret_on(page)).at(int(house.wall.now)),
    }
    refused = await fay.post("/staff/invitation", data=form | wrong)
    assert refused.status_code == 422
    assert f'<p class="wrong" id="{place}">' in refused.text
    assert secret_on(refused) == secret_on(page)
    assert PASSWORD not in refused.text
    assert session_set(refused) == ""


async def test_the_picture_for_the_phone_names_nobody(house: House) -> None:
    page = await house.browser().get("/staff/invitation")
    assert 'role="img"' in page.text
    assert "<svg" in page.text
    assert "otpauth" not in page.text


async def test_an_invitation_works_once(house: House) -> None:
    code = await create_invitation(
        house.parts.database, room_id=house.card.id, role="facilitator", now=house.wall.now
    )
    first, second = house.browser(), house.browser()
    answers = []
    for login, browser in (("mo", first), ("bo", second)):
        page = await browser.get("/staff/invitation")
        digits = pyotp.TOTP(secret_on(page)).at(int(house.wall.now))
        form = {
            "code": code,
            "login": login,
            "password": PASSWORD,
            "enrolment": hidden(page, "enrolment"),
            "digits": digits,
        }
        answers.append((await browser.post("/staff/invitation", data=form)).status_code)
    assert answers == [303, 422]
