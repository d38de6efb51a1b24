"""Nothing in the database says that a person in one room is a person in another.

Ada visits two rooms with the words of one browser, under the same name, saying the same things with
the same keys: whatever could be equal, is. Then every value longer than three bytes, and every
piece of six bytes of it, is looked for in the rows of the other room.
"""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path

import msgspec
import pytest
from httpx2 import AsyncClient

from rooms.pseudonyms import compare_key
from server.people.cookie import read_words
from server.people.directory import FIRST_RULES
from server.people.secrets import PERSON_SALT
from server.people.words import Words
from tests.security.disk import LONGER_THAN, as_bytes, files, values
from tests.security.sharing import ALLOWED, shared
from tests.storms.record import read_record
from tests.web.house import House, built, threshold_form


@dataclass
class Visited:
    """A house with two rooms in which Ada was."""

    house: House
    rooms: tuple[str, str]
    words: Words

    @property
    def database(self) -> Path:
        return self.house.parts.database.path


async def _hold(house: House, room: str, login: str, ada: AsyncClient, name: str) -> None:
    """One meeting in a room, in which much happens to Ada."""
    fay, _ = await house.staff(login, room)
    keys = count()  # the same keys in the same order in both rooms

    async def does(browser: AsyncClient, verb: str, **fields: str) -> None:
        who = {"as": "staff"} if browser is fay else {}
        form = {**who, "key": f"the-same-{next(keys)}", **fields}
        answer = await browser.post(f"/rooms/{room}/live/{verb}", data=form)
        assert answer.status_code == 303, (verb, answer.text)

    async def comes_in(browser: AsyncClient, **fields: str) -> None:
        page = await browser.get(f"/rooms/{room}/join", params=fields)
        form = {**threshold_form(page), **fields, "key": f"the-same-{next(keys)}"}
        answer = await browser.post(f"/rooms/{room}/join", data=form)
        assert answer.status_code == 303, answer.text

    await comes_in(fay, **{"as": "staff", "own": "Quiet Heron"})
    await does(fay, "open", mode="open", topic="Small steps")
    await comes_in(ada, own=name, first="yes", remember="yes")
    core = (await house.parts.hosts.host(room)).room.core
    member = next(str(m) for m, known in core.members.items() if known.pseudonym == name)
    await does(ada, "say", text="The same words in both rooms.")
    await does(ada, "hand-up")
    await does(fay, "mute", member=member, minutes="10", reason="Please wait a little.")
    await does(fay, "unmute", member=member, reason="Thank you for waiting.")
    await does(fay, "mute", member=member, minutes="60", reason="Please rest an hour.")
    await does(ada, "leave")
    await does(fay, "close")
    await house.parts.hosts.renew_snapshot(room)


async def _visit(house: House, names: tuple[str, str]) -> Visited:
    other = await house.parts.directory.create_room("Friday Harbour", "Quiet.", "In turns.")
    await house.parts.wakes.deliver()
    rooms = house.card.id, other.id
    ada = house.browser()
    await _hold(house, rooms[0], "fay", ada, names[0])
    words = read_words(dict(ada.cookies), secure=False)
    assert words is not None
    ada = house.browser()  # another device, on which she types her words
    assert (await ada.post("/words/restore", data={"words": words.spoken})).status_code == 303
    await _hold(house, rooms[1], "kim", ada, names[1])
    return Visited(house, rooms, words)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with built(tmp_path) as made:
        yield made


async def test_nothing_of_a_person_is_the_same_in_two_rooms(house: House) -> None:
    visited = await _visit(house, ("Copper Moth", "Copper Moth"))
    found = list(values(visited.database))
    for room in visited.rooms:
        columns = {value.column for value in found if value.place == room}
        assert {"log.body", "log.actor", "log.mark", "log.stream", "audit.target"} <= columns
        assert {"sanctions.member", "snapshots.body", "data_keys.wrapped"} <= columns
    assert shared(found, *visited.rooms) == set()


async def test_rows_of_staff_have_nothing_of_a_room_but_who_holds_it(house: House) -> None:
    visited = await _visit(house, ("Copper Moth", "Copper Moth"))
    found = list(values(visited.database))
    places = {value.place for value in found} - {*visited.rooms, house.parts.help_room}
    assert places == {"accounts", "sessions", "alembic_version"}
    for place in places:
        for room in visited.rooms:
            assert shared(found, place, room) == set()


async def test_words_and_person_key_are_nowhere_and_neither_are_their_hashes(house: House) -> None:
    words = (await _visit(house, ("Copper Moth", "Slow River"))).words
    key = words.person_key(house.parts.secrets.derive(PERSON_SALT))
    settings = house.parts.settings
    for secret in (words.drawn, words.sealed, key, words.spoken.encode()):
        for form in (secret, secret.hex().encode(), sha256(secret).digest()):
            for path, content in files(settings.data_dir, settings.keys_dir).items():
                assert form not in content, path.name


async def test_even_who_holds_every_key_links_nothing_but_what_she_said_herself(
    house: House,
) -> None:
    """Unsealed, two logs share the program's own words and the rules of every new room."""
    visited = await _visit(house, ("Copper Moth", "Slow River"))
    said = {
        "Quiet Heron",
        compare_key("Quiet Heron"),
        "Small steps",
        "The same words in both rooms.",
    }
    said |= {"Please wait a little.", "Thank you for waiting.", "Please rest an hour."}
    program = {"facilitator", "member", "open", "closed", "none", *FIRST_RULES}
    leaves = []
    for room in visited.rooms:
        record = await read_record(house.parts.settings, room, house.wall.now)
        state = msgspec.to_builtins(record.room, str_keys=True)
        events = [e for stream in record.streams.values() for e in stream.values()]
        assert any(event["type"] == "MemberKnown" for event in events)
        kinds = {event.pop("type") for event in events}
        names = {name for event in events for name in event}
        leaves.append(set(_leaves([events, _without_names(state)])) - names - kinds)
    assert leaves[0] & leaves[1] <= said | program | _times(leaves[0] & leaves[1])


def _without_names(state: object) -> object:
    """A state with its struct fields as plain lists; keys that are ids and tags stay."""
    if isinstance(state, dict):
        return [
            [key] * (not str(key).isidentifier()) + [_without_names(value)]
            for key, value in state.items()
        ]
    if isinstance(state, list):
        return [_without_names(value) for value in state]
    return state


def _leaves(thing: object) -> Iterator[object]:
    if isinstance(thing, dict):
        for value in thing.values():
            yield from _leaves(value)
    elif isinstance(thing, list):
        for value in thing:
            yield from _leaves(value)
    elif len(as_bytes(thing)) > LONGER_THAN:
        yield thing


def _times(found: set[object]) -> set[object]:
    """Exact times are sealed; the clock of this test stands still, so here they are the same."""
    return {value for value in found if isinstance(value, float)}


def _plant_value(connection: sqlite3.Connection, room: str) -> None:
    connection.execute("UPDATE log SET actor = ? WHERE room = ? AND n = 3", (b"ada0" * 4, room))


def _plant_piece(connection: sqlite3.Connection, room: str) -> None:
    inside = room.encode() * 3 + b"adaada" + room.encode()
    connection.execute("UPDATE snapshots SET body = ? WHERE room = ?", (inside, room))


def _plant_number(connection: sqlite3.Connection, room: str) -> None:
    connection.execute("UPDATE sanctions SET member = ? WHERE room = ?", (2**40 + 7, room))


def _plant_short_text(connection: sqlite3.Connection, room: str) -> None:
    connection.execute("UPDATE heads SET epoch = 'adaa' WHERE room = ?", (room,))


async def test_this_test_would_see_it(house: House, tmp_path: Path) -> None:
    visited = await _visit(house, ("Copper Moth", "Copper Moth"))
    for plant, seen in (
        (_plant_value, "log.actor and log.actor"),
        (_plant_piece, "snapshots.body and snapshots.body"),
        (_plant_number, "sanctions.member and sanctions.member"),
        (_plant_short_text, "heads.epoch and heads.epoch"),
    ):
        copy = tmp_path / f"{plant.__name__}.db"
        with (
            closing(sqlite3.connect(visited.database)) as original,
            closing(sqlite3.connect(copy)) as connection,
        ):
            original.backup(connection)
            for room in visited.rooms:
                plant(connection, room)
            connection.commit()
        assert shared(list(values(copy)), *visited.rooms) == {seen}


async def test_every_allowed_column_exists_and_says_why(house: House) -> None:
    with closing(sqlite3.connect(house.parts.database.path)) as connection:
        for column, reason in ALLOWED.items():
            table, _, name = column.partition(".")
            connection.execute(f"SELECT {name} FROM {table}")
            assert reason
