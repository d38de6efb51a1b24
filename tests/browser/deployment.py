"""The server as an operator runs it: by its command line, as a process that can be killed."""

import os
import subprocess
import sys
from pathlib import Path

from tests.browser.house import START_SECONDS


class Deployment:
    """The server as a process of its own, on folders that outlive it."""

    def __init__(self, folder: Path, exit_url: str) -> None:
        self._environment = os.environ | {
            "DATA_DIR": f"{folder}/data",
            "KEYS_DIR": f"{folder}/keys",
            "EXIT_URL": exit_url,
        }
        self._process: subprocess.Popen[str] | None = None
        self.port = 0

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def command(self, *words: str) -> str:
        """One command of the real command line; answers the line it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "server", *words],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=True,
        )
        return done.stdout.strip()

    def found(self, name: str) -> str:
        """Found a room; answers its slug."""
        path = self.command("room", name, "--about", "A peer meeting.", "--runs", "In turns.")
        return path.rpartition("/")[2]

    def start(self) -> None:
        """Serve, on the port of the first time."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "server", "serve", "--port", str(self.port)],
            env=self._environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        self.port = int(said.rpartition(":")[2])

    def kill(self) -> None:
        """End it where it stands: nothing is said and nothing is stored any more."""
        assert self._process is not None
        assert self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
        self._process = None

    def stop(self) -> None:
        """End it, if it runs."""
        if self._process is not None:
            self.kill()
