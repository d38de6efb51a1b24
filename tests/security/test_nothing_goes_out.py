"""A whole evening, and not one connection to anybody: no address looked up, nothing sent."""

import socket
import subprocess
import sys
from pathlib import Path

from moderation.actions import MuteMember
from rooms.meetings import CloseMeeting, OpenMeeting
from rooms.room import Mode
from rooms.speaking import Speak
from tests.security.watched_server import TOLD
from tests.storms.client import RecordingClient
from tests.storms.server import ROOT, ServerProcess

PAGES = ("/", "/about", "/words", "/help", "/help/US", "/staff", "/health", "/leave", "/nowhere")


async def test_a_whole_evening_reaches_nobody_outside(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path, module="tests.security.watched_server")
    founded = await server.found("Tuesday")
    room = founded.room.id
    async with server:
        async with (
            RecordingClient(server.address, room, "Fay", staff=founded.session) as fay,
            RecordingClient(server.address, room, "Ada") as ada,
        ):
            await fay.join()
            await fay.enter()
            await fay.do(OpenMeeting(mode=Mode.OPEN))
            await ada.join()
            await ada.enter()
            await ada.do(Speak(text="See https://elsewhere.example/page for it."))
            await fay.do(MuteMember(member=ada.me, minutes=5, reason="https://elsewhere.example/"))
            for path in PAGES:
                await ada.http.get(path)
            await ada.leave()
            await fay.do(CloseMeeting())
        assert await server.stop() == 0
    assert TOLD not in server.log.read_text()


def test_whatever_reaches_out_is_seen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        port = somebody.getsockname()[1]
        reach = (
            "import socket, sys; from tests.security.watched_server import tell;"
            f"sys.addaudithook(tell); socket.create_connection(('127.0.0.1', {port}))"
        )
        told = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", reach],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
            check=True,
        ).stderr
    assert f"{TOLD}socket.getaddrinfo" in told
    assert f"{TOLD}socket.connect" in told
