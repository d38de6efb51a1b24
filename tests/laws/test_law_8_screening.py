"""Law 8: danger is heard first, at every door there is, whatever becomes of the command.

Each moment of `moments.py` is laid into the store of a real node as a room of its own; what became
of it is read back from the disk.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import pytest
from sqlalchemy import insert, select

from moderation.budgets import TooFast
from moderation.doors import DOORS, Door, Treatment
from rooms.arriving import Join
from rooms.kernel import Command
from rooms.presence import Returned
from rooms.refusals import Refused
from rooms.room import STAFF_ROLES, Room
from rooms.safety import EMERGENCY
from rooms.speaking import Said, Speak
from server.lexicons import shipped_screen
from server.live.host import Who
from server.live.loading import Loader
from server.live.protocol import COMMANDS
from server.storage.store import new_epoch
from server.storage.tables import heads, outbox
from tests.cast import CY, Cast, Table, encoded
from tests.laws.moments import MEETINGS, SAMPLES, Moment, brought_about, moments
from tests.moderation.test_doors import text_fields
from tests.server.live.house import House, built

IN_DANGER: Final = "I want to die tonight"
"""An emergency, and short enough to be a name."""
AT_EASE: Final = "Quiet Heron"
READ: Final = [door for door in DOORS if door.treatment is not Treatment.NOT_SCREENED]


class Case(NamedTuple):
    """Somebody at a door, in a room of their own; `table` is how things stand there."""

    door: Door
    moment: str
    who: Cast
    table: Table

    def writes(self, text: str) -> Command:
        """What they send."""
        bo = next(m for m, known in self.table.room.core.members.items() if known.pseudonym == "Bo")
        meant = SAMPLES[self.door.command].make(self.table, self.who, bo)
        return msgspec.structs.replace(meant, **{self.door.field: text})


class Found(NamedTuple):
    """What became of it: the refusal or None, the room as it is stored, and its Orders."""

    refused: Refused | None
    room: Room
    orders: list[str]


def cases(door: Door) -> Iterator[Case]:
    """Everybody there can be at a door, and newcomers who have agreed to no rules yet."""
    prepared = SAMPLES[door.command].prepared
    for moment in moments():
        yield Case(door, " ".join(moment), moment.who, brought_about(moment, prepared))
    for meeting in set(MEETINGS) - {"none", "floor", "frozen"}:
        table = brought_about(Moment("stranger", "speaking", meeting, "accepted"), prepared)
        table.joins(CY, accept=False)
        yield Case(door, f"newcomer {meeting}", CY, table)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A node."""
    async with built(tmp_path) as house:
        yield house


async def laid_into(house: House, rooms: Sequence[Room]) -> list[str]:
    """Lay rooms into the store as they are, and have the same people connected; their slugs."""
    loader = Loader(house.database, house.store, house.keys)
    dies_on = datetime.fromtimestamp(house.hands.wall, UTC).date()
    slugs = [f"room{number}" for number in range(len(rooms))]
    heads_of = [
        {"room": slug, "n": room.n, "epoch": new_epoch()}
        for slug, room in zip(slugs, rooms, strict=True)
    ]
    await house.database.write(lambda c: c.execute(insert(heads), heads_of).close())

    async def lay(slug: str, room: Room) -> None:
        for name in room.core.thread_keys:
            room.core.thread_keys[name] = (await loader.words_key(slug, "thread", dies_on)).id
        await loader.save(slug, room.n, encoded(room), house.hands.wall)
        await house.hosts.host(slug)
        here = [member for member, person in room.public.people.items() if person.here]
        await asyncio.gather(*(house.hosts.order(slug, Returned(member=m)) for m in here))

    await asyncio.gather(*map(lay, slugs, rooms))
    return slugs


async def answered(house: House, slug: str, who: Cast, command: Command) -> Refused | None:
    """The refusal somebody gets, if it is one."""
    try:
        await house.hosts.submit(slug, Who(who.tag, who.role), command, house.key())
    except Refused as refused:
        return refused
    return None


async def found(house: House, slug: str, refused: Refused | None) -> Found:
    """What is on the disk."""
    kinds = select(outbox.c.kind).where(outbox.c.room == slug)
    orders = list(await house.database.read(lambda c: c.scalars(kinds).all()))
    return Found(refused, (await house.hosts.load_stored(slug)).room, orders)


def missing(case: Case, found: Found) -> Iterator[str]:
    """What the law asks for and was not found."""
    room, me = found.room, found.room.core.tags.get(case.who.tag, 0)
    if found.refused is not None and found.refused.help != EMERGENCY:
        yield f"{found.refused.code} carries no help"
    if me not in room.core.members:
        if found.refused is None:
            yield "a stranger was let in, and is not known"
        return
    card, alert = room.private(me).card, room.own_alert(me)
    if card is None or card.level != EMERGENCY:
        yield "no card"
    helper = room.role(me) in STAFF_ROLES
    if case.door.treatment is Treatment.CARD_ONLY or helper:
        if alert is not None:
            yield "an alert that anybody can set off, or that those it is about can read"
    elif alert is None or alert.level != EMERGENCY:
        yield "no alert"
    told = {"TellDesk", "PageOnCall"} <= set(found.orders)
    if told is not (helper and case.door.treatment is Treatment.SCREENED):
        yield f"desk and on call: {found.orders}"


@pytest.mark.parametrize("door", READ, ids=lambda door: f"{door.command.__name__}.{door.field}")
async def test_danger_is_heard_in_every_standing_mode_and_hold(house: House, door: Door) -> None:
    everybody = list(cases(door))
    slugs = await laid_into(house, [case.table.room for case in everybody])
    answers = await asyncio.gather(
        *(
            answered(house, slug, case.who, case.writes(IN_DANGER))
            for slug, case in zip(slugs, everybody, strict=True)
        )
    )
    await house.settles()
    wrong = []
    for case, slug, refused in zip(everybody, slugs, answers, strict=True):
        lacks = list(missing(case, await found(house, slug, refused)))
        wrong += [f"{case.moment}: {lack}" for lack in lacks]
    assert wrong == []
    assert len({refused.code if refused else "ok" for refused in answers}) > 2, "every fate"


@pytest.mark.parametrize("door", READ, ids=lambda door: f"{door.command.__name__}.{door.field}")
async def test_no_budget_stands_before_it(house: House, door: Door) -> None:
    reached = [c for c in cases(door) if c.moment.endswith("open accepted") and c.who is not CY]
    slugs = await laid_into(house, [case.table.room for case in reached])
    for case, slug in zip(reached, slugs, strict=True):
        at_ease, refused = case.writes(AT_EASE), None
        for _ in range(200):
            refused = await answered(house, slug, case.who, at_ease)
            if isinstance(refused, TooFast):
                break
        assert isinstance(refused, TooFast)
        assert refused.help == 0
        before = (await found(house, slug, None)).room
        assert before.private(before.core.tags[case.who.tag]).card is None
        refused = await answered(house, slug, case.who, case.writes(IN_DANGER))
        assert isinstance(refused, TooFast)
        await house.settles()
        assert list(missing(case, await found(house, slug, refused))) == [], case.moment


async def test_whoever_says_something_harmless_gets_no_card_and_nobody_an_alert(
    house: House,
) -> None:
    doors = [case for door in READ for case in cases(door) if case.moment == "newcomer open"]
    slugs = await laid_into(house, [case.table.room for case in doors])
    for case, slug in zip(doors, slugs, strict=True):
        refused = await answered(house, slug, case.who, case.writes(AT_EASE))
        await house.settles()
        after = await found(house, slug, refused)
        assert refused is None or refused.help == 0
        assert after.room.private(after.room.core.tags[CY.tag]).card is None
        assert not after.room.staff.alerts
        assert not after.orders


async def test_the_facilitator_hears_of_the_danger_before_the_words_are_heard(
    house: House,
) -> None:
    page = await house.opens()
    who = Who(CY.tag)
    await house.do(who, Join(pseudonym=CY.name, rules=1))
    await house.do(who, Speak(text=IN_DANGER))
    await house.settles()
    heard = [event["type"] for event in page.events()]
    assert heard.index("AlertRaised") < heard.index(Said.__name__) < heard.index("AlertWordsSaid")


def test_a_name_and_a_cry_are_both_read_by_the_words_that_ship() -> None:
    assert shipped_screen().look(IN_DANGER).level == EMERGENCY
    assert not shipped_screen().look(AT_EASE).level


def test_a_new_command_in_which_somebody_can_write_has_no_door_yet() -> None:
    class SignGuestbook(Command, frozen=True, kw_only=True):
        """Leave a line for the next ones."""

        page: int
        line: str = ""

    doors = {(door.command, door.field) for door in DOORS}
    assert set(text_fields([*COMMANDS, SignGuestbook])) - doors == {(SignGuestbook, "line")}
