"""`candlelight serve`, and `candlelight demo`, which keeps nothing."""

import argparse
import asyncio
import dataclasses
import resource
import secrets
import socket
import tempfile
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from server import metrics
from server.assemble import Parts, assemble
from server.commands import opening
from server.demo import Demo, make_facilitator
from server.people.directory import RoomCard
from server.people.tags import AccountId
from server.settings import SettingRefused, Settings

DEMO_ROOM: Final = (
    "Tuesday Lantern",
    "A peer meeting for anyone who wants a different life with opioids or other drugs. You do not "
    "have to have stopped. You do not have to speak.",
    "The facilitator opens with a welcome. Then each person who wants to has a turn, one at a "
    "time. Nobody replies during a turn. You can come back later, or only listen.",
)


@dataclass(frozen=True, slots=True)
class DemoDoor:
    """The link of one run that signs in as the demo's facilitator."""

    secret: str
    account: AccountId
    room: str


class Front(Protocol):
    """What people meet, put before the parts. `server/__main__.py` has the one there is."""

    async def __call__(
        self, parts: Parts, listening: socket.socket, door: DemoDoor | None = None
    ) -> None:
        """Serve until the process is asked to stop."""


def add(commands: opening.Commands) -> None:
    """Add the commands."""
    serve = commands.add_parser("serve", help="serve the rooms of this deployment")
    serve.add_argument("--port", help="the port to listen on (setting PORT)")
    serve.set_defaults(run=_serve)

    demo = commands.add_parser("demo", help="a live demo meeting, kept nowhere")
    demo.add_argument("--port", help="the port to listen on (setting PORT)")
    demo.add_argument("--quiet", action="store_true", help="without the scripted cast")
    demo.set_defaults(run=_demo)


def _serve(arguments: argparse.Namespace) -> int:
    settings = opening.settings(arguments)
    front: Front = arguments.front
    _forbid_core_dumps()

    async def serve() -> int:
        async with assemble(settings) as parts, metrics.served(parts, settings.metrics_port):
            with _listening(settings) as listening:
                print(f"Candlelight is at {_address(settings, listening)}", flush=True)
                await front(parts, listening)
        return 0

    return opening.run(serve())


def _demo(arguments: argparse.Namespace) -> int:
    front: Front = arguments.front
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="candlelight-demo-")))
        settings = dataclasses.replace(
            opening.settings(arguments),
            production=False,
            data_dir=folder / "data",
            keys_dir=folder / "keys",
        )

        async def demo() -> int:
            async with assemble(settings) as parts:
                card = await parts.directory.create_room(*DEMO_ROOM)
                await parts.wakes.deliver()
                account = await make_facilitator(parts, card)
                door = DemoDoor(secrets.token_urlsafe(16), account, card.id)
                with _listening(settings) as listening:
                    play = await _play(parts, card, quiet=arguments.quiet)
                    address = _address(settings, listening)
                    print(f"Candlelight is at {address}", flush=True)
                    print(
                        f"Hold the room as its facilitator: {address}/demo/{door.secret}",
                        flush=True,
                    )
                    await front(parts, listening, door)
                play.cancel()
            return 0

        return opening.run(demo())


async def _play(parts: Parts, card: RoomCard, *, quiet: bool) -> asyncio.Task[None]:
    """Open the demo meeting; the cast keeps talking in the task, or only keeps it open."""
    demo = Demo(parts, card)
    await demo.open(quiet=quiet)
    return asyncio.create_task(demo.run(quiet=quiet))


def _listening(settings: Settings) -> socket.socket:
    try:
        return socket.create_server((settings.host, settings.port), backlog=2048)
    except OSError:
        raise SettingRefused(
            f"nothing can listen on {settings.host} port {settings.port}; "
            "another program may be using it. Choose another with --port."
        ) from None


def _forbid_core_dumps() -> None:
    """A core dump would write what people say to the disk, readable and for good."""
    with suppress(OSError, ValueError):  # forbidden already, and more than by us
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _address(settings: Settings, listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return settings.origin or f"http://{host}:{port}"
