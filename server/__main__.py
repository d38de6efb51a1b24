"""The command line: `candlelight serve`, `demo`, `invite`, `room`, `hotlines` and `docs`."""

import argparse
import asyncio
import dataclasses
import os
import secrets
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Coroutine, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import uvloop

from rooms.refusals import Refused
from server import hotlines, reference
from server.assemble import Parts, assemble, open_storage
from server.demo import Demo, make_facilitator
from server.people.directory import Directory, RoomCard
from server.people.invitations import create_invitation, invitation_path
from server.settings import SettingRefused, Settings, read_settings
from server.storage.errors import StorageUnavailable
from server.telemetry import configure_logging, log_background_failure
from web.app import application
from web.pages import demo as demo_page
from web.transport import Server, config

DEMO_ROOM: Final = (
    "Tuesday Lantern",
    "A peer meeting for anyone who wants a different life with opioids or other drugs. You do not "
    "have to have stopped. You do not have to speak.",
    "The facilitator opens with a welcome. Then each person who wants to has a turn, one at a "
    "time. Nobody replies during a turn. You can come back later, or only listen.",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and answer its exit code."""
    arguments = _parser().parse_args(argv)
    configure_logging()
    try:
        return int(arguments.run(arguments))
    except (SettingRefused, hotlines.UnreadableHotlines) as why:
        print(f"Candlelight does not start: {why}", file=sys.stderr)
    except StorageUnavailable as why:
        print(f"Candlelight does not start: {why}", file=sys.stderr)
    except (Refused, ValueError) as why:
        print(getattr(why, "text", str(why)), file=sys.stderr)
    except KeyboardInterrupt:
        return 0
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="candlelight", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    serve = commands.add_parser("serve", help="serve the rooms of this deployment")
    serve.add_argument("--port", help="the port to listen on (setting PORT)")
    serve.set_defaults(run=_serve)

    demo = commands.add_parser("demo", help="a live demo meeting, kept nowhere")
    demo.add_argument("--port", help="the port to listen on (setting PORT)")
    demo.add_argument("--quiet", action="store_true", help="without the scripted cast")
    demo.set_defaults(run=_demo)

    invite = commands.add_parser("invite", help="invite somebody to hold a room")
    invite.add_argument("room", help="the room's six letters")
    invite.add_argument("--login", help="the sign-in name they must take")
    invite.add_argument("--role", default="facilitator", help="facilitator by default")
    invite.set_defaults(run=_invite)

    room = commands.add_parser("room", help="found a room")
    room.add_argument("name", help="its name, as people will read it")
    room.add_argument("--about", required=True, help="what it is and for whom")
    room.add_argument("--runs", required=True, help="how a meeting runs")
    room.add_argument("--kind", default="Peer group", help="such as Twelve-step or Secular")
    room.add_argument("--language", default="en", help="its language, such as en or es")
    room.add_argument("--young", action="store_true", help="for young people, not adults")
    room.add_argument(
        "--mandated-reporter",
        action="store_true",
        help="a facilitator must by law report some of what they read",
    )
    room.set_defaults(run=_room)

    lines = commands.add_parser("hotlines", help="look after the help lines")
    lines.add_argument("words", nargs="*", help="check, or check and countries such as US")
    lines.set_defaults(run=_hotlines)

    docs = commands.add_parser("docs", help="write the generated documentation")
    docs.add_argument("--check", action="store_true", help="fail when it is stale")
    docs.set_defaults(run=_docs)
    return parser


def _settings(port: str | None = None) -> Settings:
    environment = dict(os.environ)
    if port is not None:
        environment["PORT"] = port
    return read_settings(environment)


def _run(work: Coroutine[Any, Any, int]) -> int:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.get_loop().set_exception_handler(log_background_failure)
        # Whoever stops the server while it starts, or closes, wants it tidy: nothing is left
        # behind. While it serves, the web server listens for signals itself.
        signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
        return runner.run(work)


def _serve(arguments: argparse.Namespace) -> int:
    settings = _settings(arguments.port)

    async def serve() -> int:
        async with assemble(settings) as parts:
            with _listening(settings) as listening:
                print(f"Candlelight is at {_address(settings, listening)}", flush=True)
                await _until_stopped(application(parts), parts, listening)
        return 0

    return _run(serve())


def _demo(arguments: argparse.Namespace) -> int:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="candlelight-demo-")))
        settings = dataclasses.replace(
            _settings(arguments.port),
            production=False,
            data_dir=folder / "data",
            keys_dir=folder / "keys",
        )

        async def demo() -> int:
            async with assemble(settings) as parts:
                card = await parts.directory.create_room(*DEMO_ROOM)
                await parts.wakes.deliver()
                account = await make_facilitator(parts, card)
                secret = secrets.token_urlsafe(16)
                with _listening(settings) as listening:
                    play = await _play(parts, card, quiet=arguments.quiet)
                    address = _address(settings, listening)
                    print(f"Candlelight is at {address}", flush=True)
                    print(f"Hold the room as its facilitator: {address}/demo/{secret}", flush=True)
                    door = demo_page.routes(parts, secret, account, card.id)
                    await _until_stopped(application(parts, door), parts, listening)
                play.cancel()
            return 0

        return _run(demo())


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


def _address(settings: Settings, listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return settings.origin or f"http://{host}:{port}"


async def _until_stopped(app: object, parts: Parts, listening: socket.socket) -> None:
    server = Server(config(app, parts.settings.host, parts.settings.port))
    server.hub = parts.hosts.hub
    await server.serve(sockets=[listening])


def _invite(arguments: argparse.Namespace) -> int:
    settings = _settings()

    async def invite() -> int:
        database, keys, _ = open_storage(settings)
        try:
            if await Directory(database, keys, time.time).room(arguments.room) is None:
                print(f"There is no room {arguments.room}.", file=sys.stderr)
                return 2
            code = await create_invitation(
                database,
                room_id=arguments.room,
                role=arguments.role,
                login=arguments.login,
                now=time.time(),
            )
        finally:
            await database.close()
        print(f"{settings.origin}{invitation_path(code)}")
        return 0

    return _run(invite())


def _room(arguments: argparse.Namespace) -> int:
    settings = _settings()

    async def found() -> int:
        database, keys, _ = open_storage(settings)
        try:
            card = await Directory(database, keys, time.time).create_room(
                arguments.name,
                arguments.about,
                arguments.runs,
                kind=arguments.kind,
                language=arguments.language,
                audience="young" if arguments.young else "adults",
                mandated_reporter=arguments.mandated_reporter,
            )
        finally:
            await database.close()
        print(f"{settings.origin}/rooms/{card.id}")
        return 0

    return _run(found())


def _hotlines(arguments: argparse.Namespace) -> int:
    return hotlines.main(arguments.words, _settings().hotlines_file)


def _docs(arguments: argparse.Namespace) -> int:
    if not arguments.check:
        reference.write()
        return 0
    if old := reference.stale():
        print(f"Stale: {', '.join(old)}. Run ./dev docs and commit the result.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
