"""What the doctor sees in what is stored, beside a running server and after a bad night."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import delete, insert, update

from rooms.arriving import Join
from rooms.room import Role
from server.assemble import Parts, assemble
from server.doctor import Finding, State, deployment
from server.live.host import Clock, Who
from server.settings import Settings, read_settings
from server.storage.tables import log, outbox

NOW = datetime(2027, 1, 15, 8, tzinfo=UTC).timestamp()
STILL = Clock(lambda: NOW, lambda: NOW)
FAY = Who("fa" * 32, Role.FACILITATOR)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({"DATA_DIR": f"{tmp_path}/data", "KEYS_DIR": f"{tmp_path}/keys"})


async def a_room(parts: Parts) -> str:
    card = await parts.directory.create_room("Tuesday Lantern", "About.", "It runs.")
    await parts.wakes.deliver()
    await parts.hosts.submit(card.id, FAY, Join(pseudonym="Brave Otter"), "")
    return card.id


def about(findings: Iterable[Finding], subject: str) -> list[State]:
    return [finding.state for finding in findings if finding.subject == subject]


async def test_a_healthy_deployment_is_well_also_while_it_runs(settings: Settings) -> None:
    async with assemble(settings, STILL) as parts:
        await a_room(parts)
        beside = await deployment.stored(settings, NOW)
    for found in (beside, await deployment.stored(settings, NOW)):
        assert [(f.subject, f.state) for f in found] == [
            ("database", State.ok),
            ("outbox", State.ok),
            ("on call", State.look),
            ("calls", State.ok),
            ("desk", State.ok),
            ("rooms", State.ok),
        ]


async def test_looking_changes_nothing(settings: Settings) -> None:
    async with assemble(settings, STILL) as parts:
        await a_room(parts)
    folders = (settings.data_dir, settings.keys_dir)

    def everything() -> dict[str, bytes]:
        return {p.name: p.read_bytes() for folder in folders for p in folder.iterdir()}

    before = everything()
    late = NOW + 400 * 86_400
    assert about(await deployment.stored(settings, late), "rooms") == [State.ok]
    assert everything() == before


async def test_before_the_first_start_there_is_nothing_and_it_is_not_made(
    settings: Settings,
) -> None:
    assert about(await deployment.stored(settings, NOW), "database") == [State.look]
    assert not settings.data_dir.exists()


async def test_a_room_with_a_hole_in_its_log_is_told(settings: Settings) -> None:
    async with assemble(settings, STILL) as parts:
        room = await a_room(parts)
        await parts.database.write(
            lambda c: c.execute(delete(log).where(log.c.room == room, log.c.n == 1))
        )
    found = await deployment.stored(settings, NOW)
    assert about(found, "rooms") == [State.broken]
    assert any(room in finding.sentence for finding in found)


async def test_a_damaged_file_is_told(settings: Settings) -> None:
    async with assemble(settings, STILL) as parts:
        await a_room(parts)
    with (settings.data_dir / "candlelight.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 16_384)
    assert State.broken in about(await deployment.stored(settings, NOW), "database")


async def test_orders_that_were_given_up_or_wait_too_long_are_told(settings: Settings) -> None:
    async with assemble(settings, STILL) as parts:
        await a_room(parts)
        waiting = {
            "kind": "to_room", "room": "k7m2qx", "n": 0, "key_id": 1, "nonce": b"n" * 12,
            "body": b"", "due": NOW, "attempts": 0, "leased_until": NOW + 1e9, "dead": False,
        }  # fmt: skip
        await parts.database.write(lambda c: c.execute(insert(outbox).values(waiting)))
    assert about(await deployment.stored(settings, NOW), "outbox") == [State.ok]
    late = await deployment.stored(settings, NOW + 601)
    assert about(late, "outbox") == [State.look]
    async with assemble(settings, STILL) as parts:
        await parts.database.write(lambda c: c.execute(update(outbox).values(dead=True)))
    assert about(await deployment.stored(settings, NOW), "outbox") == [State.look]


async def test_a_clock_that_went_back_is_told(settings: Settings) -> None:
    async with assemble(settings, STILL) as parts:
        await a_room(parts)
    assert about(await deployment.stored(settings, NOW - 3600), "clock") == [State.broken]


async def test_tables_of_another_release_are_told(settings: Settings) -> None:
    async with assemble(settings, STILL) as parts:
        await parts.database.write(
            lambda c: c.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
        )
    assert about(await deployment.stored(settings, NOW), "database") == [State.look]


def test_help_lines_are_looked_at_for_the_operators_own_countries(tmp_path: Path) -> None:
    fresh = datetime(2026, 9, 1, tzinfo=UTC).timestamp()
    assert about(deployment.help_lines(read_settings({}), fresh), "help lines") == [State.look]
    unknown = read_settings({"COUNTRIES": "ZZ"})
    assert about(deployment.help_lines(unknown, fresh), "help lines") == [State.broken]
    late = datetime(2099, 1, 1, tzinfo=UTC).timestamp()
    both = about(deployment.help_lines(read_settings({"COUNTRIES": "NL US"}), late), "help lines")
    assert both == [State.look, State.look]
    spoilt = tmp_path / "lines.json"
    spoilt.write_bytes(msgspec.json.encode({"NL": 7}))
    wrong = read_settings({"HOTLINES_FILE": str(spoilt), "COUNTRIES": "NL"})
    assert about(deployment.help_lines(wrong, fresh), "help lines") == [State.broken]
