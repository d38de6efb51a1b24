"""A server process under measurement: started on its own core, ended for certain."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.machine import SERVER_CORE, on_core

ROOT: Final = Path(__file__).parents[1]
PYTHON: Final = sys.executable


@dataclass(frozen=True, slots=True)
class Serving:
    """A process that listens. `last_words` is what it printed after it was asked to end."""

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
    command: Sequence[str | Path], environment: Mapping[str, str] | None = None
) -> Iterator[Serving]:
    """Start a server; its first line must end in the port it listens on."""
    with on_core(SERVER_CORE):
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **(environment or {})},
            stdout=subprocess.PIPE,
            text=True,
        )
    with process:
        try:
            line = process.stdout.readline().strip() if process.stdout else ""
            port = line.replace(":", " ").split()[-1:]
            if not port or not port[0].isdecimal():
                raise DidNotStart(" ".join(map(str, command)))
            yield Serving(process, int(port[0]))
        finally:
            process.kill()
