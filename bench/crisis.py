"""How soon somebody in danger has their card, and the facilitators the alert, on a busy evening.

The rooms of the other suites talk at a steady rate. Beside them is one room in which a facilitator
watches and people come in one after another: each says a few ordinary things, and then that they
are in danger. Their answers are timed on the same sockets, within the same second, so that what is
told is how many times the time of an ordinary acknowledgement a card and an alert take.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from statistics import median
from threading import Event, Thread
from typing import Any, Final, NamedTuple

import msgspec
import pyotp
from websockets.asyncio.client import ClientConnection, connect

from bench.candlelight import Deployment, come_in, deployment, environment, open_room
from bench.plan import Broken, Load, Member, Sample, generate
from bench.rounds import Spread
from bench.suites import Size
from rooms.arriving import Join
from rooms.room import Role
from server.assemble import Parts, assemble
from server.lexicons import shipped_screen
from server.live.host import Who
from server.people.invitations import create_invitation
from server.people.totp import new_secret
from server.settings import read_settings

RATE: Final = 2_000.0
"""Messages a second in all rooms together."""
ORDINARY: Final = 4
"""What each person says before they are in danger; the last of it is timed."""
IN_DANGER: Final = "I am going to kill myself tonight"
PEOPLE: Final = 40
CALM: Final = "today was long and I am glad that I came, thank you all for being here"
LOOKS: Final = 400
WAIT_SECONDS: Final = 10.0
TALKING: Final = 0.8
"""The share of the others' time in which people come into danger; then there is time to answer."""


class Crisis(msgspec.Struct):
    """What came out: times of an ordinary answer within a round, a look in microseconds."""

    card_of_ack: Spread
    alert_of_ack: Spread
    ack_ms: Spread
    messages_per_s: Spread
    look_us: float


@dataclass(frozen=True, slots=True)
class Corner:
    """The room beside the others: who comes there, and who watches."""

    room: str
    people: list[Member]
    watching: Member


class Round(NamedTuple):
    """One evening: medians in seconds, and how much the others said."""

    ack: float
    card: float
    alert: float
    messages_per_s: float


class Page:
    """One open page, which notes when what it waits for came."""

    def __init__(self, socket: ClientConnection, room: str) -> None:
        self._socket = socket
        self._room = room
        self._count = 0
        self._came: dict[str, asyncio.Future[float]] = {}

    async def listen(self) -> None:
        """Read until the end."""
        async for message in self._socket:
            now = time.perf_counter()
            for line in str(message).split("\n"):
                frame = msgspec.json.decode(line)
                self._note(frame, now)

    def _note(self, frame: Mapping[str, Any], now: float) -> None:
        kind = frame["frame"]
        if kind == "happened":
            kind = frame["event"]["type"]
        elif kind in ("done", "refused"):
            kind = f"done {frame['re']}"
        waiting = self._came.pop(kind, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(now)

    def when(self, kind: str) -> asyncio.Future[float]:
        """When the next one of a kind comes."""
        waiting: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._came[kind] = waiting
        return waiting

    async def say(self, text: str) -> tuple[float, asyncio.Future[float]]:
        """Say something; when that was, and when it will be acknowledged."""
        self._count += 1
        done = self.when(f"done {self._count}")
        command = {"type": "Speak", "text": text}
        key = f"key-{id(self)}-{self._count}"
        frame = {"frame": "do", "id": self._count, "key": key, "room": self._room}
        began = time.perf_counter()
        await self._socket.send(msgspec.json.encode(frame | {"command": command}).decode())
        return began, done


def crisis(size: Size) -> Crisis:
    """Measure it, round by round."""
    with deployment(size.rooms, size.members) as made:
        corner = asyncio.run(_corner(made))
        load = replace(size.load, window=0, rate=RATE * size.rooms / Size().rooms)
        rounds = [_round(made, corner, load) for _ in range(size.rounds)]
    return Crisis(
        card_of_ack=Spread.of([one.card / one.ack for one in rounds]),
        alert_of_ack=Spread.of([one.alert / one.ack for one in rounds]),
        ack_ms=Spread.of([one.ack * 1e3 for one in rounds]),
        messages_per_s=Spread.of([one.messages_per_s for one in rounds]),
        look_us=look_us(),
    )


def look_us() -> float:
    """What a look at 200 characters of ordinary talk costs, with all rules."""
    screen, text = shipped_screen(), (f"{CALM}. " * 3)[:200]
    screen.look(text)
    times = []
    for _ in range(LOOKS):
        began = time.perf_counter()
        screen.look(text)
        times.append(time.perf_counter() - began)
    return median(times) * 1e6


async def _corner(made: Deployment) -> Corner:
    """Found one more room in a deployment, with a facilitator who has a sign-in."""
    settings = read_settings(environment(made.folder))
    async with assemble(settings) as parts:
        room = await open_room(parts, Who("c" * 64, Role.FACILITATOR))
        people = [await come_in(parts, room, place) for place in range(PEOPLE)]
        return Corner(room, people, await _facilitator(parts, room))


async def _facilitator(parts: Parts, room: str) -> Member:
    secret, now = new_secret(), parts.wall()
    code = await create_invitation(parts.database, room_id=room, role="facilitator", now=now)
    signed_in = await parts.invitations.accept(
        code,
        login="fay",
        password="seven grey herons walk",  # noqa: S106 - of a deployment that lasts a minute
        enrolment=parts.enrolment.seal(secret, now),
        digits=pyotp.TOTP(secret).at(int(now)),
    )
    account = await parts.accounts.by_login("fay")
    if account is None:
        raise LookupError("the facilitator did not get their sign-in")
    who = Who(parts.staff_tag(account.id, room), Role.FACILITATOR)
    rules = (await parts.hosts.host(room)).room.public.rules.version
    await parts.hosts.submit(room, who, Join(pseudonym="Copper Moth", rules=rules), "")
    return Member("/socket", headers=[f"Cookie: sid={signed_in.token}"])


def _round(made: Deployment, corner: Corner, load: Load) -> Round:
    """One evening: the others talk, and in the corner people come into danger one by one."""
    with made.serving("all") as server:
        began, said = Event(), list[Sample]()

        def talk() -> None:
            said.append(generate(made.crowd, load, server.port, server.pid, ready=began.set))

        others = Thread(target=talk)
        others.start()
        try:
            found = asyncio.run(_evening(corner, server.port, began, load))
        finally:
            others.join()
    if not said or not found:
        raise Broken("the others fell silent before anybody could be heard")
    acks, cards, alerts = zip(*found, strict=True)
    return Round(median(acks), median(cards), median(alerts), said[0].messages_per_s)


async def _evening(
    corner: Corner, port: int, began: Event, load: Load
) -> list[tuple[float, float, float]]:
    """For each person: seconds until the acknowledgement, the card and the alert."""
    found: list[tuple[float, float, float]] = []
    async with AsyncExitStack() as stack:
        fay = await stack.enter_async_context(
            _page(corner.watching, corner.room, port, "facilitator")
        )
        people = [
            await stack.enter_async_context(_page(member, corner.room, port, "member"))
            for member in corner.people
        ]
        await asyncio.to_thread(began.wait, WAIT_SECONDS)
        await asyncio.sleep(load.warmup)
        until = time.perf_counter() + load.seconds * TALKING
        async with asyncio.timeout(load.seconds + WAIT_SECONDS):
            for ada in people:
                if time.perf_counter() > until:
                    break
                ack = 0.0
                for _ in range(ORDINARY):
                    at, done = await ada.say(CALM)
                    ack = await done - at
                card, alert = ada.when("CardOffered"), fay.when("AlertRaised")
                at, done = await ada.say(IN_DANGER)
                found.append((ack, await card - at, await alert - at))
                await done
    return found


@asynccontextmanager
async def _page(member: Member, room: str, port: int, role: str) -> AsyncIterator[Page]:
    headers = dict(header.split(": ", 1) for header in member.headers)
    origin = f"http://127.0.0.1:{port}"
    async with connect(
        f"ws://127.0.0.1:{port}/socket",
        additional_headers={"Cookie": headers["Cookie"], "Origin": origin},
        compression=None,
        max_size=None,
    ) as socket:
        page = Page(socket, room)
        welcome, ready = page.when("welcome"), page.when("heartbeat")
        listening = asyncio.create_task(page.listen())
        async with asyncio.timeout(WAIT_SECONDS):
            await socket.send('{"frame":"hello","version":1}')
            await welcome
            await socket.send(f'{{"frame":"enter","room":"{room}","as":"{role}"}}')
            await ready
        yield page
        listening.cancel()
