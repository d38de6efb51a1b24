"""Which parts there are, and how they are put together: the one place where that is decided."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2
from sqlalchemy import Connection

from moderation.hotlines import Hotlines
from rooms.presence import RoleTaken
from rooms.room import Role
from server.calling.channels import TIMEOUT_SECONDS, Channel, Mail, Push, Webhook
from server.calling.contacts import Contacts
from server.calling.desk import Desk
from server.calling.elsewhere import Elsewhere
from server.calling.paging import Paging
from server.calling.push import PushKey
from server.calling.shifts import Shifts
from server.hotlines import read_hotlines
from server.lexicons import shipped_screen
from server.live.host import Clock
from server.live.hosts import Hosts
from server.live.outbox import Outbox, post
from server.live.wakes import Wakes
from server.people.accounts import Accounts
from server.people.backup_codes import BackupCodes
from server.people.directory import Directory
from server.people.invitations import Invitations
from server.people.passwords import Passwords
from server.people.secrets import PEPPER, STAFF_TAG, Secrets, kept_deployment_key
from server.people.sessions import Sessions, SessionsEnded
from server.people.sign_in import SignIn
from server.people.tags import AccountId, staff_tag
from server.people.threshold import Enrolment, Threshold
from server.people.totp import SecondFactors
from server.settings import SettingRefused, Settings
from server.storage.database import Database, database_path
from server.storage.keys import KeyRing, check_apart
from server.storage.measured import MeasuredStore, Meter
from server.storage.upgrading import bring_up_to_date

REAL_CLOCK = Clock(time.time, time.monotonic)


@dataclass(slots=True)
class Parts:
    """Everything the web needs. `wall` gives seconds since the epoch."""

    settings: Settings
    wall: Callable[[], float]
    secrets: Secrets
    hotlines: Hotlines
    database: Database
    directory: Directory
    hosts: Hosts
    accounts: Accounts
    sessions: Sessions
    sign_in: SignIn
    invitations: Invitations
    threshold: Threshold
    enrolment: Enrolment
    backup_codes: BackupCodes
    wakes: Wakes
    meter: Meter
    shifts: Shifts
    contacts: Contacts
    paging: Paging
    push_key: PushKey | None
    desk: Desk
    help_room: str = ""

    def staff_tag(self, account: AccountId, room: str) -> str:
        """What a room knows somebody acting as staff by."""
        return staff_tag(self.secrets.derive(STAFF_TAG), account, room).hex()


def open_storage(settings: Settings) -> tuple[Database, KeyRing, Secrets]:
    """The database at this release's tables, the keys, and the deployment's secret.

    A database of an earlier release is copied before it is upgraded. Raises SettingRefused,
    BackupRefused or StorageError.
    """
    data, keys = settings.data_dir.absolute(), settings.keys_dir.absolute()
    try:
        check_apart(data, keys)
    except ValueError as why:
        raise SettingRefused(f"KEYS_DIR: {why}") from None
    try:
        ring = KeyRing(keys)
        given, kept = settings.deployment_key, keys / "deployment.key"
        if given is None and not kept.exists() and database_path(settings.database_url).exists():
            raise SettingRefused(
                "KEYS_DIR holds no deployment.key, and this database was made with one: a new one "
                "would forget every person and open no sign-in. Put the old key there."
            )
        secrets = Secrets(kept_deployment_key(kept) if given is None else given)
        database = Database(settings.database_url)
    except OSError:
        raise SettingRefused("DATA_DIR and KEYS_DIR must be folders this user can write.") from None
    try:
        bring_up_to_date(database, time.time())
    except BaseException:
        database.close_now()
        raise
    return database, ring, secrets


@asynccontextmanager
async def assemble(settings: Settings, clock: Clock = REAL_CLOCK) -> AsyncIterator[Parts]:
    """All parts, running; closed again when the block ends.

    Raises SettingRefused, UnreadableHotlines or StorageUnavailable.
    """
    hotlines = read_hotlines(settings.hotlines_file)
    database, keys, secrets = open_storage(settings)
    try:
        store = MeasuredStore(database)
        contacts, push_key = Contacts(secrets), PushKey(secrets)
        client = httpx2.AsyncClient(timeout=TIMEOUT_SECONDS, follow_redirects=False)
        channels = _channels(settings, client, push_key, clock.wall)
        always = bool(settings.webhook_url)
        shifts = Shifts(
            database, clock.wall, settings.timezone, always=always, channels=channels.keys()
        )
        screen = shipped_screen()
        hosts = Hosts(database, store, keys, clock, settings.keep_hours, screen)
        secret = secrets.derive(STAFF_TAG)

        def ended(sessions: SessionsEnded) -> None:
            hosts.presence.close_staff(
                lambda room: staff_tag(secret, sessions.account_id, room).hex()
            )

        sessions = Sessions(database, clock.wall, ended)
        passwords = Passwords({1: secrets.derive(PEPPER)})
        factors, enrolment = SecondFactors(secrets), Enrolment(secrets)
        directory = Directory(database, keys, clock.wall)
        hosts.on_call = shifts.anybody

        async def named(room: str) -> str:
            card = await directory.room(room)
            return card.name if card else "a room"

        def tag_of(account: AccountId, room: str) -> str:
            return staff_tag(secret, account, room).hex()

        paging = Paging(
            database,
            shifts,
            contacts,
            channels,
            clock.wall,
            named,
            tag_of,
            settings.origin,
        )
        desk = Desk(database, keys, secrets, clock.wall, tag_of)
        outbox = Outbox(
            database,
            store,
            keys,
            hosts,
            clock.wall,
            {
                "PageOnCall": paging.page,
                "RemindStaff": paging.remind,
                "TellDesk": desk.lay,
                "TellElsewhere": Elsewhere(database, hosts, tag_of).tell,
            },
        )
        wakes = Wakes(
            hosts,
            outbox,
            database,
            keys,
            (paging.begin_due, shifts.refresh_now_and_then),
            (sessions.sweep, desk.sweep),
            clock.wall,
            settled=paging.send_due,
        )
        parts = Parts(
            settings=settings,
            wall=clock.wall,
            secrets=secrets,
            hotlines=hotlines,
            database=database,
            directory=directory,
            hosts=hosts,
            accounts=Accounts(
                database, sessions, clock.wall, _telling_rooms(keys, secrets, clock.wall)
            ),
            sessions=sessions,
            sign_in=SignIn(database, passwords, factors, sessions, clock.wall),
            invitations=Invitations(database, passwords, factors, enrolment, clock.wall),
            threshold=Threshold(secrets),
            enrolment=enrolment,
            backup_codes=factors.backup_codes,
            wakes=wakes,
            meter=store.meter,
            shifts=shifts,
            contacts=contacts,
            paging=paging,
            push_key=push_key if settings.web_push else None,
            desk=desk,
        )
        try:
            await shifts.refresh()
            parts.help_room = await directory.help_room()
            await hosts.start()
            wakes.start()
            yield parts
        finally:
            await wakes.close()
            await paging.close()
            await hosts.close()
            await client.aclose()
            passwords.close()
    finally:
        await database.close()


def _channels(
    settings: Settings, client: httpx2.AsyncClient, push_key: PushKey, wall: Callable[[], float]
) -> dict[str, Channel]:
    """The ways to call people that the operator has configured; nothing else goes out, ever."""
    found: dict[str, Channel] = {}
    if settings.webhook_url:
        found["webhook"] = Webhook(settings.webhook_url, settings.webhook_secret, client, wall)
    if settings.smtp_url:
        found["mail"] = Mail(settings.smtp_url, settings.mail_from)
    if settings.web_push:
        found["push"] = Push(push_key, settings.origin, client, wall)
    return found


def staff_accounts(database: Database, keys: KeyRing, secrets: Secrets) -> Accounts:
    """The Accounts for a command beside a running server.

    Rooms hear of a lost role through the outbox, and open pages of an ended session within a
    minute, when the server looks at it again.
    """
    sessions = Sessions(database, time.time, lambda _: None)
    return Accounts(database, sessions, time.time, _telling_rooms(keys, secrets, time.time))


def _telling_rooms(
    keys: KeyRing, secrets: Secrets, wall: Callable[[], float]
) -> Callable[[Connection, AccountId, str], None]:
    secret = secrets.derive(STAFF_TAG)

    def role_lost(connection: Connection, account: AccountId, room: str) -> None:
        order = RoleTaken(tag=staff_tag(secret, account, room).hex())
        post(connection, keys, room, order, wall())

    return role_lost


def role_of(held: frozenset[str]) -> Role:
    """The room's Role of an Account that holds these roles in it, or across rooms."""
    if "facilitator" in held:
        return Role.FACILITATOR
    return Role.MODERATOR if "moderator" in held else Role.MEMBER
