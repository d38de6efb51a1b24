"""What somebody writes is looked at before any rule sees it, with what they wrote just before."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from moderation.actions import HideMessage, MuteMember, ReadmitMember, RemoveMember, UnmuteMember
from moderation.alerts import CloseAlert, HandOverAlert
from moderation.doors import DOORS, Door, Treatment
from moderation.reporting import ReportIt, ReportWhy
from moderation.screening.screen import READ_WITH
from rooms.arriving import ChangePseudonym, Join
from rooms.kernel import Command
from rooms.meetings import CloseMeeting
from rooms.room import MemberTag
from rooms.safety import Outcome
from rooms.speaking import Speak
from rooms.threads import AnswerPrivately, SayPrivately
from rooms.turns import RaiseHand
from server.live.screening import TIDIED_AT, TOGETHER_SECONDS, Look, Screening
from tests.moderation.screening.small import screen
from tests.server.live.house import ADA, BO, Hands

DANGER: Final = "I want to die"
ROOM, OTHER_ROOM = "k7m2qx", "b3c4dz"


class Ear:
    """The looking of one process, and its clock."""

    def __init__(self) -> None:
        self.hands = Hands()
        self.screening = Screening(screen(), lambda: self.hands.mono)

    def hears(self, text: str, tag: MemberTag = ADA.tag, room: str = ROOM) -> int:
        """The level that is heard in what somebody says."""
        look = self.screening.look(room, tag, Speak(text=text))
        return look.danger.level if look else 0

    def remembered(self) -> list[str]:
        """Every word that is still in memory."""
        return [text for said in self.screening._recent.values() for _, text in said]


@pytest.fixture
def ear() -> Ear:
    return Ear()


# Which texts.

REST: Final[Mapping[type[Command], dict[str, Any]]] = {
    SayPrivately: {"other": 7},
    AnswerPrivately: {"other": 7},
    ReportIt: {"why": next(iter(ReportWhy))},
    HandOverAlert: {"member": 7, "to": 8},
    CloseAlert: {"member": 7, "outcome": Outcome.TALKED_SAFE},
    HideMessage: {"message": 7},
    MuteMember: {"member": 7, "minutes": 5},
    UnmuteMember: {"member": 7},
    RemoveMember: {"member": 7},
    ReadmitMember: {"member": 7},
}
"""What the commands need beside the text."""


def written(door: Door) -> Command:
    """The command of a door, with danger in its text."""
    text: Any = [DANGER] if door.field == "lines" else DANGER
    return door.command(**{door.field: text}, **REST.get(door.command, {}))


@pytest.mark.parametrize("door", DOORS, ids=lambda d: f"{d.command.__name__}.{d.field}")
def test_a_text_is_read_as_closely_as_its_door_says(ear: Ear, door: Door) -> None:
    look = ear.screening.look(ROOM, ADA.tag, written(door))
    if door.treatment is Treatment.NOT_SCREENED:
        assert look is None
    else:
        assert look is not None
        assert look.danger.level == 2
        assert look.card_only is (door.treatment is Treatment.CARD_ONLY)


@pytest.mark.parametrize("command", [RaiseHand(), CloseMeeting(), Join(pseudonym="Amber Finch")])
def test_a_command_without_danger_finds_nothing(ear: Ear, command: Command) -> None:
    assert ear.screening.look(ROOM, ADA.tag, command) is None
    assert ear.screening.look(ROOM, ADA.tag, Speak(text="Good evening")) is None
    assert ear.screening.look(ROOM, ADA.tag, Speak(text="")) is None


def test_a_craving_is_handed_on_although_it_is_no_danger(ear: Ear) -> None:
    look = ear.screening.look(ROOM, ADA.tag, Speak(text="what a craving"))
    assert isinstance(look, Look)
    assert (look.danger.level, look.danger.craving) == (0, True)


# Cries in pieces.


@pytest.mark.parametrize(
    ("seconds", "level"), [(0.0, 2), (TOGETHER_SECONDS, 2), (TOGETHER_SECONDS + 0.1, 0)]
)
def test_what_somebody_said_in_the_last_two_minutes_is_read_along(
    ear: Ear, seconds: float, level: int
) -> None:
    assert ear.hears("I want") == 0
    ear.hands.pass_(seconds)
    assert ear.hears("to die") == level


def test_a_cry_in_three_pieces_is_heard_and_one_in_four_is_not_promised(ear: Ear) -> None:
    assert READ_WITH == 3
    assert [ear.hears(text) for text in ("I", "want", "to die")] == [0, 0, 2]
    assert [ear.hears(text, BO.tag) for text in ("want", "to", "so", "die")] == [0, 0, 0, 0]


def test_the_words_of_two_people_are_never_put_together(ear: Ear) -> None:
    ear.hears("I want", BO.tag)
    assert ear.hears("to die", ADA.tag) == 0


def test_the_words_of_two_rooms_are_never_put_together(ear: Ear) -> None:
    ear.hears("I want", room=OTHER_ROOM)
    assert ear.hears("to die") == 0


def test_a_cry_may_begin_in_the_group_and_end_in_private(ear: Ear) -> None:
    ear.hears("I want")
    look = ear.screening.look(ROOM, ADA.tag, SayPrivately(other=7, text="to die"))
    assert look is not None
    assert look.danger.level == 2


def test_a_message_sent_again_is_read_with_what_stood_before_it_and_not_with_itself(
    ear: Ear,
) -> None:
    ear.hears("I want")
    assert [ear.hears("to die") for _ in range(3)] == [2, 2, 2]
    assert ear.remembered() == ["I want", "to die"]


def test_danger_is_not_heard_again_in_the_next_message(ear: Ear) -> None:
    assert [ear.hears(text) for text in (DANGER, "thank you", "good night")] == [2, 0, 0]


@pytest.mark.parametrize("name", [Join(pseudonym="I want"), ChangePseudonym(pseudonym="I want")])
def test_a_name_is_no_part_of_what_somebody_says(ear: Ear, name: Command) -> None:
    ear.screening.look(ROOM, ADA.tag, name)
    assert ear.hears("to die") == 0
    ear.hears("I want", BO.tag)
    assert ear.screening.look(ROOM, BO.tag, Join(pseudonym="to die")) is None


# What is kept in memory.


def test_no_more_is_remembered_than_is_read_along(ear: Ear) -> None:
    for n in range(20):
        ear.hears(f"line {n}")
    assert len(ear.remembered()) <= READ_WITH


def test_words_are_forgotten_after_two_minutes(ear: Ear) -> None:
    ear.hears("I want")
    ear.hands.pass_(TOGETHER_SECONDS)
    ear.screening.tidy()
    assert ear.remembered() == ["I want"]
    ear.hands.pass_(1)
    ear.screening.tidy()
    assert ear.screening._recent == {}


def test_whoever_goes_on_talking_is_not_remembered_for_longer(ear: Ear) -> None:
    ear.hears("an old word")
    ear.hands.pass_(TOGETHER_SECONDS - 1)
    ear.hears("a new word")
    ear.hands.pass_(2)
    ear.screening.tidy()
    assert ear.remembered() == ["a new word"]


def test_people_who_are_new_each_time_leave_nothing_behind(ear: Ear) -> None:
    for n in range(5 * TIDIED_AT):
        ear.hears("hello", f"{n:064x}")
        ear.hands.pass_(1)
    assert len(ear.screening._recent) <= TIDIED_AT
