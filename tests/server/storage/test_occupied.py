"""Many may use a data folder, or one restore alone; and the kernel cleans up after the killed."""

import subprocess
import sys
from pathlib import Path

import pytest

from server.storage.database import Database
from server.storage.errors import StorageUnavailable
from server.storage.occupied import FolderInUse, alone, use

HOLD = """
import os, sys
from pathlib import Path
from server.storage.occupied import use
use(Path(sys.argv[1]))
print("here", flush=True)
os.read(0, 1)
"""


def test_many_use_a_folder_at_once_and_nobody_has_it_alone(tmp_path: Path) -> None:
    first, second = use(tmp_path), use(tmp_path)
    first.end()
    first.end()
    with pytest.raises(FolderInUse), alone(tmp_path):
        pass
    second.end()
    with alone(tmp_path):
        pass


def test_while_somebody_has_it_alone_a_server_does_not_start(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'candlelight.db'}"
    with alone(tmp_path), pytest.raises(StorageUnavailable):
        Database(address)
    Database(address).close_now()
    with alone(tmp_path):
        pass


def test_a_killed_process_keeps_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"here\n"
        with pytest.raises(FolderInUse), alone(tmp_path):
            pass
        process.kill()
        process.wait()
        with alone(tmp_path):
            pass
