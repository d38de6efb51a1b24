"""What came out, as tables, and as docs/PERFORMANCE.md."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from bench.crisis import Crisis
from bench.gates import gates
from bench.machine import HERE, cache, described
from bench.plan import Sample
from bench.rounds import Outcome
from bench.steps import Step
from bench.suites import RELAY, WHOLE, Idle

DOCUMENT: Final = HERE.parent / "docs" / "PERFORMANCE.md"
FRAME: Final = HERE / "performance.md"
"""The document's own words; {names} in it stand for what was measured."""
US: Final = 1e6


class Results(msgspec.Struct):
    """Everything that one run of all suites found."""

    outcomes: dict[str, Outcome]
    idle: Idle
    steps: list[Step]
    crisis: Crisis


def keep(results: Results) -> None:
    """Keep them, so that the document can be written again."""
    _kept().write_bytes(msgspec.json.encode(results))


def last() -> Results:
    """The last ones that were kept."""
    return msgspec.json.decode(_kept().read_bytes(), type=Results)


def _kept() -> Path:
    return cache() / "results.json"


def write(results: Results) -> None:
    """Write docs/PERFORMANCE.md."""
    outcomes = results.outcomes
    count = len(next(iter(outcomes["fanout"].samples.values())))
    rows = [
        (gate.name, gate.bound, f"{gate.came_out} {gate.unit}", gate.verdict)
        for gate in gates(outcomes, results.idle, results.crisis)
    ]
    text = FRAME.read_text(encoding="utf-8")
    found = {
        "machine": described(),
        "rounds": str(count),
        "gates": table(("what", "gate", "came out", ""), rows),
        "fanout": tables({name: o for name, o in outcomes.items() if name.startswith("fanout")}),
        "pipeline": tables({"pipeline": outcomes["pipeline"]}),
        "latency": tables({name: o for name, o in outcomes.items() if name.startswith("latency")}),
        "stalled": tables({name: o for name, o in outcomes.items() if name.startswith("stalled")}),
        "crisis": crisis_table(results.crisis),
        "idle": idle_table(results.idle),
        "steps": steps_table(results.steps) + "\n\n" + remainder(results),
    }
    for name, value in found.items():
        text = text.replace(f"{{{name}}}", value)
    DOCUMENT.write_text(text, encoding="utf-8")


def tables(outcomes: Mapping[str, Outcome]) -> str:
    """A table for each outcome, best first, and those who have no number."""
    return "\n\n".join(_table(outcome) for outcome in outcomes.values())


def _table(outcome: Outcome) -> str:
    def speed(name: str) -> float:
        return -outcome.spread(name, lambda s: s.deliveries_per_s).median

    rows = [
        (
            name,
            str(outcome.spread(name, lambda s: s.deliveries_per_s)),
            str(outcome.spread(name, lambda s: s.p50_ms)),
            str(outcome.spread(name, lambda s: s.p99_ms)),
            str(outcome.spread(name, cpu_us)),
            f"{outcome.spread(name, lambda s: s.server_cpu).median:.2f}",
            f"{outcome.spread(name, lambda s: s.generator_cpu).median:.2f}",
        )
        for name in sorted(outcome.samples, key=speed)
    ]
    rows += [(name, why, "", "", "", "", "") for name, why in outcome.absent.items()]
    head = (
        outcome.title,
        "deliveries/s",
        "p50 ms",
        "p99 ms",
        "µs of CPU each",
        "server's core",
        "generator's core",
    )
    return table(head, rows)


def cpu_us(sample: Sample) -> float:
    """What one delivery takes of the server's core, in microseconds."""
    return sample.server_cpu / max(sample.deliveries_per_s, 1e-9) * US


def idle_table(idle: Idle) -> str:
    """Memory and handshakes."""
    rows = [
        (name, f"{kib:.1f}", str(idle.handshakes_per_s[name]), str(idle.arrivals_per_s[name]))
        for name, kib in idle.kib_each.items()
    ]
    shakes = f"handshakes/s, {idle.handshakes:,} alone"
    head = (f"{idle.connections:,} connections", "KiB each", shakes, "arrivals/s")
    pause = f"Longest pause of Candlelight's collector, in ms: {idle.longest_pause_ms}."
    return table(head, rows) + "\n\n" + pause


def crisis_table(found: Crisis) -> str:
    """How soon somebody in danger is answered."""
    rows = [
        ("the card, in times of an ordinary acknowledgement", str(found.card_of_ack)),
        ("the alert on a facilitator's page, the same", str(found.alert_of_ack)),
        ("an ordinary acknowledgement, ms", str(found.ack_ms)),
        ("messages a second in all the other rooms", str(found.messages_per_s)),
        ("a look at 200 characters with all rules, µs", f"{found.look_us:.0f}"),
    ]
    return table(("somebody in danger", ""), rows)


def steps_table(steps: Iterable[Step]) -> str:
    """Step by step."""
    rows = [(f"– {s.name}" if s.part else s.name, f"{s.us:.2f}") for s in steps]
    return table(("step", "µs"), rows)


def remainder(results: Results) -> str:
    """What a message costs beyond its steps."""
    whole = results.outcomes["pipeline"].spread(WHOLE, cpu_us_of_message).median
    relay = results.outcomes["fanout"].spread(RELAY, cpu_us_of_message).median
    steps = sum(step.us for step in results.steps if not step.part)
    return (
        f"In the whole pipeline a message took {whole:.0f} µs of the server's core; these steps "
        f"are {steps:.0f} µs of it. The rest, {whole - steps:.0f} µs, is reading one frame and "
        "writing to twenty sockets, and memory: among fifty rooms each step finds little of what "
        f"it needs still near the processor. As a relay a message took {relay:.0f} µs."
    )


def cpu_us_of_message(sample: Sample) -> float:
    """What one message takes of the server's core, in microseconds."""
    return sample.server_cpu / max(sample.messages_per_s, 1e-9) * US


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table whose first column is text and whose others are numbers."""
    lines = [head, ("---", *("--:" for _ in head[1:])), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
