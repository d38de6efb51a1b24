"""The socket over real wires: what is sent is done whole or refused whole."""

import asyncio
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from moderation.budgets import COMMANDS_OF_A_CONNECTION
from moderation.danger import NeedHelp
from rooms.meetings import CloseMeeting
from rooms.speaking import Speak
from rooms.texts import MOST_CHARACTERS
from rooms.turns import RaiseHand
from server.live import protocol
from server.people.words import draw
from tests.web.house import FAY
from tests.web.sockets import Site

HELLO = {"frame": "hello", "version": protocol.VERSION}


# The ordinary way.


async def test_hello_enter_do_and_everybody_hears_it(site: Site) -> None:
    ada, me = await site.guest("Amber Finch")
    bo, _ = await site.guest("Slow River")
    async with site.client(ada) as one, site.client(bo) as two:
        await one.send(HELLO)
        welcome = await one.next()
        assert (welcome["version"], welcome["heartbeat"]) == (1, 15.0)
        snapshot = await one.enter()
        assert snapshot["me"] == me
        assert set(snapshot["view"]) == {"room", f"private:{me}"}
        await (await two.hello()).enter()
        done = await one.do(Speak(text="Hello, all"))
        heard = await two.event("Said")
        assert (heard["seq"], heard["event"]["text"]) == (done["numbers"]["room"], "Hello, all")


async def test_two_tabs_of_one_person_hear_the_same(site: Site) -> None:
    ada, _ = await site.guest("Amber Finch")
    async with site.client(ada) as one, site.client(ada) as two:
        await (await one.hello()).enter()
        await (await two.hello()).enter()
        first = await one.do(Speak(text="Once"), "key-of-the-tabs")
        assert await two.do(Speak(text="Once"), "key-of-the-tabs") | {"re": 1} == first | {"re": 1}
        other = await two.do(Speak(text="Twice"), "key-of-the-tabs")
        assert other["code"] == "conflict"
        said = [f["event"]["text"] for f in two.frames if f.get("event", {}).get("type") == "Said"]
        assert said == ["Once"]


async def test_a_page_goes_on_where_it_was(site: Site) -> None:
    ada, me = await site.guest("Amber Finch")
    async with site.client(ada) as one:
        snapshot = await (await one.hello()).enter()
        await one.do(Speak(text="before"))
        numbers = (await one.event("Said"))["seq"]
    await site.house.parts.hosts.submit(site.house.card.id, site.who(ada), Speak(text="gap"), "k")
    async with site.client(ada) as back:
        await back.hello()
        after = {"room": numbers, f"private:{me}": snapshot["numbers"][f"private:{me}"]}
        enter = {"frame": "enter", "room": back.room, "epoch": snapshot["epoch"], "after": after}
        await back.send(enter)
        assert (await back.next("happened"))["seq"] == numbers + 1
        await back.next("heartbeat")
        assert all(frame["frame"] != "snapshot" for frame in back.frames)


async def test_a_page_that_asks_again_is_not_seen_as_lost(site: Site) -> None:
    ada, _ = await site.guest("Amber Finch")
    bo, _ = await site.guest("Slow River")
    async with site.client(ada) as one, site.client(bo) as two:
        await (await two.hello()).enter()
        await (await one.hello()).enter()
        await one.enter()
        await one.do(Speak(text="still here"))
        await two.event("Said")
        kinds = {f["event"]["type"] for f in two.frames if f["frame"] == "happened"}
        assert "PersonLost" not in kinds


async def test_more_than_a_thousand_missed_messages_come_through(site: Site) -> None:
    ada, _ = await site.guest("Amber Finch")
    hosts, room = site.house.parts.hosts, site.house.card.id
    async with site.client(ada) as one:
        snapshot = await (await one.hello()).enter()
    texts = [f"{n} " + "long " * 200 for n in range(1_500)]
    futures = []
    for n, text in enumerate(texts):
        site.house.wall.now += 3
        futures.append(hosts.submit(room, site.who(ada), Speak(text=text), f"key-{n}"))
    await asyncio.gather(*futures)
    async with site.client(ada) as back:
        await back.hello()
        after, epoch = snapshot["numbers"], snapshot["epoch"]
        await back.send({"frame": "enter", "room": room, "epoch": epoch, "after": after})
        await back.next("heartbeat")
        said = [f["event"]["text"] for f in back.frames if f.get("event", {}).get("type") == "Said"]
        assert [text.split()[0] for text in said] == [text.split()[0] for text in texts]


# What is not understood.


MALFORMED = [
    "not json",
    '{"frame":"do"}',
    '{"frame":"hello","version":1,"extra":2}',
    '{"frame":"leave","room":7}',
    '{"frame":"leave","room":"\\ud800"}',
    '{"frame":"leave","room":"k7m2qx","room":"k7m2qx"}',
    '{"frame":"leave","room":"k7m2q\\u0000"}',
]


async def test_a_malformed_frame_is_refused_and_the_connection_goes_on(site: Site) -> None:
    ada, _ = await site.guest("Amber Finch")
    async with site.client(ada) as client:
        await (await client.hello()).enter()
        for message in MALFORMED:
            await client.send(message)
            refused = await client.next("refused")
            assert (refused["re"], refused["code"]) == (None, "malformed"), message
            site.house.wall.now += 1
        assert (await client.do(Speak(text="still here")))["frame"] == "done"


async def test_whoever_sends_nothing_but_noise_is_closed(site: Site) -> None:
    async with site.client() as client:
        await client.hello()
        for _ in range(int(COMMANDS_OF_A_CONNECTION.burst) + 5):
            await client.send("noise")
        assert await client.closed() == 4500


async def test_a_page_that_asked_for_too_much_can_still_ask_for_help(site: Site) -> None:
    ada, _ = await site.guest("Amber Finch")
    async with site.client(ada) as client:
        await (await client.hello()).enter()
        for _ in range(int(COMMANDS_OF_A_CONNECTION.burst) + 1):
            await client.ask(RaiseHand())
        spoken = await client.do(Speak(text="I am going to kill myself tonight"))
        assert (spoken["code"], spoken["help"]) == ("too_fast", 3)
        assert (await client.event("CardOffered"))["event"]["level"] == 3
        assert (await client.do(NeedHelp()))["frame"] == "done"


NOT_THEIRS: list[tuple[dict[str, Any], str]] = [
    ({"type": "Tick"}, "malformed"),
    ({"type": "HostResumed", "connected": []}, "malformed"),
    ({"type": "RoleTaken", "tag": "a"}, "malformed"),
    ({"type": "Said", "member": 1, "pseudonym": "a", "text": "a"}, "malformed"),
    ({"type": "Speak", "text": "a", "member": 7}, "malformed"),
    ({"type": "Speak"}, "malformed"),
    ({"type": "SetTopic", "topic": "mine"}, "not_allowed"),
    ({"type": "MuteMember", "member": 1, "minutes": 5, "reason": "a"}, "not_allowed"),
    ({"type": "Speak", "text": " \n "}, "text_empty"),
    ({"type": "Speak", "text": "a\x00b"}, "text_unreadable"),
]


async def test_a_command_that_is_not_theirs_is_refused_with_its_id(site: Site) -> None:
    ada, _ = await site.guest("Amber Finch")
    async with site.client(ada) as client:
        await (await client.hello()).enter()
        for command, code in NOT_THEIRS:
            refused = await client.do(command)
            assert (refused["frame"], refused["code"]) == ("refused", code), command
            assert refused["text"]
            site.house.wall.now += 3


async def test_a_message_is_never_cut(site: Site) -> None:
    ada, _ = await site.guest("Amber Finch")
    async with site.client(ada) as client:
        await (await client.hello()).enter()
        refused = await client.do(Speak(text="x" * (MOST_CHARACTERS + 1)))
        assert (refused["code"], refused["facts"]) == ("text_too_long", {"limit": MOST_CHARACTERS})
        assert (await client.do(Speak(text="x" * MOST_CHARACTERS)))["frame"] == "done"
        assert len((await client.event("Said"))["event"]["text"]) == MOST_CHARACTERS


async def test_too_large_and_binary_messages_end_the_connection(site: Site) -> None:
    messages: list[tuple[str | bytes, int]] = [
        ("x" * (protocol.FRAME_LIMIT + 1), 1009),
        (b'{"frame":"hello","version":1}', 4500),
    ]
    for message, code in messages:
        async with site.client() as client:
            await client.hello()
            await client.send(message)
            assert await client.closed() == code


# In the wrong order, or from the wrong place.


async def test_another_version_is_asked_to_reload(site: Site) -> None:
    for version in (0, 2, 10**30):
        async with site.client() as client:
            await client.send({"frame": "hello", "version": version})
            assert await client.closed() == 4501


async def test_whoever_says_nothing_is_closed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "FIRST_FRAME_SECONDS", 0.05)
    async with site.client() as silent, site.client() as polite:
        await polite.hello()
        assert await silent.closed() == 4502
        await polite.hello()


async def test_nothing_comes_before_hello(site: Site) -> None:
    ada, _ = await site.guest("Amber Finch")
    async with site.client(ada) as client:
        await client.send({"frame": "enter", "room": client.room})
        assert await client.closed() == 4500


async def test_a_command_before_entering_is_refused(site: Site) -> None:
    ada, _ = await site.guest("Amber Finch")
    async with site.client(ada) as client:
        await client.hello()
        assert (await client.do(RaiseHand()))["code"] == "not_a_member"


async def test_a_stranger_is_not_let_in(site: Site) -> None:
    for words in (draw(), None):
        async with site.client(words) as client:
            await client.hello()
            await client.send({"frame": "enter", "room": client.room})
            assert (await client.next("refused"))["code"] == "not_a_member"
            assert await client.closed() == 4504


async def test_an_unknown_room_is_not_there(site: Site) -> None:
    ada, _ = await site.guest("Amber Finch")
    async with site.client(ada) as client:
        await client.hello()
        await client.send({"frame": "enter", "room": "zzzzzz"})
        assert (await client.next("refused"))["code"] == "no_such_room"
        assert await client.closed() == 4504


async def test_in_a_closed_meeting_nothing_is_said(site: Site) -> None:
    ada, _ = await site.guest("Amber Finch")
    async with site.client(ada) as client:
        await (await client.hello()).enter()
        await site.house.parts.hosts.submit(site.house.card.id, FAY, CloseMeeting(), "")
        await client.event("MeetingClosed")
        assert (await client.do(Speak(text="Anybody?")))["frame"] == "refused"


async def test_a_guest_is_in_one_room_at_a_time(site: Site) -> None:
    ada, _ = await site.guest("Amber Finch")
    async with site.client(ada) as client:
        await (await client.hello()).enter()
        await client.send({"frame": "enter", "room": "zzzzzz"})
        assert (await client.next("refused"))["code"] == "malformed"
        await client.send({"frame": "leave", "room": client.room})
        assert (await client.do(Speak(text="Hello")))["code"] == "not_a_member"


async def test_another_sites_page_cannot_open_a_socket(site: Site) -> None:
    ours = site.address
    for origin in (None, "null", "https://evil.example", ours.upper(), ours + "0", "x" + ours):
        with pytest.raises(InvalidStatus) as caught:
            async with site.client(origin=origin):
                pass
        assert caught.value.response.status_code == 403
