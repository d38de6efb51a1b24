"""What most commands begin with: the settings, an event loop, and the storage."""

import argparse
import asyncio
import os
import signal
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import uvloop

from server import settings_file
from server.assemble import open_storage
from server.people.secrets import Secrets
from server.settings import Settings, read_settings
from server.storage.database import Database
from server.storage.keys import KeyRing
from server.telemetry import log_background_failure

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
"""Where a group adds its commands."""


def settings(arguments: argparse.Namespace) -> Settings:
    """The settings: of the file that was named, and over them those of the environment.

    Raises SettingRefused.
    """
    return read_settings(environment(arguments))


def environment(arguments: argparse.Namespace) -> dict[str, str]:
    """The settings as they were written. Raises SettingRefused."""
    given = dict(os.environ)
    if arguments.settings is not None:
        given = settings_file.under(given, settings_file.read(arguments.settings))
    if getattr(arguments, "port", None) is not None:
        given["PORT"] = arguments.port
    return given


def serves(arguments: argparse.Namespace) -> bool:
    """Whether a command serves people, so that an error means they meet nobody."""
    return hasattr(arguments, "port")


def run(work: Coroutine[Any, Any, int]) -> int:
    """Run a command that waits, on an event loop of its own; answers its exit code."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.get_loop().set_exception_handler(log_background_failure)
        # Whoever stops the server while it starts, or closes, wants it tidy: nothing is left
        # behind. While it serves, the web server listens for signals itself.
        signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
        return runner.run(work)


@asynccontextmanager
async def storage(settings: Settings) -> AsyncIterator[tuple[Database, KeyRing, Secrets]]:
    """The database, the keys and the deployment's secret, closed when the block ends.

    Raises what `open_storage` raises.
    """
    database, keys, secrets = open_storage(settings)
    try:
        yield database, keys, secrets
    finally:
        await database.close()
