"""Telling the facilitators of a message or a person; the person it is about reads nothing."""

from collections.abc import Callable

import msgspec
import pytest

from moderation.actions import HideMessage, MuteMember, RemoveMember
from moderation.danger import WORRIED_ABOUT
from moderation.reporting import (
    MOST_REPORTS,
    REPORT_LIMIT,
    WORRY,
    CloseReport,
    RaiseConcern,
    ReporterForgotten,
    ReporterKept,
    ReportIt,
    ReportOutcome,
    ReportReceived,
    ReportWhy,
)
from rooms.arriving import ChooseListening
from rooms.orders import Call, CaseKind, PageOnCall, TellDesk
from rooms.presence import Leave
from rooms.room import CORE, STAFF, Mode, Report, private
from rooms.safety import ELEVATED, EMERGENCY, Subject
from rooms.speaking import Retract
from tests.cast import ADA, BO, CY, FAY, KIM, MAX, START, Cast, Table, encoded

WHY = "We do not judge each other"


@pytest.fixture
def table() -> Table:
    """Fay and Kim hold an open talk with Ada, Bo and Cy; Max is on call; Bo has said something."""
    table = Table()
    table.opens(FAY, Mode.OPEN)
    table.joins(KIM, ADA, BO, CY)
    table.comes_on_call(MAX)
    table.says(BO, "I know where you live.")
    return table


def bos_message(table: Table) -> int:
    """The number of what Bo said."""
    [number] = [n for n, m in table.room.public.messages.items() if m.author == table.id(BO)]
    return number


def report(table: Table, text: str = "This scares me") -> ReportIt:
    """A report of what Bo said."""
    return ReportIt(why=ReportWhy.HURTFUL, message=bos_message(table), text=text)


def the_case(table: Table) -> int:
    """The number of the one open report."""
    [case] = table.room.staff.reports
    return case


def streams(table: Table) -> set[str]:
    """The streams on which anything has happened since the notes were cleared."""
    return {one.stream for one in table.log}


def shown(table: Table, who: Cast) -> str:
    """All that somebody may see, as text to look for something in."""
    return msgspec.json.encode(table.view_of(who)).decode()


# A report.


def test_the_facilitators_read_what_a_report_is_about(table: Table) -> None:
    table.does(ADA, report(table))
    assert list(table.room.staff.reports.values()) == [
        Report(
            about=table.id(BO),
            pseudonym="Bo",
            why="hurtful",
            text="This scares me",
            at=START,
            message=bos_message(table),
        )
    ]


def test_a_person_is_reported_as_well_as_a_message(table: Table) -> None:
    table.does(ADA, ReportIt(why=ReportWhy.CONTACT, member=table.id(BO)))
    [kept] = table.room.staff.reports.values()
    assert (kept.about, kept.message, kept.text) == (table.id(BO), 0, "")


def test_the_reporter_is_told_that_the_report_has_come_in(table: Table) -> None:
    happened = table.does(ADA, report(table))
    case = the_case(table)
    assert ReportReceived(to=table.id(ADA), case=case) in happened
    assert table.room.private(table.id(ADA)).receipts == {case: ""}


@pytest.mark.parametrize("kind", [ReportIt, RaiseConcern])
def test_the_author_of_a_message_never_learns_who_reported_it(
    table: Table, kind: type[ReportIt | RaiseConcern]
) -> None:
    before = {who: encoded(table.view_of(who)) for who in (BO, CY)}
    table.log.clear()
    number = bos_message(table)
    act = report(table) if kind is ReportIt else RaiseConcern(message=number)
    table.does(ADA, act)
    assert streams(table) <= {CORE, STAFF, private(table.id(ADA))}
    assert {who: encoded(table.view_of(who)) for who in (BO, CY)} == before


@pytest.mark.parametrize("kind", [ReportIt, RaiseConcern])
def test_no_facilitator_reads_who_told_them(
    table: Table, kind: type[ReportIt | RaiseConcern]
) -> None:
    number = bos_message(table)
    table.does(ADA, report(table) if kind is ReportIt else RaiseConcern(message=number))
    for who in (FAY, KIM, MAX):
        staff = msgspec.json.encode(table.view_of(who)[STAFF]).decode()
        assert "Bo" in staff
        assert str(table.id(ADA)) not in staff
        assert "Ada" not in staff


def test_who_reported_is_kept_where_nobody_hears_it(table: Table) -> None:
    table.does(ADA, report(table))
    assert table.room.core.reporters == {the_case(table): table.id(ADA)}
    assert (ReporterKept.stream, ReporterForgotten.stream) == (CORE, CORE)


@pytest.mark.parametrize("outcome", list(ReportOutcome))
def test_the_reporter_is_told_what_became_of_it_and_then_forgotten(
    table: Table, outcome: ReportOutcome
) -> None:
    table.does(ADA, report(table))
    case = the_case(table)
    before = encoded(table.view_of(BO))
    table.does(KIM, CloseReport(case=case, outcome=outcome))
    assert table.room.private(table.id(ADA)).receipts == {case: outcome.value}
    assert (table.room.staff.reports, table.room.core.reporters) == ({}, {})
    assert encoded(table.view_of(BO)) == before
    refused = table.refuses(FAY, CloseReport(case=case, outcome=outcome))
    assert refused.code == "no_such_report"


def test_a_report_whose_author_has_left_is_dealt_with_all_the_same(table: Table) -> None:
    table.does(ADA, report(table))
    table.does(ADA, Leave())
    table.does(FAY, CloseReport(case=the_case(table), outcome=ReportOutcome.ACTED))
    assert table.room.core.reporters == {}


def test_members_do_not_deal_with_reports(table: Table) -> None:
    table.does(ADA, report(table))
    close = CloseReport(case=the_case(table), outcome=ReportOutcome.NO_RULE_BROKEN)
    for who in (ADA, BO, CY):
        assert table.refuses(who, close).code == "not_allowed"


def takes_it_back(table: Table) -> None:
    table.does(BO, Retract(message=bos_message(table)))


def has_it_hidden(table: Table) -> None:
    table.does(FAY, HideMessage(message=bos_message(table), reason=WHY))


def goes(table: Table) -> None:
    table.does(BO, Leave())


@pytest.mark.parametrize("happens", [takes_it_back, has_it_hidden, goes])
def test_a_message_that_is_gone_can_still_be_reported(
    table: Table, happens: Callable[[Table], None]
) -> None:
    happens(table)
    table.does(ADA, report(table))
    [kept] = table.room.staff.reports.values()
    assert (kept.about, kept.message, kept.why) == (table.id(BO), bos_message(table), "hurtful")


def is_muted(table: Table) -> None:
    table.does(FAY, MuteMember(member=table.id(ADA), minutes=10, reason=WHY))


def is_removed(table: Table) -> None:
    table.does(FAY, RemoveMember(member=table.id(ADA), reason=WHY))


def leaves(table: Table) -> None:
    table.does(ADA, Leave())


def listens(table: Table) -> None:
    table.does(ADA, ChooseListening(listening=True))


@pytest.mark.parametrize("happened", [is_muted, is_removed, leaves, listens])
def test_a_member_can_report_and_worry_whatever_happened_to_them(
    table: Table, happened: Callable[[Table], None]
) -> None:
    happened(table)
    table.does(ADA, report(table))
    table.does(ADA, RaiseConcern(member=table.id(CY)))
    assert len(table.room.staff.reports) == len(table.room.staff.alerts) == 1


@pytest.mark.parametrize("about", [0, 4])
def test_somebody_who_is_not_of_this_meeting_is_not_reported(table: Table, about: int) -> None:
    acts = [
        ReportIt(why=ReportWhy.OTHER, member=about),
        ReportIt(why=ReportWhy.OTHER, message=99),
        ReportIt(why=ReportWhy.OTHER, message=99, member=table.id(BO)),
        RaiseConcern(member=about),
        RaiseConcern(message=99),
    ]
    assert {table.refuses(ADA, act).code for act in acts} == {"nobody_to_report"}


def test_nobody_reports_or_worries_about_themselves(table: Table) -> None:
    acts = [
        report(table),
        ReportIt(why=ReportWhy.OTHER, member=table.id(BO)),
        RaiseConcern(member=table.id(BO)),
    ]
    assert {table.refuses(BO, act).code for act in acts} == {"not_about_yourself"}


@pytest.mark.parametrize(
    ("text", "code"), [(" \n ", "text_empty"), ("x" * (REPORT_LIMIT + 1), "line_too_long")]
)
def test_what_is_written_with_a_report_is_one_line(table: Table, text: str, code: str) -> None:
    assert table.refuses(ADA, report(table, text)).code == code
    assert table.room.staff.reports == {}


def test_more_reports_than_anybody_reads_are_refused_and_worry_never_is(table: Table) -> None:
    for _ in range(MOST_REPORTS):
        table.does(ADA, report(table, ""))
    refused = table.refuses(CY, report(table))
    assert (refused.code, refused.facts) == ("too_many_reports", {"limit": MOST_REPORTS})
    table.does(CY, RaiseConcern(member=table.id(ADA)))
    table.does(CY, ReportIt(why=ReportWhy.OTHER, member=table.id(FAY)))


def test_a_report_nobody_looked_at_goes_to_the_desk_with_the_meeting(table: Table) -> None:
    table.does(ADA, report(table))
    case = the_case(table)
    table.orders.clear()
    table.closes(FAY)
    assert table.orders == [
        TellDesk(
            kind=CaseKind.UNSEEN,
            about="Bo",
            why=ReportWhy.HURTFUL,
            words="This scares me",
            case=case,
            at=START,
        )
    ]
    assert table.room.staff.reports == {}


def test_who_reported_is_forgotten_with_the_meeting(table: Table) -> None:
    table.does(ADA, report(table))
    table.closes(FAY)
    assert table.room.core.reporters == {}


# About somebody with a role.


@pytest.mark.parametrize("about", [FAY, KIM, MAX])
def test_a_report_about_somebody_with_a_role_goes_to_the_desk_and_never_to_them(
    table: Table, about: Cast
) -> None:
    before = {who: encoded(table.view_of(who)) for who in (FAY, KIM, MAX, BO)}
    table.log.clear()
    text = "He shouts at us"
    happened = table.does(ADA, ReportIt(why=ReportWhy.HURTFUL, member=table.id(about), text=text))
    [received] = happened
    assert isinstance(received, ReportReceived)
    assert streams(table) == {private(table.id(ADA))}
    assert {who: encoded(table.view_of(who)) for who in (FAY, KIM, MAX, BO)} == before
    assert table.orders == [
        TellDesk(
            kind=CaseKind.REPORT,
            about=about.name,
            tag=about.tag,
            why=ReportWhy.HURTFUL,
            words=text,
            case=received.case,
            at=START,
        ),
        PageOnCall(why=Call.REPORT, about=about.tag),
    ]


def test_what_a_facilitator_said_is_reported_to_the_desk(table: Table) -> None:
    number = table.says(KIM, "Pull yourself together.")
    table.log.clear()
    table.does(ADA, ReportIt(why=ReportWhy.HURTFUL, message=number))
    assert streams(table) == {private(table.id(ADA))}
    assert [type(order) for order in table.orders] == [TellDesk, PageOnCall]


def test_facilitators_report_one_another_to_the_desk(table: Table) -> None:
    before = encoded(table.view_of(KIM))
    table.does(FAY, ReportIt(why=ReportWhy.OTHER, member=table.id(KIM)))
    assert encoded(table.view_of(KIM)) == before
    assert table.room.staff.reports == {}


@pytest.mark.parametrize("about", [FAY, KIM, MAX])
def test_a_worry_about_somebody_with_a_role_goes_to_the_desk_and_never_to_them(
    table: Table, about: Cast
) -> None:
    before = {who: encoded(table.view_of(who)) for who in (FAY, KIM, MAX)}
    table.log.clear()
    table.does(ADA, RaiseConcern(member=table.id(about)))
    assert streams(table) == {private(table.id(ADA))}
    assert {who: encoded(table.view_of(who)) for who in (FAY, KIM, MAX)} == before
    assert table.room.staff.alerts == {}
    told, called = table.orders
    assert isinstance(told, TellDesk)
    assert (told.kind, told.about, told.level) == (CaseKind.CONCERN, about.name, ELEVATED)
    assert called == PageOnCall(level=ELEVATED, about=about.tag)


# Worry about somebody.


def test_worry_about_somebody_is_an_elevated_alert(table: Table) -> None:
    table.does(ADA, RaiseConcern(member=table.id(CY)))
    raised = table.room.staff.alerts[table.id(CY)]
    assert (raised.level, raised.subject, raised.pseudonym) == (ELEVATED, Subject.SELF, "Cy")
    assert [kept.reason for kept in raised.reasons] == [WORRIED_ABOUT]
    assert (raised.shown, raised.asked) == (False, False)


def test_the_person_somebody_worries_about_is_told_nothing(table: Table) -> None:
    before = shown(table, CY), table.room.number(private(table.id(CY)))
    table.does(ADA, RaiseConcern(member=table.id(CY)))
    assert (shown(table, CY), table.room.number(private(table.id(CY)))) == before
    assert table.room.private(table.id(CY)).card is None


def test_worry_never_makes_an_emergency_less(table: Table) -> None:
    table.writes(CY, EMERGENCY)
    table.does(FAY, ReportIt(why=ReportWhy.OTHER, member=table.id(BO)))
    table.does(ADA, RaiseConcern(member=table.id(CY)))
    raised = table.room.staff.alerts[table.id(CY)]
    assert (raised.level, len(raised.reasons), raised.shown) == (EMERGENCY, 2, True)


def test_two_who_worry_about_one_person_make_one_alert(table: Table) -> None:
    for who in (ADA, BO):
        table.does(who, RaiseConcern(member=table.id(CY)))
    assert table.names(table.room.staff.alerts) == ["Cy"]


def test_whoever_worries_is_told_that_they_do_not_carry_it_alone(table: Table) -> None:
    table.does(ADA, RaiseConcern(member=table.id(CY)))
    assert list(table.room.private(table.id(ADA)).receipts.values()) == [WORRY]
    assert table.room.core.reporters == {}, "what becomes of it is not told to them"


def test_a_receipt_is_gone_with_the_meeting(table: Table) -> None:
    table.joins(ADA)
    table.does(ADA, report(table))
    ada = table.id(ADA)
    table.closes(FAY)
    assert table.room.private(ada).receipts == {}
