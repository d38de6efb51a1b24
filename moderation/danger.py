"""Danger is heard first: the card its author gets, and the alert that the facilitators get.

`NoteDanger` is accepted in every standing, mode, hold and role, whether or not the text it was
found in may be said. Nothing here looks at a mode, a mute or a budget, and nothing ever may: all
that a rule could do here is to stand between a person in danger and help.
"""

from collections.abc import Iterator
from typing import ClassVar, Final, cast

from moderation.alerts import AlertRaised, AlertWordsSaid
from rooms import pseudonyms
from rooms.alert_clock import calls, first_stage
from rooms.arriving import Welcomed, known
from rooms.kernel import At, Command, Event, Internal, Made, PrivateEvent, Stamp
from rooms.orders import CaseKind, PageOnCall, TellDesk
from rooms.room import STAFF, STAFF_ROLES, MemberId, Part, Private, Role, Room, Staff, Standing
from rooms.safety import (
    CONCERN,
    ELEVATED,
    EMERGENCY,
    Card,
    Category,
    CountryCode,
    Danger,
    Level,
    Reason,
    Stage,
    Subject,
)
from rooms.threads import EVERY_STANDING, NobodyThere, WordAsked, YouAsked, reachable

CARD_EVERY_SECONDS: Final = 1_800.0
"""How long a card of one level is not repeated; a higher one always shows (safety.md, 1.4)."""
CONCERNS_TOGETHER_SECONDS: Final = 1_800.0
"""Two concerns of one person within this time are an elevated danger (safety.md, 2.2)."""
PRESSED_TOGETHER_SECONDS: Final = 10.0
"""Presses of "I need help now" within this time are one: hands tremble."""

ASKED: Final = Reason(concept="asked", says="asks for help now")
WORRIED_ABOUT: Final = Reason(concept="worried-about", says="has somebody here worried about them")


class NoteDanger(Internal, frozen=True, kw_only=True):
    """The Screen found danger in what somebody wrote. With `card_only` its author alone hears of
    it: a name chosen at the door must not raise an alarm that anybody can set off there."""

    standings: ClassVar[frozenset[Standing]] = EVERY_STANDING

    danger: Danger
    card_only: bool = False

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        if at.by not in room.core.members:
            return  # the room knows nobody to tell; the answer to their page carries the level
        danger = self.danger
        yield from offered(room, at, danger.level, danger.category, danger.subject)
        if danger.level and not self.card_only:
            yield from raised(room, at, danger)


class DangerSaid(Internal, frozen=True, kw_only=True):
    """The text in which danger was found was said to the room, as this message."""

    standings: ClassVar[frozenset[Standing]] = EVERY_STANDING

    message: int

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        alert = room.own_alert(at.by)
        if alert is not None and any(not r.message for r in alert.reasons):
            yield AlertWordsSaid(member=at.by, message=self.message)


class NeedHelp(Command, frozen=True, kw_only=True):
    """ "I need help now": an emergency, by the person's own word. Open to everybody, always."""

    standings: ClassVar[frozenset[Standing]] = EVERY_STANDING
    in_meeting: ClassVar[bool] = False
    at_table: ClassVar[bool] = False

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        if _pressed_again(room, at):
            return
        danger = Danger(level=EMERGENCY, subject=Subject.SELF, because=(ASKED,))
        yield card(room, at, EMERGENCY, None, Subject.SELF)
        yield from raised(room, at, danger, asked=True)


def _pressed_again(room: Room, at: At) -> bool:
    """Whether somebody pressed a moment ago, with all of it under way and on their screen."""
    card, alert = room.private(at.by).card, room.own_alert(at.by)
    if card is None or card.level < EMERGENCY or card.put_away:
        return False
    asked = alert.asked if alert else room.role(at.by) in STAFF_ROLES
    return asked and at.now - card.at < PRESSED_TOGETHER_SECONDS


class ComeForHelp(Internal, frozen=True, kw_only=True):
    """Somebody asked from a page of Help for a person of this place, with no meeting to be in. It
    is for the one room where nobody meets: elsewhere a stranger at the door raises no alarm."""

    pseudonym: str

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        if not reachable(room, at):
            raise NobodyThere()
        if not at.by:
            name = pseudonyms.display(self.pseudonym)
            yield from known(room, at, at.fresh_id, at.tag, Role.MEMBER, name, remember=False)
            yield Welcomed(to=at.fresh_id)
            yield WordAsked(member=at.fresh_id, pseudonym=name)
            yield YouAsked(to=at.fresh_id)
            yield from first_alert(room, at, at.fresh_id, name)
        elif room.own_alert(at.by) is None:
            yield from first_alert(room, at, at.by, room.core.members[at.by].pseudonym)


def first_alert(room: Room, at: At, member: MemberId, pseudonym: str) -> Iterator[Made]:
    """What somebody has who comes for help: their card, and an alert that calls at once."""
    yield CardOffered(to=member, level=EMERGENCY, subject=Subject.SELF, person=True)
    stage = first_stage(room, EMERGENCY)
    yield AlertRaised(
        member=member,
        pseudonym=pseudonym,
        level=EMERGENCY,
        subject=Subject.SELF,
        because=(ASKED,),
        shown=True,
        asked=True,
        stage=stage,
    )
    yield from calls(stage, EMERGENCY, member, 0)


class PutCardAway(Command, frozen=True, kw_only=True):
    """ "I'm OK", or "not what I meant": the card goes, the alert stays until a person closes it."""

    standings: ClassVar[frozenset[Standing]] = EVERY_STANDING
    in_meeting: ClassVar[bool] = False
    at_table: ClassVar[bool] = False

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        mine = room.private(at.by).card
        if mine is not None and not mine.put_away:
            yield CardPutAway(to=at.by)
            if room.own_alert(at.by) is not None:
                yield AlertAnswered(member=at.by)


class ChooseCountry(Command, frozen=True, kw_only=True):
    """Say where you are, for the right numbers. Kept for this meeting; an alert about you shows
    it."""

    standings: ClassVar[frozenset[Standing]] = EVERY_STANDING
    in_meeting: ClassVar[bool] = False
    at_table: ClassVar[bool] = False

    country: CountryCode

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        if room.private(at.by).country != self.country:
            yield CountryChosen(to=at.by, country=self.country)
            if room.own_alert(at.by) is not None:
                yield AlertCountry(member=at.by, country=self.country)


def offered(
    room: Room, at: At, level: Level, category: Category | None, subject: Subject | None
) -> Iterator[Made]:
    """The card, unless they had one of this level a moment ago. A craving is no danger: its quiet
    link (level 0) never takes the place of a card that is still open."""
    before = room.private(at.by).card
    if not level and before is not None and before.level and not before.put_away:
        return
    if before is None or level > before.level or at.now - before.at >= CARD_EVERY_SECONDS:
        yield card(room, at, level, category, subject)


def card(
    room: Room, at: At, level: Level, category: Category | None, subject: Subject | None
) -> Event:
    """The card for somebody, which says truthfully whether a person can come."""
    person = reachable(room, at)
    return CardOffered(to=at.by, level=level, category=category, subject=subject, person=person)


def raised(room: Room, at: At, danger: Danger, *, asked: bool = False) -> Iterator[Made]:
    """The alert about somebody's own words. What a facilitator writes of themselves goes to the
    desk and to whoever is on call: nobody holds an alert about themselves."""
    level = _together(room, at, danger.level)
    known = room.core.members[at.by]
    if known.role in STAFF_ROLES:
        yield TellDesk(
            kind=CaseKind.ALERT,
            about=known.pseudonym,
            tag=known.tag,
            level=level,
            category=danger.category,
            subject=danger.subject,
            case=at.fresh_id,
            at=at.now,
        )
        if level >= ELEVATED:
            # There is no alert that calls again, so an emergency calls everybody at once.
            stage = Stage.EVERYBODY if level == EMERGENCY else Stage.ON_CALL
            yield PageOnCall(level=level, stage=stage, about=known.tag)
        return
    stage = first_stage(room, level, but=at.by)
    yield AlertRaised(
        member=at.by,
        pseudonym=known.pseudonym,
        level=level,
        category=danger.category,
        subject=danger.subject,
        because=danger.because,
        shown=True,
        asked=asked,
        country=room.private(at.by).country,
        stage=stage,
    )
    alert = room.own_alert(at.by)
    graver = alert is None or alert.level < level or alert.stage < stage
    if stage is Stage.ON_CALL and graver:
        yield from calls(stage, level, at.by, 0)


def _together(room: Room, at: At, level: Level) -> Level:
    """Two concerns within half an hour are an elevated danger."""
    alert = room.own_alert(at.by)
    if level != CONCERN or alert is None or alert.level != CONCERN or not alert.reasons:
        return level
    return ELEVATED if at.now - alert.reasons[-1].at <= CONCERNS_TOGETHER_SECONDS else level


class CardOffered(PrivateEvent, frozen=True, kw_only=True):
    """What you wrote sounds heavy. Here is who can help, now; nobody else sees this."""

    level: Level
    category: Category | None = None
    subject: Subject | None = None
    person: bool = False

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Private, part).card = Card(
            level=self.level,
            category=self.category,
            subject=self.subject,
            at=stamp.now,
            person=self.person,
        )


class CardPutAway(PrivateEvent, frozen=True, kw_only=True):
    """You put the card away. Help now works as always."""

    def apply(self, part: Part, stamp: Stamp) -> None:
        mine = cast(Private, part).card
        if mine is not None:
            mine.put_away = True


class AlertAnswered(Event, frozen=True, kw_only=True):
    """The person the alert is about has put their card away: "I'm OK, or not what I meant"."""

    stream = STAFF
    member: int

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Staff, part).alerts[self.member].put_away = True


class CountryChosen(PrivateEvent, frozen=True, kw_only=True):
    """You said where you are, for the right numbers."""

    country: str

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Private, part).country = self.country


class AlertCountry(Event, frozen=True, kw_only=True):
    """The person the alert is about has said in which country they are."""

    stream = STAFF
    member: int
    country: str

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Staff, part).alerts[self.member].country = self.country
