"""A process that has imported the whole server and does nothing but fork.

Of the second that a server takes to start, nine tenths are Python reading modules. A storm of fifty
lives would spend its minute there. So one process reads them once, before any thread or event loop
exists in it, and each life is a fork of it that goes on as `python -m server …` does, or as another
module of its kind.
"""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Final, Self

from server.lexicons import shipped_screen

FIRST_WORDS: Final = "I took the whole bottle of pills (1), and it is a good evening: Ada 7.3"
"""Something that is said in storms, and read before it is said."""


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
    """Begins servers by forking; a `Breeder` of tests/storms/server.py. Use it in a `with`. What
    they run is the function `main` of a module, `place`."""

    def __init__(self, place: str = "server.__main__") -> None:
        self._place = place
        self._mother = subprocess.Popen(
            [sys.executable, "-m", __name__, place],
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
        """See `Breeder.begin`; `module` can only be the one that was read."""
        assert self._place in (module, f"{module}.__main__")
        assert self._mother.stdin is not None
        assert self._mother.stdout is not None
        self._mother.stdin.write(json.dumps([arguments, environment, str(log)]) + "\n")
        self._mother.stdin.flush()
        return Fork(int(self._mother.stdout.readline()))


def run(place: str) -> None:
    """Fork a server for each line that comes in; say its process number."""
    main: Callable[[Sequence[str]], int] = import_module(place).main
    shipped_screen().look(FIRST_WORDS)  # what compiles when it is first needed is there from here
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children
    for line in sys.stdin:
        arguments, environment, log = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _live(main, arguments, environment, log)
        print(pid, flush=True)  # noqa: T201 - this is how the answer is given


def _live(
    main: Callable[[Sequence[str]], int],
    arguments: Sequence[str],
    environment: Mapping[str, str],
    log: str,
) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    out = os.open(log, os.O_WRONLY | os.O_APPEND)
    for taken in (sys.stdout.fileno(), sys.stderr.fileno()):
        os.dup2(out, taken)
    os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
    os.environ.update(environment)
    os._exit(main(arguments))


if __name__ == "__main__":
    run(sys.argv[1])
