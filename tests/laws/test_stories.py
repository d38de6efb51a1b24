"""The laws look at the stories, so the stories must hold everything there is."""

from rooms.speaking import Withheld
from server.live.protocol import COMMANDS, EVENTS, INTERNALS
from tests.laws.test_law_5_the_wire import Heard
from tests.story import STORIES, tell


def heard() -> Heard:
    """All stories together."""
    everything = Heard()
    for story in STORIES:
        tell(story, everything)
    return everything


def test_every_command_occurs_in_a_story() -> None:
    told = {type(command) for command in heard().commands}
    assert [kind.__name__ for kind in (*COMMANDS, *INTERNALS) if kind not in told] == []


def test_every_event_occurs_in_a_story() -> None:
    told = {type(event) for event in heard().events}
    outgoing_only = {Withheld}  # made for catch-up in place of a Said, and never stored
    assert [kind.__name__ for kind in EVENTS if kind not in told | outgoing_only] == []
    assert told.isdisjoint(outgoing_only)
