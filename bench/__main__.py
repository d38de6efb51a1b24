"""`python -m bench`: measure, and say what came out."""

import argparse
import sys
from collections.abc import Sequence
from typing import Final

import msgspec

from bench import crisis, peers, report, steps, suites
from bench.machine import Missing, allow_many_files
from bench.report import Results
from bench.suites import RELAY, WHOLE, Size

WHAT: Final = (
    "all",
    "fanout",
    "pipeline",
    "latency",
    "crisis",
    "idle",
    "steps",
    "report",
    "peers",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run what was asked for and answer the exit code."""
    arguments = _parser().parse_args(argv)
    allow_many_files()
    size = Size(
        rounds=arguments.rounds,
        seconds=arguments.seconds,
        rooms=arguments.rooms,
        members=arguments.members,
        window=arguments.window,
        gates_only=arguments.gates_only,
    )
    try:
        _run(arguments.what, size)
    except Missing as why:
        print(why, file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    usual = Size()
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument(
        "what",
        nargs="?",
        default="all",
        choices=WHAT,
        help="all writes docs/PERFORMANCE.md; report writes it again from the last results; peers "
        "installs the peers' packages beside the project's",
    )
    parser.add_argument("--rounds", type=int, default=usual.rounds)
    parser.add_argument("--seconds", type=float, default=usual.seconds, help="of one measurement")
    parser.add_argument("--rooms", type=int, default=usual.rooms)
    parser.add_argument("--members", type=int, default=usual.members, help="in each room")
    parser.add_argument("--window", type=int, default=usual.window, help="messages outstanding")
    parser.add_argument("--gates-only", action="store_true", help="only what a gate is about")
    return parser


def _run(what: str, size: Size) -> None:
    match what:
        case "fanout":
            outcomes = suites.fanout(size)
            print(report.tables(outcomes))
            gate = outcomes["fanout"]
            ratios = {
                "ratio_c_tick": gate.ratio(RELAY, peers.C_TICK.name).median,
                "ratio_naive_starlette": gate.ratio(RELAY, peers.NAIVE_STARLETTE.name).median,
            }
            _say({"fanout": ratios})
        case "pipeline":
            outcomes = suites.pipeline(size)
            print(report.tables(outcomes))
            gate = outcomes["pipeline"]
            ratios = {
                "ratio_c_tick": gate.ratio(WHOLE, peers.C_TICK.name).median,
                "ratio_naive": gate.ratio(WHOLE, peers.NAIVE_PIPELINE.name).median,
                "messages_per_s": gate.spread(WHOLE, lambda s: s.messages_per_s).median,
            }
            _say({"pipeline": ratios})
        case "latency":
            print(report.tables(suites.latency(size)))
        case "crisis":
            found = crisis.crisis(size)
            print(report.crisis_table(found))
            _say(
                {
                    "crisis": {
                        "card_of_ack": found.card_of_ack.median,
                        "alert_of_ack": found.alert_of_ack.median,
                        "messages_per_s": found.messages_per_s.median,
                        "look_us": found.look_us,
                    }
                }
            )
        case "idle":
            print(report.idle_table(suites.idle(size)))
        case "steps":
            print(report.steps_table(steps.measured()))
        case "peers":
            peers.install()
        case "report":
            report.write(report.last())
        case _:
            outcomes = suites.fanout(size) | suites.pipeline(size) | suites.latency(size)
            results = Results(outcomes, suites.idle(size), steps.measured(), crisis.crisis(size))
            report.keep(results)
            report.write(results)


def _say(result: dict[str, dict[str, float]]) -> None:
    """The last line, for programs."""
    rounded = {
        suite: {name: round(value, 4) for name, value in values.items()}
        for suite, values in result.items()
    }
    print(msgspec.json.encode(rounded).decode(), flush=True)


if __name__ == "__main__":
    sys.exit(main())
