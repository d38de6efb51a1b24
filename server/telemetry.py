"""What a running server says of itself: warnings and errors, and never anything about a person."""

import asyncio
import logging
import sys
from types import TracebackType
from typing import Any, Final

log = logging.getLogger(__name__)

LEVEL: Final = logging.WARNING
"""Below it, the libraries write addresses and query strings of every socket that opens."""

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class TypesOnly(logging.Formatter):
    """Writes of an exception its type and where it was raised, never its message.

    The door on the way into the log. Libraries we use log exceptions with their tracebacks, and the
    message of an exception quotes what was being worked on: a decoder quotes the bytes, a database
    the values, a bug of ours whatever it held. So no message passes, of the exception or of the
    ones it came from; type, file and line are enough to find a bug by.
    """

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - logging's own name
        """One line for each exception of the chain."""
        lines = []
        error = ei[1]
        while error is not None:
            lines.append(f"  {type(error).__name__}{_place(error.__traceback__)}")
            error = error.__cause__ or error.__context__
        return "\n".join(lines)

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - logging's own name
        """No stack: it is source code at best and tells nothing the line above does not."""
        return ""


def _place(traceback: TracebackType | None) -> str:
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None:
        return ""
    code = traceback.tb_frame.f_code
    return f" in {code.co_name}, {code.co_filename.rpartition('/')[2]}:{traceback.tb_lineno}"


def configure_logging() -> None:
    """Send what is worth an operator's time to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(TypesOnly("%(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(LEVEL)
    logging.captureWarnings(capture=True)


def log_background_failure(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What an event loop does with the failure of a task that nobody waits for.

    asyncio's own way is to write the task, and a task is written with its exception and the words
    in that.
    """
    error = context.get("exception")
    log.error("a background task failed: %s", type(error).__name__ if error else "no exception")
