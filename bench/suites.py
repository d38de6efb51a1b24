"""The suites: which servers, under which load, and what is read from it."""

from dataclasses import dataclass, replace
from typing import Final

import msgspec

from bench.candlelight import deployment
from bench.machine import resident_kib
from bench.peers import C_NAIVE, C_TICK, NAIVE_PIPELINE, NAIVE_STARLETTE, RELAYS
from bench.plan import Load, generate
from bench.rounds import Contender, Outcome, Spread, ours, peers, rounds

RELAY: Final = "Candlelight (relay)"
"""The real socket, Hub and transport, with rooms that only echo."""
WHOLE: Final = "Candlelight"
"""Everything: rules, sealing, a durable commit, and an answer to the sender."""

IDLE_ROOMS: Final = 500
IDLE_MEMBERS: Final = 20
SHAKING_ROOMS: Final = 100
CALM_RATE: Final = 400.0
"""Messages a second: 50 rooms in which everybody writes something every two and a half seconds."""
BUSY_RATE: Final = 1500.0
"""Messages a second: 30,000 deliveries in rooms of 20."""


@dataclass(frozen=True, slots=True)
class Size:
    """How long and how often to measure, and in how many rooms of how many members."""

    rounds: int = 5
    seconds: float = 5.0
    rooms: int = 50
    members: int = 20
    window: int = 10
    gates_only: bool = False

    @property
    def load(self) -> Load:
        """Ten messages outstanding in every room, or as many as were asked for."""
        return Load(window=self.window, seconds=self.seconds, warmup=min(1.0, self.seconds / 4))


class Idle(msgspec.Struct):
    """Many connections on which nothing is said."""

    connections: int
    kib_each: dict[str, float]
    arrivals_per_s: dict[str, Spread]
    handshakes: int
    handshakes_per_s: dict[str, Spread]
    longest_pause_ms: Spread


def fanout(size: Size) -> dict[str, Outcome]:
    """Decode and fan-out alone: at the gate's load and, unless only the gate is asked for, with one
    message outstanding in each room and in one very large room."""
    outcomes = {"fanout": _fanout(size, with_relays=not size.gates_only)}
    if not size.gates_only:
        outcomes["fanout_unbatched"] = _fanout(replace(size, window=1), with_relays=False)
        outcomes["fanout_large"] = _fanout(replace(size, rooms=1, members=1000), with_relays=False)
    return outcomes


def _fanout(size: Size, *, with_relays: bool) -> Outcome:
    limits = [C_TICK, NAIVE_STARLETTE, *([] if size.gates_only else [C_NAIVE])]
    required, _ = peers(limits, size.rooms, size.members, required=True)
    others, absent = peers(RELAYS if with_relays else (), size.rooms, size.members)
    title = f"fan-out, {size.rooms} × {size.members}, W={size.window}"
    with deployment(size.rooms, size.members) as made:
        contenders = [ours(RELAY, made, "none"), *required, *others]
        return rounds(title, contenders, size.load, size.rounds, absent)


def pipeline(size: Size) -> dict[str, Outcome]:
    """Everything that is done for a message, beside the C limit of fan-out alone."""
    required, _ = peers((C_TICK, NAIVE_PIPELINE), size.rooms, size.members, required=True)
    title = f"whole pipeline, {size.rooms} × {size.members}, W={size.window}"
    with deployment(size.rooms, size.members) as made:
        contenders = [ours(WHOLE, made, "all"), *required]
        return {"pipeline": rounds(title, contenders, size.load, size.rounds)}


def latency(size: Size) -> dict[str, Outcome]:
    """From the moment a message was due to its delivery, at rates that everybody can serve."""
    outcomes = {}
    with deployment(size.rooms, size.members) as made:
        load = replace(size.load, window=0, rate=CALM_RATE)
        naive, _ = peers((NAIVE_PIPELINE,), size.rooms, size.members, required=True)
        title = f"whole pipeline, {size.rooms} × {size.members}, 400 messages/s"
        outcomes["latency"] = rounds(title, [ours(WHOLE, made, "all"), *naive], load, size.rounds)
        load = replace(load, rate=BUSY_RATE)
        limit, _ = peers((C_NAIVE, NAIVE_STARLETTE), size.rooms, size.members)
        title = f"fan-out, {size.rooms} × {size.members}, 1,500 messages/s"
        outcomes["latency_busy"] = rounds(
            title, [ours(RELAY, made, "none"), *limit], load, size.rounds
        )
        outcomes |= _stalled(ours(WHOLE, made, "all"), size)
    return outcomes


def _stalled(whole: Contender, size: Size) -> dict[str, Outcome]:
    """One member of every room stops reading, while the others talk as fast as they can."""
    calm = rounds("everybody reads", [whole], size.load, size.rounds)
    load = replace(size.load, stopped=size.rooms)
    stalled = rounds("one member of each room stopped reading", [whole], load, size.rounds)
    return {"stalled_nobody": calm, "stalled": stalled}


def idle(size: Size) -> Idle:
    """Ten thousand people who only read. The collector's longest pause is from start to end, the
    arrival of all of them included. A handshake is that alone; whoever arrives at Candlelight is
    also known by their cookie, back at the table, and has read the room."""
    load = Load(seconds=size.seconds, warmup=0)
    kib: dict[str, list[float]] = {}
    arrivals: dict[str, list[float]] = {}
    shakes: dict[str, list[float]] = {}
    pauses: list[float] = []
    starlette, _ = peers((NAIVE_STARLETTE,), IDLE_ROOMS, IDLE_MEMBERS, required=True)
    with deployment(IDLE_ROOMS, IDLE_MEMBERS) as made:
        for _ in range(size.rounds):
            for contender in (ours(WHOLE, made, "all"), *starlette):
                each, rate, said = _hold(contender, load)
                kib.setdefault(contender.name, []).append(each)
                arrivals.setdefault(contender.name, []).append(rate)
                shakes.setdefault(contender.name, []).append(_shake_hands(contender))
                if contender.name == WHOLE:
                    pause = msgspec.json.decode(said.strip().splitlines()[-1])["longest_pause_ms"]
                    pauses.append(max(pause.values()))
    return Idle(
        connections=IDLE_ROOMS * IDLE_MEMBERS,
        kib_each={name: Spread.of(values).median for name, values in kib.items()},
        arrivals_per_s={name: Spread.of(values) for name, values in arrivals.items()},
        handshakes=SHAKING_ROOMS * IDLE_MEMBERS,
        handshakes_per_s={name: Spread.of(values) for name, values in shakes.items()},
        longest_pause_ms=Spread.of(pauses),
    )


def _shake_hands(contender: Contender) -> float:
    """Handshakes a second with nothing after them. Fewer come than stay idle: a page that says
    nothing for five seconds is closed."""
    some = dict(list(contender.crowd.rooms.items())[:SHAKING_ROOMS])
    crowd = replace(
        contender.crowd,
        rooms={room: [replace(one, steps=()) for one in who] for room, who in some.items()},
    )
    with contender.serving() as server:
        load = Load(seconds=0.1, warmup=0)
        return generate(crowd, load, server.port, server.pid).handshakes_per_s


def _hold(contender: Contender, load: Load) -> tuple[float, float, str]:
    """KiB for each connection while they are held, handshakes a second, and the last words."""
    with contender.serving() as server:
        after: list[int] = []
        before = resident_kib(server.pid)
        sample = generate(
            contender.crowd,
            load,
            server.port,
            server.pid,
            ready=lambda: after.append(resident_kib(server.pid)),
        )
        count = sum(len(members) for members in contender.crowd.rooms.values())
        return (after[0] - before) / count, sample.handshakes_per_s, server.stop()
