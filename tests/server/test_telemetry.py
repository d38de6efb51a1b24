"""The log: an operator learns what broke, and nobody learns what somebody wrote."""

import io
import logging
import sys
from collections.abc import Iterator

import pytest

from server.telemetry import LEVEL, TypesOnly, configure_logging

NEEDLE = "the words of somebody in the room"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the configured log writes; the root logger is as before afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    configure_logging()
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def _fails() -> None:
    try:
        raise ValueError(NEEDLE)
    except ValueError as first:
        raise KeyError(NEEDLE) from first


def test_the_message_of_an_exception_never_reaches_the_log(written: io.StringIO) -> None:
    try:
        _fails()
    except KeyError:
        logging.getLogger("somewhere").exception("It broke")
    assert NEEDLE not in written.getvalue()
    assert "KeyError in _fails" in written.getvalue()
    assert "ValueError in _fails" in written.getvalue()


def test_a_stack_is_not_printed(written: io.StringIO) -> None:
    logging.getLogger("somewhere").error("It broke", stack_info=True)
    assert NEEDLE not in written.getvalue()
    assert "test_a_stack" not in written.getvalue()


def test_the_chatter_of_libraries_below_a_warning_is_not_written(written: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").info('127.0.0.1:40060 - "WebSocket /socket" [accepted]')
    assert written.getvalue() == ""
    assert logging.WARNING == LEVEL


def test_an_exception_that_was_never_raised_has_no_place() -> None:
    error = ValueError(NEEDLE)
    record = logging.LogRecord("a", 40, "a", 1, "It broke", (), (ValueError, error, None))
    assert TypesOnly("%(message)s").format(record) == "It broke\n  ValueError"
