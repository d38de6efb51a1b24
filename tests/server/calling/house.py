"""People on call with a real database, and real servers that calls reach."""

import itertools
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import httpx2
import msgspec
from sqlalchemy import Connection, insert, update

from rooms.kernel import Order
from rooms.orders import Call, PageOnCall
from rooms.safety import Level, Stage
from server.calling.channels import Channel, Mail, Push, Webhook
from server.calling.contacts import Channel as ChannelName
from server.calling.contacts import Contacts
from server.calling.paging import Paging, Waiting
from server.calling.push import PushKey
from server.calling.shifts import Shifts
from server.people.accounts import Account
from server.people.secrets import STAFF_TAG, Secrets
from server.people.tables import EVERY_ROOM, accounts, roles
from server.people.tags import AccountId, staff_tag
from tests.server.calling.receivers import (
    Browser,
    MailReceiver,
    WebReceiver,
    certificate,
    serving,
)
from tests.server.storage.samples import ROOM, fresh_database

MORNING: Final = 1_800_000_000.0
"""Friday, January 15, 2027, 08:00 UTC."""
FRIDAY: Final = 4
NAME: Final = "Tuesday Lantern"
SECRET: Final = b"a secret between two servers"
ORIGIN: Final = "https://meet.example.org"
UTC: Final = ZoneInfo("UTC")


class Duty:
    """A deployment's shift plan and calls, with one clock that the test turns."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = MORNING
        self.database = fresh_database(folder)
        self.secrets = Secrets(b"k" * 32)
        self.contacts = Contacts(self.secrets)
        self.push_key = PushKey(self.secrets)
        self.mailbox = MailReceiver()
        self.service = WebReceiver()
        self.certificate = certificate(folder)
        self.push_service = WebReceiver(serving(self.certificate))
        trust = ssl.create_default_context(cafile=self.certificate)
        self.client = httpx2.AsyncClient(verify=trust)
        self.channels: dict[str, Channel] = {}
        self._ids = itertools.count(7)
        self.shifts = self.plan()
        self.paging = self.pager()

    def wall(self) -> float:
        """The time, in seconds since the epoch."""
        return self.now

    def plan(
        self,
        zone: ZoneInfo = UTC,
        *,
        always: bool = False,
        channels: Sequence[str] = ("mail", "push"),
    ) -> Shifts:
        """The shift plan in a time zone."""
        return Shifts(self.database, self.wall, zone, always=always, channels=channels)

    def pager(self) -> Paging:
        """The worker, as a fresh process makes it."""

        async def named(room: str) -> str:
            return NAME

        return Paging(
            self.database,
            self.shifts,
            self.contacts,
            self.channels,
            self.wall,
            named,
            self.tag_of,
            ORIGIN,
        )

    def tag_of(self, account: AccountId, room: str) -> str:
        """What a room knows an Account by."""
        return staff_tag(self.secrets.derive(STAFF_TAG), account, room).hex()

    # What the operator sets up.

    async def opens(self) -> None:
        """The servers at the other end begin."""
        for server in (self.mailbox, self.service, self.push_service):
            await server.opens()
        self.channels["mail"] = Mail(self.mailbox.address, "calls@example.org")

    def has_webhook(self) -> None:
        """The operator has a service of their own."""
        self.channels["webhook"] = Webhook(
            f"{self.service.address}/calls", SECRET, self.client, self.wall
        )

    def has_push(self) -> None:
        """The operator has switched web push on."""
        self.channels["push"] = Push(self.push_key, ORIGIN, self.client, self.wall)

    async def closes(self) -> None:
        """The end."""
        await self.paging.close()
        await self.client.aclose()
        for server in (self.mailbox, self.service, self.push_service):
            await server.closes()
        await self.database.close()

    # People.

    async def hires(
        self, login: str, role: str = "facilitator", room: str = ROOM, *, mail: bool = True
    ) -> Account:
        """Somebody of the staff, with a mail address where `mail` is given."""
        account = Account(next(self._ids), login, disabled=False)

        def hire(connection: Connection) -> None:
            connection.execute(
                insert(accounts).values(
                    id=account.id,
                    login=login,
                    password_hash="",
                    totp_sealed=b"",
                    last_totp_step=0,
                )
            )
            connection.execute(insert(roles).values(account_id=account.id, room_id=room, role=role))

        await self.database.write(hire)
        if mail:
            await self.reached_by(account, "mail", f"{login}@example.org")
        return account

    async def hires_above(self, login: str, role: str = "moderator") -> Account:
        """Somebody with a role across rooms, and a mail address."""
        return await self.hires(login, role, EVERY_ROOM)

    async def leaves(self, account: Account) -> None:
        """An Account is disabled."""
        await self.database.write(
            lambda c: c.execute(
                update(accounts).where(accounts.c.id == account.id).values(disabled_minute=1)
            ).close()
        )

    async def reached_by(self, account: Account, channel: ChannelName, address: str) -> None:
        """Somebody says how they want to be called."""
        await self.database.write(lambda c: self.contacts.add(c, account.id, channel, address))
        await self.shifts.refresh()

    async def reached_in(self, account: Account, path: str) -> Browser:
        """Somebody lets a browser of theirs be called."""
        browser = Browser(self.push_service.address + path)
        await self.reached_by(account, "push", browser.subscription())
        return browser

    async def on_shift(self, account: Account, room: str = ROOM) -> None:
        """Somebody is on call this Friday until noon."""
        await self.shifts.add(account, room, FRIDAY, 6 * 60, 12 * 60)

    # Calls.

    async def carries(self, order: Order) -> None:
        """The outbox carries an Order of the room out."""
        kind = self.paging.page if isinstance(order, PageOnCall) else self.paging.remind
        await kind(ROOM, msgspec.json.encode(order))

    async def calls(
        self, level: Level = 3, why: Call = Call.ALERT, stage: Stage = Stage.ON_CALL
    ) -> None:
        """A room calls for somebody."""
        await self.carries(PageOnCall(why=why, level=level, stage=stage))

    async def called(self) -> list[str]:
        """Send what is due; who got a mail, in the order of their names."""
        before = len(self.mailbox.mails)
        await self.paging.send_due()
        return sorted(to.partition("@")[0] for to, _ in self.mailbox.mails[before:])

    def sentences(self, login: str) -> list[str]:
        """The calls somebody got by mail, each as its first line."""
        mails = [mail for to, mail in self.mailbox.mails if to == f"{login}@example.org"]
        return [mail.get_content().splitlines()[0] for mail in mails]

    async def waiting(self) -> list[Waiting]:
        """Calls that did not go out yet."""
        return await self.paging.undelivered()


@asynccontextmanager
async def built(folder: Path) -> AsyncIterator[Duty]:
    """A deployment in a folder, with the servers that its calls reach."""
    duty = Duty(folder)
    await duty.opens()
    try:
        yield duty
    finally:
        await duty.closes()
