"""The demo: a room whose meeting is open, with a labelled scripted cast that keeps talking.

The cast comes in through the same door as everybody, with words of their own, and everything they
say is decided, sealed and stored like anything else. They are marked as a demo in their names.
"""

import asyncio
import secrets
from dataclasses import dataclass
from typing import Final

from pyotp import TOTP

from rooms.arriving import AcceptGroundRules, Join
from rooms.kernel import Command
from rooms.meetings import OpenMeeting
from rooms.refusals import Refused
from rooms.room import Hold, MemberId, Mode, Role
from rooms.speaking import Speak
from rooms.turns import CallNext, RaiseHand, Yield
from server.assemble import Parts
from server.live.host import Who
from server.people.directory import RoomCard
from server.people.invitations import create_invitation
from server.people.secrets import PERSON_SALT
from server.people.tags import AccountId, member_tag
from server.people.totp import new_secret
from server.people.words import draw

TOPIC: Final = "What helped you this week?"
PAUSE_SECONDS: Final = 6.0
"""Between two things the cast does: slow enough to read, fast enough to see the room live."""
FLOOR_SECONDS: Final = 120.0
"""How long a visitor may keep the demo's floor while others wait."""


@dataclass(frozen=True, slots=True)
class Part:
    """One of the cast: a name that says it is a demo, and what they say with the floor."""

    name: str
    lines: tuple[str, ...]


CAST: Final = (
    Part(
        "Copper Moth (demo)",
        (
            "Meetings, sleep, and a list on the fridge with two things on it. Never three.",
            "I walked home the long way round on Friday. That is all, and it was enough.",
        ),
    ),
    Part(
        "Amber Finch (demo)",
        (
            "My sister rang and I picked up instead of letting it go. We talked about a recipe.",
            "I think what helped was hearing someone be ordinary at me.",
        ),
    ),
    Part(
        "Slow River (demo)",
        (
            "Walking the dog before anyone else is up. It sounds small.",
            "It was the only part of the day that did not argue with me.",
        ),
    ),
    Part(
        "North Window (demo)",
        (
            "I did not have a good week, to be honest. I am here, though.",
            "Hearing the others helps. I will leave it at that.",
        ),
    ),
)
HOLDER: Final = Part(
    "Brave Otter (demo)",
    ("Welcome. Each person who wants to speaks in turn. You can also only listen.",),
)


async def make_facilitator(parts: Parts, card: RoomCard) -> AccountId:
    """An Account that may hold the demo's room, made the way every Account is made.

    Its password and second factor are drawn and thrown away: `web/pages/demo.py` signs it in.
    """
    code = await create_invitation(
        parts.database, room_id=card.id, role="facilitator", now=parts.wall()
    )
    secret = new_secret()
    signed_in = await parts.invitations.accept(
        code,
        login="demo",
        password=secrets.token_urlsafe(24),
        enrolment=parts.enrolment.seal(secret, parts.wall()),
        digits=TOTP(secret).at(int(parts.wall())),
    )
    return signed_in.account_id


class Demo:
    """The scripted cast of one room. `run` goes on until it is cancelled."""

    def __init__(self, parts: Parts, card: RoomCard) -> None:
        self._parts = parts
        self._card = card
        salt = parts.secrets.derive(PERSON_SALT)
        self._people = {
            part.name: Who(member_tag(draw().person_key(salt), card.id).hex()) for part in CAST
        }
        holder = draw().person_key(salt)
        self._holder = Who(member_tag(holder, card.id).hex(), Role.FACILITATOR)
        self._said: dict[str, int] = {}

    async def open(self, *, quiet: bool = False) -> None:
        """Somebody holds the room, the meeting is open, and unless `quiet` the cast comes in."""
        await self._do(self._holder, Join(pseudonym=HOLDER.name))
        await self._do(self._holder, OpenMeeting(mode=Mode.TURNS, topic=TOPIC))
        await self._accept(self._holder)
        await self._do(self._holder, Speak(text=HOLDER.lines[0]))
        if quiet:
            self._people = {}
        for name, who in self._people.items():
            await self._do(who, Join(pseudonym=name))
            await self._accept(who)

    async def run(self, *, quiet: bool = False) -> None:
        """Raise hands, take turns, and go on for as long as somebody may watch."""
        while True:
            for part in CAST:
                await asyncio.sleep(PAUSE_SECONDS)
                try:
                    await self._keep_here()
                    if not quiet:
                        await self._turn(part)
                except Refused:
                    continue  # somebody real froze, muted or closed: the cast waits like anybody

    async def _turn(self, part: Part) -> None:
        public = (await self._parts.hosts.host(self._card.id)).room.public
        if public.meeting is None or public.hold is not Hold.NONE:
            return
        who = self._people[part.name]
        said = self._said.get(part.name, 0)
        line = part.lines[said % len(part.lines)]
        if public.mode is not Mode.TURNS:
            await self._do(who, Speak(text=line))
        else:
            member = await self._member(who)
            if public.floor is None:
                if member not in public.hands:
                    await self._do(who, RaiseHand())
                await asyncio.sleep(PAUSE_SECONDS / 2)
            # Visitors wait their turn like the cast; one who keeps the floor for long is thanked.
            kept = (await self._parts.hosts.host(self._card.id)).now() - public.floor_since
            if public.hands and (public.floor is None or kept > FLOOR_SECONDS):
                await self._do(self._holder, CallNext())
            if public.floor != member:
                return
            await asyncio.sleep(PAUSE_SECONDS / 2)
            await self._do(who, Speak(text=line))
            await asyncio.sleep(PAUSE_SECONDS / 2)
            await self._do(who, Yield())
        self._said[part.name] = said + 1

    async def _member(self, who: Who) -> MemberId:
        host = await self._parts.hosts.host(self._card.id)
        return host.room.core.tags.get(who.tag, 0)

    async def _keep_here(self) -> None:
        for who in (self._holder, *self._people.values()):
            await self._parts.hosts.presence.visit(self._card.id, who)

    async def _accept(self, who: Who) -> None:
        host = await self._parts.hosts.host(self._card.id)
        await self._do(who, AcceptGroundRules(version=host.room.public.rules.version))

    async def _do(self, who: Who, command: Command) -> None:
        await self._parts.hosts.submit(self._card.id, who, command, secrets.token_urlsafe(16))
