"""`/staff/cases`: what lies on the desk, for moderators. Every reading of it is audited."""

from datetime import UTC, datetime
from typing import Final

from babel.dates import format_datetime
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from rooms.room import Role
from server.assemble import Parts, role_of
from server.calling.desk import Decision
from server.people.sessions import StaffSession
from server.people.tables import EVERY_ROOM
from web import forms
from web.identity import Identity
from web.templating import Templates

PAGE: Final = "/staff/cases"
MOST_DIGITS: Final = 15


def routes(parts: Parts) -> list[BaseRoute]:
    """The list, and the form that closes a case."""
    pages = CasePages(parts)
    return [
        Route(PAGE, pages.show, methods=["GET"]),
        Route(f"{PAGE}/close", pages.close, methods=["POST"]),
    ]


class CasePages:
    """The desk in its first form: a list with what is known."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._templates = Templates(parts.settings)
        self._identity = Identity(parts)

    async def show(self, request: Request) -> Response:
        """All cases, the open ones first."""
        session = await self._moderator(request)
        if session is None:
            return RedirectResponse("/staff", 303)
        names = {card.id: card.name for card in await self._parts.directory.rooms()}
        return self._templates.page(
            "staff/cases.html",
            cases=await self._parts.desk.read(session.account_id),
            names=names,
            minute=_minute,
        )

    async def close(self, request: Request) -> Response:
        """Close a case with what was decided."""
        session = await self._moderator(request)
        if session is None:
            return RedirectResponse("/staff", 303)
        form = await forms.read(request)
        case, decision = form["case"], form["decision"]
        known = decision in {each.value for each in Decision}
        if known and case.isascii() and case.isdigit() and len(case) <= MOST_DIGITS:
            await self._parts.desk.close(session.account_id, int(case), Decision(decision))
        return RedirectResponse(PAGE, 303)

    async def _moderator(self, request: Request) -> StaffSession | None:
        session = await self._identity.session(request)
        if session is None:
            return None
        held = await self._parts.accounts.roles_in(session.account_id, EVERY_ROOM)
        return session if role_of(held) is Role.MODERATOR else None


def _minute(minute: int) -> str:
    """A minute since the epoch in words, in universal time."""
    return str(
        format_datetime(datetime.fromtimestamp(minute * 60, UTC), "d MMMM, HH:mm", locale="en")
    )
