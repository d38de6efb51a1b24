"""The demo's sign-in: one address, made for one run, that signs a facilitator in.

It exists only in the application that `candlelight demo` makes; a real deployment has no such door.
"""

import hmac
from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from server.assemble import Parts
from server.people.cookie import session_cookie
from server.people.sessions import begin
from server.people.tags import AccountId


def routes(parts: Parts, secret: str, account: AccountId, room_id: str) -> Sequence[BaseRoute]:
    """The route. `secret` is in the address that the command prints."""

    async def sign_in(request: Request) -> Response:
        # Whoever can read the terminal may hold the demo's room, and nobody else: the secret is
        # 128 bits, made anew for each run, and compared in constant time.
        given = request.path_params["secret"].encode()
        if not hmac.compare_digest(given, secret.encode()):
            raise HTTPException(404)
        now = parts.wall()
        token = await parts.database.write(lambda c: begin(c, account, now))
        answer = RedirectResponse(f"/rooms/{room_id}/join?as=staff", 303)
        answer.headers.append("Set-Cookie", session_cookie(token, parts.settings.secure))
        return answer

    return [Route("/demo/{secret}", sign_in)]
