"""Reading the numbers from their files, and `candlelight hotlines check`."""

import argparse
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import msgspec

from moderation.hotline_check import check
from moderation.hotlines import Hotlines, load, load_override, merge


class UnreadableHotlines(Exception):
    """The operator's file of numbers cannot be used; the message says where and why."""


def read_hotlines(override_path: Path | None = None) -> Hotlines:
    """The numbers we ship, under the operator's own file where there is one.

    Raises UnreadableHotlines when that file is missing or has the wrong shape.
    """
    shipped = load(resources.files("moderation").joinpath("data/hotlines.json").read_bytes())
    if override_path is None:
        return shipped
    try:
        return merge(shipped, load_override(override_path.read_bytes()))
    except (OSError, ValueError, msgspec.DecodeError) as error:
        raise UnreadableHotlines(f"{override_path}: {error}") from error


def main(
    argv: Sequence[str],
    override_path: Path | None = None,
    clock: Callable[[], float] = time.time,
) -> int:
    """`hotlines check [CC ...]`: print what to look at, for some countries or for all.

    Returns 0, 1 when a number could be pressed in vain, 2 when the operator's file is unreadable.
    """
    parser = argparse.ArgumentParser(prog="candlelight hotlines")
    parser.add_argument("what", choices=["check"])
    parser.add_argument("country", nargs="*", type=str.upper, help="two letters, for example NL")
    wanted = parser.parse_args(argv)
    try:
        hotlines = read_hotlines(override_path)
    except UnreadableHotlines as error:
        print(error)
        return 2
    unknown = [code for code in wanted.country if code not in hotlines]
    chosen = {c: hotlines[c] for c in hotlines if not wanted.country or c in wanted.country}
    problems = check(chosen, datetime.fromtimestamp(clock(), UTC).date())
    for code in unknown:
        print(f"{code}: no such country here")
    for problem in problems:
        mark = "!" if problem.grave else " "
        subject = f" {problem.line}:" if problem.line else ""
        print(f"{mark} {problem.country}{subject} {problem.text}")
    grave = sum(problem.grave for problem in problems)
    print(f"{len(chosen)} countries, {len(problems)} things to look at, {grave} grave.")
    return 1 if grave or unknown else 0
