"""Law 1: `decide` never changes the room; `apply` never refuses and never yields."""

import ast
import inspect
import textwrap
from collections.abc import Sequence
from contextlib import suppress

import pytest

from rooms.kernel import At, Command, Event, Recorded, permit
from rooms.refusals import Refused
from server.live.protocol import EVENTS
from tests.cast import Table, encoded
from tests.story import STORIES, Story, tell


class Unmoved:
    """Decides each command before it is carried out, and looks whether the room is still itself."""

    def __init__(self) -> None:
        self.decided = 0
        self._before = b""

    def before(self, table: Table, command: Command, at: At) -> None:
        self._before = encoded(table.room)
        with suppress(Refused):
            permit(command, table.room, at)
            list(command.decide(table.room, at))
        assert encoded(table.room) == self._before, type(command).__name__
        self.decided += 1

    def after(self, table: Table, command: Command, at: At, recorded: Sequence[Recorded]) -> None:
        if not recorded:
            assert encoded(table.room) == self._before, type(command).__name__


@pytest.mark.parametrize("story", STORIES)
def test_deciding_changes_nothing_in_any_story(story: Story) -> None:
    unmoved = Unmoved()
    tell(story, unmoved)
    assert unmoved.decided >= 10


def refusing_or_yielding(apply: object) -> list[str]:
    """The statements of an `apply` that refuse or yield."""
    source = textwrap.dedent(inspect.getsource(apply))  # type: ignore[arg-type]  # any function
    forbidden = (ast.Raise, ast.Assert, ast.Yield, ast.YieldFrom, ast.Await)
    return [
        ast.unparse(node) for node in ast.walk(ast.parse(source)) if isinstance(node, forbidden)
    ]


@pytest.mark.parametrize("event", EVENTS)
def test_taking_effect_is_no_place_for_a_rule(event: type[Event]) -> None:
    assert event.apply is not Event.apply
    assert refusing_or_yielding(event.apply) == []


def test_an_apply_that_refuses_is_found() -> None:
    def apply() -> None:
        raise ValueError("no")

    assert refusing_or_yielding(apply) == ["raise ValueError('no')"]
