"""A house whose staff can be called: a mail server, people on shift, a clock that stands still."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from httpx2 import AsyncClient, Response

from rooms.kernel import Command
from rooms.room import MemberId
from server.assemble import assemble
from server.live.host import Clock, Who
from server.people.accounts import Account
from server.people.tables import EVERY_ROOM
from server.settings import read_settings
from tests.server.calling.receivers import MailReceiver
from tests.web.house import PASSWORD, House, Wall

FRIDAY = "4"


@asynccontextmanager
async def built(folder: Path, **settings: str) -> AsyncIterator[House]:
    """A house in a folder, with one room and settings of its own. Its clock stands still: a test
    says when calls go out."""
    own = {"DATA_DIR": f"{folder}/data", "KEYS_DIR": f"{folder}/keys"}
    wall = Wall()
    async with assemble(read_settings(own | settings), Clock(wall, wall)) as parts:
        await parts.wakes.close()
        card = await parts.directory.create_room(
            "Tuesday Lantern", "A peer meeting.", "Everybody who wants to has a turn."
        )
        await parts.wakes.deliver()
        yield House(parts, card, wall)


@asynccontextmanager
async def with_mail(folder: Path, **settings: str) -> AsyncIterator[tuple[House, MailReceiver]]:
    """A house that calls people by mail, and the server its mails arrive at."""
    async with MailReceiver() as mailbox:
        given = {"SMTP_URL": mailbox.address, "MAIL_FROM": "calls@example.org"}
        async with built(folder, **given | settings) as house:
            yield house, mailbox


async def account_of(house: House, login: str) -> Account:
    """Somebody's Account."""
    account = await house.parts.accounts.by_login(login)
    assert account is not None
    return account


async def above(house: House, login: str, role: str = "moderator") -> AsyncClient:
    """Somebody with a role across rooms and in none, in a browser that is signed in."""
    browser, totp = await house.staff(login)
    account, accounts = await account_of(house, login), house.parts.accounts
    await accounts.take_role(account.id, house.card.id, "facilitator")
    await accounts.give_role(account.id, EVERY_ROOM, role)
    form = {"login": login, "password": PASSWORD, "code": totp.at(int(house.wall.now))}
    assert (await browser.post("/staff/sign-in", data=form)).status_code == 303
    house.wall.now += 60
    return browser


async def reached_by_mail(browser: AsyncClient, login: str) -> None:
    """Somebody gives a mail address, by the page's form."""
    form = {"address": f"{login}@example.org"}
    answer = await browser.post("/staff/on-call/mail", data=form)
    assert answer.status_code == 303, answer.text


async def on_shift(
    browser: AsyncClient, room: str = EVERY_ROOM, begins: str = "06:00", ends: str = "20:00"
) -> None:
    """Somebody puts themselves on call for this Friday, by the page's form."""
    form = {"room": room, "weekday": FRIDAY, "begins": begins, "ends": ends}
    answer = await browser.post("/staff/on-call/shifts", data=form)
    assert answer.status_code == 303, answer.text


async def ready(house: House, login: str) -> AsyncClient:
    """A moderator who is on shift for every room, and can be called by mail."""
    browser = await above(house, login)
    await reached_by_mail(browser, login)
    await on_shift(browser)
    return browser


async def does(house: House, who: Who, command: Command) -> None:
    """A command of somebody in the house's room."""
    await house.parts.hosts.submit(house.card.id, who, command, "")


async def member(house: House, pseudonym: str, room: str = "") -> MemberId:
    """The id of whoever has this name in a room."""
    core = (await house.parts.hosts.host(room or house.card.id)).room.core
    return next(m for m, known in core.members.items() if known.pseudonym == pseudonym)


async def mails(house: House, mailbox: MailReceiver) -> list[tuple[str, str]]:
    """Let what waits go out; who got which sentence."""
    before = len(mailbox.mails)
    await house.parts.wakes.deliver()
    return sorted(
        (to.partition("@")[0], mail.get_content().splitlines()[0])
        for to, mail in mailbox.mails[before:]
    )


def forms_of(page: Response) -> list[str]:
    """Where the forms of a page go that are not hidden."""
    return re.findall(r'<form(?![^>]* hidden)[^>]* action="([^"]+)"', page.text)
