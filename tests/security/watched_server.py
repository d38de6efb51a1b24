"""The server, telling of every attempt to reach anything outside.

`python -m tests.security.watched_server serve` is the whole program on asyncio's own loop, where no
connection and no question for an address can be made without Python's audit hooks hearing of it.
"""

import asyncio
import os
import sys

import uvloop

from server.__main__ import main

OUTSIDE = frozenset(
    {
        "socket.connect",
        "socket.sendto",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.gethostbyaddr",
        "subprocess.Popen",
        "os.system",
        "urllib.Request",
    }
)
"""What the interpreter calls the ways out; https://docs.python.org/3/library/audit_events.html"""
TOLD = "reaches out: "


def tell(event: str, arguments: tuple[object, ...]) -> None:
    """Write an event that leads outside to where the server writes its log."""
    if event in OUTSIDE:
        os.write(2, f"{TOLD}{event} {arguments[1:]}\n".encode())


if __name__ == "__main__":
    uvloop.new_event_loop = asyncio.new_event_loop  # type: ignore[assignment]
    sys.addaudithook(tell)
    sys.exit(main())
