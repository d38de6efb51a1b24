"""What a moment in the room means for one person: the words that are shown, and nothing else."""

from moderation.actions import MuteMember
from rooms.arriving import ChooseListening
from rooms.holds import Freeze
from rooms.meetings import ChangeGroundRules
from rooms.modes import SetMode
from rooms.room import STAFF, Mode, Private, Public, Staff, private
from rooms.turns import CallNext, RaiseHand
from tests.cast import ADA, BO, FAY, Cast, Table
from web.live_scene import Scene, scene
from web.live_signs import Signs


def moment(table: Table, who: Cast) -> Scene:
    """What somebody's page shows now."""
    seen, me = table.view_of(who), table.id(who)
    public, mine, staff = seen.get("room", Public()), seen[private(me)], seen.get(STAFF)
    assert isinstance(public, Public) and isinstance(mine, Private)
    return scene(public, mine, staff if isinstance(staff, Staff) else None, me, table.now)


def in_turns() -> Table:
    """Fay holds a meeting in turns; Ada and Bo are there."""
    table = Table()
    table.opens(FAY, Mode.TURNS)
    table.joins(ADA, BO)
    return table


def test_each_moment_has_its_dock() -> None:
    table = in_turns()
    assert moment(table, ADA).moment == "waiting"
    table.does(ADA, RaiseHand())
    table.does(FAY, CallNext())
    assert moment(table, ADA).moment == "turn"
    for mode, dock in ((Mode.RESPOND, "turn"), (Mode.OPEN, "open"), (Mode.CLOSED, "closed")):
        table.does(FAY, SetMode(mode=mode))
        assert moment(table, ADA).moment == dock
    table.does(FAY, Freeze())
    assert moment(table, ADA).moment == "frozen"
    assert moment(table, FAY).moment == "hold"
    table.does(ADA, ChooseListening(listening=True))
    assert moment(table, ADA).moment == "listening"
    table.does(FAY, MuteMember(member=table.id(ADA), minutes=10, reason="Please rest"))
    assert moment(table, ADA).moment == "muted"
    table.now += 600
    assert moment(table, ADA).moment == "listening"
    table.closes(FAY)
    assert moment(table, FAY).moment == "idle"


def test_new_rules_are_asked_for_but_not_in_the_middle_of_a_turn() -> None:
    table = in_turns()
    table.does(ADA, RaiseHand())
    table.does(FAY, CallNext())
    table.does(FAY, ChangeGroundRules(lines=["Be kind."]))
    assert moment(table, ADA).moment == "turn"
    assert moment(table, BO).moment == "rules"


def test_somebody_who_waits_is_told_whom_they_come_after() -> None:
    table = in_turns()
    for who in (BO, ADA):
        table.does(who, RaiseHand())
    ada, bo = moment(table, ADA), moment(table, BO)
    assert "queue:next" in bo.signs.on
    assert "queue:after" in ada.signs.on
    assert ada.names["after"] == "Bo"


def test_the_facilitator_is_offered_the_most_likely_next_act() -> None:
    table = in_turns()
    assert "act:none" in moment(table, FAY).signs.on
    for who in (BO, ADA):
        table.does(who, RaiseHand())
    assert (moment(table, FAY).call, moment(table, FAY).names["call"]) == (table.id(BO), "Bo")
    table.loses(BO)
    assert moment(table, FAY).call == table.id(ADA)
    table.does(FAY, Freeze())
    assert "act:resume" in moment(table, FAY).signs.on


def test_a_member_is_offered_nothing_of_a_facilitators() -> None:
    table = in_turns()
    table.does(BO, RaiseHand())
    ada = moment(table, ADA)
    assert ada.call is None
    assert not [sign for sign in ada.signs.on if sign.startswith("act:")]


def test_markup_is_shown_while_one_of_its_signs_holds() -> None:
    signs = Signs(frozenset({"dock:turn"}))
    assert signs.when("dock:turn", "dock:open") == 'data-when="dock:turn dock:open"'
    assert signs.when("dock:open") == 'data-when="dock:open" hidden'
