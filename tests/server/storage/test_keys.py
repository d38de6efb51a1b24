"""A key lives until its day ends, and no copy of the data outlives it."""

import stat
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select, update

from server.storage.database import Database
from server.storage.keys import KeyDestroyed, KeyRing, check_apart
from server.storage.sealing import SealBroken, seal, unseal
from server.storage.tables import data_keys
from tests.server.storage.samples import OTHER_ROOM, ROOM

DAY = date(2027, 1, 31)
NEXT_DAY = date(2027, 2, 1)


async def test_a_key_opens_after_a_restart_what_it_sealed_before(
    database: Database, keys: KeyRing, tmp_path: Path
) -> None:
    key = await database.write(lambda c: keys.new_key(ROOM, "meeting", DAY, c))
    sealed = seal(key, ROOM, 1, 0, b"words")
    restarted = KeyRing(tmp_path / "keys")
    again = await database.read(lambda c: restarted.unwrap(key.id, c))
    assert unseal(again, ROOM, 1, 0, sealed) == b"words"


async def test_all_keys_of_one_day_hang_on_one_small_private_file(
    database: Database, keys: KeyRing, tmp_path: Path
) -> None:
    await database.write(lambda c: keys.new_key(ROOM, "meeting", DAY, c))
    await database.write(lambda c: keys.new_key(OTHER_ROOM, "meeting", DAY, c))
    (file,) = (tmp_path / "keys").iterdir()
    assert file.name == "2027-01-31.key"
    assert file.stat().st_size == 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


async def test_a_key_is_alive_through_its_last_day_and_dead_the_day_after(
    database: Database, keys: KeyRing
) -> None:
    key = await database.write(lambda c: keys.new_key(ROOM, "meeting", DAY, c))
    assert keys.destroy_files_before(DAY) == []
    await database.read(lambda c: keys.unwrap(key.id, c))
    assert keys.destroy_files_before(NEXT_DAY) == [DAY]
    with pytest.raises(KeyDestroyed):
        await database.read(lambda c: keys.unwrap(key.id, c))


async def test_a_key_that_memory_knew_dies_with_its_file(database: Database, keys: KeyRing) -> None:
    key = await database.write(lambda c: keys.new_key(ROOM, "meeting", DAY, c))
    await database.read(lambda c: keys.unwrap(key.id, c))
    keys.destroy_files_before(NEXT_DAY)
    with pytest.raises(KeyDestroyed):
        await database.read(lambda c: keys.unwrap(key.id, c))


async def test_other_files_of_the_folder_are_left_alone(keys: KeyRing, tmp_path: Path) -> None:
    kept = ["deployment.key", "notes.txt", "9999-99-99.key", "2027-01-31.txt"]
    for name in kept:
        (tmp_path / "keys" / name).write_bytes(b"x" * 32)
    keys.destroy_files_before(date.max)
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == sorted(kept)


async def test_a_day_file_that_was_being_written_when_the_power_failed_is_replaced_and_removed(
    database: Database, keys: KeyRing, tmp_path: Path
) -> None:
    half = tmp_path / "keys" / "2027-01-31.key.new"
    half.write_bytes(b"half")
    key = await database.write(lambda c: keys.new_key(ROOM, "meeting", DAY, c))
    await database.read(lambda c: keys.unwrap(key.id, c))
    half.write_bytes(b"half")
    keys.destroy_files_before(NEXT_DAY)
    assert list((tmp_path / "keys").iterdir()) == []


async def test_a_day_file_that_is_not_the_one_used_opens_nothing(
    database: Database, keys: KeyRing, tmp_path: Path
) -> None:
    key = await database.write(lambda c: keys.new_key(ROOM, "meeting", DAY, c))
    for wrong in (b"z" * 32, b"short"):
        (tmp_path / "keys" / "2027-01-31.key").write_bytes(wrong)
        with pytest.raises(KeyDestroyed):
            await database.read(lambda c: keys.unwrap(key.id, c))


async def test_a_wrapped_key_copied_to_another_room_does_not_open(
    database: Database, keys: KeyRing
) -> None:
    key = await database.write(lambda c: keys.new_key(ROOM, "meeting", DAY, c))
    await database.write(
        lambda c: c.execute(update(data_keys).values(room=OTHER_ROOM)).close(),
    )
    with pytest.raises(KeyDestroyed):
        await database.read(lambda c: keys.unwrap(key.id, c))


async def test_a_key_of_a_transaction_that_failed_never_was(
    database: Database, keys: KeyRing
) -> None:
    seen = []

    def fail(connection: Connection) -> None:
        seen.append(keys.new_key(ROOM, "meeting", DAY, connection).id)
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(fail)
    with pytest.raises(KeyDestroyed):
        await database.read(lambda c: keys.unwrap(seen[0], c))


async def test_wrapped_keys_of_past_days_are_forgotten_and_their_numbers_never_given_again(
    database: Database, keys: KeyRing
) -> None:
    old = await database.write(lambda c: keys.new_key(ROOM, "meeting", DAY, c))
    assert await database.write(lambda c: keys.forget_keys_before(DAY, c)) == 0
    assert await database.write(lambda c: keys.forget_keys_before(NEXT_DAY, c)) == 1
    new = await database.write(lambda c: keys.new_key(ROOM, "meeting", NEXT_DAY, c))
    assert new.id > old.id
    assert await database.read(lambda c: c.scalar(select(func.count()).select_from(data_keys))) == 1


async def test_two_keys_of_a_room_do_not_open_each_others_words(
    database: Database, keys: KeyRing
) -> None:
    one = await database.write(lambda c: keys.new_key(ROOM, "meeting", DAY, c))
    two = await database.write(lambda c: keys.new_key(ROOM, "meeting", DAY, c))
    with pytest.raises(SealBroken):
        unseal(two, ROOM, 1, 0, seal(one, ROOM, 1, 0, b"words"))


def test_keys_inside_the_data_folder_are_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (tmp_path / "alias").symlink_to(data)
    for keys in (data, data / "keys", data / "a" / "keys", tmp_path / "alias" / "keys"):
        with pytest.raises(ValueError, match="backup"):
            check_apart(data, keys)
    check_apart(data, tmp_path / "keys")
    check_apart(data, tmp_path / "data-keys")
