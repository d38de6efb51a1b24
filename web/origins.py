"""Which names and origins are this deployment's own; asked by the guard at each of its doors."""

from typing import Final

from starlette.types import Scope

HEALTH: Final = "/health"
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Origins:
    """Which names and origins are this deployment's own.

    `origin` is the address people type, such as `https://meet.example.org`. Outside production the
    loopback addresses are ours too, whatever the port.
    """

    def __init__(self, origin: str, production: bool) -> None:
        self._origin = origin
        self._host = origin.partition("://")[2].lower()
        self._loopback = not production

    def host_allowed(self, scope: Scope) -> bool:
        """Whether the request names a host that is ours. `/health` is also asked on loopback."""
        host = _only(scope, b"host").lower()
        if host and host == self._host:
            return True
        return _is_loopback(host) and (self._loopback or scope["path"] == HEALTH)

    def origin_allowed(self, scope: Scope) -> bool:
        """Whether the request's Origin is ours, to the letter. An absent one is not."""
        origin = _only(scope, b"origin")
        if origin and origin == self._origin:
            return True
        host = _only(scope, b"host")
        scheme = "https" if scope.get("scheme") in {"https", "wss"} else "http"
        return self._loopback and _is_loopback(host) and origin == f"{scheme}://{host}"


def _only(scope: Scope, name: bytes) -> str:
    """The value of a header that must be there once; empty otherwise."""
    values = [value for header, value in scope["headers"] if header == name]
    return values[0].decode("latin-1") if len(values) == 1 else ""


def _is_loopback(host: str) -> bool:
    name, _, port = host.rpartition(":") if ":" in host.rpartition("]")[2] else (host, "", "")
    return name in LOOPBACK and (not port or port.isdecimal())
