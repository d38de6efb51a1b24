"""The Bus of one process; what every Bus promises is in tests/contracts/test_bus.py."""

from rooms.room import ROOM
from server.live.bus import LocalBus
from server.live.hub import Frame, Hub
from tests.server.live.test_hub import ADA, SLUG, Page


def test_it_hands_over_to_the_hub_of_this_process_without_waiting() -> None:
    hub = Hub(came=lambda room, member: None, gone=lambda room, member: None)
    page = Page()
    hub.attach(SLUG, ADA, page, [ROOM])
    (connection,) = hub.connections(SLUG, ADA)
    hub._tables[SLUG].due = True  # as within a tick: no loop is needed to hand over
    LocalBus(hub).publish(SLUG, [Frame(ROOM, 1, b"one")])
    hub.flush(SLUG)
    hub.caught_up(connection, {})
    assert page.written == [b"one"]
