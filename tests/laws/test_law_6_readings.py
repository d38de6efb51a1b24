"""Law 6, for reading: who hears which streams, against the table people wrote by hand."""

from rooms.presence import Leave
from rooms.room import CORE, view
from tests.cast import Table
from tests.laws import committed_table
from tests.laws.committed_table import differences
from tests.laws.moments import Moment, brought_about, moments

PLACES = ("here", "lost", "left")


def put(table: Table, moment: Moment, place: str) -> None:
    """Bring somebody to a place: connected, lost, or no longer at the table."""
    if moment.role == "stranger" or place == "here":
        return
    if place == "lost":
        table.loses(moment.who)
    else:
        table.does(moment.who, Leave())


def hears(moment: Moment, place: str) -> str:
    """The kinds of streams somebody hears, as the table spells them."""
    table = brought_about(moment)
    put(table, moment, place)
    member = table.room.core.tags.get(moment.who.tag, 0)
    streams = table.room.hears(member)
    assert tuple(view(table.room, member)) == streams, "a View is what somebody hears"
    own = f"private:{member}"
    assert all(stream == own for stream in streams if stream.startswith("private"))
    assert CORE not in streams
    return "+".join(stream.partition(":")[0] for stream in streams) or "nothing"


def test_everybody_hears_what_the_table_says() -> None:
    found: dict[tuple[str, ...], str] = {
        (moment.role, moment.standing, moment.meeting, place): hears(moment, place)
        for moment in moments()
        if moment.rules == "accepted"
        for place in PLACES
    }
    wrong, idle = differences(committed_table.read("readings.txt"), found)
    assert wrong == []
    assert idle == [], "these lines of the table decide nothing"
