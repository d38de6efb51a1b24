"""A whole server as a process of its own: started, killed without warning, and started again.

`ServerProcess` is `python -m server serve` to the letter. A storm that needs fifty lives gives it a
`Nursery` (tests/storms/nursery.py): the same program, begun by a fork of a process that has done
its imports already, so that a life costs a tenth of a second and not a whole one.
"""

import asyncio
import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, Self

from pyotp import TOTP

from server.assemble import assemble
from server.people.directory import RoomCard
from server.people.invitations import create_invitation
from server.people.totp import new_secret
from server.settings import Settings, read_settings

ROOT: Final = Path(__file__).parents[2]
START_SECONDS: Final = 20.0
STOP_SECONDS: Final = 15.0
PASSWORD: Final = "seven grey herons walk"


@dataclass(frozen=True, slots=True)
class Founded:
    """A room, and the token of its facilitator's session."""

    room: RoomCard
    session: str


class Process(Protocol):
    """What a server needs of its process, however that was begun."""

    @property
    def pid(self) -> int:
        """Its number."""

    def poll(self) -> int | None:
        """Its exit code; None while it lives."""


class Breeder(Protocol):
    """Begins processes of `python -m <module> <arguments>`."""

    def begin(
        self, module: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> Process:
        """Begin one, with everything it writes going to the end of `log`."""


class Cold:
    """A new interpreter for every process."""

    def begin(
        self, module: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> Process:
        """See `Breeder.begin`."""
        with log.open("ab") as out:
            return subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], **environment},
                stdout=out,
                stderr=subprocess.STDOUT,
            )


class ServerProcess:
    """One deployment in `folder`: data, keys, log and temporary files, and the process or none.

    `module` is what is run; a test of failing paths gives another one that breaks on purpose.
    """

    def __init__(
        self, folder: Path, *, breeder: Breeder | None = None, module: str = "server"
    ) -> None:
        self.folder = folder
        self.port = _free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = folder / "server.log"
        self._breeder = breeder or Cold()
        self._module = module
        self._process: Process | None = None
        (folder / "tmp").mkdir(parents=True, exist_ok=True)
        self.log.touch()

    @property
    def environment(self) -> dict[str, str]:
        """What the process is told."""
        return {
            "DATA_DIR": str(self.folder / "data"),
            "KEYS_DIR": str(self.folder / "keys"),
            "PORT": str(self.port),
            "TMPDIR": str(self.folder / "tmp"),
        }

    @property
    def settings(self) -> Settings:
        """The same, as the server reads it."""
        return read_settings(self.environment)

    @property
    def pid(self) -> int:
        """The number of the running process."""
        return self._living.pid

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process is not None:
            await self.kill()

    async def start(self) -> None:
        """Start, and return when it answers."""
        said = len(self.log.read_bytes())
        self._process = self._breeder.begin(self._module, ["serve"], self.environment, self.log)
        async with asyncio.timeout(START_SECONDS):
            while b"Candlelight is at" not in self.log.read_bytes()[said:]:
                assert self._process.poll() is None, self.log.read_text()
                await asyncio.sleep(0.005)

    def kill_now(self) -> None:
        """kill -9, this very moment."""
        os.kill(self._living.pid, signal.SIGKILL)

    async def kill(self) -> None:
        """kill -9, and return when it is gone."""
        with suppress(ProcessLookupError):
            self.kill_now()
        await self._gone()

    async def stop(self) -> int:
        """Ask it to end (SIGTERM); its exit code."""
        os.kill(self._living.pid, signal.SIGTERM)
        return await self._gone()

    async def restart(self) -> None:
        """Start again after `kill_now`, once the old process is gone."""
        await self._gone()
        await self.start()

    def limit_files(self, size: int | None) -> None:
        """Let no file of the process grow beyond `size` bytes, as if the disk were full there."""
        limit = resource.RLIM_INFINITY if size is None else size
        resource.prlimit(self._living.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    async def found(self, name: str, login: str = "fay") -> "Founded":
        """Found a room and the Account of its facilitator. Not while the process runs."""
        assert self._process is None
        async with assemble(self.settings) as parts:
            card = await parts.directory.create_room(name, f"About {name}.", f"{name} goes so.")
            await parts.wakes.deliver()
            now, secret = parts.wall(), new_secret()
            code = await create_invitation(
                parts.database, room_id=card.id, role="facilitator", now=now
            )
            signed_in = await parts.invitations.accept(
                code, login, PASSWORD, parts.enrolment.seal(secret, now), TOTP(secret).at(int(now))
            )
        return Founded(card, signed_in.token)

    @property
    def _living(self) -> Process:
        assert self._process is not None
        return self._process

    async def _gone(self) -> int:
        async with asyncio.timeout(STOP_SECONDS):
            while (code := self._living.poll()) is None:
                await asyncio.sleep(0.002)
        self._process = None
        return code


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port
