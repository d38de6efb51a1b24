"""Runs named tests of a tree, again and again, in forks of a process that knows the libraries.

Most of the time of a single test goes into importing pytest and what the server is built on. That
is done once here, and nothing of the project is: each fork reads it from the tree as it is then.
One line comes in for each run, the tests with tabs between them; one goes out, the exit code.
"""

import importlib
import os
import sys
from pathlib import Path
from typing import Final

import pytest

LIBRARIES: Final = (
    "alembic.command alembic.runtime.migration argon2 babel.dates babel.support cryptography "
    "cryptography.hazmat.primitives.ciphers.aead httpx2 jinja2 mnemonic msgspec "
    "precis_i18n pyotp python_multipart regex segno sqlalchemy "
    "sqlalchemy.dialects.sqlite starlette.applications starlette.testclient uvicorn uvloop "
    "websockets.asyncio.client"
).split()
"""What takes long to import, without the plugins of pytest, which it wants to read itself."""
OUTPUT: Final = "output.txt"
PROJECT: Final = frozenset({"bench", "moderation", "rooms", "server", "tests", "web"})


def run(tree: Path) -> None:
    """Answer line after line until there are no more."""
    for library in LIBRARIES:
        importlib.import_module(library)
    assert not PROJECT & sys.modules.keys(), "a fork would not read the tree any more"
    sys.path.insert(0, str(tree))
    os.chdir(tree)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _test(line.rstrip("\n").split("\t"))
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _test(tests: list[str]) -> None:
    output = os.open(OUTPUT, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for taken in (1, 2):
        os.dup2(output, taken)
    # anyio is a library here and a plugin too; that it was read before pytest is what we wanted.
    quiet = ["-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    code = pytest.main(["-x", "-q", *quiet, *tests])
    sys.stdout.flush()
    os._exit(int(code))


if __name__ == "__main__":
    run(Path(sys.argv[1]))
