"""The table of doors: which texts are read for danger, and why the others are not (law 8)."""

from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, get_args, get_type_hints

import msgspec
import pytest

from moderation.alerts import CloseAlert, HandOverAlert
from moderation.doors import DOORS, Door, Treatment
from moderation.reporting import ReportIt
from rooms.arriving import ChangePseudonym, Join
from rooms.kernel import Command, Internal
from rooms.on_call import ComeOnCall
from rooms.room import STAFF_ROLES, Mode, Role
from rooms.speaking import Speak
from rooms.threads import AnswerPrivately, SayPrivately
from server.live.protocol import COMMANDS


def holds_text(annotation: object) -> bool:
    """Whether a field of this type can hold words: text itself, or a list or choice with text. A
    code that a pattern spells out letter by letter can hold none."""
    if any(isinstance(part, msgspec.Meta) and part.pattern for part in get_args(annotation)):
        return False
    return annotation is str or any(holds_text(part) for part in get_args(annotation))


def text_fields(commands: Sequence[type[Command]]) -> Iterator[tuple[type[Command], str]]:
    """Every field in which somebody can write."""
    for command in commands:
        hints = get_type_hints(command, include_extras=True)
        for field in msgspec.structs.fields(command):
            if holds_text(hints[field.name]):
                yield command, field.name


def treatment_of(command: type[Command], field: str) -> Treatment:
    """How a door is treated. Fails where the table has no row, or two."""
    [door] = [door for door in DOORS if (door.command, door.field) == (command, field)]
    return door.treatment


def test_every_text_field_has_its_door_and_every_door_its_field() -> None:
    doors = [(door.command, door.field) for door in DOORS]
    assert len(doors) == len(set(doors))
    assert set(doors) == set(text_fields(COMMANDS))


def test_what_is_said_to_the_group_is_screened() -> None:
    assert treatment_of(Speak, "text") is Treatment.SCREENED


@pytest.mark.parametrize("command", [SayPrivately, ReportIt])
def test_what_a_member_tells_the_facilitators_alone_is_screened(command: type[Command]) -> None:
    assert treatment_of(command, "text") is Treatment.SCREENED


def test_a_helpers_answer_gives_its_author_a_card_and_raises_no_alarm() -> None:
    assert treatment_of(AnswerPrivately, "text") is Treatment.CARD_ONLY


def test_whatever_a_member_writes_but_their_name_is_screened() -> None:
    doors = [door for door in DOORS if Role.MEMBER in door.command.needs]
    read = {door.command for door in doors if door.treatment is Treatment.SCREENED}
    named = {door.command for door in doors if door.treatment is Treatment.CARD_ONLY}
    assert read == {Speak, SayPrivately, ReportIt}
    assert named == {Join, ChangePseudonym, ComeOnCall}


def test_what_staff_write_about_somebody_in_danger_is_not_screened() -> None:
    assert treatment_of(HandOverAlert, "summary") is Treatment.NOT_SCREENED
    assert treatment_of(CloseAlert, "note") is Treatment.NOT_SCREENED


def test_a_name_at_the_door_raises_no_alarm() -> None:
    names = [door for door in DOORS if door.field == "pseudonym"]
    assert len(names) == 3
    assert {door.treatment for door in names} == {Treatment.CARD_ONLY}


def test_only_what_facilitators_write_is_not_screened() -> None:
    unread = [door for door in DOORS if door.treatment is Treatment.NOT_SCREENED]
    assert all(door.command.needs <= STAFF_ROLES for door in unread)


def test_every_door_says_why() -> None:
    assert all(len(door.why.split()) >= 5 for door in DOORS)
    assert all(isinstance(door, Door) for door in DOORS)
    assert not any(issubclass(door.command, Internal) for door in DOORS)


def test_a_text_field_is_found_however_it_is_spelled() -> None:
    class Postcard(msgspec.Struct):
        picture: int
        mode: Mode
        greeting: str
        lines: list[str]
        sender: str | None = None
        stamp: Annotated[str, msgspec.Meta(max_length=3)] = ""
        counted: ClassVar[str] = ""

    fields = [name for _, name in text_fields([Postcard])]  # type: ignore[list-item]  # no command
    assert fields == ["greeting", "lines", "sender", "stamp"]
