"""What the live page shows of care: to the person alone, and to staff what they need to act."""

from collections.abc import Sequence

import pytest

from moderation.alerts import AcceptAlert, ClaimAlert, HandOverAlert, StayWithAlert
from moderation.danger import ChooseCountry, DangerSaid, NeedHelp, NoteDanger, PutCardAway
from moderation.reporting import CloseReport, RaiseConcern, ReportIt, ReportOutcome, ReportWhy
from rooms.alert_clock import ANYBODY_ON_CALL, TIMERS
from rooms.room import MessageFate, Mode, Public, Role, Staff
from rooms.safety import EMERGENCY, Card, Category, Danger, Level, Reason, Subject
from rooms.threads import AskForWord, OpenThread, SayPrivately
from server.live.catchup import PrivateWord, Utterance
from tests.cast import ADA, BO, CY, FAY, KIM, MAX, START, Cast, Table
from web import live_care
from web.live_care import AROUND, card_kind
from web.live_rows import Row

ME, OTHER = Subject.SELF, Subject.OTHER


def evening(mode: Mode = Mode.OPEN) -> Table:
    """Fay holds a meeting; Ada and Bo are there, and nobody is on call."""
    table = Table()
    table.opens(FAY, mode)
    table.joins(ADA, BO)
    return table


def signs(table: Table, who: Cast) -> set[str]:
    """What holds for somebody now."""
    me = table.id(who)
    public, staff = table.room.public, table.room.staff if who.role is not Role.MEMBER else None
    return set(live_care.signs(public, table.room.private(me), staff, me))


def alerts(table: Table, who: Cast, said: Sequence[Utterance] = ()) -> list[Row]:
    """The alerts as somebody of the staff sees them."""
    core = table.room.core
    names = {member: known.pseudonym for member, known in core.members.items()}
    return live_care.alerts(table.room.staff, said, names, table.id(who))


def utterance(number: int, who: Cast, text: str | None) -> Utterance:
    return Utterance(number, 1, who.name, START, text, MessageFate.SAID)


# The card.


@pytest.mark.parametrize(
    ("level", "category", "subject", "kind"),
    [
        (0, None, ME, "craving"),
        (1, Category.SUICIDE, ME, "carry"),
        (1, Category.VIOLENCE_ABUSE, ME, "carry"),
        (1, Category.SUICIDE, OTHER, "worried"),
        (2, Category.SUICIDE, ME, "talk"),
        (2, Category.SELFHARM, ME, "talk"),
        (2, None, ME, "talk"),
        (2, Category.OVERDOSE, ME, "alone"),
        (2, Category.OVERDOSE, OTHER, "worried"),
        (2, Category.WITHDRAWAL_MEDICAL, ME, "withdrawal"),
        (2, Category.VIOLENCE_ABUSE, ME, "hurt"),
        (2, Category.VIOLENCE_ABUSE, OTHER, "worried"),
        (3, None, ME, "urgent"),
        (3, Category.SUICIDE, ME, "urgent"),
        (3, Category.SUICIDE, OTHER, "worried-now"),
        (3, Category.OVERDOSE, ME, "overdose"),
        (3, Category.OVERDOSE, OTHER, "overdose"),
        (3, Category.WITHDRAWAL_MEDICAL, ME, "withdrawal-now"),
        (3, Category.WITHDRAWAL_MEDICAL, OTHER, "withdrawal-now"),
        (3, Category.VIOLENCE_ABUSE, ME, "hurt-now"),
        (3, Category.VIOLENCE_ABUSE, OTHER, "threat"),
    ],
)
def test_each_danger_has_its_card(
    level: Level, category: Category | None, subject: Subject, kind: str
) -> None:
    card = Card(level=level, category=category, subject=subject, at=START, person=True)
    assert card_kind(card) == kind


def test_no_danger_shows_no_card_and_one_put_away_is_gone() -> None:
    assert card_kind(None) == "none"
    table = evening()
    table.writes(ADA, 2)
    assert "card:talk" in signs(table, ADA)
    table.does(ADA, PutCardAway())
    assert "card:none" in signs(table, ADA)


def test_nobody_but_its_author_sees_a_card() -> None:
    table = evening()
    table.writes(ADA, 3)
    assert "card:urgent" in signs(table, ADA)
    for other in (BO, FAY):
        assert "card:none" in signs(table, other)
    assert not [sign for sign in signs(table, BO) if sign.startswith(("alerts:", "both:"))]


def test_the_card_says_whether_a_person_can_come() -> None:
    table = evening()
    table.writes(ADA, 2)
    assert "reach:yes" in signs(table, ADA)
    table.loses(FAY)
    assert "reach:yes" in signs(table, ADA), "somebody was there when the card was made"
    table.writes(BO, 2)
    assert "reach:no" in signs(table, BO)
    table.finds(FAY)
    assert "reach:yes" in signs(table, BO)


def test_a_facilitator_is_nobody_who_could_come_to_themselves() -> None:
    table = evening()
    assert "reach:no" in signs(table, FAY)
    table.joins(KIM)
    assert "reach:yes" in signs(table, FAY)


def test_somebody_reads_how_far_away_help_is() -> None:
    table = evening()
    assert "word:none" in signs(table, ADA)
    table.writes(ADA, 1)
    assert "word:none" in signs(table, ADA)
    table.writes(ADA, 2)
    assert "word:called" in signs(table, ADA)
    table.does(ADA, AskForWord())
    assert "word:asked" in signs(table, ADA)
    table.asides(FAY, ADA)
    assert "word:open" in signs(table, ADA)


def test_nobody_is_told_that_facilitators_look_while_none_is_there() -> None:
    table = evening()
    table.loses(FAY)
    table.writes(ADA, 2)
    assert {"word:none", "reach:no", "ask:no"} <= signs(table, ADA)


def test_a_private_word_comes_first_and_in_an_emergency_after_the_numbers() -> None:
    table = evening()
    table.writes(ADA, 2)
    assert "ask:first" in signs(table, ADA)
    table.writes(ADA, 3)
    assert "ask:last" in signs(table, ADA)
    table.does(ADA, AskForWord())
    assert "ask:no" in signs(table, ADA)
    assert "ask:no" in signs(table, FAY)


# For staff.


def test_staff_see_that_there_are_alerts_and_when_they_are_too_many_for_one() -> None:
    table = evening()
    assert {"alerts:none", "both:no", "beside:no"} <= signs(table, FAY)
    table.writes(ADA, 2)
    assert {"alerts:some", "both:no"} <= signs(table, FAY)
    table.writes(BO, 1)
    assert "both:no" in signs(table, FAY), "a concern can wait"
    table.writes(BO, 3)
    assert "both:yes" in signs(table, FAY)
    table.comes_on_call(MAX)
    assert "both:no" in signs(table, FAY)
    assert "beside:yes" in signs(table, MAX)
    table.loses(MAX)
    assert "both:yes" in signs(table, FAY)


def test_the_gravest_alert_stands_first_and_then_the_oldest() -> None:
    table = evening()
    table.joins(CY)
    for who, level in ((ADA, 2), (BO, 3), (CY, 2)):
        table.writes(who, level)
        table.now += 10
    assert [row["name"] for row in alerts(table, FAY)] == ["Bo", "Ada", "Cy"]
    assert alerts(table, FAY)[0].classes == "alert alert--3"


def test_the_first_to_take_an_alert_has_it_and_the_others_see_who() -> None:
    table = evening()
    table.joins(KIM)
    table.writes(ADA, 2)
    for who in (FAY, KIM):
        [row] = alerts(table, who)
        assert {"own:none", "may:claim"} <= row.signs.on
        assert not {"may:tend", "may:thread"} & row.signs.on
    table.does(FAY, ClaimAlert(member=table.id(ADA)))
    [mine], [theirs] = alerts(table, FAY), alerts(table, KIM)
    assert {"own:me", "may:tend", "may:thread"} <= mine.signs.on
    assert "own:other" in theirs.signs.on
    assert theirs["owner"] == "Fay"
    assert not {"may:claim", "may:tend", "may:thread"} & theirs.signs.on
    table.does(FAY, OpenThread(member=table.id(ADA)))
    assert "may:thread" not in alerts(table, FAY)[0].signs.on


def test_an_alert_handed_over_is_offered_to_the_one_who_is_asked() -> None:
    table = evening()
    table.joins(KIM)
    table.comes_on_call(MAX)
    table.writes(ADA, 3)
    table.does(FAY, ClaimAlert(member=table.id(ADA)))
    ada = table.id(ADA)
    table.does(FAY, HandOverAlert(member=ada, to=table.id(KIM), summary="She is alone"))
    on = {who.name: alerts(table, who)[0].signs.on for who in (FAY, KIM, MAX)}
    assert {name for name in on if "offered" in on[name]} == {"Kim"}
    assert {name for name in on if "offering" in on[name]} == {"Fay"}
    assert alerts(table, KIM)[0]["summary"] == "She is alone"
    table.does(FAY, HandOverAlert(member=ada, to=ANYBODY_ON_CALL, summary="She is alone"))
    on = {who.name: alerts(table, who)[0].signs.on for who in (FAY, KIM, MAX)}
    assert {name for name in on if "offered" in on[name]} == {"Kim", "Max"}
    table.does(MAX, AcceptAlert(member=ada))
    assert "own:me" in alerts(table, MAX)[0].signs.on


def test_an_owner_who_does_nothing_is_asked_whether_they_are_still_there() -> None:
    table = evening()
    table.writes(ADA, 3)
    table.does(FAY, ClaimAlert(member=table.id(ADA)))
    assert "nudged" not in alerts(table, FAY)[0].signs.on
    table.waits(TIMERS[EMERGENCY].nudge)
    assert "nudged" in alerts(table, FAY)[0].signs.on
    table.does(FAY, StayWithAlert(member=table.id(ADA)))
    assert "nudged" not in alerts(table, FAY)[0].signs.on


def test_staff_see_what_the_person_was_shown_and_where_they_are() -> None:
    table = evening()
    table.does(ADA, ChooseCountry(country="NL"))
    table.writes(ADA, 2)
    table.does(ADA, PutCardAway())
    [row] = alerts(table, FAY)
    assert {"shown", "away", "country", "level:2", "cat:suicide", "subject:self"} <= row.signs.on
    assert row["country"] == "NL"
    assert row["says"] == "wants to die"
    assert "asked" not in row.signs.on
    table.does(ADA, NeedHelp())
    [row] = alerts(table, FAY)
    assert {"asked", "emergency"} <= row.signs.on


def test_the_words_an_alert_rests_on_stand_among_those_around_them() -> None:
    table = evening()
    before, after = "b" * (AROUND + 5), "a" * (AROUND + 5)
    text = f"{before} want to die {after}"
    start = len(before) + 1
    reason = Reason(concept="d", says="wants to die", start=start, end=start + 11)
    table.does(ADA, NoteDanger(danger=Danger(level=2, subject=ME, because=(reason,))))
    number = table.says(ADA, text)
    [row] = alerts(table, FAY, [utterance(number, ADA, text)])
    assert "unsaid" in row.signs.on, "that they were said is not known yet"
    table.does(ADA, DangerSaid(message=number))
    [row] = alerts(table, FAY, [utterance(number, ADA, text)])
    assert (row["before"], row["words"]) == ("…" + "b" * (AROUND - 1) + " ", "want to die")
    assert row["after"] == " " + "a" * (AROUND - 1)
    assert "words" in row.signs.on
    assert "unsaid" not in row.signs.on


@pytest.mark.parametrize("text", [None, ""])
def test_words_that_are_gone_are_not_shown_in_an_alert(text: str | None) -> None:
    table = evening()
    table.writes(ADA, 2, "I want to die.")
    reasons = table.room.staff.alerts[table.id(ADA)].reasons
    said = [utterance(reasons[0].message, ADA, text)] if text is None else []
    [row] = alerts(table, FAY, said)
    assert row["words"] == ""
    assert "words" not in row.signs.on


def test_nobody_takes_an_alert_about_themselves() -> None:
    table = evening()
    table.writes(ADA, 2)
    row = live_care.alerts(table.room.staff, (), {}, table.id(ADA))[0]
    assert "may:claim" not in row.signs.on


def test_whoever_asks_for_a_word_stands_there_once_the_longest_first() -> None:
    table = evening()
    table.joins(CY)
    for who in (BO, CY, ADA):
        table.does(who, AskForWord())
        table.now += 5
    table.writes(CY, 2)
    names = {table.id(who): who.name for who in (ADA, BO, CY)}
    assert [row["name"] for row in live_care.asked(table.room.staff, names)] == ["Bo", "Ada"]


def test_other_facilitators_see_that_two_people_write_and_not_what() -> None:
    table = evening()
    table.joins(KIM)
    table.writes(ADA, 2)
    table.asides(FAY, ADA)
    table.does(ADA, SayPrivately(other=table.id(FAY), text="A needle."))
    names = {table.id(who): who.name for who in (ADA, FAY, KIM)}
    [row] = live_care.between(table.room.staff, names, table.id(KIM))
    assert (row["name"], row["staff"]) == ("Ada", "Fay")
    assert "needle" not in str(row)
    assert live_care.between(table.room.staff, names, table.id(FAY)) == []


# Reports, and one's own private places.


def test_a_report_shows_what_was_said_and_never_who_told_it() -> None:
    table = evening()
    table.joins(CY)
    number = table.says(BO, "You should be ashamed.")
    table.does(ADA, ReportIt(why=ReportWhy.HURTFUL, message=number, text="That hurt"))
    said = [utterance(number, BO, "You should be ashamed.")]
    names = {table.id(who): who.name for who in (ADA, BO, CY)}
    [row] = live_care.reports(table.room.staff, said, names)
    assert (row["name"], row["text"]) == ("Bo", "That hurt")
    assert row["message"] == "You should be ashamed."
    assert row.signs.on == {"why:hurtful", "text", "message"}
    assert "Ada" not in str(row)
    [row] = live_care.reports(table.room.staff, [utterance(number, BO, None)], {})
    assert (row["name"], row["message"]) == ("Bo", "")
    assert "message" not in row.signs.on


def test_whoever_told_something_reads_what_became_of_it() -> None:
    table = evening()
    table.joins(CY)
    table.does(ADA, ReportIt(why=ReportWhy.OTHER, member=table.id(BO)))
    table.does(ADA, RaiseConcern(member=table.id(CY)))
    receipts = live_care.receipts(table.room.private(table.id(ADA)))
    assert [row.signs.on for row in receipts] == [{"receipt:waiting"}, {"receipt:worry"}]
    case = next(iter(table.room.staff.reports))
    table.does(FAY, CloseReport(case=case, outcome=ReportOutcome.TALKED))
    receipts = live_care.receipts(table.room.private(table.id(ADA)))
    assert receipts[0].signs.on == {"receipt:talked"}
    for other in (BO, CY, FAY):
        assert live_care.receipts(table.room.private(table.id(other))) == []


def test_a_private_place_holds_its_own_words_and_says_whose_they_are() -> None:
    table = evening()
    table.joins(KIM)
    table.writes(ADA, 2)
    table.asides(FAY, ADA)
    fay = table.id(FAY)
    words = [
        PrivateWord(1, fay, mine=True, text="I am at home.", at=START),
        PrivateWord(2, fay, mine=False, text="I am here.", at=START),
        PrivateWord(3, table.id(KIM), mine=False, text="An older place.", at=START),
    ]
    [talk] = live_care.threads(table.room.private(table.id(ADA)), words)
    assert talk.row["name"] == "Fay"
    assert talk.row.signs.on == {"aside"}
    assert [(word["text"], *word.signs.on) for word in talk.words] == [
        ("I am at home.", "by:me"),
        ("I am here.", "by:other"),
    ]


def test_an_alert_is_handed_to_staff_who_are_here_and_to_nobody_else() -> None:
    table = evening()
    table.joins(KIM)
    table.comes_on_call(MAX)
    names = [name for _, name in live_care.others_on_duty(*both(table), table.id(FAY))]
    assert names == ["Kim", "Max"]
    table.loses(KIM)
    names = [name for _, name in live_care.others_on_duty(*both(table), table.id(FAY))]
    assert names == ["Max"]


def both(table: Table) -> tuple[Public, Staff]:
    return table.room.public, table.room.staff


def test_a_page_enters_with_the_role_somebody_came_with() -> None:
    table = evening()
    table.comes_on_call(MAX)
    staff, public = table.room.staff, table.room.public
    assert live_care.role_of(None, public, table.id(ADA)) is Role.MEMBER
    assert live_care.role_of(staff, public, table.id(FAY)) is Role.FACILITATOR
    assert live_care.role_of(staff, public, table.id(MAX)) is Role.MODERATOR
    beside = [live_care.is_beside(staff, table.id(who)) for who in (FAY, MAX)]
    assert beside == [False, True]
    assert not live_care.is_beside(None, table.id(MAX))
