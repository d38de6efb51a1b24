"""The server on clocks that run faster: in one of our seconds `FASTER` of its own go by.

The timers of an alert are minutes, and a storm has seconds. Every life that is a fork of one
process (tests/storms/nursery.py) has the same clocks, as lives on one machine do.
"""

import sys
import time
from collections.abc import Sequence
from typing import Final

from server import assemble as parts
from server.__main__ import main as run
from server.live.host import Clock

FASTER: Final = 30.0
_BEGUN: Final = time.time()


def wall() -> float:
    """Seconds since the epoch, on the fast clock."""
    return _BEGUN + (time.time() - _BEGUN) * FASTER


def mono() -> float:
    """Seconds that never go back, on the fast clock."""
    return time.monotonic() * FASTER


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command of the server."""
    parts.assemble.__wrapped__.__defaults__ = (Clock(wall, mono),)  # type: ignore[attr-defined]
    return run(argv)


if __name__ == "__main__":
    sys.exit(main())
