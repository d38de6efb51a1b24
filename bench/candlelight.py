"""Candlelight under measurement: a deployment of its own, and people who really came in.

The rooms, the meeting in each, and every member are made through the door that everybody uses
(`hosts.submit`), before the server starts; then each comes with a cookie and says `hello` and
`enter`, and waits for the snapshot and the heartbeat that ends the catch-up.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from bench.plan import Crowd, Member
from bench.serving import PYTHON, Serving, serving
from rooms.arriving import Join
from rooms.meetings import OpenMeeting
from rooms.room import Mode, Role
from server.assemble import Parts, assemble
from server.live.host import Who
from server.people.cookie import words_cookie
from server.people.secrets import PERSON_SALT
from server.people.tags import member_tag
from server.people.words import draw
from server.settings import Settings, read_settings

Rules = Literal["all", "none"]
"""Whether everything is done, or only what fan-out needs: see `bench.entry`."""

SAY = '{"frame":"do","id":%i,"key":"%k","room":"%r","command":{"type":"Speak","text":"%t %f"}}'
TOGETHER = 200
"""How many people come in at the same time while a deployment is made."""


class Deployment:
    """Rooms with people in them, in a folder; every run gets a copy."""

    def __init__(self, folder: Path, crowd: Crowd) -> None:
        self.folder = folder
        self.crowd = crowd

    @contextmanager
    def serving(self, rules: Rules) -> Iterator[Serving]:
        """A fresh copy of the deployment, served by a process of its own."""
        with tempfile.TemporaryDirectory(prefix="candlelight-bench-") as name:
            copy = Path(name, "copy")
            shutil.copytree(self.folder, copy)
            command = [PYTHON, "-m", "bench.entry", rules]
            with serving(command, environment(copy)) as server:
                yield server


@contextmanager
def deployment(rooms: int, members: int) -> Iterator[Deployment]:
    """Make a deployment with this many rooms, each with an open meeting and this many members."""
    with tempfile.TemporaryDirectory(prefix="candlelight-bench-") as name:
        folder = Path(name)
        settings = read_settings(environment(folder))
        yield Deployment(folder, asyncio.run(_people(settings, rooms, members)))


def environment(folder: Path) -> dict[str, str]:
    """The settings of a deployment in a folder."""
    return {"DATA_DIR": f"{folder}/data", "KEYS_DIR": f"{folder}/keys", "PORT": "0"}


async def _people(settings: Settings, rooms: int, members: int) -> Crowd:
    async with assemble(settings) as parts:
        crowded: dict[str, list[Member]] = {}
        for number in range(rooms):
            room = await open_room(parts, Who(f"{number:064x}", Role.FACILITATOR))
            crowded[room] = []
            for start in range(0, members, TOGETHER):
                places = range(start, min(start + TOGETHER, members))
                crowded[room] += await asyncio.gather(
                    *(come_in(parts, room, place) for place in places)
                )
    return Crowd(SAY, crowded, ack='{"frame":"done"', refused='{"frame":"refused"')


async def open_room(parts: Parts, holder: Who) -> str:
    """Found a room, and open a meeting in it that `holder` holds; the room's id."""
    card = await parts.directory.create_room("A room", "A peer meeting.", "Freely.")
    # The ground rules come by the outbox, and the clock may be carrying them just now.
    while not (await parts.hosts.host(card.id)).room.public.rules.version:
        await parts.wakes.deliver()
        await asyncio.sleep(0)
    rules = (await parts.hosts.host(card.id)).room.public.rules.version
    await parts.hosts.submit(card.id, holder, Join(pseudonym="Brave Otter", rules=rules), "")
    await parts.hosts.submit(card.id, holder, OpenMeeting(mode=Mode.OPEN), "")
    return card.id


async def come_in(parts: Parts, room: str, place: int) -> Member:
    """Somebody joins, accepts the ground rules, and keeps their words in a cookie."""
    words = draw()
    who = Who(member_tag(words.person_key(parts.secrets.derive(PERSON_SALT)), room).hex())
    version = (await parts.hosts.host(room)).room.public.rules.version
    await parts.hosts.submit(room, who, Join(pseudonym=_name(place), rules=version), "")
    cookie = words_cookie(words, remember=False, secure=parts.settings.secure).partition(";")[0]
    return Member(
        "/socket",
        headers=[f"Cookie: {cookie}", "Origin: http://127.0.0.1:%p"],
        steps=[
            ("say", '{"frame":"hello","version":1}'),
            ("hear", '"frame":"welcome"'),
            ("say", f'{{"frame":"enter","room":"{room}"}}'),
            ("hear", '"frame":"snapshot"'),
            ("hear", '"frame":"heartbeat"'),
        ],
    )


def _name(place: int) -> str:
    """A pseudonym that no other member of the room has, and that looks like none of theirs."""
    syllables = ("ba", "do", "fe", "gu", "ki", "lo", "mu", "ne", "pa", "ro")
    return "".join(syllables[int(digit)] for digit in f"{place:04d}").capitalize()
