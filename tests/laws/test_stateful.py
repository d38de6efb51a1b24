"""Any evening that could ever be: the rules beside a plain model of them, and the laws looking on.

Hypothesis makes up what people do, in any order, allowed or not. After each step the room and the
model must agree on who sits where, whose turn it is and who may speak.
"""

from collections.abc import Callable

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from moderation.actions import (
    HideMessage,
    MuteMember,
    ReadmitMember,
    RemoveMember,
    UnmuteMember,
)
from rooms.arriving import AcceptGroundRules, ChooseListening, Join
from rooms.holds import Freeze, Resume
from rooms.kernel import At, Command, permit
from rooms.meetings import ChangeGroundRules, CloseMeeting, OpenMeeting
from rooms.modes import SetMode
from rooms.presence import Leave, RoleTaken
from rooms.refusals import Refused
from rooms.room import MemberId, Mode, Role
from rooms.speaking import Retract, Speak
from rooms.turns import CallNext, LowerHand, RaiseHand, Yield
from tests.cast import ADA, BO, CY, EVERYBODY, FAY, KIM, START, Cast, Table
from tests.laws.model import Model, No
from tests.laws.test_law_2_replaying import Listeners, Snapshots, tail_is_live
from tests.laws.test_law_7_whispers import Bystanders
from tests.laws.test_laws_9_and_10_time import Waiting

PEOPLE = st.sampled_from((ADA, BO, ADA, BO, CY, FAY, KIM))
LEADERS = st.sampled_from((FAY, FAY, FAY, FAY, KIM, ADA))
TARGETS = st.sampled_from((ADA, BO, ADA, BO, CY, KIM))
PAUSES = st.sampled_from((1.0, 59.0, 60.0, 61.0, 120.0, 300.0, 600.0, 3_600.0, 7_200.0, 43_200.0))
NOBODY: MemberId = 1 << 47


class AnyEvening(RuleBasedStateMachine):
    """One evening, twice."""

    def __init__(self) -> None:
        super().__init__()
        self.snapshots = Snapshots()
        self.table = Table(self.snapshots, Listeners(), Bystanders(), Waiting((0.0, 120.0)))
        self.model = Model(START)

    def both(self, expected: Callable[[], None], who: Cast, command: Command) -> None:
        """Do the same on both sides, and have the same answer."""
        answers = []
        for act in (expected, lambda: self.table.does(who, command)):
            try:
                act()
                answers.append("yes")
            except (No, Refused):
                answers.append("no")
        assert answers[0] == answers[1], f"model {answers[0]}, rules {answers[1]}"

    @initialize()
    def somebody_opens(self) -> None:
        for who in (FAY, ADA, BO):
            self.joins(who, accept=True, listening=False, remember=who is BO)
            if who is FAY:
                self.opens(FAY, Mode.TURNS)

    # Coming and going.

    @rule(who=PEOPLE, accept=st.booleans(), listening=st.booleans(), remember=st.booleans())
    def joins(self, who: Cast, accept: bool, listening: bool, remember: bool) -> None:
        leads = who.role is not Role.MEMBER
        rules = self.table.room.public.rules.version if accept else 0
        self.both(
            lambda: self.model.join(who.name, leads, accept, listening, remember),
            who,
            Join(pseudonym=who.name, rules=rules, listening=listening, remember=remember),
        )

    @rule(who=PEOPLE)
    def leaves(self, who: Cast) -> None:
        self.both(lambda: self.model.leave(who.name), who, Leave())

    @rule(who=PEOPLE)
    def is_lost(self, who: Cast) -> None:
        if who.name in self.model.known:
            self.model.lost(who.name)
            self.table.loses(who)

    @precondition(lambda self: not all(seat.here for seat in self.model.seats.values()))
    @rule(who=PEOPLE)
    def comes_back(self, who: Cast) -> None:
        if who.name in self.model.known:
            self.model.returned(who.name)
            self.table.finds(who)

    @precondition(lambda self: len(self.model.messages) > 3)
    @rule(who=st.sampled_from((FAY, KIM)))
    def loses_the_role(self, who: Cast) -> None:
        self.model.role_taken(who.name)
        self.table.machine(RoleTaken(tag=who.tag))

    @precondition(lambda self: not any(self.model.leader(who) for who in ("Fay", "Kim")))
    @rule()
    def somebody_steps_in(self) -> None:
        self.joins(FAY, accept=True, listening=False, remember=False)

    # The meeting.

    @precondition(lambda self: self.model.opened is None)
    @rule(who=LEADERS, mode=st.sampled_from(Mode))
    def opens(self, who: Cast, mode: Mode) -> None:
        self.both(lambda: self.model.open(who.name, mode), who, OpenMeeting(mode=mode))

    @precondition(lambda self: len(self.model.messages) > 2)
    @rule(who=LEADERS)
    def closes(self, who: Cast) -> None:
        self.both(lambda: self.model.close(who.name), who, CloseMeeting())

    @rule(who=LEADERS, mode=st.sampled_from(Mode))
    def sets_the_mode(self, who: Cast, mode: Mode) -> None:
        self.both(lambda: self.model.set_mode(who.name, mode), who, SetMode(mode=mode))

    @precondition(lambda self: self.model.hold == "none")
    @rule(who=LEADERS)
    def freezes(self, who: Cast) -> None:
        self.both(lambda: self.model.freeze(who.name), who, Freeze())

    @precondition(lambda self: self.model.hold != "none")
    @rule(who=LEADERS)
    def resumes(self, who: Cast) -> None:
        self.both(lambda: self.model.resume(who.name), who, Resume())

    @precondition(lambda self: len(self.model.messages) > 1)
    @rule(who=LEADERS)
    def changes_the_rules(self, who: Cast) -> None:
        command = ChangeGroundRules(lines=["Other rules."])
        self.both(lambda: self.model.change_rules(who.name), who, command)

    # What everybody does.

    @precondition(lambda self: self.model.behind())
    @rule(who=PEOPLE)
    def accepts(self, who: Cast) -> None:
        command = AcceptGroundRules(version=self.table.room.public.rules.version)
        self.both(lambda: self.model.accept(who.name), who, command)

    @rule(who=PEOPLE, listening=st.booleans())
    def chooses_to_listen(self, who: Cast, listening: bool) -> None:
        command = ChooseListening(listening=listening)
        self.both(lambda: self.model.listen(who.name, listening), who, command)

    @rule(who=PEOPLE)
    def raises_a_hand(self, who: Cast) -> None:
        self.both(lambda: self.model.raise_hand(who.name), who, RaiseHand())

    @precondition(lambda self: self.model.hands)
    @rule(who=PEOPLE)
    def lowers_a_hand(self, who: Cast) -> None:
        self.both(lambda: self.model.lower_hand(who.name), who, LowerHand())

    @rule(by=LEADERS, who=st.none() | PEOPLE)
    def calls(self, by: Cast, who: Cast | None) -> None:
        name, member = (who.name, self.member(who)) if who else (None, None)
        self.both(lambda: self.model.call(by.name, name), by, CallNext(member=member))

    @precondition(lambda self: self.model.floor)
    @rule(who=PEOPLE)
    def yields(self, who: Cast) -> None:
        self.both(lambda: self.model.yield_floor(who.name), who, Yield())

    @precondition(lambda self: self.model.floor)
    @rule(data=st.data())
    def whoever_has_the_floor_speaks(self, data: st.DataObject) -> None:
        [who] = [who for who in EVERYBODY if who.name == self.model.floor]
        self.speaks(who)
        if data.draw(st.booleans()):
            self.yields(who)

    @precondition(lambda self: self.model.mode == "turns" and not self.model.hands)
    @rule()
    def two_hands_go_up_and_one_is_called(self) -> None:
        self.raises_a_hand(ADA)
        self.raises_a_hand(BO)
        self.calls(FAY, None)

    @precondition(lambda self: self.model.floor and self.model.hands)
    @rule()
    def whoever_has_the_floor_misses_the_turn(self) -> None:
        [who] = [who for who in EVERYBODY if who.name == self.model.floor]
        self.is_lost(who)
        self.waits(60.0)

    @rule(who=PEOPLE)
    def speaks(self, who: Cast) -> None:
        self.both(lambda: self.model.speak(who.name), who, Speak(text="A word."))

    @precondition(lambda self: self.model.messages)
    @rule(who=PEOPLE, pick=st.integers(0, 9))
    def retracts(self, who: Cast, pick: int) -> None:
        nth, number = self.message(pick)
        self.both(lambda: self.model.retract(who.name, nth), who, Retract(message=number))

    # What facilitators do.

    @precondition(lambda self: self.model.messages)
    @rule(by=LEADERS, pick=st.integers(0, 9))
    def hides(self, by: Cast, pick: int) -> None:
        nth, number = self.message(pick)
        command = HideMessage(message=number, reason="Why")
        self.both(lambda: self.model.hide(by.name, nth), by, command)

    @rule(by=LEADERS, who=TARGETS, minutes=st.sampled_from((1, 5, 60, 1_440)))
    def mutes(self, by: Cast, who: Cast, minutes: int) -> None:
        command = MuteMember(member=self.member(who), minutes=minutes, reason="Why")
        self.both(lambda: self.model.mute(by.name, who.name, minutes), by, command)

    @precondition(lambda self: self.model.muted)
    @rule(by=LEADERS, who=TARGETS)
    def unmutes(self, by: Cast, who: Cast) -> None:
        command = UnmuteMember(member=self.member(who), reason="Why")
        self.both(lambda: self.model.unmute(by.name, who.name), by, command)

    @rule(by=LEADERS, who=TARGETS)
    def removes(self, by: Cast, who: Cast) -> None:
        command = RemoveMember(member=self.member(who), reason="Why")
        self.both(lambda: self.model.remove(by.name, who.name), by, command)

    @precondition(lambda self: self.model.removed)
    @rule(by=LEADERS, who=TARGETS)
    def readmits(self, by: Cast, who: Cast) -> None:
        command = ReadmitMember(member=self.member(who), reason="Why")
        self.both(lambda: self.model.readmit(by.name, who.name), by, command)

    # Time.

    @rule(seconds=PAUSES)
    def waits(self, seconds: float) -> None:
        self.model.wait(seconds)
        self.table.waits(seconds)

    def member(self, who: Cast) -> MemberId:
        """Somebody's id, or one that nobody has."""
        return self.table.room.core.tags.get(who.tag, NOBODY)

    def message(self, pick: int) -> tuple[int, int]:
        """One of the messages: its place in the model, and its number in the room."""
        nth = pick % len(self.model.messages)
        return nth, list(self.table.room.public.messages)[nth]

    # What must hold after each step.

    @invariant()
    def the_same_people_sit_at_the_table(self) -> None:
        people = self.table.room.public.people
        here = [person.here for person in people.values()]
        there = dict(zip(self.table.names(people), here, strict=True))
        assert there == {who: seat.here for who, seat in self.model.seats.items()}
        assert set(self.table.names(self.table.room.core.members)) == set(self.model.known)

    @invariant()
    def it_is_the_same_persons_turn(self) -> None:
        public, model = self.table.room.public, self.model
        assert self.table.names(public.hands) == model.hands
        floor = self.table.names([public.floor]) if public.floor else [None]
        assert floor == [model.floor]
        assert (public.mode, public.hold) == (model.mode, model.hold)
        assert (public.meeting is None) == (model.opened is None)
        assert [state.fate for state in public.messages.values()] == [m[1] for m in model.messages]

    @invariant()
    def the_same_people_may_speak(self) -> None:
        for who in EVERYBODY:
            assert self.may_speak(who) == self.model.may_speak(who.name), who.name

    def may_speak(self, who: Cast) -> bool:
        """Whether somebody could say a word now; nothing is said."""
        room, now, word = self.table.room, self.table.now, Speak(text="A word.")
        at = At(now, room.core.tags.get(who.tag, 0), who.tag, who.role)
        try:
            permit(word, room, at)
            return bool(list(word.decide(room, at)))
        except Refused:
            return False

    def teardown(self) -> None:
        assert tail_is_live(self.snapshots, self.table)


TestAnyEvening = AnyEvening.TestCase
TestAnyEvening.settings = settings(
    max_examples=200,
    stateful_step_count=80,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
