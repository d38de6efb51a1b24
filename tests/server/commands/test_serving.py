"""The server starts, says where it is, and hands its parts to what people meet."""

import asyncio
import resource
import socket

import pytest

from server.assemble import Parts
from server.commands import arguments
from server.commands.serving import DemoDoor
from tests.server.commands.conftest import Terminal


class Doorstep:
    """A front that only looks around."""

    def __init__(self) -> None:
        self.address: tuple[str, int] | None = None
        self.door: DemoDoor | None = None
        self.rooms: list[str] = []
        self.numbers = b""

    async def __call__(
        self, parts: Parts, listening: socket.socket, door: DemoDoor | None = None
    ) -> None:
        """See `Front`."""
        self.address = listening.getsockname()[:2]
        self.door = door
        self.rooms = [card.name for card in await parts.directory.rooms()]
        if parts.settings.metrics_port:
            ask = await asyncio.open_connection("127.0.0.1", parts.settings.metrics_port)
            ask[1].write(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.numbers = await ask[0].read()
            ask[1].close()


@pytest.mark.usefixtures("terminal")
def test_serve_listens_where_it_was_told_and_forbids_core_dumps(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = resource.getrlimit(resource.RLIMIT_CORE)
    doorstep = Doorstep()
    assert arguments.run(doorstep, ["serve", "--port", "0"]) == 0
    assert doorstep.address is not None
    host, port = doorstep.address
    assert capsys.readouterr().out == f"Candlelight is at http://{host}:{port}\n"
    assert (host, doorstep.door, doorstep.rooms) == ("127.0.0.1", None, [])
    assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
    assert before[0] >= 0 or before[0] == resource.RLIM_INFINITY


@pytest.mark.usefixtures("terminal")
def test_numbers_are_served_beside_it_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("METRICS_PORT", str(port))
    doorstep = Doorstep()
    assert arguments.run(doorstep, ["serve", "--port", "0"]) == 0
    assert b"candlelight_meetings_open 0" in doorstep.numbers


@pytest.mark.usefixtures("terminal")
def test_a_port_in_use_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert arguments.run(Doorstep(), ["serve", "--port", str(port)]) == 2
    assert "another program may be using it" in capsys.readouterr().err


def test_the_demo_has_a_room_and_a_door_and_keeps_nothing(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    doorstep = Doorstep()
    assert arguments.run(doorstep, ["demo", "--quiet", "--port", "0"]) == 0
    assert doorstep.rooms == ["Tuesday Lantern"]
    assert doorstep.door is not None
    assert f"/demo/{doorstep.door.secret}" in capsys.readouterr().out
    assert list(terminal.folder.iterdir()) == []
