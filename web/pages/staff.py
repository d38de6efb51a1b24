"""The staff entrance: signing in with a second factor, one's rooms, and one's sessions."""

from datetime import UTC, datetime

from babel.dates import format_datetime
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from rooms.refusals import Refused
from rooms.room import Role
from server.assemble import Parts, role_of
from server.people.backup_codes import left as backup_codes_left
from server.people.cookie import end_session_cookie, read_session, session_cookie
from server.people.delays import TooSoon
from server.people.directory import RoomCard
from server.people.sessions import StaffSession
from server.people.tables import EVERY_ROOM
from web import forms
from web.forms import Form
from web.identity import Identity
from web.pages import backup_codes, invitation
from web.templating import Templates

PAGE = "/staff"


def routes(parts: Parts) -> list[BaseRoute]:
    """The staff page and its forms, and the page that invitations lead to."""
    pages = StaffPages(parts)
    return [
        Route(PAGE, pages.show, methods=["GET"]),
        Route(f"{PAGE}/sign-in", pages.sign_in, methods=["POST"]),
        Route(f"{PAGE}/sign-out", pages.sign_out, methods=["POST"]),
        Route(f"{PAGE}/sessions/end", pages.end_session, methods=["POST"]),
        Route(f"{PAGE}/sessions/end-all", pages.end_all, methods=["POST"]),
        *invitation.routes(parts),
        *backup_codes.routes(parts),
    ]


class StaffPages:
    """One address: the sign-in form for strangers, one's own desk for who is signed in."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._secure = parts.settings.secure
        self._templates = Templates(parts.settings)
        self._identity = Identity(parts)

    async def show(self, request: Request) -> Response:
        """The desk, or the sign-in form."""
        session = await self._identity.session(request)
        if session is None:
            return self._form(Form({}))
        account = await self._parts.accounts.by_id(session.account_id)
        across = await self._parts.accounts.roles_in(session.account_id, EVERY_ROOM)
        moderates = role_of(across) is Role.MODERATOR
        return self._templates.page(
            "staff/desk.html",
            login=account.login if account else "",
            rooms=await self._rooms(session),
            # Whoever is called when nobody else comes holds no room: an operator, a moderator.
            above=bool(across),
            cases=await self._parts.desk.waiting() if moderates else None,
            codes_left=await self._parts.database.read(
                lambda c: backup_codes_left(c, session.account_id)
            ),
            sessions=[
                (listed.hash.hex(), _minute(listed.created_minute), listed.hash == session.hash)
                for listed in await self._parts.sessions.of(session.account_id)
            ],
        )

    async def sign_in(self, request: Request) -> Response:
        """Name, password and code in one step. The session that was there before is ended."""
        form = await forms.read(request)
        previous = read_session(request.headers.get("cookie"), self._secure)
        try:
            signed_in = await self._parts.sign_in.attempt(
                form["login"], form["password"], form["code"], previous
            )
        except Refused as refusal:
            return self._form(form, refusal)
        answer = RedirectResponse(PAGE, 303)
        answer.headers.append("Set-Cookie", session_cookie(signed_in.token, self._secure))
        return answer

    async def sign_out(self, request: Request) -> Response:
        """End this browser's session; its sockets close with it."""
        session = await self._identity.session(request, used=False)
        if session is not None:
            await self._parts.sessions.end_session(session)
        return self._signed_out()

    async def end_session(self, request: Request) -> Response:
        """End one of one's own sessions, on whatever device."""
        session = await self._identity.session(request)
        if session is None:
            return RedirectResponse(PAGE, 303)
        chosen = (await forms.read(request))["session"]
        for listed in await self._parts.sessions.of(session.account_id):
            if listed.hash.hex() == chosen:
                await self._parts.sessions.end_session(listed)
                if listed.hash == session.hash:
                    return self._signed_out()
        return RedirectResponse(PAGE, 303)

    async def end_all(self, request: Request) -> Response:
        """Sign out everywhere."""
        session = await self._identity.session(request, used=False)
        if session is not None:
            await self._parts.sessions.end_all_sessions(session.account_id)
        return self._signed_out()

    async def _rooms(self, session: StaffSession) -> list[tuple[RoomCard, bool]]:
        """The rooms this Account holds, each with whether its meeting is open."""
        held = await self._parts.accounts.rooms_of(session.account_id)
        return [
            (card, (await self._parts.hosts.entering.glance(card.id)).meeting_open)
            for card in await self._parts.directory.rooms()
            if role_of(held.get(card.id, frozenset())) is not Role.MEMBER
        ]

    def _form(self, form: Form, refusal: Refused | None = None) -> Response:
        """The sign-in form. The name is kept when something was wrong, the secrets are not."""
        status = 200 if refusal is None else 429 if isinstance(refusal, TooSoon) else 422
        answer = self._templates.page(
            "staff/sign_in.html",
            status,
            login=form["login"],
            wrong="" if refusal is None else self._templates.say(refusal.text),
            wait=0 if refusal is None else refusal.facts.get("retry_after", 0),
        )
        if isinstance(refusal, TooSoon):
            answer.headers["Retry-After"] = str(refusal.facts["retry_after"])
        return answer

    def _signed_out(self) -> Response:
        answer = RedirectResponse(PAGE, 303)
        answer.headers.append("Set-Cookie", end_session_cookie(self._secure))
        return answer


def _minute(minute: int) -> str:
    """A minute since the epoch in words, in universal time: nobody told us another."""
    return str(
        format_datetime(datetime.fromtimestamp(minute * 60, UTC), "d MMMM, HH:mm", locale="en")
    )
