"""Law 5: what the machinery may ask for cannot be sent by anybody; nor can anything unknown."""

from collections.abc import Iterator, Sequence

import msgspec
import pytest

from rooms.kernel import At, Command, Event, Internal, Recorded
from server.live.protocol import COMMANDS, EVENTS, INTERNALS, Malformed, decode_command
from tests.cast import Table
from tests.story import STORIES, tell


class Heard:
    """Collects every command and every event of the stories."""

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.events: list[Event] = []

    def before(self, table: Table, command: Command, at: At) -> None:
        self.commands.append(command)

    def after(self, table: Table, command: Command, at: At, recorded: Sequence[Recorded]) -> None:
        self.events += (one.event for one in recorded)


@pytest.fixture(scope="module")
def heard() -> Heard:
    """All stories together."""
    everything = Heard()
    for story in STORIES:
        tell(story, everything)
    return everything


def leaves(kind: type[object]) -> Iterator[type[object]]:
    """The classes below `kind` that no other class stands on, of the project itself."""
    for below in kind.__subclasses__():
        if below.__subclasses__():
            yield from leaves(below)
        elif not below.__module__.startswith("tests."):
            yield below


def test_every_command_stands_in_one_of_the_two_tables() -> None:
    assert set(leaves(Command)) == {*COMMANDS, *INTERNALS}
    assert all(issubclass(kind, Internal) for kind in INTERNALS)
    assert not any(issubclass(kind, Internal) for kind in COMMANDS)


def test_every_event_stands_in_the_table() -> None:
    assert set(leaves(Event)) == set(EVENTS)


def test_every_command_a_client_may_send_is_understood(heard: Heard) -> None:
    for command in heard.commands:
        if not isinstance(command, Internal):
            assert decode_command(msgspec.json.encode(command)) == command


def test_no_client_can_send_what_belongs_to_the_machinery(heard: Heard) -> None:
    internal = [command for command in heard.commands if isinstance(command, Internal)]
    assert {type(command) for command in internal} == set(INTERNALS)
    for command in internal:
        with pytest.raises(Malformed):
            decode_command(msgspec.json.encode(command))


def test_no_client_can_send_an_event(heard: Heard) -> None:
    for event in heard.events:
        with pytest.raises(Malformed):
            decode_command(msgspec.json.encode(event))


def test_a_field_nobody_knows_is_refused_with_every_command(heard: Heard) -> None:
    for command in {type(c): c for c in heard.commands if not isinstance(c, Internal)}.values():
        fields = {**msgspec.to_builtins(command), "as_facilitator": True}
        with pytest.raises(Malformed):
            decode_command(msgspec.json.encode(fields))


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"{}",
        b"[]",
        b'"RaiseHand"',
        b'{"type":"Command"}',
        b'{"type":"BecomeFacilitator"}',
        b'{"type":"Speak"}',
        b'{"type":"Speak","text":7}',
        b'{"type":"Speak","text":"\\ud800"}',
        b'{"type":"SetMode","mode":"party"}',
        b'{"type":"MuteMember","reason":"x","member":"7","minutes":1}',
        b'{"type":"Retract","message":1.5}',
        b"[" * 10_000,
    ],
)
def test_what_is_no_command_is_refused(sent: bytes) -> None:
    with pytest.raises(Malformed):
        decode_command(sent)
