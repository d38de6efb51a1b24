"""A cry for help while everything goes wrong at once: two helpers, a cut line, a database that is
away, budgets that are spent. Real sockets, real files, a clock that a test moves."""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    suppress,
)
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import pytest

from moderation.actions import MuteMember
from moderation.alerts import ClaimAlert
from moderation.budgets import COMMANDS_OF_A_CONNECTION, TooFast
from moderation.danger import NeedHelp
from rooms.alert_clock import TIMERS
from rooms.arriving import Join
from rooms.kernel import Command
from rooms.room import MemberId, Role, Room
from rooms.safety import EMERGENCY, Alert
from rooms.speaking import Speak
from rooms.threads import AskForWord, OpenThread, SayPrivately
from rooms.turns import HandNotUp, LowerHand
from server.live.host import Who
from server.people.cookie import words_cookie
from server.people.words import Words
from tests.web.house import House, built, hidden
from tests.web.sockets import Client, Frame, Site, served

pytestmark = pytest.mark.storm

CRY: Final = "I took the whole bottle of pills"
IN_DANGER: Final = ("Otter", "Lark", "Wren", "Robin", "Crane", "Swift", "Tern", "Egret", "Plover")
"""People of whom two helpers claim each at the same instant."""


@dataclass(frozen=True)
class Evening:
    """A served meeting: Ada and Bo at the table, Kim and Max holding the room, all on sockets."""

    house: House
    site: Site
    ada: Client
    bo: Client
    kim: Client
    max: Client
    words: Words
    me: MemberId

    async def room(self) -> Room:
        """The live room."""
        return (await self.house.parts.hosts.host(self.house.card.id)).room

    async def alert(self) -> Alert:
        """The open alert about Ada."""
        alert = (await self.room()).own_alert(self.me)
        assert alert is not None
        return alert

    async def passes(self, seconds: float) -> None:
        """Time passes, and the room's clock does what is due."""
        self.house.wall.now += seconds
        await self.house.parts.hosts.tick()
        await self.house.parts.hosts._ledger.fence()

    async def soon(self, holds: Callable[[Room], bool]) -> None:
        """Wait until the room is so."""
        async with asyncio.timeout(10):
            while not holds(await self.room()):
                await asyncio.sleep(0.01)


@pytest.fixture
async def evening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Evening]:
    monkeypatch.setattr("web.transport.GOODBYE_SECONDS", 0.01)
    async with built(tmp_path) as house, AsyncExitStack() as stack:
        await house.open_meeting()
        site = await stack.enter_async_context(served(house))
        words, me = await site.guest("Amber Finch")
        other, _ = await site.guest("Slow River")
        ada = await stack.enter_async_context(_page(site, words=words))
        bo = await stack.enter_async_context(_page(site, words=other))
        kim = await stack.enter_async_context(_page(site, session=await _staff(site, "kim")))
        max_ = await stack.enter_async_context(_page(site, session=await _staff(site, "max")))
        yield Evening(house, site, ada, bo, kim, max_, words, me)


async def _staff(site: Site, login: str) -> str:
    """The session of somebody who holds this room and has come in."""
    browser, _ = await site.house.staff(login)
    await browser.aclose()
    session = str(browser.cookies["sid"])
    parts, room = site.house.parts, site.house.card.id
    found = await parts.sessions.find(session)
    assert found is not None
    who = Who(parts.staff_tag(found.account_id, room), Role.FACILITATOR)
    await parts.hosts.submit(room, who, Join(pseudonym=f"{login.title()} Moth", rules=1), "")
    return session


@asynccontextmanager
async def _page(
    site: Site, *, words: Words | None = None, session: str = ""
) -> AsyncIterator[Client]:
    async with site.client(words, session=session) as client:
        await client.hello()
        await client.enter(**({"as": "facilitator"} if session else {}))
        yield client


def heard(client: Client, kind: str) -> list[Frame]:
    """The events of a type that somebody has read so far."""
    events = (frame["event"] for frame in client.frames if frame["frame"] == "happened")
    return [event for event in events if event["type"] == kind]


# Two helpers, and one who is cut off.


async def test_two_who_claim_at_the_same_instant_are_one_owner(evening: Evening) -> None:
    owners = set()
    hosts = evening.house.parts.hosts
    for number, name in enumerate(IN_DANGER):
        words, member = await evening.site.guest(name)
        await hosts.submit(evening.house.card.id, evening.site.who(words), NeedHelp(), "")
        first, second = (evening.kim, evening.max) if number % 2 else (evening.max, evening.kim)
        claim = ClaimAlert(member=member)
        answers = await asyncio.gather(first.do(claim), second.do(claim))
        assert sorted(answer["frame"] for answer in answers) == ["done", "refused"]
        [refused] = [answer for answer in answers if answer["frame"] == "refused"]
        alert = (await evening.room()).own_alert(member)
        assert alert is not None
        assert (refused["code"], refused["facts"]) == ("alert_taken", {"owner": alert.owner})
        owners.add(alert.owner)
    claimed = [event["member"] for event in heard(evening.kim, "AlertClaimed")]
    assert len(claimed) == len(set(claimed))
    assert owners


async def test_the_alert_of_an_owner_who_is_cut_off_is_offered_again(evening: Evening) -> None:
    await evening.ada.do(Speak(text=CRY))
    assert (await evening.kim.do(ClaimAlert(member=evening.me)))["frame"] == "done"
    assert (await evening.kim.do(OpenThread(member=evening.me)))["frame"] == "done"
    kim = (await evening.alert()).owner
    await evening.ada.do(SayPrivately(other=kim, text="Please stay with me."))
    evening.kim.socket.transport.abort()
    await evening.soon(lambda room: not room.public.people[kim].here)
    wait = TIMERS[EMERGENCY].lost
    await evening.passes(wait - 1)
    assert (await evening.alert()).owner == kim
    await evening.passes(2)
    assert not (await evening.alert()).owner
    reopened = await evening.max.event("AlertReopened")
    assert reopened["event"]["why"] == "owner_lost"
    # Nothing of Ada's is taken away: her card, and the private word that she began.
    mine = (await evening.room()).private(evening.me)
    assert mine.card is not None
    assert not mine.card.put_away
    assert kim in mine.threads
    for command in (ClaimAlert(member=evening.me), OpenThread(member=evening.me)):
        assert await _code(evening.max, command) == "done"
    owner = (await evening.alert()).owner
    private = SayPrivately(other=owner, text="I am still here.")
    assert await _code(evening.ada, private) == "done"
    assert (await evening.max.event("PrivatelySaid"))["event"]["text"] == private.text


# The database is away, or can only be read.


@asynccontextmanager
async def held_by_another(house: House) -> AsyncIterator[None]:
    """Another process holds the database: not one word can be stored."""
    await pragma(house, "busy_timeout=1")
    other = sqlite3.connect(house.parts.database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


@asynccontextmanager
async def only_to_be_read(house: House) -> AsyncIterator[None]:
    """The database can be read, and no longer written."""
    await pragma(house, "query_only=1")
    yield
    await pragma(house, "query_only=0")


async def pragma(house: House, setting: str) -> None:
    """Set something of the writing connection's own."""
    database = house.parts.database

    def set_it() -> None:
        raw = database._writers_connection().connection.driver_connection
        cast(sqlite3.Connection, raw).execute(f"PRAGMA {setting}")

    await asyncio.wrap_future(database.submit(set_it))


Fault = Callable[[House], AbstractAsyncContextManager[None]]


@pytest.mark.parametrize("fault", [held_by_another, only_to_be_read])
async def test_what_cannot_be_stored_reaches_the_staff_and_its_author_all_the_same(
    evening: Evening, fault: Fault
) -> None:
    async with fault(evening.house):
        refused = await evening.ada.do(Speak(text=CRY))
        assert (refused["code"], refused["help"]) == ("unavailable", 3)
        for page in (evening.kim, evening.max):
            alarm = await page.next("alarm")
            assert (alarm["member"], alarm["level"]) == (evening.me, 3)
            assert CRY not in str(alarm)
        async with evening.house.browser() as browser:
            browser.headers["Cookie"] = words_cookie(evening.words, False, False).partition(";")[0]
            live = await browser.get(f"{evening.house.room}/live")
            fields = {"key": hidden(live, "key"), "text": f"{CRY} tonight"}
            answer = await browser.post(f"{evening.house.room}/live/say", data=fields)
            assert shown(answer.text, "card"), "the card, from a form too"
            assert f"{CRY} tonight" in answer.text, "and no word is lost"
            assert (await browser.get("/help")).status_code == 200
    await evening.soon(lambda room: room.own_alert(evening.me) is not None)
    assert (await evening.kim.event("AlertRaised"))["event"]["level"] == 3
    assert (await evening.ada.event("CardOffered"))["event"]["level"] == 3
    assert not [frame for frame in evening.bo.frames if frame["frame"] == "alarm"]


def shown(page: str, name: str) -> bool:
    """Whether the element with this id is on a page, and not hidden."""
    found = re.search(rf'<[a-z]+ [^>]*id="{name}"[^>]*>', page)
    return found is not None and " hidden" not in found[0]


# Everything is spent.


async def test_whoever_is_muted_and_has_spent_every_budget_still_gets_help(
    evening: Evening,
) -> None:
    await evening.kim.do(MuteMember(member=evening.me, minutes=60, reason="Please wait a while"))
    hosts, room = evening.house.parts.hosts, evening.house.card.id
    with pytest.raises(TooFast):  # what a person may do, on all their pages
        while True:
            with suppress(HandNotUp):
                await hosts.submit(room, evening.site.who(evening.words), LowerHand(), "")
    for _ in range(int(COMMANDS_OF_A_CONNECTION.burst) + 1):  # and what one page may
        assert await _code(evening.ada, LowerHand()) == "too_fast"
    refused = await evening.ada.do(Speak(text=CRY))
    assert (refused["code"], refused["help"]) == ("too_fast", 3)
    assert (await evening.ada.event("CardOffered"))["event"]["level"] == 3
    assert (await evening.kim.event("AlertRaised"))["event"]["member"] == evening.me
    for command in (NeedHelp(), AskForWord()):
        assert await _code(evening.ada, command) == "done"
    await evening.kim.do(ClaimAlert(member=evening.me))
    await evening.kim.do(OpenThread(member=evening.me))
    owner = (await evening.alert()).owner
    private = SayPrivately(other=owner, text="I am not alone any more.")
    assert await _code(evening.ada, private) == "done"
    assert (await evening.kim.event("PrivatelySaid"))["event"]["text"] == private.text


async def _code(client: Client, command: Command) -> str:
    """What somebody is answered: `done`, or a code."""
    answer: dict[str, Any] = await client.do(command)
    return str(answer.get("code", "done"))
