"""Every case of the table, on our sockets and on plain uvicorn: neither may fail one."""

import pytest

from tests.conformance.cases import Case, cases
from tests.conformance.wire import CLOSE, Heard, Peer, close

TABLE = cases()


def play(case: Case, port: int) -> tuple[list[Heard], int | None]:
    """What the server says to a case, and the code it closes with."""
    with Peer(port).open() as peer:
        peer.say(*case.says)
        heard: list[Heard] = []
        if not case.ends:
            heard += [one for _ in case.hears if (one := peer.hear()) is not None]
            peer.say(close())
        heard += peer.hear_out()
    ended = heard.pop().code if heard and heard[-1].opcode == CLOSE else None
    return heard, ended


@pytest.mark.parametrize("case", TABLE, ids=[case.name for case in TABLE])
def test_the_server_does_what_the_protocol_says(port: int, case: Case) -> None:
    heard, ended = play(case, port)
    assert ended in (case.ends or {1000})
    wanted = list(case.hears)
    assert heard == wanted[: len(heard)] if case.loose else heard == wanted


def test_every_group_of_the_public_suite_is_in_the_table() -> None:
    assert {case.name[0] for case in TABLE} == {"1", "2", "3", "4", "5", "6", "7", "9"}
    assert len({case.name for case in TABLE}) == len(TABLE) > 300
