"""The process that is measured: `serve` as it is, but for the two things said here.

A load generator is one browser that says in a second what a room says in an hour, so every budget
of `moderation/budgets.py` is widened until none refuses; each is still drawn on, and its cost is in
the numbers. Nothing else is changed with `all`. With `none` the rooms only echo: the real socket,
its reader and writer, the real Hub and transport, but no rule, no sealing, no ledger and no `done`,
so that it can be set beside servers that do no more than that.

Once ended it prints one line of JSON with the longest pause of the collector.
"""

import gc
import runpy
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from bench.echo import echoing
from moderation import budgets
from server import assemble as assembling
from server import collector

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
    """The longest stop for the collector while the block runs, in ms, by generation. Counted from
    the moment at which the server is ready: before that nobody is there to wait."""
    calm = collector.calm_the_collector

    def ready() -> None:
        calm()
        longest.update(dict.fromkeys(longest, 0.0))

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

    collector.calm_the_collector = ready
    gc.callbacks.append(heard)
    try:
        yield longest
    finally:
        gc.callbacks.remove(heard)


def main(rules: str) -> int:
    """Be `python -m server serve` until told to end."""
    widen_budgets()
    if rules == "none":
        # Before anything of the server imports it.
        assembling.assemble = echoing(assembling.assemble)  # type: ignore[assignment]
    sys.argv = ["candlelight", "serve"]
    with longest_pause() as longest:
        try:
            runpy.run_module("server", run_name="__main__")
        except SystemExit as end:
            code = end.code
    print(msgspec.json.encode({"longest_pause_ms": longest}).decode(), flush=True)
    return code if isinstance(code, int) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
