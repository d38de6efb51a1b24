"""`candlelight doctor`: what is wrong with this deployment, found without asking anybody outside.

It reads and changes nothing, beside a running server or without one. Each finding is one sentence
that says what to do.
"""

from server.doctor import deployment, machine
from server.doctor.finding import Finding, State
from server.settings import Settings

__all__ = ["Finding", "State", "examine"]


async def examine(settings: Settings, now: float) -> list[Finding]:
    """Everything there is to say at `now` (seconds since the epoch)."""
    return [
        *machine.keys(settings, now),
        *machine.clock(now),
        *machine.disk(settings),
        *machine.certificate(settings, now),
        *machine.lexicons(),
        *deployment.help_lines(settings, now),
        *await deployment.stored(settings, now),
    ]
