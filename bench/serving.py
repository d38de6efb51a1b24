"""A server process under measurement: started on its own core, ended for certain."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.machine import SERVER_CORE, on_core

ROOT: Final = Path(__file__).parents[1]
PYTHON: Final = sys.executable
START_SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True)
class Serving:
    """A process that listens."""

    process: subprocess.Popen[str]
    port: int

    @property
    def pid(self) -> int:
        """Its number."""
        return self.process.pid

    def stop(self) -> str:
        """Ask it to end, and answer what it says last."""
        self.process.terminate()
        said, _ = self.process.communicate(timeout=30)
        return said


class DidNotStart(Exception):
    """A server ended, or said something unexpected, instead of listening."""


@contextmanager
def serving(
    command: Sequence[str | Path],
    environment: Mapping[str, str] | None = None,
    *,
    choose_port: bool = False,
) -> Iterator[Serving]:
    """Start a server and wait until it listens. Raises DidNotStart.

    Its first line must end in the port it listens on; with `choose_port` it is told one instead,
    in the place of %p. Its temporary files go when it does.
    """
    told = _free_port() if choose_port else 0
    with tempfile.TemporaryDirectory(prefix="candlelight-bench-") as folder:
        with on_core(SERVER_CORE):
            process = subprocess.Popen(
                [str(told) if part == "%p" else part for part in command],
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], "TMPDIR": folder, **(environment or {})},
                stdout=subprocess.PIPE,
                text=True,
            )
        with process:
            try:
                yield Serving(process, _answering(process, told) if told else _said(process))
            finally:
                process.kill()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def _answering(process: subprocess.Popen[str], port: int) -> int:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return port
    raise DidNotStart(str(process.args))


def _said(process: subprocess.Popen[str]) -> int:
    line = process.stdout.readline() if process.stdout else ""
    port = line.replace(":", " ").split()[-1:]
    if not port or not port[0].isdecimal():
        raise DidNotStart(str(process.args))
    return int(port[0])
