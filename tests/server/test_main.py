"""The program as a process: it stops when it is asked to, tidily, and leaves nothing behind."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rooms.arriving import Join
from rooms.meetings import OpenMeeting
from rooms.room import Role
from server.__main__ import main
from server.assemble import assemble
from server.live.host import Who
from server.people.cookie import words_cookie
from server.people.secrets import PERSON_SALT
from server.people.tags import member_tag
from server.people.words import Words, draw
from server.settings import read_settings
from tests.web.sockets import Client, connected

ROOT = Path(__file__).parents[2]


def environment(folder: Path) -> dict[str, str]:
    (folder / "tmp").mkdir(exist_ok=True)
    return {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(folder / "data"),
        "KEYS_DIR": str(folder / "keys"),
        "TMPDIR": str(folder / "tmp"),
        "PORT": "0",
    }


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "server", *arguments],
        cwd=ROOT,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def port_of(process: subprocess.Popen[str]) -> int:
    """Where it says it is, once it is there."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("Candlelight is at http://127.0.0.1:"), line
    return int(line.rpartition(":")[2])


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_the_demo_leaves_no_folder_behind(tmp_path: Path, asked: signal.Signals) -> None:
    with running(tmp_path, "demo") as process:
        port_of(process)
        assert list((tmp_path / "tmp").iterdir()) != []
        process.send_signal(asked)
        _, errors = process.communicate(timeout=15)
    assert (process.returncode, errors) == (0, "")
    assert list((tmp_path / "tmp").iterdir()) == []


def test_the_demo_leaves_no_folder_behind_when_it_is_stopped_while_it_starts(
    tmp_path: Path,
) -> None:
    with running(tmp_path, "demo") as process:
        while not list((tmp_path / "tmp").glob("*/data/*")):
            time.sleep(0.005)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=15)
    assert (process.returncode, errors) == (0, "")
    assert list((tmp_path / "tmp").iterdir()) == []


async def an_open_meeting(folder: Path, words: Words) -> str:
    """A room with an open meeting, in which somebody with these words has a place; its slug."""
    async with assemble(read_settings(environment(folder))) as parts:
        card = await parts.directory.create_room("Willow", "About.", "So.")
        await parts.wakes.deliver()
        tag = member_tag(words.person_key(parts.secrets.derive(PERSON_SALT)), card.id).hex()
        fay = Who("fa" * 32, Role.FACILITATOR)
        await parts.hosts.submit(card.id, fay, Join(pseudonym="Brave Otter"), "")
        await parts.hosts.submit(card.id, fay, OpenMeeting(), "")
        await parts.hosts.submit(card.id, Who(tag), Join(pseudonym="Amber Finch"), "")
    return card.id


async def test_a_stop_says_goodbye_and_waits_for_no_stalled_page(tmp_path: Path) -> None:
    words = draw()
    room = await an_open_meeting(tmp_path, words)
    with running(tmp_path, "serve") as process:
        port = await asyncio.to_thread(port_of, process)
        cookie = words_cookie(words, False, False).partition(";")[0]
        headers = {"Cookie": cookie, "Origin": f"http://127.0.0.1:{port}"}
        async with connected(port, headers) as one, connected(port, headers) as two:
            reading, stalled = Client(one, room), Client(two, room)
            for client in (reading, stalled):
                await (await client.hello()).enter()
            two.transport.pause_reading()
            process.send_signal(signal.SIGTERM)
            began = time.monotonic()
            closing = await reading.next("closing")
            assert (closing["code"], 0 <= closing["after_ms"] < 15_000) == (4000, True)
            assert await reading.closed() == 4000
            _, errors = await asyncio.to_thread(process.communicate, timeout=15)
            assert time.monotonic() - began < 12
            two.transport.abort()
    assert (process.returncode, errors) == (0, "")


def test_a_port_that_is_taken_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 2
    output, errors = capfd.readouterr()
    assert output == ""
    assert errors.count("\n") == 1
    assert str(port) in errors


def test_a_setting_that_makes_no_sense_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DEPLOYMENT_KEY", "a-secret-in-the-wrong-form")
    assert main(["serve"]) == 2
    errors = capfd.readouterr().err
    assert errors.count("\n") == 1
    assert "DEPLOYMENT_KEY must be 64 hexadecimal digits" in errors
    assert "a-secret" not in errors


def test_the_documentation_in_the_repository_is_current(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert main(["docs", "--check"]) == 0
