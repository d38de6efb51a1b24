"""The socket when something is too much, too slow, too late, or broken: others never notice."""

import asyncio
import logging
from typing import Any

import msgspec
import pytest
from starlette.types import Message

from rooms.arriving import Join
from rooms.room import Role
from rooms.speaking import Speak
from rooms.texts import MOST_CHARACTERS
from rooms.turns import LowerHand, RaiseHand
from server.live import protocol
from server.live.host import Who
from server.people.cookie import session_cookie, words_cookie
from server.storage.errors import StorageUnavailable
from tests.web.sockets import Site
from web import outgoing
from web import socket as module
from web.identity import Identity

# Too much, too slow, too late.


async def test_a_burst_is_told_to_wait_and_loses_nothing(site: Site) -> None:
    ada, _ = await site.guest("Amber Finch")
    async with site.client(ada) as client:
        await (await client.hello()).enter()
        commands = [RaiseHand() if n % 2 else LowerHand() for n in range(12)]
        ids = [await client.ask(command, f"key-burst-{n}") for n, command in enumerate(commands)]
        answers: dict[int, dict[str, Any]] = {}
        while len(answers) < len(ids):
            frame = await client.next()
            if frame["frame"] in ("done", "refused"):
                answers[frame["re"]] = frame
        late = [frame for frame in answers.values() if frame.get("code") == "too_fast"]
        assert len(late) == 3  # one was spent on entering
        assert all(frame["retry"] for frame in late)
        site.house.wall.now += 5
        assert (await client.do(Speak(text="later"), "key-later"))["frame"] == "done"


async def test_whoever_does_not_stop_is_asked_to_come_back(site: Site) -> None:
    ada, _ = await site.guest("Amber Finch")
    async with site.client(ada) as client:
        await (await client.hello()).enter()
        for n in range(20):
            await client.ask(LowerHand(), f"key-more-{n}")
        assert await client.closed() == 4009


async def test_whoever_only_says_hello_and_leaves_is_asked_to_come_back_too(site: Site) -> None:
    for frame in (
        {"frame": "hello", "version": protocol.VERSION},
        {"frame": "leave", "room": site.house.card.id},
    ):
        async with site.client() as client:
            await client.hello()
            for _ in range(20):
                await client.send(frame)
            assert await client.closed() == 4009


async def test_whoever_leaves_before_they_are_in_can_enter_again(site: Site) -> None:
    ada, _ = await site.guest("Amber Finch")
    room = site.house.card.id
    heard: list[dict[str, Any]] = []
    coming: asyncio.Queue[Message] = asyncio.Queue()
    coming.put_nowait({"type": "websocket.connect"})
    hello: dict[str, Any] = {"frame": "hello", "version": protocol.VERSION}
    enter = {"frame": "enter", "room": room}
    # All in one breath: the first `enter` is taken back before its task has begun.
    for frame in (hello, enter, {"frame": "leave", "room": room}, enter):
        text = msgspec.json.encode(frame).decode()
        coming.put_nowait({"type": "websocket.receive", "text": text})

    async def send(message: Message) -> None:
        for line in str(message.get("text", "")).splitlines():
            heard.append(msgspec.json.decode(line))
            if heard[-1]["frame"] in ("heartbeat", "refused"):
                coming.put_nowait({"type": "websocket.disconnect"})

    cookie = words_cookie(ada, False, False).partition(";")[0].encode()
    scope = {"type": "websocket", "headers": [(b"cookie", cookie)]}
    parts = site.house.parts
    await module.Socket(parts, Identity(parts), scope, send).run(coming.get)
    assert [f["frame"] for f in heard if f["frame"] != "happened"] == [
        "welcome",
        "snapshot",
        "heartbeat",
    ]


async def test_a_page_that_reads_nothing_is_closed_and_nobody_else_waits(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "OUT_BYTES", 64 * 1024)
    monkeypatch.setattr(outgoing, "LAST_SECONDS", 0.2)
    monkeypatch.setattr("web.transport.ABORT_SECONDS", 0.1)
    ada, _ = await site.guest("Amber Finch")
    bo, bo_id = await site.guest("Slow River")
    hub, room = site.house.parts.hosts.hub, site.house.card.id
    async with site.client(ada) as reading, site.client(bo, receives=4_096) as stalled:
        await (await reading.hello()).enter()
        await (await stalled.hello()).enter()
        stalled.socket.transport.pause_reading()
        said = 0
        async with asyncio.timeout(20):
            while hub.connections(room, bo_id):
                site.house.wall.now += 3
                done = await reading.do(Speak(text="🌊" * MOST_CHARACTERS))
                assert done["frame"] == "done"
                said += 1
            while len(site.server.server_state.connections) > 1:
                await asyncio.sleep(0.02)
        await reading.event("PersonLost")
        heard = [f for f in reading.frames if f.get("event", {}).get("type") == "Said"]
        assert len(heard) == said
        stalled.socket.transport.abort()


# Staff.


async def staff(site: Site) -> tuple[str, Who]:
    """The session of somebody who holds this room and has come in, and whom the room knows."""
    browser, _ = await site.house.staff("kim")
    await browser.aclose()
    session = str(browser.cookies["sid"])
    parts, room = site.house.parts, site.house.card.id
    found = await parts.sessions.find(session)
    assert found is not None
    kim = Who(parts.staff_tag(found.account_id, room), Role.FACILITATOR)
    await parts.hosts.submit(room, kim, Join(pseudonym="Copper Moth", rules=1), "")
    return session, kim


async def test_what_comes_after_the_end_of_a_session_is_not_done(site: Site) -> None:
    session, kim = await staff(site)
    parts, room = site.house.parts, site.house.card.id
    inbox: asyncio.Queue[Any] = asyncio.Queue()
    let_go = asyncio.Event()

    async def send(message: Any) -> None:
        if message["type"] == "websocket.close":
            await let_go.wait()  # a peer that is slow to take its leave

    def says(frame: dict[str, Any]) -> None:
        text = msgspec.json.encode(frame).decode()
        inbox.put_nowait({"type": "websocket.receive", "text": text})

    cookie = session_cookie(session, False).partition(";")[0].encode()
    scope = {"type": "websocket", "path": "/socket", "headers": [(b"cookie", cookie)]}
    page = module.Socket(parts, Identity(parts), scope, send)
    running = asyncio.create_task(page.run(inbox.get))
    inbox.put_nowait({"type": "websocket.connect"})
    says({"frame": "hello", "version": protocol.VERSION})
    says({"frame": "enter", "room": room, "as": "facilitator"})
    async with asyncio.timeout(5):
        while room not in page._entered:
            await asyncio.sleep(0.01)
    parts.hosts.presence.close_staff(lambda _: kim.tag)
    command = {"type": "SetTopic", "topic": "too late"}
    says({"frame": "do", "id": 1, "key": "key-too-late", "room": room, "command": command})
    await asyncio.sleep(0.05)
    let_go.set()
    inbox.put_nowait({"type": "websocket.disconnect", "code": 4503})
    async with asyncio.timeout(5):
        await running
    assert (await parts.hosts.entering.glance(room)).topic == ""


async def test_an_open_page_of_staff_proves_its_session_again_and_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SESSION_CHECK_SECONDS", 0.05)
    monkeypatch.setattr(protocol, "FIRST_FRAME_SECONDS", 0.3)
    session, _ = await staff(site)
    sessions = site.house.parts.sessions
    real, away = sessions.find, [True]

    async def find(token: str, *, used: bool = True) -> Any:
        if away:
            away.clear()
            raise StorageUnavailable("SQLITE_BUSY")
        return await real(token, used=used)

    async with site.client(session=session) as client:
        await client.hello()
        await client.enter(**{"as": "facilitator"})
        monkeypatch.setattr(sessions, "find", find)  # a database that is away for a moment
        while away:
            await asyncio.sleep(0.01)
        assert (await client.do({"type": "SetTopic", "topic": "still here"}))["frame"] == "done"
        found = await real(session)
        assert found is not None
        await sessions.end_session(found)
        assert await client.closed() == 4503


async def test_a_guest_cannot_enter_as_staff(site: Site) -> None:
    ada, _ = await site.guest("Amber Finch")
    async with site.client(ada) as client:
        await client.hello()
        await client.send({"frame": "enter", "room": client.room, "as": "facilitator"})
        assert (await client.next("refused"))["code"] == "not_a_member"
        assert await client.closed() == 4504


# Faults of ours.


@pytest.mark.parametrize(
    ("fault", "code"),
    [(StorageUnavailable("SQLITE_FULL"), "unavailable"), (ValueError("needle"), "something_broke")],
)
async def test_a_fault_while_entering_says_come_back_and_writes_no_words(
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fault: Exception,
    code: str,
) -> None:
    ada, _ = await site.guest("Amber Finch")

    async def enter(*_: object) -> None:
        raise fault

    monkeypatch.setattr(site.house.parts.hosts.entering, "enter", enter)
    with caplog.at_level(logging.WARNING):
        async with site.client(ada) as client:
            await client.hello()
            await client.send({"frame": "enter", "room": client.room})
            assert (await client.next("refused"))["code"] == code
            assert await client.closed() == 4001
    assert "needle" not in caplog.text


async def test_a_page_that_goes_away_leaves_nothing_behind(site: Site) -> None:
    ada, me = await site.guest("Amber Finch")
    hub = site.house.parts.hosts.hub
    before = len(asyncio.all_tasks())
    for _ in range(20):
        async with site.client(ada) as client:
            await (await client.hello()).enter()
            client.socket.transport.abort()
    async with asyncio.timeout(5):
        while hub.connections(site.house.card.id, me) or len(asyncio.all_tasks()) > before:
            await asyncio.sleep(0.01)
