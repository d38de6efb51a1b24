"""No alert dies: whatever people do, in any order, it ends where a person ends it, or on the desk.

And danger costs nobody a word: an evening with a cry in it is heard by the group as the same
evening without one.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack, suppress
from math import inf
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import pytest

from moderation.alerts import (
    AlertClosed,
    ChangeAlertLevel,
    ClaimAlert,
    CloseAlert,
    HandOverAlert,
)
from moderation.danger import ComeForHelp, NeedHelp
from moderation.screening.screen import Screen
from rooms.alert_clock import ANYBODY_ON_CALL, AlertLeftToDesk, AlertReopened, alert_due
from rooms.arriving import Join
from rooms.clock import MEETING_LONGEST_SECONDS, Tick
from rooms.kernel import At, Command, Event, Order, Recorded
from rooms.meetings import CloseMeeting, OpenMeeting
from rooms.modes import SetMode
from rooms.orders import CaseKind, PageOnCall, TellDesk
from rooms.presence import Leave, Lost, Returned, RoleTaken
from rooms.refusals import Refused
from rooms.room import ROOM, STAFF_ROLES, MemberId, Mode, Role
from rooms.safety import (
    CONCERN,
    ELEVATED,
    EMERGENCY,
    NO_DANGER,
    NONE,
    Alert,
    Danger,
    Level,
    Outcome,
)
from rooms.speaking import Retract, Said, Speak
from rooms.turns import HAND_KEPT_SECONDS, CallNext, RaiseHand, Yield
from server.live.protocol import COMMANDS
from server.live.screening import Screening
from tests.cast import ADA, BO, CY, EVERYBODY, FAY, KIM, MAX, Cast, Table, Witness, copy_of
from tests.laws.moments import SAMPLES
from tests.server.live import house as living
from tests.server.live.house import House, built
from tests.story import STORIES, Story, tell

Act = Callable[[Table, "Step"], None]
NOBODY: Final[MemberId] = 1 << 47
DAY: Final = 86_400.0


class Step(NamedTuple):
    """Something that happens: `who` does it, it is `about` somebody, and what else it takes. With
    `alert` it is about somebody with an open alert, where there is one."""

    what: str
    who: Cast
    about: Cast
    level: Level
    seconds: float
    alert: bool = False


# What can happen.


def _member(table: Table, who: Cast) -> MemberId:
    return table.room.core.tags.get(who.tag, NOBODY)


def _sends(command: type[Command]) -> Act:
    """Somebody sends a command, as somebody does who means it."""
    sample = SAMPLES[command]

    def act(table: Table, step: Step) -> None:
        about = _member(table, step.about)
        if step.alert:
            about = next(iter(table.room.staff.alerts), about)
        meant = sample.make(table, step.who, about)
        more = _MORE.get(command)
        changed = msgspec.structs.replace(meant, **more(table, step)) if more else meant
        table.does(step.who, changed)

    return act


_MORE: Final[dict[type[Command], Callable[[Table, Step], dict[str, Any]]]] = {
    CloseAlert: lambda table, step: {
        "note": "We talked" if step.level else "",
        "outcome": list(Outcome)[int(step.seconds) % len(Outcome)],
    },
    CloseMeeting: lambda table, step: {"hand_over": step.level > 0},
    ChangeAlertLevel: lambda table, step: {"level": step.level},
    HandOverAlert: lambda table, step: {
        "to": _member(table, step.about) if step.level > 1 else ANYBODY_ON_CALL,
    },
    OpenMeeting: lambda table, step: {"mode": list(Mode)[step.level]},
}


def _writes(table: Table, step: Step) -> None:
    table.writes(step.who, step.level, "Words." if step.seconds > 60 else "")


def _is_lost(table: Table, step: Step) -> None:
    table.machine(Lost(member=_member(table, step.who)))


def _is_back(table: Table, step: Step) -> None:
    table.machine(Returned(member=_member(table, step.who)))


def _waits(table: Table, step: Step) -> None:
    table.waits(step.seconds)


def _comes_for_help(table: Table, step: Step) -> None:
    if step.who.role is Role.MEMBER:  # the page of Help knows nobody as staff
        table.does(step.who, ComeForHelp(pseudonym=step.who.name))


def _loses_the_role(table: Table, step: Step) -> None:
    table.machine(RoleTaken(tag=step.who.tag))


def _restarts(table: Table, step: Step) -> None:
    """The process is gone, and the room is loaded from its snapshot some time later."""
    table.now += step.seconds
    table.room = copy_of(table.room)
    table.room.forget_strangers()
    table.restarts(*(who for who in (step.who, step.about) if who.tag in table.room.core.tags))


def _somebody_on_call(table: Table, step: Step) -> None:
    table.on_call = not table.on_call


ACTS: Final[dict[str, Act]] = {
    **{command.__name__: _sends(command) for command in COMMANDS},
    **{
        act.__name__.strip("_"): act
        for act in (
            _writes,
            _is_lost,
            _is_back,
            _waits,
            _comes_for_help,
            _loses_the_role,
            _restarts,
            _somebody_on_call,
        )
    },
}
OFTEN: Final = ("writes", "waits", "Join", "ClaimAlert", "OpenMeeting", "ComeOnCall", "CloseAlert")
PEOPLE: Final = (ADA, BO, CY, FAY, FAY, FAY, KIM, MAX, MAX)
OTHERS: Final = (ADA, BO, CY, ADA, BO, KIM, FAY, MAX)
PAUSES: Final = (1.0, 1.0, 60.0, 60.0, 60.0, 119.0, 120.0, 300.0, 300.0, 600.0, 1_800.0, 43_200.0)
EVENINGS: Final = 500
STEPS: Final = 80


def made_up(seed: int) -> list[Step]:
    """An evening that nobody has thought of."""
    dice = random.Random(seed)
    whats = (*ACTS, *OFTEN, *OFTEN, *OFTEN)
    return [
        Step(
            what=dice.choice(whats),
            who=dice.choice(PEOPLE),
            about=dice.choice(OTHERS),
            level=dice.randrange(4),
            seconds=dice.choice(PAUSES),
            alert=dice.random() < 0.7,
        )
        for _ in range(STEPS)
    ]


def holds_on(evenings: Iterable[int], law: Callable[[Sequence[Step]], None]) -> None:
    """Ask a law of these evenings. One that breaks it is told with as few steps as still do."""
    for seed in evenings:
        steps = made_up(seed)
        if not _breaks(law, steps):
            continue
        for step in list(steps):
            fewer = [one for one in steps if one is not step]
            if _breaks(law, fewer):
                steps = fewer
        told = [f"{s.what} {s.who.name} {s.about.name} {s.level} {s.seconds:.0f}" for s in steps]
        try:
            law(steps)
        except Exception as broken:
            broken.add_note(f"evening {seed}: {told}")
            raise


def _breaks(law: Callable[[Sequence[Step]], None], steps: Sequence[Step]) -> bool:
    try:
        law(steps)
    except Exception:  # noqa: BLE001 - a rule that fails breaks every law
        return True
    return False


def walked(steps: Sequence[Step], *witnesses: Witness) -> Table:
    """An evening with an alert in it, in which all this happens."""
    table = Table(*witnesses)
    table.opens(FAY, Mode.OPEN)
    table.joins(ADA, BO)
    table.writes(ADA, ELEVATED)
    for step in steps:
        with suppress(Refused):
            ACTS[step.what](table, step)
    return table


def everybody_goes(table: Table) -> None:
    """All connections are lost, at once."""
    table.loses(*(who for who in EVERYBODY if who.tag in table.room.core.tags))


# What is watched.


class Watcher:
    """Looks on at every command, and knows how each alert ended."""

    def __init__(self) -> None:
        self.ends: Counter[str] = Counter()
        self._before: dict[MemberId, Alert] = {}
        self._orders = 0

    def before(self, table: Table, command: Command, at: At) -> None:
        self._before = copy_of(table.room).staff.alerts
        self._orders = len(table.orders)

    def after(self, table: Table, command: Command, at: At, recorded: Sequence[Recorded]) -> None:
        events = [one.event for one in recorded]
        orders = table.orders[self._orders :]
        alerts = table.room.staff.alerts
        for member, alert in self._before.items():
            if member not in alerts:
                self._ended(table, command, at, member, alert, events, orders)
            elif alerts[member].level < alert.level:
                by_hand = isinstance(command, ChangeAlertLevel) and command.member == member
                assert by_hand, type(command).__name__
                assert alert.owner == at.by, "lowered by somebody who does not look after them"
        for member, alert in alerts.items():
            assert member in table.room.core.members, "an alert about somebody who is forgotten"
            assert alert.owner != member, "somebody looks after their own alert"
            if alert.level >= ELEVATED:
                assert alert_due(table.room, member) < inf, "nothing will ever be due"
        self.ends["reopened"] += sum(isinstance(event, AlertReopened) for event in events)

    def _ended(
        self,
        table: Table,
        command: Command,
        at: At,
        member: MemberId,
        alert: Alert,
        events: Sequence[Event],
        orders: Sequence[Order],
    ) -> None:
        """An alert is not open any more: somebody who had it said how, or it lies on the desk."""
        cases = [order for order in orders if isinstance(order, TellDesk) and order.level]
        [case] = [case for case in cases if case.about == alert.pseudonym]
        assert case.level == alert.level
        if isinstance(command, CloseAlert):
            assert (command.member, at.by) == (member, alert.owner)
            assert table.room.role(at.by) in STAFF_ROLES
            assert AlertClosed(member=member, outcome=command.outcome) in events
            assert (case.kind, case.outcome) == (CaseKind.NOTE, command.outcome)
            assert case.words or alert.level < EMERGENCY, "an emergency without a note"
            self.ends["closed by a person"] += 1
        else:
            assert isinstance(command, CloseMeeting | Tick), type(command).__name__
            assert AlertLeftToDesk(member=member) in events
            assert (case.kind, alert.level) == (CaseKind.UNSEEN, CONCERN)
            self.ends["left to the desk"] += 1


def test_an_alert_ends_with_a_persons_outcome_or_on_the_desk_and_in_no_other_way() -> None:
    ends: Counter[str] = Counter()

    def ends_well(steps: Sequence[Step]) -> None:
        watcher = Watcher()
        walked(steps, watcher)
        ends.update(watcher.ends)

    holds_on(range(EVENINGS), ends_well)
    assert set(ends) == {"closed by a person", "left to the desk", "reopened"}
    assert min(ends.values()) > 10, ends


@pytest.mark.parametrize("story", STORIES)
def test_no_story_loses_an_alert(story: Story) -> None:
    tell(story, Watcher())


def test_an_alert_that_everybody_walks_away_from_calls_again_and_again() -> None:
    asked = 0

    def calls(steps: Sequence[Step]) -> None:
        nonlocal asked
        table = walked(steps)
        everybody_goes(table)
        grave = {m: a for m, a in table.room.staff.alerts.items() if a.level >= ELEVATED}
        before = len(table.orders)
        for _ in range(90):
            table.waits(60.0)
        pages = [order for order in table.orders[before:] if isinstance(order, PageOnCall)]
        for member, alert in grave.items():
            still = table.room.own_alert(member)
            assert still is not None
            assert not still.owner, "an owner who is gone is waited for"
            assert sum(page.level == alert.level for page in pages) > 5
            asked += 1

    holds_on(range(EVENINGS), calls)
    assert asked > EVENINGS / 4


def test_a_concern_that_everybody_walks_away_from_comes_to_the_desk() -> None:
    asked = 0

    def comes(steps: Sequence[Step]) -> None:
        nonlocal asked
        table = walked(steps)
        everybody_goes(table)
        concerns = [a.pseudonym for a in table.room.staff.alerts.values() if a.level == CONCERN]
        before = len(table.orders)
        for _ in range(30):
            table.waits(MEETING_LONGEST_SECONDS / 24)
        cases = [order for order in table.orders[before:] if isinstance(order, TellDesk)]
        on_the_desk = {case.about for case in cases if case.level}
        assert not set(concerns) - on_the_desk, "nobody will ever look"
        asked += len(concerns)

    holds_on(range(EVENINGS), comes)
    assert asked > 10


def test_whoever_came_for_an_alert_and_then_sits_down_is_lost_like_anybody() -> None:
    table = Table()
    table.opens(FAY, Mode.OPEN)
    table.joins(ADA)
    table.comes_on_call(KIM)
    table.joins(KIM)
    table.loses(FAY, KIM)
    assert not any(True for _ in table.room.watching()), "a facilitator who is gone watches"
    table.does(ADA, NeedHelp())
    assert any(isinstance(order, PageOnCall) for order in table.orders)
    table.restarts()
    table.waits(HAND_KEPT_SECONDS)
    assert not table.sits(KIM)


def test_a_meeting_ends_over_a_concern_whose_owner_is_lost() -> None:
    table = Table(Watcher())
    table.opens(FAY, Mode.OPEN)
    table.joins(ADA)
    table.writes(ADA, CONCERN)
    table.comes_on_call(MAX)
    table.does(MAX, ClaimAlert(member=table.id(ADA)))
    table.loses(MAX)
    table.closes(FAY, hand_over=True)
    assert [order.about for order in table.orders if isinstance(order, TellDesk)] == ["Ada"]


def test_a_concern_with_no_meeting_around_it_is_not_forgotten() -> None:
    table = Table(Watcher())
    table.opens(FAY, Mode.OPEN)
    table.joins(ADA)
    table.writes(ADA, ELEVATED)
    table.closes(FAY, hand_over=True)
    table.comes_on_call(MAX)
    table.does(MAX, ClaimAlert(member=table.id(ADA)))
    table.does(MAX, ChangeAlertLevel(member=table.id(ADA), level=CONCERN))
    table.does(MAX, Leave())
    before = len(table.orders)
    for _ in range(48):
        table.waits(1_800.0)
    assert table.orders[before:], "nobody is asked to look, ever"


def test_nobody_takes_the_alert_about_themselves() -> None:
    table = Table(Watcher())
    table.opens(FAY, Mode.OPEN)
    table.joins(KIM)
    table.machine(RoleTaken(tag=KIM.tag))
    table.writes(KIM, EMERGENCY)
    table.joins(KIM)  # the desk has given the role back
    table.refuses(KIM, ClaimAlert(member=table.id(KIM)))


# Danger costs nobody a word.


def heard(steps: Sequence[Step], level: Level) -> list[dict[str, Any]]:
    """The public events of an evening in which everything written is read as of this level, with
    the people's names in place of their ids."""
    table = Table()
    table.opens(FAY, Mode.OPEN)
    table.joins(ADA, BO, CY)
    for step in steps:
        with suppress(Refused):
            if step.what == "writes":
                if level:
                    table.writes(step.who, level)
                table.says(step.who, f"Words of {step.who.name}.")
            elif step.what not in ABOUT_ALERTS and step.seconds < DAY / 4:
                ACTS[step.what](table, step._replace(alert=False))
    names = {table.room.core.tags.get(who.tag, 0): who.name for who in EVERYBODY}
    events = [one.event for one in table.log if one.stream == ROOM]
    return [_masked(msgspec.to_builtins(event), names) for event in events]


def _masked(thing: Any, names: dict[MemberId, str]) -> Any:
    if isinstance(thing, dict):
        return {key: _masked(value, names) for key, value in thing.items()}
    if isinstance(thing, list):
        return [_masked(value, names) for value in thing]
    return names.get(thing, "somebody") if isinstance(thing, int) and thing >= 1 << 16 else thing


ABOUT_ALERTS: Final = frozenset(
    {"CloseMeeting", "ChangePseudonym", "comes_for_help", "loses_the_role", "restarts"}
)
"""What an open alert rightly changes for the group: a facilitator is asked before the meeting ends,
and the room goes on knowing whoever is looked after."""


def test_the_group_hears_the_same_evening_whatever_was_read_in_the_words() -> None:
    said = 0

    def sounds_the_same(steps: Sequence[Step]) -> None:
        nonlocal said
        grave, harmless = heard(steps, EMERGENCY), heard(steps, NONE)
        assert grave == harmless
        said += sum(event["type"] == Said.__name__ for event in grave)

    holds_on(range(EVENINGS), sounds_the_same)
    assert said > EVENINGS


class Deaf(Screen):
    """Detection, switched off."""

    def __init__(self) -> None:
        pass

    def look(self, text: str, before: Sequence[str] = ()) -> Danger:
        """See `Screen.look`; nothing is ever found."""
        return NO_DANGER


WORDS: Final = (
    "I took the whole bottle of pills",
    "I want to die tonight",
    "she is not breathing and her lips are blue",
    "Good evening, everybody.",
    "It was a long week.",
)


async def heard_by_bo(house: House, seed: int, *, deaf: bool) -> list[list[Any]]:
    """What Bo's page shows after each step of an evening made up from a seed, names for ids."""
    if deaf:
        house.hosts._screening = Screening(Deaf(), house.hosts.clock.mono)
    dice = random.Random(seed)
    await house.opens(Mode.OPEN)
    await house.joins(living.ADA)
    page = await house.joins(living.BO)
    everybody = (living.ADA, living.ADA, living.BO, living.FAY)
    shown: list[list[Any]] = []
    said: list[int] = []
    for number in range(80):
        who, words = dice.choice(everybody), f"{dice.choice(WORDS)} ({number})"
        act, pause = dice.random(), dice.choice((1.0, 3.0, 60.0))
        command: Command = Speak(text=words)
        if act > 0.9:
            command = Retract(message=dice.choice(said or [1]))
        elif act > 0.8:
            command = dice.choice((RaiseHand(), Yield(), CallNext()))
        elif act > 0.75:
            who, command = living.FAY, SetMode(mode=dice.choice(list(Mode)))
        elif act > 0.7:
            command = Join(pseudonym=living.NAMES[who.tag], rules=1)
        with suppress(Refused):
            said.append((await house.do(who, command)).get(ROOM, 1))
        await house.ticks(pause)
        room = (await house.state()).core
        names = {member: known.pseudonym for member, known in room.members.items()}
        shown.append(_masked(page.events(stream=ROOM), names))
    alerts = (await house.state()).staff.alerts
    assert bool(alerts) is not deaf
    return shown


@pytest.mark.parametrize("seed", range(4))
async def test_a_live_room_shows_the_same_with_detection_on_and_off(
    tmp_path: Path, seed: int
) -> None:
    async with AsyncExitStack() as stack:
        on = await stack.enter_async_context(built(tmp_path / "on"))
        off = await stack.enter_async_context(built(tmp_path / "off"))
        heard_on = await heard_by_bo(on, seed, deaf=False)
        assert heard_on == await heard_by_bo(off, seed, deaf=True)
    assert any(event["type"] == Said.__name__ for event in heard_on[-1])
