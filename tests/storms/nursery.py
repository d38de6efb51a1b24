"""A process that has imported the whole server and does nothing but fork.

Of the second that a server takes to start, nine tenths are Python reading modules. A storm of fifty
lives would spend its minute there. So one process reads them once, before any thread or event loop
exists in it, and each life is a fork of it that goes on as `python -m server …` does.
"""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from server.__main__ import main


class Fork:
    """A grandchild of the test: seen by its pidfd, since only its parent could wait for it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._watch = os.pidfd_open(pid)
        self._code: int | None = None

    def poll(self) -> int | None:
        """-1 when it has ended, for nobody here can know its code; None while it lives."""
        if self._code is None and select.select([self._watch], [], [], 0)[0]:
            os.close(self._watch)
            self._code = -1
        return self._code


class Nursery:
    """Begins servers by forking; a `Breeder` of tests/storms/server.py. Use it in a `with`."""

    def __init__(self) -> None:
        self._mother = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._mother.communicate()

    def begin(
        self, module: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> Fork:
        """See `Breeder.begin`; `module` can only be `server`."""
        assert module == "server"
        assert self._mother.stdin is not None
        assert self._mother.stdout is not None
        self._mother.stdin.write(json.dumps([arguments, environment, str(log)]) + "\n")
        self._mother.stdin.flush()
        return Fork(int(self._mother.stdout.readline()))


def run() -> None:
    """Fork a server for each line that comes in; say its process number."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children
    for line in sys.stdin:
        arguments, environment, log = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _live(arguments, environment, log)
        print(pid, flush=True)  # noqa: T201 - this is how the answer is given


def _live(arguments: Sequence[str], environment: Mapping[str, str], log: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    out = os.open(log, os.O_WRONLY | os.O_APPEND)
    for taken in (sys.stdout.fileno(), sys.stderr.fileno()):
        os.dup2(out, taken)
    os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
    os.environ.update(environment)
    os._exit(main(arguments))


if __name__ == "__main__":
    run()
