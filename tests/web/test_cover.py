"""Leave quickly without script, the cover over every page, and the way back."""

import pytest
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from rooms.room import Hold
from tests.web.house import FAY, House, threshold_form
from web.cover import Cover

PAGES = ("/", "/about", "/words", "/staff", "/staff/invitation", "/nowhere", "/demo/code")


async def test_leaving_covers_this_browser_and_goes_somewhere_ordinary(house: House) -> None:
    answer = await house.browser().get("/leave")
    assert (answer.status_code, answer.headers["location"]) == (303, "https://www.bbc.com/weather")
    assert answer.headers["set-cookie"] == "cover=1; Path=/; SameSite=Lax"
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_a_covered_browser_sees_empty_notes_wherever_it_looks(house: House) -> None:
    ada = house.browser()
    await ada.get("/leave")
    for path in (*PAGES, house.room, f"{house.room}/join", f"{house.room}/live"):
        page = await ada.get(path)
        assert page.status_code == 200
        assert "<title>Notes</title>" in page.text, path
        assert "Evening Group" not in page.text
        assert house.card.name not in page.text
        assert "Leave" not in page.text


async def test_a_form_sent_from_under_the_cover_does_nothing(house: House) -> None:
    await house.open_meeting()
    ada = house.browser()
    form = threshold_form(await ada.get(f"{house.room}/join"))
    await ada.get("/leave")
    answer = await ada.post(f"{house.room}/join", data=form)
    assert "<title>Notes</title>" in answer.text
    assert await house.members() == []


async def test_help_is_never_covered(house: House) -> None:
    ada = house.browser()
    await ada.get("/leave")
    for path in ("/help", "/help/US", "/sw.js"):
        assert "<title>Notes</title>" not in (await ada.get(path)).text


async def test_another_cookie_that_nobody_can_parse_does_not_lift_the_cover(house: House) -> None:
    page = await house.browser(Cookie='odd="a b; {x}=; cover=1').get("/")
    assert "<title>Notes</title>" in page.text


async def test_coming_back_takes_one_press_and_leads_home(house: House) -> None:
    ada = house.browser()
    await ada.get("/leave")
    answer = await ada.post("/cover")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Evening Group" in (await ada.get("/")).text


async def test_looking_at_the_way_back_does_not_take_it(house: House) -> None:
    ada = house.browser()
    await ada.get("/leave")
    assert (await ada.get("/cover")).status_code == 405
    assert "<title>Notes</title>" in (await ada.get("/")).text


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Purpose": "prefetch"}])
async def test_a_picture_on_another_page_covers_nobody(
    house: House, headers: dict[str, str]
) -> None:
    answer = await house.browser(**headers).get("/leave")
    assert answer.status_code == 303
    assert "set-cookie" not in answer.headers


async def test_somebody_who_leaves_quickly_without_script_is_lost_and_not_gone(
    house: House,
) -> None:
    await house.open_meeting()
    ada = house.browser()
    form = threshold_form(await ada.get(f"{house.room}/join"))
    await ada.post(f"{house.room}/join", data=form)
    assert (await ada.get(f"{house.room}/live")).status_code == 200
    await ada.post(f"{house.room}/live/show", data={})
    await ada.get("/leave")
    await house.parts.hosts.entering.seat(house.card.id, FAY)  # waits until all is stored
    public = (await house.parts.hosts.host(house.card.id)).room.public
    [person] = [p for p in public.people.values() if p.pseudonym == form["name"]]
    assert not person.here
    assert public.hold is Hold.NONE


def test_a_covered_tab_cannot_bring_its_person_back_by_its_socket() -> None:
    async def accepts(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close"})

    client = TestClient(Cover(accepts, "<title>Notes</title>"))
    with client.websocket_connect("/socket"):
        pass
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        client.websocket_connect("/socket", headers={"Cookie": "words=abc; cover=1"}),
    ):
        pass
    assert closed.value.code == 1008
