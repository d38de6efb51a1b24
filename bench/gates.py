"""The gates: what is promised, and what came out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bench.crisis import Crisis
from bench.peers import C_NAIVE, C_TICK, NAIVE_PIPELINE, NAIVE_STARLETTE
from bench.plan import Sample
from bench.rounds import Outcome, Spread
from bench.suites import RELAY, WHOLE, Idle

NODE: Final = ("node socket.io", "node ws")


@dataclass(frozen=True, slots=True)
class Gate:
    """A number that must be reached (`more`), or must not be exceeded."""

    name: str
    came_out: Spread
    gate: float
    stretch: float
    more: bool = True
    unit: str = "×"

    @property
    def verdict(self) -> str:
        """In one word or two."""
        if self._holds(self.stretch):
            return "met, and the stretch"
        return "met" if self._holds(self.gate) else "**missed**"

    @property
    def bound(self) -> str:
        """The gate and the stretch in words."""
        sign = "≥" if self.more else "≤"
        stretch = f", stretch {self.stretch:g}" if self.stretch != self.gate else ""
        return f"{sign} {self.gate:g} {self.unit}{stretch}"

    def _holds(self, bound: float) -> bool:
        value = self.came_out.median
        return value >= bound if self.more else value <= bound


def gates(outcomes: dict[str, Outcome], idle: Idle, crisis: Crisis) -> Iterator[Gate]:
    """Every gate, with its result."""
    fanout, alone = outcomes["fanout"], outcomes["fanout_unbatched"]
    yield Gate("fan-out, of C tick", fanout.ratio(RELAY, C_TICK.name), 0.55, 0.70)
    yield Gate("fan-out, of naive Starlette", fanout.ratio(RELAY, NAIVE_STARLETTE.name), 14, 14)
    for name in NODE:
        if name in fanout.samples:
            yield Gate(f"fan-out, of {name}", fanout.ratio(RELAY, name), 9, 9)
    large = outcomes["fanout_large"]
    yield Gate("fan-out to 1,000, of C tick", large.ratio(RELAY, C_TICK.name), 0.75, 0.90)
    yield Gate("fan-out, W=1, of C naive", alone.ratio(RELAY, C_NAIVE.name), 0.45, 0.60)
    whole = outcomes["pipeline"]
    yield Gate("whole pipeline, of C tick", whole.ratio(WHOLE, C_TICK.name), 0.18, 0.25)
    yield Gate(
        "whole pipeline, of the naive pipeline", whole.ratio(WHOLE, NAIVE_PIPELINE.name), 20, 20
    )
    calm, busy = outcomes["latency"], outcomes["latency_busy"]
    yield Gate(
        "delivery p99 at 400 messages/s, of the naive pipeline's",
        calm.ratio(WHOLE, NAIVE_PIPELINE.name, p99),
        0.35,
        0.2,
        more=False,
    )
    yield Gate(
        "delivery p99 at 30,000 deliveries/s, of C naive's",
        busy.ratio(RELAY, C_NAIVE.name, p99),
        2,
        1.5,
        more=False,
    )
    yield Gate("the card of somebody in danger", crisis.card_of_ack, 2, 2, more=False)
    yield Gate("the alert about them", crisis.alert_of_ack, 3, 3, more=False)
    look = Spread.of([crisis.look_us])
    yield Gate("a look at 200 characters", look, 120, 40, more=False, unit="µs")
    each = idle.kib_each[WHOLE]
    held = f"{idle.connections:,} idle connections, each"
    yield Gate(held, Spread.of([each]), 27, 20, more=False, unit="KiB")
    shakes = idle.handshakes_per_s
    ratio = shakes[WHOLE].median / shakes[NAIVE_STARLETTE.name].median
    yield Gate("handshakes, of naive Starlette's", Spread.of([ratio]), 1.5, 1.5)
    pause = idle.longest_pause_ms
    yield Gate("longest pause of the collector", pause, 50, 50, more=False, unit="ms")


def p99(sample: Sample) -> float:
    """The delivery time that 99 of 100 messages stay below, in ms."""
    return sample.p99_ms
