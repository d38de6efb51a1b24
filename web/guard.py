"""The outermost layer: what every request passes before anything looks at it, and every answer.

Pure ASGI, for http and websocket alike. Starlette's own middleware classes see only http, and a
protection that forgets the socket protects nothing.
"""

import asyncio
import logging
import secrets
from collections.abc import Mapping
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.settings import Settings
from web.origins import Origins
from web.pages.errors import ErrorPages

log = logging.getLogger("candlelight.web")

BODY_LIMIT: Final = 64 * 1024
"""Bytes in one request's body. The largest form, with a message of 8 KiB, is far below."""

BODY_SECONDS: Final = 10.0
"""How long a body may take to arrive, so that half a form cannot hold a place for ever."""

HTML: Final = "text/html"
FORM: Final = "application/x-www-form-urlencoded"
"""The one kind of body there is: no form here sends a file."""

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types candlelight-sw"
)
_OFF: Final = (
    "accelerometer autoplay camera display-capture encrypted-media fullscreen geolocation "
    "gyroscope hid identity-credentials-get idle-detection magnetometer microphone midi payment "
    "picture-in-picture publickey-credentials-get screen-wake-lock serial usb "
    "xr-spatial-tracking"
).split()
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _OFF),
    "X-Robots-Tag": "noindex, noarchive",
}
"""Sent with every answer. Where they come from: OWASP ASVS 5.0, 3.4."""

HSTS: Final = "max-age=31536000"
"""One year, as ASVS 3.4.1 asks. Not for subdomains: they may belong to somebody else's service."""

MAY_BE_KEPT: Final = ("/static/", "/help", "/sw.js")
"""The only addresses whose answers a browser may keep: they say nothing about a person."""


class Guard:
    """Lets honest requests through and dresses every answer.

    `broken` is the body of the page that is shown when everything else has failed; it may hold
    `{id}`, the mark under which the log has the error.
    """

    def __init__(self, app: ASGIApp, settings: Settings, broken: str) -> None:
        self._app = app
        self._origins = Origins(settings.origin, settings.production)
        self._secure = settings.secure
        self._broken = broken
        # Made beforehand, so that turning somebody away costs next to nothing.
        pages = ErrorPages(settings)
        self._refusals = {status: bytes(pages.page(status).body) for status in (400, 403, 413)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        dressed = _Dressed(scope["path"], send, self._secure)
        try:
            refusal = self._refusal(scope)
            if refusal is None and scope["method"] not in SAFE_METHODS:
                body = await _body(scope, receive)
                receive = _again(body, receive) if body is not None else receive
                refusal = None if body is not None else self._page(413)
            if refusal is not None:
                await refusal(scope, receive, dressed)
                return
            scope["error_id"] = secrets.token_hex(4)
            await self._app(scope, receive, dressed)
        except Exception as broken:  # noqa: BLE001  # the last resort, described below
            # The last door on the way out. A traceback quotes what was being worked on: words of
            # the room, a name, a cookie. So nothing of the exception is written but its type, with
            # a mark that the person reads on the page too; if they tell the operator, the two can
            # be put together. The page needs no template and no other part of the server.
            mark = scope.get("error_id") or secrets.token_hex(4)
            log.error("A request broke: %s, mark %s", type(broken).__name__, mark)
            if not dressed.started:
                page = Response(self._broken.replace("{id}", mark), 500, media_type=HTML)
                await page(scope, receive, dressed)

    def _refusal(self, scope: Scope) -> Response | None:
        """The answer to a request that goes no further, or None."""
        # The door for names. Links, redirects and the check of origins below are about "this
        # host", and the only word for what that is comes from the client. A name we do not answer
        # to is either a mistake or somebody who wants our pages to speak of their host (and
        # CVE-2026-48710 showed a request path that could be forged through it).
        if not self._origins.host_allowed(scope):
            return self._page(400)
        # The door for changes. A page of another site can make a browser send our forms with our
        # cookies. Browsers say where a request comes from in Sec-Fetch-Site, which no script can
        # write: only our own pages and what the person did by hand are let in. Where a browser is
        # too old to say it, or the connection is plain http, the Origin must be ours, to the
        # letter; without either there is no telling, and the answer is no.
        if scope["method"] not in SAFE_METHODS and not self._from_here(scope):
            return self._page(403)
        # And only what a form of ours looks like. Other kinds of body (plain text above all) are
        # what a strange page can send without a browser asking us first.
        kind = Headers(scope=scope).get("content-type", FORM).partition(";")[0].strip().lower()
        if scope["method"] not in SAFE_METHODS and kind != FORM:
            return self._page(403)
        return None

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        # The door for sockets. The same-origin policy does not hold for WebSockets: any page may
        # open one to us, and the browser adds our cookies to it. The Origin is therefore the only
        # sign of who is asking, and it has to be there and ours. Closing before accepting is
        # answered with status 403 by the server.
        if not self._origins.host_allowed(scope) or not self._origins.origin_allowed(scope):
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
            return
        await self._app(scope, receive, send)

    def _page(self, status: int) -> Response:
        """Why somebody is turned away, with Leave quickly and Help like every page."""
        return Response(self._refusals[status], status, media_type=HTML)

    def _from_here(self, scope: Scope) -> bool:
        site = Headers(scope=scope).get("sec-fetch-site")
        if site is not None:
            return site in {"same-origin", "none"}
        return self._origins.origin_allowed(scope)


class _Dressed:
    """A `send` that gives every answer its headers and remembers whether one was begun."""

    def __init__(self, path: str, send: Send, secure: bool) -> None:
        self._keep = path.startswith(MAY_BE_KEPT)
        self._send = send
        self._secure = secure
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            message.setdefault("headers", [])
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            if self._secure:
                headers["Strict-Transport-Security"] = HSTS
            # On a shared computer the next person presses Back. Nothing that was about somebody
            # may still be there, so everything is kept nowhere, unless its address says that it
            # is the same for everybody and its page says how long.
            if not self._keep or "cache-control" not in headers:
                headers["Cache-Control"] = "no-store"
            if "server" in headers:
                del headers["server"]
        await self._send(message)


async def _body(scope: Scope, receive: Receive) -> bytes | None:
    """The whole body of a request; None for one that is too long or does not come to an end."""
    # The door for size. The length that is announced is believed only when it is too large; what
    # comes is counted. Reading the body here, in one place, also means that no page can forget it.
    announced = Headers(scope=scope).get("content-length", "0")
    if not announced.isdecimal() or int(announced) > BODY_LIMIT:
        return None
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    return None
                body += message.get("body", b"")
                if len(body) > BODY_LIMIT:
                    return None
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError:
        return None


def _again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives a body that was read already, and then whatever comes."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
