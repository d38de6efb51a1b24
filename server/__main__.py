"""Where everything is put together: the commands, and the web that people meet.

The one file of `server/` that imports `web/`.
"""

import socket
import sys
from collections.abc import Sequence

from server.assemble import Parts
from server.collector import calm_the_collector
from server.commands import arguments
from server.commands.serving import DemoDoor
from web.app import application
from web.pages import demo
from web.transport import Server, config


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and answer its exit code."""
    return arguments.run(_serve_web, argv)


async def _serve_web(parts: Parts, listening: socket.socket, door: DemoDoor | None = None) -> None:
    more = demo.routes(parts, door.secret, door.account, door.room) if door else ()
    host, port = listening.getsockname()[:2]
    server = Server(config(application(parts, more), host, port))
    server.hub = parts.hosts.hub
    calm_the_collector()
    await server.serve(sockets=[listening])


if __name__ == "__main__":
    sys.exit(main())
