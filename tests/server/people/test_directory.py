"""The directory: rooms under neutral slugs, founded whole or not at all."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from server.people import directory as module
from server.people.directory import FIRST_RULES, SLUG_LENGTH, SLUG_LETTERS, RoomCard
from server.storage.errors import CannotStore
from server.storage.tables import heads, outbox, rooms
from tests.server.live.house import House


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A node without any room."""
    house = House(tmp_path)
    yield house
    await house.close()


async def found(house: House, name: str, *, mandated_reporter: bool = False) -> RoomCard:
    return await house.directory.create_room(
        name, f"About {name}.", "It goes so.", mandated_reporter=mandated_reporter
    )


async def test_a_room_gets_a_slug_that_says_nothing_and_is_easy_to_read_out(house: House) -> None:
    cards = [await found(house, f"Room {n}") for n in range(20)]
    assert len({card.id for card in cards}) == 20
    for card in cards:
        assert len(card.id) == SLUG_LENGTH
        assert set(card.id) <= set(SLUG_LETTERS)
    assert not set("il10o") & set(SLUG_LETTERS)


async def test_rooms_are_listed_by_name_and_found_by_slug(house: House) -> None:
    second, first = (
        await found(house, "Willow"),
        await found(house, "Alder", mandated_reporter=True),
    )
    assert await house.directory.rooms() == [first, second]
    assert await house.directory.room(first.id) == first
    assert first.mandated_reporter
    assert await house.directory.room("zzzzzz") is None


async def test_an_archived_room_is_not_there_any_more(house: House) -> None:
    card = await found(house, "Willow")
    await house.database.write(lambda c: c.execute(update(rooms).values(archived=True)).close())
    assert await house.directory.rooms() == []
    assert await house.directory.room(card.id) is None


async def test_a_new_room_has_its_ground_rules_once_they_are_delivered(house: House) -> None:
    card = await found(house, "Willow")
    assert (await house.hosts.entering.glance(card.id)).rules.version == 0
    await house.outbox.run_once()
    rules = (await house.hosts.entering.glance(card.id)).rules
    assert (rules.version, rules.lines) == (1, list(FIRST_RULES))


async def test_a_room_that_cannot_be_founded_leaves_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Always:
        @staticmethod
        def choice(letters: str) -> str:
            return letters[0]

    monkeypatch.setattr(module, "secrets", Always)
    await found(house, "Willow")
    with pytest.raises(CannotStore):
        await found(house, "Alder")

    for table in (rooms, heads, outbox):
        count = select(func.count()).select_from(table)
        assert await house.database.read(lambda c, q=count: c.execute(q).scalar_one()) == 1  # type: ignore[misc]
