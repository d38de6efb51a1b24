"""What facilitators can do: target and reason always, told to the person, quiet for the room."""

import pytest

from moderation.actions import (
    Action,
    ActionTaken,
    HideMessage,
    MemberMuted,
    MuteMember,
    ReadmitMember,
    RemoveMember,
    UnmuteMember,
    YourMessageHidden,
    YouWereMuted,
    YouWereRemovedBecause,
)
from rooms.modes import SetMode
from rooms.presence import Left
from rooms.room import ROOM, STAFF, MessageFate, Mode, Mute, private
from rooms.speaking import Speak
from rooms.turns import CallNext, RaiseHand
from tests.cast import ADA, BO, FAY, KIM, START, Cast, Table

WHY = "We do not judge each other"


@pytest.fixture
def table() -> Table:
    """Fay and Kim hold an open talk with Ada and Bo; Bo has said something."""
    table = Table()
    table.opens(FAY, Mode.OPEN)
    table.joins(KIM, ADA, BO)
    table.says(BO, "Something unkind.")
    return table


def bos_message(table: Table) -> int:
    """The number of what Bo said."""
    [number] = table.room.public.messages
    return number


def every_action(table: Table, who: Cast) -> list[Action]:
    """All that can be done about a person."""
    member = table.id(who)
    return [
        MuteMember(member=member, minutes=5, reason=WHY),
        UnmuteMember(member=member, reason=WHY),
        RemoveMember(member=member, reason=WHY),
        ReadmitMember(member=member, reason=WHY),
    ]


def heard(table: Table, stream: str) -> list[str]:
    """What has been said on a stream since the notes were cleared."""
    return [type(one.event).__name__ for one in table.log if one.stream == stream]


def test_nobody_acts_on_themselves(table: Table) -> None:
    codes = {table.refuses(FAY, action).code for action in every_action(table, FAY)}
    assert codes == {"not_on_yourself"}


def test_facilitators_do_not_act_on_facilitators(table: Table) -> None:
    codes = {table.refuses(FAY, action).code for action in every_action(table, KIM)}
    assert codes == {"not_on_peers"}
    theirs = table.says(KIM, "A facilitator's word.")
    own = table.says(FAY, "My own word.")
    assert table.refuses(FAY, HideMessage(message=theirs, reason=WHY)).code == "not_on_peers"
    assert table.refuses(FAY, HideMessage(message=own, reason=WHY)).code == "not_on_yourself"


def test_members_act_on_nobody(table: Table) -> None:
    actions = [*every_action(table, BO), HideMessage(message=bos_message(table), reason=WHY)]
    assert {table.refuses(ADA, action).code for action in actions} == {"not_allowed"}


@pytest.mark.parametrize(("reason", "code"), [("  ", "text_empty"), ("x" * 201, "line_too_long")])
def test_every_action_has_a_reason(table: Table, reason: str, code: str) -> None:
    bo = table.id(BO)
    for action in (
        MuteMember(member=bo, minutes=5, reason=reason),
        UnmuteMember(member=bo, reason=reason),
        RemoveMember(member=bo, reason=reason),
        ReadmitMember(member=bo, reason=reason),
        HideMessage(message=bos_message(table), reason=reason),
    ):
        assert table.refuses(FAY, action).code == code


def test_nobody_acts_on_a_stranger(table: Table) -> None:
    action = MuteMember(member=4, minutes=5, reason=WHY)
    assert table.refuses(FAY, action).code == "no_such_member"


def test_a_hidden_message_is_seen_to_be_hidden_and_its_author_reads_why(table: Table) -> None:
    number, bo = bos_message(table), table.id(BO)
    table.log.clear()
    happened = table.does(FAY, HideMessage(message=number, reason=WHY))
    assert table.room.public.messages[number].fate is MessageFate.HIDDEN
    assert YourMessageHidden(to=bo, message=number, reason=WHY) in happened
    assert heard(table, ROOM) == ["MessageHidden"]
    assert table.refuses(FAY, HideMessage(message=number, reason=WHY)).code == "no_such_message"


def test_a_muted_person_reads_why_and_until_when(table: Table) -> None:
    bo = table.id(BO)
    table.log.clear()
    happened = table.does(FAY, MuteMember(member=bo, minutes=10, reason=WHY))
    until = START + 600
    assert happened == [
        MemberMuted(member=bo, reason=WHY, until=until),
        YouWereMuted(to=bo, reason=WHY, until=until),
    ]
    assert table.room.private(bo).muted == Mute(until=until, reason=WHY)
    assert heard(table, ROOM) == [], "the room hears nothing of it"
    assert table.refuses(BO, Speak(text="But")).code == "muted"


def test_a_mute_frees_the_floor(table: Table) -> None:
    table.does(FAY, SetMode(mode=Mode.TURNS))
    table.does(BO, RaiseHand())
    table.does(FAY, CallNext())
    table.does(FAY, MuteMember(member=table.id(BO), minutes=10, reason=WHY))
    assert table.room.public.floor is None


@pytest.mark.parametrize("minutes", [0, -5, 24 * 60 + 1, 10**18])
def test_a_mute_is_neither_nothing_nor_for_ever(table: Table, minutes: int) -> None:
    action = MuteMember(member=table.id(BO), minutes=minutes, reason=WHY)
    refused = table.refuses(FAY, action)
    assert (refused.code, refused.facts) == ("mute_too_long", {"limit": 1_440})


def test_a_second_mute_counts_from_now(table: Table) -> None:
    bo = table.id(BO)
    table.does(FAY, MuteMember(member=bo, minutes=60, reason=WHY))
    table.does(KIM, MuteMember(member=bo, minutes=1, reason="Shorter"))
    assert table.room.staff.muted == {bo: Mute(until=START + 60, reason="Shorter")}


def test_a_mute_is_lifted_before_its_end(table: Table) -> None:
    bo = table.id(BO)
    assert table.refuses(FAY, UnmuteMember(member=bo, reason=WHY)).code == "not_muted"
    table.does(FAY, MuteMember(member=bo, minutes=60, reason=WHY))
    table.does(KIM, UnmuteMember(member=bo, reason="Thank you"))
    assert (table.room.staff.muted, table.room.private(bo).muted) == ({}, None)
    table.says(BO, "Thank you.")


def test_the_room_sees_of_a_removal_only_that_somebody_left(table: Table) -> None:
    bo = table.id(BO)
    table.log.clear()
    happened = table.does(FAY, RemoveMember(member=bo, reason=WHY))
    assert YouWereRemovedBecause(to=bo, reason=WHY) in happened
    assert [one.event for one in table.log if one.stream == ROOM] == [Left(member=bo)]
    assert heard(table, private(bo)) == ["YouWereRemovedBecause"]
    assert table.refuses(FAY, RemoveMember(member=bo, reason=WHY)).code == "already_removed"


def test_somebody_who_left_already_can_still_be_kept_out(table: Table) -> None:
    bo = table.id(BO)
    table.loses(BO)
    table.waits(600)
    table.log.clear()
    table.does(FAY, RemoveMember(member=bo, reason=WHY))
    assert heard(table, ROOM) == []
    table.finds(BO)
    assert not table.sits(BO)


def test_whoever_is_let_in_again_comes_in_by_themselves(table: Table) -> None:
    bo = table.id(BO)
    assert table.refuses(FAY, ReadmitMember(member=bo, reason=WHY)).code == "not_removed"
    table.does(FAY, RemoveMember(member=bo, reason=WHY))
    table.does(FAY, ReadmitMember(member=bo, reason="We talked"))
    assert not table.sits(BO)
    assert table.room.private(bo).removed is None
    table.joins(BO)
    assert table.id(BO) == bo


def test_a_mute_outlasts_a_removal(table: Table) -> None:
    bo = table.id(BO)
    table.does(FAY, MuteMember(member=bo, minutes=60, reason=WHY))
    table.does(FAY, RemoveMember(member=bo, reason=WHY))
    table.does(FAY, ReadmitMember(member=bo, reason=WHY))
    table.joins(BO)
    assert table.refuses(BO, Speak(text="Hello")).code == "muted"


def test_every_action_leaves_one_line_for_the_audit(table: Table) -> None:
    for action in every_action(table, BO):
        happened = table.does(FAY, action)
        [taken] = [event for event in happened if isinstance(event, ActionTaken)]
        assert (taken.heard_on(), taken.member, taken.reason) == (STAFF, table.id(BO), WHY)


def test_each_kind_of_action_has_its_own_name_in_the_audit() -> None:
    kinds = [event.kind for event in ActionTaken.__subclasses__()]
    assert len(kinds) == len(set(kinds)) == len(Action.__subclasses__())
