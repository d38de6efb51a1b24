"""The operator's monitoring sees numbers, on this machine alone, and never a name of anything."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rooms.arriving import Join
from rooms.meetings import OpenMeeting
from rooms.room import Mode, Role
from server import metrics
from server.assemble import Parts, assemble
from server.live.host import Who
from server.settings import SettingRefused, read_settings

FAY = Who("fa" * 32, Role.FACILITATOR)
SAMPLE = re.compile(r'candlelight_[a-z_]+(\{le="[0-9.+Inf]+"\})? [0-9.]+')


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Parts]:
    settings = read_settings({"DATA_DIR": f"{tmp_path}/data", "KEYS_DIR": f"{tmp_path}/keys"})
    async with assemble(settings) as parts:
        yield parts


async def open_a_meeting(parts: Parts) -> str:
    card = await parts.directory.create_room("Tuesday Lantern", "About.", "It runs.")
    await parts.wakes.deliver()
    for command in (Join(pseudonym="Brave Otter"), OpenMeeting(mode=Mode.OPEN)):
        await parts.hosts.submit(card.id, FAY, command, "")
    return card.id


def numbers(text: str) -> dict[str, float]:
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in samples)}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


async def ask(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    return answer


async def test_what_goes_on_is_counted(parts: Parts) -> None:
    await open_a_meeting(parts)
    found = numbers(await metrics.text(parts))
    assert found["candlelight_rooms_live"] == 2, "the group's, and the one where nobody meets"
    assert found["candlelight_meetings_open"] == 1
    assert found["candlelight_connections"] == 0
    assert found["candlelight_commands_stored_total"] >= 3
    assert found["candlelight_outbox_waiting"] == 0
    assert found["candlelight_outbox_dead"] == 0


async def test_the_histogram_adds_up(parts: Parts) -> None:
    await open_a_meeting(parts)
    found = numbers(await metrics.text(parts))
    buckets = [value for name, value in found.items() if "_bucket" in name]
    assert buckets == sorted(buckets)
    assert buckets[-1] == found["candlelight_ledger_batch_seconds_count"] == parts.meter.batches
    assert found["candlelight_ledger_batch_seconds_sum"] > 0


async def test_no_label_names_anything_but_a_bound(parts: Parts) -> None:
    room = await open_a_meeting(parts)
    text = await metrics.text(parts)
    assert room not in text
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    assert [line for line in samples if not SAMPLE.fullmatch(line)] == []
    assert len(text.splitlines()) == len(set(text.splitlines()))


async def test_a_database_that_is_away_takes_only_its_own_numbers_along(parts: Parts) -> None:
    await parts.database.close()
    text = await metrics.text(parts)
    assert "candlelight_connections 0" in text
    assert "outbox" not in text


async def test_the_door_answers_one_question_and_only_while_it_is_open(parts: Parts) -> None:
    port = free_port()
    async with metrics.served(parts, port):
        answer = await ask(port, b"GET /metrics HTTP/1.1\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"candlelight_rooms_live 0\n" in answer
        for other in (b"GET / HTTP/1.1\r\n\r\n", b"POST /metrics HTTP/1.1\r\n\r\n"):
            assert (await ask(port, other)).startswith(b"HTTP/1.1 404")
        assert await ask(port, b"x" * 10_000) == b""
    with pytest.raises(ConnectionRefusedError):
        await ask(port, b"")


async def test_it_is_shut_unless_asked_for_and_never_open_to_a_network(parts: Parts) -> None:
    async with metrics.served(parts, 0):
        pass
    assert parts.settings.metrics_port == 0
    assert metrics.ADDRESS == "127.0.0.1"


async def test_a_port_in_use_is_one_sentence(parts: Parts) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingRefused, match="METRICS_PORT"):
            async with metrics.served(parts, port):
                pass
