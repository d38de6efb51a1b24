"""`candlelight docs`: the documentation that is written from the code."""

import argparse
import sys

from server import reference
from server.commands import opening


def add(commands: opening.Commands) -> None:
    """Add the command."""
    docs = commands.add_parser("docs", help="write the generated documentation")
    docs.add_argument("--check", action="store_true", help="fail when it is stale")
    docs.set_defaults(run=_docs)


def _docs(arguments: argparse.Namespace) -> int:
    if not arguments.check:
        reference.write()
        return 0
    if old := reference.stale():
        print(f"Stale: {', '.join(old)}. Run ./dev docs and commit the result.", file=sys.stderr)
        return 1
    return 0
