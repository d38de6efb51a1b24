"""Where the time of one message goes: each step alone, without sockets, in microseconds.

What the whole pipeline takes of the server's core beyond these is the socket: reading the frame
from it, and writing to every member.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Final

import msgspec
import uvloop

from bench.candlelight import come_in, open_room
from bench.entry import widen_budgets
from bench.plan import MESSAGE_BYTES
from rooms.kernel import At, Recorded, carry_out
from rooms.room import ROOM, Role, Room
from rooms.speaking import Said, Speak
from server.assemble import assemble
from server.collector import calm_the_collector
from server.lexicons import shipped_screen
from server.live import protocol
from server.live.host import Host, Who
from server.live.hub import Frame, Hub
from server.live.protocol import Do, Enter, Hello, LeaveFrame
from server.live.scribe import Scribe
from server.settings import read_settings
from server.storage.sealing import DataKey, seal

CALLS: Final = 500
REPEATS: Final = 9
MEMBERS: Final = 20
TOGETHER: Final = 10
"""Messages of one room that are heard in one tick, as with ten outstanding."""
HOLDER: Final = Who("0" * 64, Role.FACILITATOR)
WORDS: Final = "some words that a person might say to the others in a room "
TEXT: Final = (WORDS * 2)[:100]


class Step(msgspec.Struct):
    """One step. `part` steps are contained in the one before them that is not."""

    name: str
    us: float
    part: bool = False


class Nobody:
    """A Wire at whose other end nobody is."""

    def send(self, frames: bytes) -> None:
        """See `Wire.send`."""

    def close(self, code: int) -> None:
        """See `Wire.close`."""

    async def drained(self) -> None:
        """See `Wire.drained`."""


def measured() -> list[Step]:
    """Every step, measured in a deployment of its own."""
    widen_budgets()
    with tempfile.TemporaryDirectory(prefix="candlelight-bench-") as folder:
        return uvloop.run(_measured(Path(folder)))


async def _measured(folder: Path) -> list[Step]:
    settings = read_settings({"DATA_DIR": f"{folder}/data", "KEYS_DIR": f"{folder}/keys"})
    async with assemble(settings) as parts:
        room = await open_room(parts, HOLDER)
        for place in range(MEMBERS):
            await come_in(parts, room, place)
        calm_the_collector()  # as `serve` does
        host = await parts.hosts.host(room)
        handled, committed = await _host(host)
        return [
            *_reading(room),
            *_looking(),
            Step("Host: budget, rule, sealing, queue (handle)", handled),
            *_inside(host.room, room),
            Step("durable commit, then callbacks and publish, batches of 500", committed),
            *_hub(room),
            Step("the answer to the sender encoded", _us(_done)),
        ]


def _reading(room: str) -> list[Step]:
    """A message of the usual size, from text to command."""
    empty = _do(room, "")
    text = _do(room, TEXT[:1] * (MESSAGE_BYTES - len(empty)))
    raw = text.encode()
    typed = msgspec.json.Decoder(Hello | Enter | Do | LeaveFrame)
    frame = typed.decode(raw)
    if not isinstance(frame, Do):
        raise TypeError("a `do` was read as something else")
    return [
        Step("frame decoded and checked (protocol.decode)", _us(lambda: protocol.decode(text))),
        Step("typed decoding alone", _us(lambda: typed.decode(raw)), part=True),
        Step("command decoded", _us(lambda: protocol.decode_command(frame.command))),
    ]


def _looking() -> list[Step]:
    """What is done for whoever is in danger, with everybody's words: with those of the two minutes
    before, as somebody who talks without a pause has some."""
    screen, before = shipped_screen(), [TEXT, TEXT]
    return [
        Step(
            "looked at for danger, with the two before it", _us(lambda: screen.look(TEXT, before))
        ),
        Step("it alone", _us(lambda: screen.look(TEXT)), part=True),
    ]


def _do(room: str, text: str) -> str:
    command = f'{{"type":"Speak","text":"{text}"}}'
    return f'{{"frame":"do","id":17,"key":"aaaaaaaaaaaaaaaa","room":"{room}","command":{command}}}'


async def _host(host: Host) -> tuple[float, float]:
    """`Host.handle` for each message, and then until it is durable and told, for each message."""
    handled, committed = [], []
    keys = (f"key-{number:08d}" for number in count())
    for _ in range(REPEATS):
        began = time.perf_counter()
        futures = [host.handle(HOLDER, Speak(text=TEXT), next(keys)) for _ in range(CALLS)]
        between = time.perf_counter()
        await asyncio.gather(*futures)
        handled.append((between - began) / CALLS * 1e6)
        committed.append((time.perf_counter() - between) / CALLS * 1e6)
    return min(handled), min(committed)


def _inside(live: Room, name: str) -> list[Step]:
    """What `handle` consists of."""
    room = msgspec.msgpack.decode(msgspec.msgpack.encode(live), type=Room)
    by, now = room.core.tags[HOLDER.tag], room.last + 1
    speak, at = Speak(text=TEXT), At(now, by, HOLDER.tag, HOLDER.role, 1 << 40)
    scribe = Scribe(name, DataKey(1, bytes(32)))
    said = Said(member=by, pseudonym="Brave Otter", text=TEXT)
    recorded = Recorded(1, ROOM, 1, now, said)
    mark, actor = scribe.mark(HOLDER.tag, "key-00000000", b"x" * 130), scribe.actor(by)
    plain, body = protocol.stored(said, now)

    def marks() -> None:
        scribe.mark(HOLDER.tag, "key-00000000", plain)
        scribe.actor(by)

    return [
        Step(
            "permission, rule and effect (carry_out)", _us(lambda: carry_out(room, speak, at)), True
        ),
        Step("command encoded for its mark", _us(lambda: msgspec.json.encode(speak)), True),
        Step("marks of key, body and actor", _us(marks), True),
        Step(
            "row and frame written (Scribe.write)",
            _us(lambda: scribe.write(recorded, actor, mark)),
            True,
        ),
        Step("of that: event encoded", _us(lambda: protocol.stored(said, now)), True),
        Step(
            "of that: frame built", _us(lambda: protocol.happened(name, ROOM, 1, now, body)), True
        ),
        Step("of that: sealed", _us(lambda: seal(scribe.key, name, 1, 0, plain)), True),
    ]


def _hub(room: str) -> list[Step]:
    """Joining ten messages and handing them to twenty wires, for each message."""
    hub = Hub(came=lambda _room, _member: None, gone=lambda _room, _member: None)
    for member in range(MEMBERS):
        hub.caught_up(hub.attach(room, member, Nobody(), [ROOM]), {})
    frame = Frame(ROOM, 1, b"x" * 250)

    def tick() -> None:
        for _ in range(TOGETHER):
            hub.publish(room, frame)
        hub.flush(room)

    return [
        Step("Hub: joined and handed to 20 wires, ten messages in a tick", _us(tick) / TOGETHER)
    ]


def _done() -> None:
    protocol.encode(protocol.Done(re=17, numbers={ROOM: 1234}))


def _us(call: Callable[[], object]) -> float:
    """The time of one call in microseconds: the best of several repeats."""
    best = float("inf")
    for _ in range(REPEATS):
        began = time.perf_counter()
        for _ in range(CALLS):
            call()
        best = min(best, time.perf_counter() - began)
    return best / CALLS * 1e6
