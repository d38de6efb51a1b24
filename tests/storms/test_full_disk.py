"""The disk is really full: what cannot be kept is refused, what can be read is read, Help is there,
and nobody has to restart anything when there is room again."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pytest

from rooms.meetings import OpenMeeting
from rooms.room import Mode
from rooms.speaking import Speak
from tests.storms.client import RecordingClient
from tests.storms.server import ServerProcess

pytestmark = pytest.mark.storm

SIZE = 4 << 20
"""Bytes of the small disk: room for the tables and an evening, and soon full."""


class Disk(Protocol):
    """A disk that can be filled to the last byte."""

    def fill(self) -> None:
        """Leave no room."""

    def free(self) -> None:
        """Give the room back."""


class SmallDisk:
    """A file system of its own in memory, filled by a file."""

    def __init__(self, folder: Path) -> None:
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """See `Disk.fill`."""
        with self._ballast.open("wb", buffering=0) as ballast:
            for size in (4_096, 1):
                try:
                    while True:
                        ballast.write(b"*" * size)
                except OSError:
                    continue

    def free(self) -> None:
        """See `Disk.free`."""
        self._ballast.unlink()


class LimitedFiles:
    """What everybody may set who may not mount: no file of the process grows any more."""

    def __init__(self, server: ServerProcess) -> None:
        self._server = server

    def fill(self) -> None:
        """See `Disk.fill`."""
        log = self._server.folder / "data" / "candlelight.db-wal"
        self._server.limit_files(log.stat().st_size)

    def free(self) -> None:
        """See `Disk.free`."""
        self._server.limit_files(None)


@contextmanager
def small_disk(server: ServerProcess) -> Iterator[Disk]:
    """A file system for the data folder: a real one where that may be mounted."""
    data = server.folder / "data"
    data.mkdir(mode=0o700)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0700", "tmpfs", str(data)]
    mounted = os.geteuid() == 0 and subprocess.run(mount, check=False).returncode == 0
    try:
        yield SmallDisk(data) if mounted else LimitedFiles(server)
    finally:
        if mounted:
            subprocess.run(["umount", str(data)], check=True)


async def test_a_full_disk_refuses_words_and_takes_nothing_else_away(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path)
    with small_disk(server) as disk:
        founded = await server.found("Tuesday")
        room = founded.room.id
        async with (
            server,
            RecordingClient(server.address, room, "Fay", staff=founded.session) as fay,
            RecordingClient(server.address, room, "Ada") as ada,
        ):
            await fay.join()
            await fay.enter()
            await fay.do(OpenMeeting(mode=Mode.OPEN))
            await ada.join()
            await ada.enter()
            await ada.do(Speak(text="Before."))

            disk.fill()
            key = await ada.ask(Speak(text="Into the full disk."))
            await ada.until(lambda: key in ada.refusals)
            assert ada.refusals[key]["code"] == "unavailable"
            assert ada.refusals[key]["retry"]
            assert key not in ada.answers
            for path in ("/help", "/help/US", "/", f"/rooms/{room}", "/health"):
                assert (await ada.http.get(path)).status_code == 200, path
            page = await ada.http.get(f"/rooms/{room}/live")
            assert page.status_code == 200
            assert "Before." in page.text
            assert "Into the full disk." not in page.text

            disk.free()
            await ada.ask(ada.asked[key], key)
            await ada.until(lambda: key in ada.answers)
            await fay.hears_up_to(ada.answers[key]["room"])
            ada.assert_answers_are_kept()
            assert await server.stop() == 0
