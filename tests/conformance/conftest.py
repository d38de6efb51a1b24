"""The two echo servers that every case is played to, with our own limit."""

from collections.abc import Iterator

import pytest

from server.live.protocol import FRAME_LIMIT
from tests.conformance.echo import KINDS, echoing


@pytest.fixture(scope="session")
def ours() -> Iterator[int]:
    """Where our configuration echoes."""
    with echoing("ours", FRAME_LIMIT) as port:
        yield port


@pytest.fixture(scope="session")
def plain() -> Iterator[int]:
    """Where plain uvicorn echoes."""
    with echoing("plain", FRAME_LIMIT) as port:
        yield port


@pytest.fixture(scope="session", params=KINDS)
def port(request: pytest.FixtureRequest) -> int:
    """Each of the two in turn."""
    found: int = request.getfixturevalue(request.param)
    return found
