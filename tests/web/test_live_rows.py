"""The rows of the live page: who may do what with whom, and what nobody may read any more."""

from rooms.room import MessageFate, Mode, Public
from rooms.turns import CallNext, RaiseHand
from server.live.catchup import Utterance
from tests.cast import ADA, BO, FAY, START, Cast, Table
from web import live_rows
from web.live_rows import Row


def evening() -> Table:
    """Fay holds a meeting; Ada is new here, Bo waits for a turn."""
    table = Table()
    table.opens(FAY, Mode.TURNS)
    table.joins(ADA, first_meeting=True)
    table.joins(BO)
    table.does(BO, RaiseHand())
    return table


def message(table: Table, who: Cast, reader: Cast, fate: MessageFate = MessageFate.SAID) -> Row:
    """What somebody said, as a row on the reader's page."""
    text = "Good evening." if fate is MessageFate.SAID else None
    said = Utterance(1, table.id(who), who.name, START, text, fate)
    public: Public = table.room.public
    return live_rows.messages([said], public, table.id(reader), leads=reader is FAY)[0]


def test_only_its_author_can_take_a_message_back() -> None:
    table = evening()
    assert "may:retract" in message(table, ADA, ADA).signs.on
    assert "may:retract" not in message(table, ADA, BO).signs.on


def test_facilitators_act_on_members_and_not_on_peers_or_themselves() -> None:
    table = evening()
    assert "may:act" in message(table, ADA, FAY).signs.on
    assert "may:act" not in message(table, FAY, FAY).signs.on
    assert "may:act" not in message(table, ADA, BO).signs.on
    rows = live_rows.people(table.room.public, table.room.staff, table.id(FAY))
    assert [row["name"] for row in rows if "may:act" in row.signs.on] == ["Ada", "Bo"]


def test_words_that_are_gone_offer_nothing_and_say_nothing() -> None:
    table = evening()
    for fate in (MessageFate.RETRACTED, MessageFate.HIDDEN):
        gone = message(table, ADA, ADA, fate)
        assert gone["text"] == ""
        assert gone.signs.on == {f"fate:{fate}", "by:me"}


def test_the_light_is_with_what_the_floors_holder_says_in_this_turn() -> None:
    table = evening()
    table.now = START + 60
    table.does(FAY, CallNext())
    assert "lit" not in message(table, BO, ADA).signs.on
    said = Utterance(2, table.id(BO), "Bo", table.now, "Hello.", MessageFate.SAID)
    row = live_rows.messages([said], table.room.public, table.id(ADA), leads=False)[0]
    assert "msg--lit" in row.classes


def test_only_facilitators_see_who_is_new() -> None:
    table = evening()
    public, staff = table.room.public, table.room.staff
    seen = live_rows.people(public, staff, table.id(FAY))
    assert [row["name"] for row in seen if "first" in row.signs.on] == ["Ada"]
    unseen = live_rows.people(public, None, table.id(BO))
    assert not [row for row in unseen if row.signs.on & {"first", "listening", "muted", "may:act"}]


def test_hands_and_seats_stand_in_the_order_in_which_they_are_called() -> None:
    table = evening()
    table.does(ADA, RaiseHand())
    public = table.room.public
    assert [row["name"] for row in live_rows.hands(public, None, table.id(ADA))] == ["Bo", "Ada"]
    table.does(FAY, CallNext())
    seats = [row.classes for row in live_rows.seats(public, table.id(ADA))]
    assert seats == ["seat seat--lit", "seat seat--you"]


def test_somebody_removed_who_never_spoke_has_a_row_without_a_name() -> None:
    table = evening()
    table.room.staff.removed[7] = "Please rest"
    row = live_rows.removed(table.room.staff, {})[0]
    assert row.signs.on == {"nameless"}
    assert row["reason"] == "Please rest"


def test_a_page_without_script_says_which_clock_it_means() -> None:
    assert live_rows.clock(1_800_000_000.0) == "08:00 UTC"
