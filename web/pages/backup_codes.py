"""Backup codes: shown once, and good from the moment their owner says they are written down."""

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from rooms.refusals import Refused
from server.assemble import Parts
from server.people.backup_codes import draw
from server.people.sessions import StaffSession
from server.people.threshold import ThresholdExpired, ThresholdForged
from web import forms
from web.identity import Identity
from web.templating import Templates

PAGE: Final = "/staff/backup-codes"


def routes(parts: Parts) -> list[BaseRoute]:
    """The page of new codes, and its form."""
    pages = BackupCodePages(parts)
    return [
        Route(PAGE, pages.show, methods=["GET"]),
        Route(PAGE, pages.keep, methods=["POST"]),
    ]


class BackupCodePages:
    """Draws codes into a sealed hidden field, so that looking at the page changes nothing."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._templates = Templates(parts.settings)
        self._identity = Identity(parts)

    async def show(self, request: Request) -> Response:
        """Ten codes that nobody has yet."""
        session = await self._identity.session(request)
        return self._page(session) if session else _to_the_desk()

    async def keep(self, request: Request) -> Response:
        """Make the codes that were shown the Account's own, in place of those before."""
        session = await self._identity.session(request)
        if session is None:
            return _to_the_desk()
        form = await forms.read(request)
        account, kept = session.account_id, self._parts.backup_codes
        try:
            codes = kept.open(form["sealed"], account, self._parts.wall())
        except (ThresholdExpired, ThresholdForged) as refusal:
            return self._page(session, refusal)
        await self._parts.database.write(lambda c: kept.replace(c, account, codes))
        return _to_the_desk()

    def _page(self, session: StaffSession, refusal: Refused | None = None) -> Response:
        codes = draw()
        return self._templates.page(
            "staff/backup_codes.html",
            200 if refusal is None else 422,
            codes=codes,
            sealed=self._parts.backup_codes.seal(codes, session.account_id, self._parts.wall()),
            wrong="" if refusal is None else self._templates.say(refusal.text),
        )


def _to_the_desk() -> Response:
    return RedirectResponse("/staff", 303)
