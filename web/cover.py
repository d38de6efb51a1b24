"""The cover: after "Leave quickly" every tab of this browser shows an empty page of notes.

"Leave quickly" replaces one page by a page of the weather. The pages before it are still behind
the Back button, and other tabs may be open. So leaving sets a cookie, and while it is there every
address but Help answers with the same page that says nothing, with one way back to the start.
"""

from typing import Final

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send

COOKIE: Final = "cover"
COME_BACK: Final = "/cover"
UNCOVERED: Final = ("/static/", "/help/")
UNCOVERED_EXACTLY: Final = frozenset({"/help", "/leave", COME_BACK, "/sw.js", "/health"})
"""Help is there for somebody in danger whatever a cookie says; the rest says nothing itself."""


def cover_cookie(secure: bool, *, lift: bool = False) -> str:
    """The `Set-Cookie` value that covers this browser, or lifts the cover.

    A script sets the same cookie when it leaves, so it cannot be HttpOnly; it is no secret.
    """
    value = f"{COOKIE}={'' if lift else '1'}; Path=/; SameSite=Lax"
    return value + ("; Max-Age=0" if lift else "") + ("; Secure" if secure else "")


class Cover:
    """Answers with `page`, the neutral one, wherever a covered browser asks for anything else."""

    def __init__(self, app: ASGIApp, page: str) -> None:
        self._app = app
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"} or not _covered(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            # A tab that was left must not bring its person back into a room by reconnecting.
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
        else:
            await HTMLResponse(self._page)(scope, receive, send)


def _covered(scope: Scope) -> bool:
    path = scope["path"]
    if path in UNCOVERED_EXACTLY or path.startswith(UNCOVERED):
        return False
    # Read by hand: one odd cookie of somebody else must not hide this one from a strict parser.
    cookies = ";".join(Headers(scope=scope).getlist("cookie")).split(";")
    return any(cookie.strip() == f"{COOKIE}=1" for cookie in cookies)
