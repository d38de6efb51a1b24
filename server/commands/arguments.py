"""What can be typed after `candlelight`, and what becomes of an error."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rooms.refusals import Refused
from server.commands import (
    documents,
    examining,
    keeping,
    opening,
    rooms,
    screening,
    serving,
    staff,
    starting,
)
from server.commands.serving import Front
from server.hotlines import UnreadableHotlines
from server.people.secrets import DeploymentKeyUnusable
from server.settings import SettingRefused
from server.storage.backups import BackupRefused
from server.storage.errors import StorageError
from server.telemetry import configure_logging

GROUPS: Final = (starting, serving, rooms, staff, keeping, examining, screening, documents)
EXPECTED: Final = (
    SettingRefused,
    UnreadableHotlines,
    DeploymentKeyUnusable,
    StorageError,
    BackupRefused,
    ValueError,
)
"""What an operator can put right; the message of each is a sentence for them."""


def run(front: Front, argv: Sequence[str] | None = None) -> int:
    """Run one command and answer its exit code. `front` is what people meet: the web."""
    arguments = parser().parse_args(argv)
    arguments.front = front
    configure_logging()
    try:
        return int(arguments.run(arguments))
    except Refused as why:
        print(why.text, file=sys.stderr)
    except EXPECTED as why:
        print(
            f"Candlelight does not start: {why}" if opening.serves(arguments) else why,
            file=sys.stderr,
        )
    except KeyboardInterrupt:
        return 0
    return 2


def parser() -> argparse.ArgumentParser:
    """Every command there is."""
    made = argparse.ArgumentParser(
        prog="candlelight", description="Support meetings in text, on one small machine."
    )
    made.add_argument(
        "--settings",
        type=Path,
        metavar="FILE",
        help="a file of settings, such as `candlelight init` writes; the environment comes first",
    )
    commands = made.add_subparsers(required=True, metavar="command")
    for group in GROUPS:
        group.add(commands)
    return made
