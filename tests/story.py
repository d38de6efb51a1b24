"""The stories: what happens in support meetings, told once and watched by every law.

Together they hold every command and every event of the protocol. Somebody who adds a command adds
it to a story, and all the laws look at it.
"""

from collections.abc import Callable
from typing import Final

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
from moderation.danger import ChooseCountry, ComeForHelp, NeedHelp, PutCardAway
from moderation.reporting import CloseReport, RaiseConcern, ReportIt, ReportOutcome, ReportWhy
from rooms.alert_clock import ANYBODY_ON_CALL
from rooms.arriving import ChangePseudonym, ChooseListening, Join
from rooms.clock import (
    CALM_HOLD_SECONDS,
    FACILITATOR_GRACE_SECONDS,
    MEETING_LONGEST_SECONDS,
)
from rooms.holds import Freeze, Resume
from rooms.meetings import ChangeGroundRules, CloseMeeting, SetTopic
from rooms.modes import SetMode
from rooms.on_call import HearElsewhere
from rooms.presence import Leave, RoleTaken
from rooms.quiet import ReadQuietly
from rooms.room import Mode
from rooms.safety import Outcome
from rooms.speaking import Retract
from rooms.threads import (
    AnswerPrivately,
    AskForWord,
    EndThread,
    OpenThread,
    SayPrivately,
    StopAsking,
)
from rooms.turns import (
    FLOOR_KEPT_SECONDS,
    HAND_KEPT_SECONDS,
    CallNext,
    LowerHand,
    RaiseHand,
    Yield,
)
from tests.cast import ADA, BO, CY, FAY, KIM, MAX, Table, Witness

Story = Callable[[Table], None]


def an_evening_in_turns(table: Table) -> None:
    """An ordinary meeting: coming in, hands, turns, short answers, and the end."""
    table.opens(FAY, Mode.CLOSED)
    table.does(FAY, SetTopic(topic="What helped you this week?"))
    table.joins(ADA, first_meeting=True)
    table.joins(BO, accept=False, remember=True)
    table.accepts(BO)
    table.says(FAY, "Welcome, everybody, and good that you are here.")
    table.does(FAY, SetMode(mode=Mode.TURNS))
    for who in (BO, ADA):
        table.does(who, RaiseHand())
    table.does(FAY, CallNext())
    table.says(BO, "It was a week with two good days in it.")
    table.does(BO, Yield())
    table.does(ADA, LowerHand())
    table.does(FAY, SetMode(mode=Mode.RESPOND))
    table.says(ADA, "Thank you for telling us, Bo.")
    table.does(FAY, SetTopic(topic=""))
    table.does(FAY, SetMode(mode=Mode.OPEN))
    table.does(BO, ChangePseudonym(pseudonym="Quiet Heron"))
    table.says(BO, "See you all next week, I hope.")
    table.does(ADA, Leave())
    table.closes(FAY)
    table.does(FAY, Leave())


def words_taken_back(table: Table) -> None:
    """A message retracted by its author, another hidden by a facilitator."""
    table.opens(FAY, Mode.OPEN)
    table.joins(ADA, BO)
    regretted = table.says(ADA, "I should not have written this one down.")
    unkind = table.says(BO, "That is an unkind remark about somebody.")
    table.does(ADA, Retract(message=regretted))
    table.refuses(ADA, Retract(message=regretted))
    table.refuses(ADA, Retract(message=unkind))
    table.does(FAY, HideMessage(message=unkind, reason="We do not judge each other"))
    table.joins(CY)
    table.says(CY, "What have I missed, if I may ask?")
    table.closes(FAY)


def a_troublemaker(table: Table) -> None:
    """Muted, unmuted, muted until it ends, removed, let in again, removed to the end."""
    table.opens(FAY, Mode.OPEN)
    table.joins(ADA, BO)
    table.does(BO, RaiseHand())
    table.does(FAY, MuteMember(member=table.id(BO), minutes=10, reason="Please wait a while"))
    table.does(FAY, UnmuteMember(member=table.id(BO), reason="Thank you for waiting"))
    table.does(FAY, SetMode(mode=Mode.TURNS))
    table.does(FAY, CallNext())
    table.does(FAY, MuteMember(member=table.id(BO), minutes=2, reason="No names of clinics"))
    table.waits(120)
    table.does(FAY, SetMode(mode=Mode.OPEN))
    table.says(BO, "All of you can go away and stay there.")
    table.does(FAY, RemoveMember(member=table.id(BO), reason="Threatening the others"))
    table.says(ADA, "That was hard to read for me just now.")
    table.refuses(BO, Join(pseudonym="Bo"))
    table.does(FAY, ReadmitMember(member=table.id(BO), reason="We talked about it"))
    table.joins(BO)
    table.says(BO, "I am sorry about what I said before.")
    table.does(FAY, RemoveMember(member=table.id(BO), reason="It happened again"))
    table.loses(BO, ADA)
    table.finds(BO, ADA)
    table.closes(FAY)


def a_sleeping_phone(table: Table) -> None:
    """Lost with a hand up and with the floor; back in time, back late; the server's own rest."""
    table.opens(FAY)
    table.joins(ADA, BO, CY)
    for who in (ADA, BO):
        table.does(who, RaiseHand())
    table.does(FAY, CallNext())
    table.loses(ADA, BO)
    table.waits(FLOOR_KEPT_SECONDS)
    table.finds(ADA)
    table.does(FAY, CallNext(member=table.id(ADA)))
    table.says(ADA, "My train went through a tunnel, sorry.")
    table.waits(HAND_KEPT_SECONDS)
    table.finds(BO)
    table.restarts(FAY, ADA)
    table.loses(ADA)
    table.restarts(FAY, BO)
    table.joins(CY)
    table.does(FAY, CallNext(member=table.id(CY)))
    table.does(CY, Leave())
    table.closes(FAY)


def nobody_holds_the_room(table: Table) -> None:
    """The facilitator is lost, comes back, leaves; another freezes; the room closes by itself."""
    table.opens(FAY, Mode.RESPOND)
    table.joins(ADA)
    table.loses(FAY)
    table.waits(FACILITATOR_GRACE_SECONDS)
    table.finds(FAY)
    table.does(FAY, Resume())
    table.joins(KIM)
    table.does(FAY, Leave())
    table.does(KIM, Freeze())
    table.refuses(BO, Join(pseudonym="Bo"))
    table.does(KIM, Resume())
    table.does(KIM, Leave())
    table.waits(CALM_HOLD_SECONDS)
    table.opens(KIM)
    table.waits(MEETING_LONGEST_SECONDS)


def new_ground_rules(table: Table) -> None:
    """The rules change while somebody has the floor; and somebody only listens for a while."""
    table.opens(FAY)
    table.joins(ADA)
    table.joins(BO, listening=True)
    table.does(ADA, RaiseHand())
    table.does(FAY, CallNext())
    table.does(FAY, ChangeGroundRules(lines=["One person speaks.", "No advice."]))
    table.says(ADA, "Let me end my thought before I read them.")
    table.does(ADA, Yield())
    table.accepts(ADA, BO, FAY)
    table.does(BO, ChooseListening(listening=False))
    table.does(BO, RaiseHand())
    table.does(BO, ChooseListening(listening=True))
    table.closes(FAY)


def two_evenings(table: Table) -> None:
    """Who asked to be remembered, or is muted past the end, is known again; nobody else is."""
    table.opens(FAY, Mode.OPEN)
    table.joins(ADA, remember=True)
    table.joins(BO, CY)
    table.does(ADA, ChangePseudonym(pseudonym="Small Lamp"))
    table.does(FAY, MuteMember(member=table.id(BO), minutes=300, reason="Enough for tonight"))
    table.closes(FAY)
    table.waits(3_600)
    table.opens(FAY, Mode.OPEN)
    table.joins(BO, CY)
    table.does(ADA, Join(pseudonym="Small Lamp", rules=1, remember=True))
    table.says(ADA, "Good evening again, it is me.")
    table.waits(4 * 3_600)
    table.closes(FAY)
    table.waits(100 * 86_400)
    table.opens(FAY)


def a_role_is_taken(table: Table) -> None:
    """The desk takes the role of the one who holds the room; somebody else goes on."""
    table.opens(FAY, Mode.OPEN)
    table.joins(ADA)
    table.says(FAY, "I hold this room for tonight, as always.")
    table.machine(RoleTaken(tag=FAY.tag))
    table.joins(KIM)
    table.does(KIM, Resume())
    table.joins(FAY)
    table.closes(KIM)


def somebody_in_danger(table: Table) -> None:
    """Words, card, alert, Aside, hand-over to on call, outcome; the group goes on meanwhile."""
    table.on_call = True
    table.opens(FAY, Mode.OPEN)
    table.joins(ADA, BO)
    table.writes(ADA, 1)
    table.writes(ADA, 2, "Most nights I want to die.")
    table.does(ADA, ChooseCountry(country="NL"))
    table.does(ADA, PutCardAway())
    table.does(ADA, AskForWord())
    table.does(FAY, ClaimAlert(member=table.id(ADA)))
    table.refuses(ADA, ClaimAlert(member=table.id(ADA)))
    table.does(FAY, ReadQuietly())
    table.does(FAY, OpenThread(member=table.id(ADA)))
    table.does(ADA, SayPrivately(other=table.id(FAY), text="I am at home, on my own."))
    table.does(FAY, AnswerPrivately(other=table.id(ADA), text="I am here with you."))
    table.does(FAY, SetMode(mode=Mode.OPEN))
    table.says(BO, "That was a good quiet moment.")
    table.does(FAY, ChangeAlertLevel(member=table.id(ADA), level=3))
    table.does(FAY, HandOverAlert(member=table.id(ADA), to=ANYBODY_ON_CALL, summary="She is alone"))
    table.comes_on_call(MAX)
    table.does(MAX, AcceptAlert(member=table.id(ADA)))
    table.does(MAX, OpenThread(member=table.id(ADA)))
    table.does(MAX, StayWithAlert(member=table.id(ADA)))
    table.does(MAX, CallNow(member=table.id(ADA)))
    table.does(CY, ComeForHelp(pseudonym="Cy"))
    table.does(CY, ComeForHelp(pseudonym="Cy"))
    table.closes(FAY, hand_over=True)
    table.does(ADA, SayPrivately(other=table.id(MAX), text="My sister is coming now."))
    table.does(
        MAX,
        CloseAlert(
            member=table.id(ADA), outcome=Outcome.WITH_SOMEONE, note="Her sister", remind=True
        ),
    )
    table.does(MAX, Leave())


def nobody_takes_it(table: Table) -> None:
    """An alert that widens, is taken and given back again and again, and outlives the meeting."""
    table.opens(FAY, Mode.OPEN)
    table.joins(ADA, BO, KIM)
    table.does(BO, NeedHelp())
    for seconds in (60, 60, 180, 120):
        table.waits(seconds)
    table.does(FAY, ClaimAlert(member=table.id(BO)))
    table.waits(180)
    table.waits(120)
    table.does(KIM, ClaimAlert(member=table.id(BO)))
    table.does(KIM, OpenThread(member=table.id(BO)))
    table.loses(KIM)
    table.waits(60)
    table.does(FAY, ClaimAlert(member=table.id(BO)))
    table.writes(ADA, 1)
    table.refuses(FAY, CloseMeeting())
    table.closes(FAY, hand_over=True)
    table.comes_on_call(MAX)
    table.loses(MAX)
    table.finds(MAX)
    table.does(FAY, Leave())
    table.loses(MAX)
    table.waits(HAND_KEPT_SECONDS)
    table.comes_on_call(MAX)
    table.restarts()
    table.restarts(MAX)
    table.machine(HearElsewhere(member=table.id(MAX), room="k7m2qx", level=3))


def worry_and_trouble(table: Table) -> None:
    """Reports and worries: of a member, of a facilitator; answered, and left over."""
    table.opens(FAY, Mode.OPEN)
    table.joins(ADA, BO, CY)
    number = table.says(BO, "I know where you live, you know.")
    table.does(ADA, ReportIt(why=ReportWhy.HURTFUL, message=number, text="This scares me"))
    table.does(CY, ReportIt(why=ReportWhy.OTHER, member=table.id(FAY)))
    table.does(ADA, RaiseConcern(member=table.id(CY)))
    table.does(ADA, RaiseConcern(member=table.id(FAY)))
    table.writes(FAY, 3)
    case = next(iter(table.room.staff.reports))
    table.does(FAY, CloseReport(case=case, outcome=ReportOutcome.TALKED))
    table.does(CY, ReportIt(why=ReportWhy.OTHER, member=table.id(BO)))
    table.does(CY, AskForWord())
    table.does(CY, StopAsking())
    table.does(CY, AskForWord())
    table.does(FAY, ClaimAlert(member=table.id(CY)))
    table.does(FAY, OpenThread(member=table.id(CY)))
    table.does(FAY, EndThread(other=table.id(CY)))
    table.does(FAY, CloseAlert(member=table.id(CY), outcome=Outcome.FALSE_ALARM))
    table.closes(FAY)


STORIES: Final[tuple[Story, ...]] = (
    an_evening_in_turns,
    words_taken_back,
    a_troublemaker,
    a_sleeping_phone,
    nobody_holds_the_room,
    new_ground_rules,
    two_evenings,
    a_role_is_taken,
    somebody_in_danger,
    nobody_takes_it,
    worry_and_trouble,
)


def tell(story: Story, *witnesses: Witness) -> Table:
    """Let a story happen while the witnesses look on; the table as it stands in the end."""
    table = Table(*witnesses)
    story(table)
    return table
