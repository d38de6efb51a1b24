"""What the load generator is told, and what it tells back."""

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from bench.machine import GENERATOR_CORE, on_core, program

MESSAGE_BYTES = 200
"""The size of what a member sends, in bytes of JSON, for every server alike."""
PATIENCE = 60.0
"""Seconds a generator may take beyond what it was asked for, the last deliveries included."""


@dataclass(frozen=True, slots=True)
class Member:
    """One connection: its address, extra header lines (%p is the port), and how it arrives.

    `steps` are pairs: ("say", a text to send) and ("hear", a text that must be heard first). When
    all are done the member is ready; the measurement begins when everybody is.
    """

    path: str
    headers: Sequence[str] = ()
    steps: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who comes, and how they speak at this server.

    `template` is a message: %i stands for the member's count, %k for a key, %r for the room, %t for
    the token that the generator looks for, %f for words that fill the message up. `ack` and
    `refused` are how such answers begin, where a server has any.
    """

    template: str
    rooms: dict[str, list[Member]]
    ack: str = ""
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Load:
    """How much is said: `window` outstanding messages in each room, or `rate` messages a second in
    all. `stopped` is in how many rooms one member stops reading."""

    window: int = 0
    rate: float = 0.0
    seconds: float = 5.0
    warmup: float = 1.0
    stopped: int = 0


class Arrived(msgspec.Struct):
    """Everybody is connected and ready."""

    ready: int
    handshakes_per_s: float


class Sample(msgspec.Struct):
    """One run, as the generator saw it. CPU is in cores; times run from when a message was due."""

    rooms: int
    members: int
    window: int
    rate: float
    seconds: float
    deliveries_per_s: float
    messages_per_s: float
    acks_per_s: float
    p50_ms: float
    p99_ms: float
    ack_p50_ms: float
    ack_p99_ms: float
    errors: int
    missing: int
    wrong_order: int
    wrong_room: int
    refused: int
    closed: int
    malformed: int
    generator_cpu: float
    server_cpu: float
    handshakes_per_s: float = 0.0


class Broken(Exception):
    """A run that proves nothing: a message was lost, doubled, out of order or refused."""


def written(crowd: Crowd, load: Load, port: int, pid: int) -> str:
    """The plan in the generator's own words."""
    lines = [
        f"port {port}",
        f"watch {pid}",
        f"window {load.window}",
        f"rate {load.rate}",
        f"seconds {load.seconds}",
        f"warmup {load.warmup}",
        f"stopped {load.stopped}",
        f"bytes {MESSAGE_BYTES}",
        f"template {crowd.template}",
    ]
    lines += [f"{word} {begins}" for word, begins in _answers(crowd) if begins]
    for room, members in crowd.rooms.items():
        lines.append(f"room {room}")
        for member in members:
            lines.append(f"member {member.path}")
            lines += [f"header {header}".replace("%p", str(port)) for header in member.headers]
            lines += [f"{kind} {text}" for kind, text in member.steps]
    return "\n".join(lines) + "\n"


def _answers(crowd: Crowd) -> list[tuple[str, str]]:
    return [("ack", crowd.ack), ("refused", crowd.refused)]


def generate(
    crowd: Crowd,
    load: Load,
    port: int,
    pid: int,
    ready: Callable[[], object] = lambda: None,
) -> Sample:
    """Run the generator; `ready` is called when everybody has arrived. Raises Broken or Missing."""
    with on_core(GENERATOR_CORE):
        process = subprocess.Popen(
            [program("loadgen")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    with process:
        if process.stdin is None or process.stdout is None:
            raise Broken("the generator has no pipes")
        try:
            process.stdin.write(written(crowd, load, port, pid).encode())
            process.stdin.close()
            process.stdin = None
            first = process.stdout.readline()
            if first:
                ready()
            rest, complaint = process.communicate(timeout=load.warmup + load.seconds + PATIENCE)
        finally:
            process.kill()
    if process.returncode or not rest:
        raise Broken(complaint.decode(errors="replace").strip())
    sample = msgspec.json.decode(rest, type=Sample)
    sample.handshakes_per_s = msgspec.json.decode(first, type=Arrived).handshakes_per_s
    if sample.errors:
        raise Broken(f"{complaint.decode(errors='replace')} {sample}")
    return sample
