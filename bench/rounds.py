"""Interleaved rounds: everybody in turn, again and again, so that a slow minute of the machine is
everybody's. Ratios are taken within a round; what is told is the median and the spread."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from statistics import median

import msgspec

from bench.candlelight import Deployment, Rules
from bench.peers import Peer
from bench.plan import Broken, Crowd, Load, Sample, generate
from bench.serving import DidNotStart, Serving


@dataclass(frozen=True, slots=True)
class Contender:
    """Somebody who is measured: how it is served, and who comes. `required` where a gate is about
    it: then a run that fails is no result but an error."""

    name: str
    serving: Callable[[], AbstractContextManager[Serving]]
    crowd: Crowd
    required: bool = True


class Spread(msgspec.Struct):
    """A median with the least and the greatest value."""

    median: float
    least: float
    greatest: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Of some values, at least one."""
        return cls(median(values), min(values), max(values))

    def __str__(self) -> str:
        if self.least == self.greatest:
            return _short(self.median)
        return f"{_short(self.median)} ({_short(self.least)}–{_short(self.greatest)})"


class Outcome(msgspec.Struct):
    """All runs of one load: the samples by name, round by round, and why somebody has none."""

    title: str
    samples: dict[str, list[Sample]]
    absent: dict[str, str] = {}

    def ratio(
        self, name: str, other: str, value: Callable[[Sample], float] = lambda s: s.deliveries_per_s
    ) -> Spread:
        """How many times the other's value somebody has, within each round."""
        pairs = zip(self.samples[name], self.samples[other], strict=True)
        return Spread.of([value(mine) / max(value(theirs), 1e-9) for mine, theirs in pairs])

    def spread(self, name: str, value: Callable[[Sample], float]) -> Spread:
        """Somebody's value over the rounds."""
        return Spread.of([value(sample) for sample in self.samples[name]])


def ours(name: str, deployment: Deployment, rules: Rules) -> Contender:
    """Candlelight, with all its rules or as a relay."""
    return Contender(name, lambda: deployment.serving(rules), deployment.crowd)


def peers(
    found: Sequence[Peer], rooms: int, members: int, *, required: bool = False
) -> tuple[list[Contender], dict[str, str]]:
    """Those of the peers that can run here, and why the others cannot."""
    absent = {peer.name: why for peer in found if (why := peer.absent())}
    present = [peer for peer in found if peer.name not in absent]
    return [
        Contender(peer.name, peer.serving, peer.crowd(rooms, members), required) for peer in present
    ], absent


def rounds(
    title: str,
    contenders: Sequence[Contender],
    load: Load,
    count: int,
    absent: Mapping[str, str] | None = None,
) -> Outcome:
    """Measure everybody `count` times. Raises Broken or DidNotStart for one who is required."""
    outcome = Outcome(title, {}, dict(absent or {}))
    for number in range(count):
        for contender in _rotated(contenders, number):
            if contender.name in outcome.absent:
                continue
            try:
                with contender.serving() as server:
                    sample = generate(contender.crowd, load, server.port, server.pid)
            except (Broken, DidNotStart) as why:
                if contender.required:
                    raise
                outcome.absent[contender.name] = f"failed: {str(why)[:200]}"
                outcome.samples.pop(contender.name, None)
                continue
            outcome.samples.setdefault(contender.name, []).append(sample)
            _tell(title, number, contender.name, sample)
    return outcome


def _rotated(contenders: Sequence[Contender], number: int) -> Iterator[Contender]:
    """Another one begins each time: nobody always runs on a machine that is still warm."""
    for place in range(len(contenders)):
        yield contenders[(place + number) % len(contenders)]


def _tell(title: str, number: int, name: str, sample: Sample) -> None:
    print(
        f"{title}, round {number + 1}: {name}: {sample.deliveries_per_s:,.0f} deliveries/s, "
        f"p99 {sample.p99_ms:.2f} ms, server {sample.server_cpu:.2f}, "
        f"generator {sample.generator_cpu:.2f}",
        file=sys.stderr,
        flush=True,
    )


def _short(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
