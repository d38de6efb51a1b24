"""Accepting an invitation: a sign-in name, a password and a second factor, all at once.

The same form, at another address, gives staff who lost their phone a new password and factor.
"""

from collections import defaultdict
from collections.abc import Mapping

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from rooms.refusals import Refused
from server.assemble import Parts
from server.people import resets
from server.people.accounts import LoginTaken, LoginUnusable
from server.people.cookie import session_cookie
from server.people.invitations import PAGE, InvitationRefused, SecondFactorRefused
from server.people.passwords import PasswordTooLong, PasswordTooWeak
from server.people.threshold import ThresholdExpired, ThresholdForged
from server.people.totp import new_secret, picture
from web import forms
from web.forms import Form
from web.pages import backup_codes
from web.templating import Templates


def routes(parts: Parts) -> list[BaseRoute]:
    """The pages that the links of invitations and resets lead to, and their forms."""
    pages = (InvitationPages(parts, PAGE), InvitationPages(parts, resets.PAGE))
    return [
        *(Route(page.address, page.show, methods=["GET"]) for page in pages),
        *(Route(page.address, page.accept, methods=["POST"]) for page in pages),
    ]


class InvitationPages:
    """Draws a second factor into a sealed hidden field; nothing is written before all is right."""

    def __init__(self, parts: Parts, address: str) -> None:
        self.address = address
        self._parts = parts
        self._templates = Templates(parts.settings)

    async def show(self, _request: Request) -> Response:
        """The empty form, with a second factor that is nobody's yet."""
        return self._page(Form({}))

    async def accept(self, request: Request) -> Response:
        """Make the Account and sign it in, or say beside the field what is in the way."""
        form = await forms.read(request)
        try:
            signed_in = await self._parts.invitations.accept(
                form["code"], form["login"], form["password"], form["enrolment"], form["digits"]
            )
        except Refused as refusal:
            return self._page(form, refusal)
        answer = RedirectResponse(backup_codes.PAGE, 303)
        cookie = session_cookie(signed_in.token, self._parts.settings.secure)
        answer.headers.append("Set-Cookie", cookie)
        return answer

    def _page(self, form: Form, refusal: Refused | None = None) -> Response:
        now = self._parts.wall()
        enrolment = form["enrolment"]
        try:
            # The same secret as before, so that the phone that has scanned it goes on working.
            secret = self._parts.enrolment.open(enrolment, now)
        except (ThresholdExpired, ThresholdForged):
            secret = new_secret()
            enrolment = self._parts.enrolment.seal(secret, now)
        return self._templates.page(
            "staff/invitation.html",
            200 if refusal is None else 422,
            address=self.address,
            renewal=self.address == resets.PAGE,
            form=form,
            enrolment=enrolment,
            secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
            # Drawn by our own code from our own secret; nothing in it was typed by anybody.
            picture=Markup(picture(secret, self._parts.settings.neutral_title)),  # noqa: S704
            wrong=self._wrong(refusal),
        )

    def _wrong(self, refusal: Refused | None) -> Mapping[str, str]:
        """The refusal's sentence under the name of the field that it is about."""
        wrong: defaultdict[str, str] = defaultdict(str)
        if refusal is not None:
            field, sentence = _about(refusal)
            wrong[field] = self._templates.say(sentence)
        return wrong


def _about(refusal: Refused) -> tuple[str, str]:
    """The field that a refusal is about, and its sentence."""
    match refusal:
        case InvitationRefused():
            return "code", refusal.text
        case LoginTaken() | LoginUnusable():
            return "login", refusal.text
        case PasswordTooLong() | PasswordTooWeak():
            return "password", refusal.text
        case SecondFactorRefused():
            return "digits", refusal.text
        case _:
            return "form", refusal.text
