"""`candlelight doctor` looks at this deployment, and `candlelight hotlines` at the help lines."""

import argparse
import time

from server import doctor, hotlines
from server.commands import opening
from server.doctor import State


def add(commands: opening.Commands) -> None:
    """Add the commands."""
    look = commands.add_parser("doctor", help="look for what is wrong, and say what to do")
    look.set_defaults(run=_doctor)

    lines = commands.add_parser("hotlines", help="look after the help lines")
    lines.add_argument("words", nargs="*", help="check, or check and countries such as US")
    lines.set_defaults(run=_hotlines)


def _doctor(arguments: argparse.Namespace) -> int:
    """0 when all is well, 1 when something wants a look, 2 when something is broken."""
    settings = opening.settings(arguments)

    async def look() -> int:
        findings = await doctor.examine(settings, time.time())
        for finding in findings:
            print(f"{finding.state.name:6} {finding.subject}: {finding.sentence}")
        return max((finding.state for finding in findings), default=State.ok).value

    return opening.run(look())


def _hotlines(arguments: argparse.Namespace) -> int:
    return hotlines.main(arguments.words, opening.settings(arguments).hotlines_file)
