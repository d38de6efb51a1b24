"""Every moment somebody can be in: role, standing, state of the meeting, rules accepted or not.

Each is brought about for real, by the commands people send; nothing is written into a Room here.
"""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Final, NamedTuple

from moderation.actions import (
    HideMessage,
    MuteMember,
    ReadmitMember,
    RemoveMember,
    UnmuteMember,
)
from moderation.alerts import (
    AcceptAlert,
    CallNow,
    ChangeAlertLevel,
    ClaimAlert,
    CloseAlert,
    HandOverAlert,
    StayWithAlert,
)
from moderation.danger import ChooseCountry, NeedHelp, PutCardAway
from moderation.reporting import CloseReport, RaiseConcern, ReportIt, ReportOutcome, ReportWhy
from rooms.alert_clock import ANYBODY_ON_CALL
from rooms.arriving import AcceptGroundRules, ChangePseudonym, ChooseListening, Join
from rooms.clock import FACILITATOR_GRACE_SECONDS
from rooms.holds import Freeze, Resume
from rooms.kernel import Command
from rooms.meetings import ChangeGroundRules, CloseMeeting, OpenMeeting, SetTopic
from rooms.modes import SetMode
from rooms.on_call import ComeOnCall
from rooms.presence import Leave
from rooms.quiet import ReadQuietly
from rooms.refusals import Refused
from rooms.room import Hold, MemberId, Mode, Standing
from rooms.safety import Outcome
from rooms.speaking import Retract, Speak
from rooms.threads import (
    AnswerPrivately,
    AskForWord,
    EndThread,
    OpenThread,
    SayPrivately,
    StopAsking,
)
from rooms.turns import CallNext, LowerHand, RaiseHand, Yield
from tests.cast import ADA, BO, CY, FAY, KIM, MAX, Cast, Table

ROLES: Final = ("stranger", "member", "facilitator", "on_call")
STANDINGS: Final = ("speaking", "listening", "muted", "removed")
MEETINGS: Final = ("none", "closed", "turns", "floor", "respond", "open", "frozen", "calm")
RULES: Final = ("accepted", "old")


class Moment(NamedTuple):
    """Who somebody is and what is going on. `floor` is their own turn; with rules `old` they have
    accepted the version before the one that holds."""

    role: str
    standing: str
    meeting: str
    rules: str

    @property
    def who(self) -> Cast:
        """The person of the cast whose moment it is."""
        return {"stranger": CY, "member": ADA, "facilitator": KIM, "on_call": MAX}[self.role]


def moments() -> Iterator[Moment]:
    """All that can be reached."""
    for moment in map(Moment._make, product(ROLES, STANDINGS, MEETINGS, RULES)):
        if not impossible(moment):
            yield moment


def impossible(moment: Moment) -> str | None:
    """Why a moment cannot be reached; None when it can."""
    role, standing, meeting, rules = moment
    if role == "stranger":
        plain = (standing, rules) == ("speaking", "accepted") and meeting != "floor"
        return None if plain else "the room knows nothing of a stranger"
    if role in ("facilitator", "on_call") and standing in ("muted", "removed"):
        return "nobody acts on facilitators"
    if role == "on_call" and (meeting == "floor" or (standing, rules) != ("speaking", "accepted")):
        return "whoever is on call is not at the table"
    if meeting == "floor" and standing in ("muted", "removed"):
        return "a mute and a removal free the floor"
    if meeting == "none" and standing in ("listening", "removed"):
        return "both end with the meeting"
    return None


def brought_about(moment: Moment, prepared: str = "") -> Table:
    """A table at which this moment is now. `prepared` is what a command finds: the acting person's
    `hand` up, Bo `muted` or `removed`, an `alert` about Bo, `taken` by the acting person or
    `offered` to them, their private `thread`, a `report` of Bo, or their own `card`."""
    table = Table()
    table.opens(FAY, Mode.OPEN)
    table.joins(BO, remember=True)
    if moment.role == "on_call":
        table.comes_on_call(MAX)
    elif moment.role != "stranger":
        table.joins(moment.who, remember=True)
        table.says(moment.who, "Something of my own.")
        if prepared == "hand":
            table.does(moment.who, RaiseHand())
    table.says(BO, "Something of Bo's.")
    table.does(BO, RaiseHand())
    bo = table.id(BO)
    if prepared == "muted":
        table.does(FAY, MuteMember(member=bo, minutes=60, reason="For now"))
    if prepared == "removed":
        table.does(FAY, RemoveMember(member=bo, reason="For now"))
    _prepare(table, moment, prepared)
    _set_mode(table, moment)
    if moment.rules == "old":
        table.does(FAY, ChangeGroundRules(lines=["Other rules."]))
    _set_standing(table, moment)
    _set_hold(table, moment)
    return table


def _prepare(table: Table, moment: Moment, prepared: str) -> None:
    """What a command of the crisis path finds."""
    who, bo = moment.who, table.id(BO)
    staff = moment.role in ("facilitator", "on_call")
    if prepared in ("alert", "taken", "offered"):
        table.writes(BO, 2)
    if prepared == "taken":
        table.does(who if staff else FAY, ClaimAlert(member=bo))
    if prepared == "offered":
        table.does(FAY, ClaimAlert(member=bo))
        to = table.id(who) if staff else ANYBODY_ON_CALL
        table.does(FAY, HandOverAlert(member=bo, to=to, summary="She waits for you"))
    if prepared == "thread" and moment.role != "stranger":
        with_ = who if staff else FAY
        table.does(with_, OpenThread(member=bo if staff else table.id(who)))
    if prepared == "report":
        table.does(FAY, ReportIt(why=ReportWhy.OTHER, member=bo))
    if prepared == "card" and moment.role != "stranger":
        table.writes(who, 1)
    if prepared == "asking" and moment.role == "member":
        table.does(who, AskForWord())


def other_end(table: Table, who: Cast) -> MemberId:
    """Whom somebody writes with in private; Bo for whoever writes with nobody."""
    mine = table.room.private(table.room.core.tags.get(who.tag, 0)).threads
    return next(iter(mine), table.id(BO) if BO.tag in table.room.core.tags else 1)


def _set_mode(table: Table, moment: Moment) -> None:
    mode = {"floor": "turns", "frozen": "open", "calm": "open", "none": "open"}
    table.does(FAY, SetMode(mode=Mode(mode.get(moment.meeting, moment.meeting))))
    if moment.meeting == "floor":
        table.does(FAY, CallNext(member=table.id(moment.who)))


def _set_standing(table: Table, moment: Moment) -> None:
    if moment.role == "stranger":
        return
    member = table.id(moment.who)
    if moment.standing == "listening":
        table.does(moment.who, ChooseListening(listening=True))
    if moment.standing == "muted":
        table.does(FAY, MuteMember(member=member, minutes=60, reason="For now"))
    if moment.standing == "removed":
        table.does(FAY, RemoveMember(member=member, reason="For now"))
    assert table.standing(moment.who) == Standing(moment.standing)


def _set_hold(table: Table, moment: Moment) -> None:
    if moment.meeting == "frozen":
        table.does(FAY, Freeze())
    if moment.meeting == "none":
        table.closes(FAY, hand_over=True)
    if moment.meeting == "calm":
        holders = [who for who in (FAY, KIM) if table.sits(who)]
        table.loses(*holders)
        table.waits(FACILITATOR_GRACE_SECONDS)
        table.finds(*holders)
        assert table.room.public.hold is Hold.CALM


def message_of(table: Table, who: Cast) -> int:
    """The number of the first thing somebody said; 0 when they said nothing."""
    member = table.room.core.tags.get(who.tag)
    messages = table.room.public.messages.items()
    return next((number for number, state in messages if state.author == member), 0)


class Sample(NamedTuple):
    """A command as somebody sends it who means it: there is something for it to change."""

    make: Callable[[Table, Cast, MemberId], Command]
    prepared: str = ""


SAMPLES: Final[dict[type[Command], Sample]] = {
    Join: Sample(lambda table, who, bo: Join(pseudonym=who.name)),
    AcceptGroundRules: Sample(
        lambda table, who, bo: AcceptGroundRules(version=table.room.public.rules.version)
    ),
    ChangePseudonym: Sample(lambda table, who, bo: ChangePseudonym(pseudonym="Small Lamp")),
    ChooseListening: Sample(lambda table, who, bo: ChooseListening(listening=True)),
    Leave: Sample(lambda table, who, bo: Leave()),
    OpenMeeting: Sample(lambda table, who, bo: OpenMeeting()),
    CloseMeeting: Sample(lambda table, who, bo: CloseMeeting()),
    SetTopic: Sample(lambda table, who, bo: SetTopic(topic="Sleep")),
    ChangeGroundRules: Sample(lambda table, who, bo: ChangeGroundRules(lines=["No advice."])),
    Freeze: Sample(lambda table, who, bo: Freeze()),
    Resume: Sample(lambda table, who, bo: Resume()),
    SetMode: Sample(lambda table, who, bo: SetMode(mode=Mode.RESPOND)),
    Speak: Sample(lambda table, who, bo: Speak(text="A word.")),
    Retract: Sample(lambda table, who, bo: Retract(message=message_of(table, who))),
    RaiseHand: Sample(lambda table, who, bo: RaiseHand()),
    LowerHand: Sample(lambda table, who, bo: LowerHand(), "hand"),
    CallNext: Sample(lambda table, who, bo: CallNext()),
    Yield: Sample(lambda table, who, bo: Yield()),
    HideMessage: Sample(
        lambda table, who, bo: HideMessage(message=message_of(table, BO), reason="Why")
    ),
    MuteMember: Sample(lambda table, who, bo: MuteMember(member=bo, minutes=5, reason="Why")),
    UnmuteMember: Sample(lambda table, who, bo: UnmuteMember(member=bo, reason="Why"), "muted"),
    RemoveMember: Sample(lambda table, who, bo: RemoveMember(member=bo, reason="Why")),
    ReadmitMember: Sample(lambda table, who, bo: ReadmitMember(member=bo, reason="Why"), "removed"),
    NeedHelp: Sample(lambda table, who, bo: NeedHelp()),
    PutCardAway: Sample(lambda table, who, bo: PutCardAway(), "card"),
    ChooseCountry: Sample(lambda table, who, bo: ChooseCountry(country="NL")),
    AskForWord: Sample(lambda table, who, bo: AskForWord()),
    StopAsking: Sample(lambda table, who, bo: StopAsking(), "asking"),
    OpenThread: Sample(lambda table, who, bo: OpenThread(member=bo)),
    SayPrivately: Sample(
        lambda table, who, bo: SayPrivately(other=other_end(table, who), text="A word."), "thread"
    ),
    AnswerPrivately: Sample(
        lambda table, who, bo: AnswerPrivately(other=other_end(table, who), text="A word."),
        "thread",
    ),
    EndThread: Sample(lambda table, who, bo: EndThread(other=other_end(table, who)), "thread"),
    ClaimAlert: Sample(lambda table, who, bo: ClaimAlert(member=bo), "alert"),
    StayWithAlert: Sample(lambda table, who, bo: StayWithAlert(member=bo), "taken"),
    HandOverAlert: Sample(
        lambda table, who, bo: HandOverAlert(member=bo, to=ANYBODY_ON_CALL, summary="Please"),
        "taken",
    ),
    CallNow: Sample(lambda table, who, bo: CallNow(member=bo), "alert"),
    AcceptAlert: Sample(lambda table, who, bo: AcceptAlert(member=bo), "offered"),
    ChangeAlertLevel: Sample(lambda table, who, bo: ChangeAlertLevel(member=bo, level=3), "alert"),
    CloseAlert: Sample(
        lambda table, who, bo: CloseAlert(member=bo, outcome=Outcome.TALKED_SAFE), "taken"
    ),
    ReportIt: Sample(lambda table, who, bo: ReportIt(why=ReportWhy.OTHER, member=bo)),
    RaiseConcern: Sample(lambda table, who, bo: RaiseConcern(member=bo)),
    CloseReport: Sample(
        lambda table, who, bo: CloseReport(
            case=next(iter(table.room.staff.reports), 1), outcome=ReportOutcome.TALKED
        ),
        "report",
    ),
    ReadQuietly: Sample(lambda table, who, bo: ReadQuietly()),
    ComeOnCall: Sample(lambda table, who, bo: ComeOnCall(pseudonym=who.name)),
}
"""One of each command; `bo` is the member it is about."""


def answer(command: type[Command], moment: Moment) -> str:
    """What somebody is answered who sends this command in this moment: `ok`, or a code."""
    sample = SAMPLES[command]
    table = brought_about(moment, sample.prepared)
    bo = next(m for m, known in table.room.core.members.items() if known.tag == BO.tag)
    try:
        table.does(moment.who, sample.make(table, moment.who, bo))
    except Refused as refused:
        return refused.code
    return "ok"
