"""A needle for every way in which somebody's words enter the server, and none of them in any file:
not in the database and its side files, not in the keys, not in the log, not in anything temporary;
not when all goes well, and not when everything breaks."""

import asyncio
import os
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from server.assemble import assemble
from server.live.host import Clock
from server.settings import Settings
from tests.security.disk import files, guises, readable
from tests.security.failing_server import EFFECT_RAISES, FORM_RAISES, FRAME_RAISES, RULE_RAISES
from tests.security.needles import NEEDLES, Evening, found, hold, settings

KEPT: Final = ("message", "pseudonym", "topic", "taken_back", "reason_to_hide", "reason_to_remove")
"""Needles that must be readable with the meeting's key, or this test tells nothing."""


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Evening:
    return asyncio.run(hold(tmp_path_factory.mktemp("evening")))


def test_no_needle_is_in_any_file_while_people_talk(evening: Evening) -> None:
    assert evening.seen == {}


def test_and_none_after_they_have_gone(evening: Evening) -> None:
    assert found(evening.folder) == {}
    names = {path.name for path in files(evening.folder)}
    assert {"candlelight.db", "server.log", "deployment.key"} <= names


def test_the_bugs_were_met_and_the_operator_can_find_them(evening: Evening) -> None:
    told = (evening.folder / "server.log").read_text()
    assert told.count("ValueError") >= len([RULE_RAISES, EFFECT_RAISES, FRAME_RAISES, FORM_RAISES])
    assert "StorageUnavailable" in told
    assert "CannotStore" in told
    assert "Traceback" not in told


def test_with_the_key_of_the_meeting_its_words_are_there(evening: Evening, tmp_path: Path) -> None:
    words = readable(evening.copy(tmp_path))
    assert [what for what in KEPT if NEEDLES[what].encode() not in words.lower()] == []


async def _sweep(house: Settings) -> None:
    """The server's own sweep, three days later; the one at its start, and two more at once."""
    later = Clock(lambda: time.time() + 3 * 86_400, time.monotonic)
    async with assemble(house, later) as parts:
        await asyncio.gather(parts.wakes.sweep(), parts.wakes.sweep())


async def test_after_the_shred_no_copy_of_the_data_opens_with_the_keys_that_are_left(
    evening: Evening, tmp_path: Path
) -> None:
    house = evening.copy(tmp_path / "house")
    backup = settings(tmp_path / "backup", house.keys_dir)
    shutil.copytree(house.data_dir, backup.data_dir)
    await _sweep(house)
    for words in (readable(house), readable(backup)):
        assert b"Quiet Heron" in words, "what lasts longer can still be read"
        assert [what for what in NEEDLES if NEEDLES[what].encode() in words.lower()] == []


async def test_after_the_shred_not_even_the_sealed_words_are_on_the_disk(
    evening: Evening, tmp_path: Path
) -> None:
    house = evening.copy(tmp_path)
    sealed, day_files = _bodies(house, "meeting"), set(house.keys_dir.glob("*.key"))
    await _sweep(house)
    dead = day_files - set(house.keys_dir.glob("*.key"))
    assert len(sealed) > 20
    assert len(dead) == 1
    everything = files(tmp_path)
    assert not [body for body in sealed if any(body in content for content in everything.values())]
    assert found(tmp_path) == {}
    assert _bodies(house, "meeting") == []


@pytest.mark.parametrize("how_far", ["not at all", "overwritten", "gone"])
async def test_an_interrupted_shred_is_completed_by_the_next_sweep(
    evening: Evening, tmp_path: Path, how_far: str
) -> None:
    house = evening.copy(tmp_path)
    sealed = _bodies(house, "meeting")
    day_file = min(path for path in house.keys_dir.glob("*.key") if path.name != "deployment.key")
    if how_far == "overwritten":
        day_file.write_bytes(os.urandom(32))
    elif how_far == "gone":
        day_file.unlink()
    await _sweep(house)
    assert not day_file.exists()
    assert _bodies(house, "meeting") == []
    everything = files(tmp_path)
    assert not [body for body in sealed if any(body in content for content in everything.values())]


def _bodies(house: Settings, purpose: str) -> list[bytes]:
    """What the log has under keys of this purpose, sealed, and these keys, wrapped."""
    query = (
        "SELECT log.body FROM log JOIN data_keys ON data_keys.id = log.key_id AND purpose = ? "
        "UNION SELECT wrapped FROM data_keys WHERE purpose = ?"
    )
    with closing(sqlite3.connect(house.data_dir / "candlelight.db")) as connection:
        return [body for (body,) in connection.execute(query, (purpose, purpose))]


def test_this_test_would_see_it(tmp_path: Path) -> None:
    for guise, form in guises(NEEDLES["message"]).items():
        (tmp_path / "some.file").write_bytes(b"\xff\x00 before " + form + b" behind")
        assert f"some.file ({guise})" in found(tmp_path)["message"]


def test_needles_are_unlike_each_other() -> None:
    assert len(set(NEEDLES.values())) == len(NEEDLES)
