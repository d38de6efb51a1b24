"""A whole house for tests of pages: real parts on real files, and browsers at its door."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pyotp
from httpx2 import ASGITransport, AsyncClient, Response
from starlette.types import ASGIApp

from rooms.arriving import Join
from rooms.meetings import CloseMeeting, OpenMeeting
from rooms.room import Mode, Role
from server.assemble import Parts, assemble
from server.live.host import Clock, Who
from server.people.directory import RoomCard
from server.people.invitations import create_invitation
from server.settings import read_settings
from web.app import application

ADDRESS: Final = "http://127.0.0.1:8000"
PASSWORD: Final = "seven grey herons walk"
FAY: Final = Who("fa" * 32, Role.FACILITATOR)
"""A facilitator who is in the room already, without a browser."""


class Wall:
    """A wall clock and a monotonic one that a test can move."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class House:
    """A deployment with one room, and what tests of pages do again and again."""

    def __init__(self, parts: Parts, card: RoomCard, wall: Wall) -> None:
        self.parts = parts
        self.card = card
        self.wall = wall
        self.app: ASGIApp = application(parts)

    def browser(self, **headers: str) -> AsyncClient:
        """A browser of somebody new, with cookies of its own; it follows no redirect by itself."""
        return AsyncClient(
            transport=ASGITransport(app=self.app),
            base_url=ADDRESS,
            headers={"Sec-Fetch-Site": "same-origin"} | headers,
        )

    @property
    def room(self) -> str:
        """The address of the room's page."""
        return f"/rooms/{self.card.id}"

    async def open_meeting(self) -> None:
        """Fay comes in and opens a meeting."""
        hosts = self.parts.hosts
        await hosts.submit(self.card.id, FAY, Join(pseudonym="Brave Otter"), "")
        await hosts.submit(self.card.id, FAY, OpenMeeting(mode=Mode.OPEN), "")

    async def close_meeting(self) -> None:
        """Fay closes the meeting."""
        await self.parts.hosts.submit(self.card.id, FAY, CloseMeeting(), "")

    async def members(self) -> list[str]:
        """The pseudonyms of everybody the room knows, but for Fay."""
        core = (await self.parts.hosts.host(self.card.id)).room.core
        return sorted(m.pseudonym for m in core.members.values() if m.tag != FAY.tag)

    async def staff(self, login: str, room: str | None = None) -> tuple[AsyncClient, pyotp.TOTP]:
        """Somebody who accepted an invitation to hold a room, in a browser that is signed in."""
        invitation = await create_invitation(
            self.parts.database, room_id=room or self.card.id, role="facilitator", now=self.wall.now
        )
        browser = self.browser()
        page = await browser.get("/staff/invitation")
        totp = pyotp.TOTP(secret_on(page))
        form = {
            "code": invitation,
            "login": login,
            "password": PASSWORD,
            "enrolment": hidden(page, "enrolment"),
            "digits": totp.at(int(self.wall.now)),
        }
        answer = await browser.post("/staff/invitation", data=form)
        assert answer.status_code == 303, answer.text
        self.wall.now += 60
        return browser, totp


@asynccontextmanager
async def built(folder: Path) -> AsyncIterator[House]:
    """A house in a folder, with one room that has its ground rules."""
    settings = read_settings({"DATA_DIR": f"{folder}/data", "KEYS_DIR": f"{folder}/keys"})
    wall = Wall()
    async with assemble(settings, Clock(wall, wall)) as parts:
        card = await parts.directory.create_room(
            "Tuesday Lantern", "A peer meeting.", "Everybody who wants to has a turn."
        )
        await parts.wakes.deliver()
        yield House(parts, card, wall)


def hidden(page: Response, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'type="hidden" name="{name}" value="([^"]*)"', page.text)
    assert found, f"no hidden field {name}"
    return found[1]


def secret_on(page: Response) -> str:
    """The secret of the second factor as it is written out on an invitation's page."""
    found = re.search(r'class="code" dir="ltr">([A-Z2-7 ]+)<', page.text)
    assert found
    return found[1].replace(" ", "")


def names_offered(page: Response) -> list[str]:
    """The names one can choose from at the threshold."""
    return re.findall(r'name="name" value="([^"]+)"', page.text)


def threshold_form(page: Response, **typed: str) -> dict[str, str]:
    """What a browser sends when somebody only taps "I will keep to these" and "Come in"."""
    form = {
        "key": hidden(page, "key"),
        "sealed": hidden(page, "sealed"),
        "name": names_offered(page)[0],
        "rules": "1",
    }
    return {name: value for name, value in (form | typed).items() if value}


def words_on(page: Response) -> str:
    """The eight words as a page shows them."""
    shown = page.text.partition('class="words"')[2].partition("</ol>")[0]
    return " ".join(re.findall(r"<li>(\w+)</li>", shown))
