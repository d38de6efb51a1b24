"""The process that is measured: `serve` as it is, but for the two things said here.

A load generator is one browser that says in a second what a room says in an hour, so every budget
of `moderation/budgets.py` is widened until none refuses; each is still drawn on, and its cost is in
the numbers. Nothing else is changed with `all`. With `none` the rooms only echo: the real socket,
its reader and writer, the real Hub and transport, but no rule, no sealing, no ledger and no `done`,
so that it can be set beside servers that do no more than that.

Once ended it prints one line of JSON with the longest pause of the collector.
"""

import gc
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from moderation import budgets
from server import __main__ as command_line

from bench.echo import echoing

PLENTY = 1e9


def widen_budgets() -> None:
    """Let nobody be refused for being fast. They are values that everybody shares, so they are
    changed where they stand: whoever imported one has the wide one."""
    for budget in vars(budgets).values():
        if isinstance(budget, budgets.Budget):
            object.__setattr__(budget, "burst", budget.burst * PLENTY)
            object.__setattr__(budget, "rate", budget.rate * PLENTY)


@contextmanager
def longest_pause() -> Iterator[dict[str, float]]:
    """The longest stop for the collector while the block runs, in ms, by generation."""
    longest: dict[str, float] = {"0": 0.0, "1": 0.0, "2": 0.0}
    began = 0.0

    def heard(phase: str, info: dict[str, Any]) -> None:
        nonlocal began
        if phase == "start":
            began = time.perf_counter()
        else:
            generation = str(info["generation"])
            took = (time.perf_counter() - began) * 1000
            longest[generation] = max(longest[generation], took)

    gc.callbacks.append(heard)
    try:
        yield longest
    finally:
        gc.callbacks.remove(heard)


def main() -> int:
    """Serve until told to end."""
    widen_budgets()
    if sys.argv[1:] == ["none"]:
        command_line.assemble = echoing(command_line.assemble)
    with longest_pause() as longest:
        code = command_line.main(["serve"])
    print(msgspec.json.encode({"longest_pause_ms": longest}).decode(), flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
