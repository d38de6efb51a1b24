"""Settings come from the file that is named, and over it from the environment."""

import argparse
from pathlib import Path

import pytest

from server.commands import opening
from server.settings import SettingRefused, read_settings


def given(file: Path | None, port: str | None = None) -> argparse.Namespace:
    return argparse.Namespace(settings=file, port=port)


def test_the_file_is_read_and_the_environment_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "candlelight.env"
    file.write_text('GROUP_NAME="Evening Tea"\nPORT="9000"\nKEEP_HOURS=48\n')
    monkeypatch.setenv("KEEP_HOURS", "72")
    read = opening.settings(given(file))
    assert (read.group_name, read.port, read.keep_hours) == ("Evening Tea", 9000, 72)
    assert opening.settings(given(file, "9001")).port == 9001


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingRefused, match="cannot be read"):
        opening.settings(given(tmp_path / "nothing.env"))


def test_only_a_command_that_serves_says_that_it_does_not_start() -> None:
    assert opening.serves(given(None))
    assert not opening.serves(argparse.Namespace(settings=None))


async def test_storage_is_closed_when_a_command_is_done(tmp_path: Path) -> None:
    settings = read_settings({"DATA_DIR": f"{tmp_path}/data", "KEYS_DIR": f"{tmp_path}/keys"})
    async with opening.storage(settings) as (database, _, _):
        await database.read(lambda c: c.exec_driver_sql("SELECT 1").scalar())
    assert not (tmp_path / "data" / "candlelight.db-wal").exists()


def test_a_command_answers_its_exit_code() -> None:
    async def work() -> int:
        return 3

    assert opening.run(work()) == 3
