"""`/staff/on-call`: what waits for somebody, who is on call when, and how they are reached.

Open alerts stand here with their room, level and how long they wait, and nothing of what was said:
who comes reads that in the room. After a downtime this is the one page that shows all that waited.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from babel.dates import get_day_names
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from rooms.on_call import ComeOnCall
from rooms.refusals import Refused
from rooms.room import Role
from rooms.safety import Alert
from server.assemble import Parts, role_of
from server.calling.contacts import Channel, ChannelOff, mail_address
from server.calling.push import read_address
from server.calling.shifts import ShiftUnusable
from server.people.accounts import Account
from server.people.tables import EVERY_ROOM
from web import forms
from web.forms import fresh_key
from web.identity import Identity
from web.pages.naming import under_some_name
from web.templating import Templates

PAGE: Final = "/staff/on-call"
MOST_DIGITS: Final = 9


class Waiting(NamedTuple):
    """An open alert as this page shows it. `minutes` is how long ago it was raised or reopened."""

    room: str
    name: str
    level: int
    minutes: int
    taken: bool


def routes(parts: Parts) -> list[BaseRoute]:
    """The page and its forms."""
    pages = OnCallPages(parts)
    forms_of_it = {
        "come": pages.come,
        "shifts": pages.add_shift,
        "shifts/remove": pages.remove_shift,
        "mail": pages.add_mail,
        "push": pages.add_push,
        "contacts/remove": pages.remove_contact,
        "test": pages.test,
    }
    return [
        Route(PAGE, pages.show, methods=["GET"]),
        *(Route(f"{PAGE}/{path}", form, methods=["POST"]) for path, form in forms_of_it.items()),
    ]


class OnCallPages:
    """One page for whoever may take an alert: facilitators for their rooms, moderators for all."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._templates = Templates(parts.settings)
        self._identity = Identity(parts)

    async def show(self, request: Request) -> Response:
        """What waits, the plan, and how one is reached."""
        account = await self._account(request)
        if account is None:
            return RedirectResponse("/staff", 303)
        return await self._page(account, tested=request.query_params.get("tested") == "yes")

    async def come(self, request: Request) -> Response:
        """Come beside a room for its alerts, under a name that says nothing."""
        form = await forms.read(request)
        room = form["room"]
        account = await self._account(request)
        who = await self._identity.staff(request, room) if account else None
        if account is None or who is None:
            return RedirectResponse("/staff", 303)
        try:
            await under_some_name(
                lambda name: self._parts.hosts.submit(
                    room, who, ComeOnCall(pseudonym=name), form.key
                )
            )
        except Refused as refusal:
            return await self._page(account, refusal)
        return RedirectResponse(f"/rooms/{room}/live?as=staff", 303)

    async def add_shift(self, request: Request) -> Response:
        """Put oneself into the plan."""
        account = await self._account(request)
        if account is None:
            return RedirectResponse("/staff", 303)
        form = await forms.read(request)
        try:
            await self._parts.shifts.add(
                account,
                form["room"],
                _number(form["weekday"]),
                _minute_of_day(form["begins"]),
                _minute_of_day(form["ends"]),
            )
        except Refused as refusal:
            return await self._page(account, refusal)
        return RedirectResponse(f"{PAGE}#plan", 303)

    async def remove_shift(self, request: Request) -> Response:
        """Take a shift out of the plan."""
        account = await self._account(request)
        if account is None:
            return RedirectResponse("/staff", 303)
        form = await forms.read(request)
        moderator = await self._moderates(account)
        try:
            shift = _number(form["shift"])
        except ShiftUnusable:
            return RedirectResponse(f"{PAGE}#plan", 303)
        await self._parts.shifts.remove(account, shift, anybody=moderator)
        return RedirectResponse(f"{PAGE}#plan", 303)

    async def add_mail(self, request: Request) -> Response:
        """A mail address at which one is called."""
        form = await forms.read(request)
        return await self._reached_by(request, "mail", lambda: mail_address(form["address"]))

    async def add_push(self, request: Request) -> Response:
        """This browser, woken through the push service of its maker."""
        form = await forms.read(request)

        def address() -> str:
            read_address(form["address"])
            return form["address"]

        return await self._reached_by(request, "push", address)

    async def remove_contact(self, request: Request) -> Response:
        """No longer be called this way."""
        account = await self._account(request)
        if account is None:
            return RedirectResponse("/staff", 303)
        contact = (await forms.read(request))["contact"]
        parts = self._parts
        await parts.database.write(lambda c: parts.contacts.remove(c, account.id, contact))
        await parts.shifts.refresh()
        return RedirectResponse(f"{PAGE}#reach", 303)

    async def test(self, request: Request) -> Response:
        """Call oneself, over everything there is."""
        account = await self._account(request)
        if account is None:
            return RedirectResponse("/staff", 303)
        await forms.read(request)
        await self._parts.paging.test(account.id, self._parts.help_room)
        return RedirectResponse(f"{PAGE}?tested=yes#reach", 303)

    async def _reached_by(
        self, request: Request, channel: Channel, address: Callable[[], str]
    ) -> Response:
        account = await self._account(request)
        if account is None:
            return RedirectResponse("/staff", 303)
        parts = self._parts
        try:
            if not self._calls_over(channel):
                raise ChannelOff()
            kept = address()
            await parts.database.write(lambda c: parts.contacts.add(c, account.id, channel, kept))
        except Refused as refusal:
            return await self._page(account, refusal)
        await parts.shifts.refresh()
        return RedirectResponse(f"{PAGE}#reach", 303)

    def _calls_over(self, channel: Channel) -> bool:
        settings = self._parts.settings
        return bool(settings.smtp_url) if channel == "mail" else self._parts.push_key is not None

    async def _page(
        self, account: Account, refusal: Refused | None = None, *, tested: bool = False
    ) -> Response:
        parts = self._parts
        rooms = await self._rooms(account)
        days = get_day_names(locale="en")
        return self._templates.page(
            "staff/on_call.html",
            200 if refusal is None else 422,
            wrong="" if refusal is None else self._templates.say(refusal.text),
            tested=tested,
            waiting=self._waiting(rooms),
            plan=[
                (shift, rooms.get(shift.room, ""), days[shift.weekday])
                for shift in parts.shifts.plan
                if shift.room in (*rooms, EVERY_ROOM) or shift.account_id == account.id
            ],
            mine=account.id,
            rooms=rooms,
            help_room=parts.help_room,
            moderator=EVERY_ROOM in rooms,
            days=days,
            zone=parts.settings.timezone.key,
            contacts=await parts.database.read(lambda c: parts.contacts.of(c, account.id)),
            mail=bool(parts.settings.smtp_url),
            push=parts.push_key.public if parts.push_key else "",
            webhook=parts.paging.reaches_everybody,
            undelivered=await parts.paging.undelivered(),
            clock=lambda minute: f"{minute // 60:02}:{minute % 60:02}",
            fresh_key=fresh_key,
        )

    def _waiting(self, rooms: dict[str, str]) -> list[Waiting]:
        """The open alerts of these rooms: the gravest first, then the longest."""
        found = [
            self._seen(host.id, rooms[host.id], alert)
            for host in self._parts.hosts.all_live()
            if host.id in rooms
            for alert in host.room.staff.alerts.values()
        ]
        return sorted(found, key=lambda waiting: (-waiting.level, -waiting.minutes))

    def _seen(self, room: str, name: str, alert: Alert) -> Waiting:
        minutes = int((self._parts.wall() - alert.since) // 60)
        return Waiting(room, name, alert.level, max(0, minutes), bool(alert.owner))

    async def _rooms(self, account: Account) -> dict[str, str]:
        """The rooms whose alerts somebody may take, with their names. For a moderator these are
        all, with two that have no name: where people from Help are looked after, and the one that
        stands for every room."""
        held = await self._parts.accounts.rooms_of(account.id)
        across = held.get(EVERY_ROOM, frozenset())
        found = {
            card.id: card.name
            for card in await self._parts.directory.rooms()
            if role_of(across | held.get(card.id, frozenset())) is not Role.MEMBER
        }
        if role_of(across) is Role.MODERATOR:
            found |= {self._parts.help_room: "", EVERY_ROOM: ""}
        return found

    async def _moderates(self, account: Account) -> bool:
        held = await self._parts.accounts.roles_in(account.id, EVERY_ROOM)
        return role_of(held) is Role.MODERATOR

    async def _account(self, request: Request) -> Account | None:
        session = await self._identity.session(request)
        return None if session is None else await self._parts.accounts.by_id(session.account_id)


def _number(typed: str) -> int:
    """A number of a form. Raises ShiftUnusable."""
    if not (typed.isascii() and typed.isdigit() and len(typed) <= MOST_DIGITS):
        raise ShiftUnusable()
    return int(typed)


def _minute_of_day(typed: str) -> int:
    """`HH:MM` as minutes. Raises ShiftUnusable."""
    hours, _, minutes = typed.partition(":")
    if len(hours) > 2 or len(minutes) != 2:
        raise ShiftUnusable()
    return _number(hours) * 60 + _number(minutes)
