"""Who is here: the room sees the truth, and never more of somebody than that they are lost."""

from rooms.presence import Leave
from rooms.speaking import Speak
from server.live.presence import VISIT_SECONDS
from tests.server.live.house import ADA, BO, FAY, House
from tests.server.live.listener import Listener


async def test_two_pages_are_one_person_until_the_last_one_closes(house: House) -> None:
    fay = await house.opens()
    first = await house.joins(ADA)
    second = await house.enters(ADA)
    await house.says(ADA, "Hello")
    assert first.said() == second.said() == ["Hello"]
    await house.hangs_up(first)
    assert (await house.here())["Amber Finch"] is True
    await house.hangs_up(second)
    assert (await house.here())["Amber Finch"] is False
    assert len(fay.events("PersonLost")) == 1
    await house.enters(ADA)
    assert len(fay.events("PersonReturned")) == 1


async def test_a_page_that_only_asks_for_what_it_missed_is_never_seen_as_lost(
    house: House,
) -> None:
    fay = await house.opens()
    ada = await house.joins(ADA)
    again = Listener(ADA)
    again.connection = await house.hosts.entering.enter(
        house.room, ADA, again, None, None, instead_of=ada.connection
    )
    await house.settles()
    assert fay.events("PersonLost") == []
    assert house.hosts.hub.connections(house.room, ada.me) == [again.connection]


async def test_a_killed_server_marks_lost_whoever_does_not_come_back(house: House) -> None:
    await house.opens()
    await house.joins(ADA)
    await house.joins(BO)
    await house.is_killed()
    assert set((await house.here()).values()) == {False}
    await house.enters(ADA)
    assert await house.here() == {"Brave Otter": False, "Amber Finch": True, "Slow River": False}


async def test_a_load_writes_nothing_when_nobodys_presence_changes(house: House) -> None:
    await house.opens()
    await house.joins(ADA)
    await house.restarts()
    before = len(await house.log())
    for _ in range(3):
        await house.restarts()
    assert len(await house.log()) == before


async def test_a_form_counts_as_presence_for_five_minutes(house: House) -> None:
    page = await house.opens()
    ada = await house.joins(ADA)
    await house.hangs_up(ada)
    await house.hosts.presence.visit(house.room, ADA)
    await house.settles()
    assert (await house.here())["Amber Finch"] is True
    await house.ticks(VISIT_SECONDS - 1)
    assert (await house.here())["Amber Finch"] is True
    await house.ticks(2)
    assert (await house.here())["Amber Finch"] is False
    assert page.closed is None


async def test_somebody_without_script_is_present_from_coming_in(house: House) -> None:
    await house.opens()
    page = await house.joins(ADA)
    await house.hangs_up(page)
    await house.do(ADA, Leave())
    rejoined = await house.joins(ADA)
    await house.hangs_up(rejoined)
    await house.hosts.presence.visit(house.room, ADA)
    await house.restarts()
    assert (await house.here())["Amber Finch"] is False


async def test_leaving_quickly_closes_every_page_at_once_and_shows_only_that_one_is_lost(
    house: House,
) -> None:
    fay = await house.opens()
    pages = [await house.joins(ADA), await house.enters(ADA), await house.enters(ADA)]
    bo = await house.joins(BO)
    house.hosts.presence.left_quickly(lambda room: ADA.tag)
    house.hosts.submit(house.room, BO, Speak(text="after"), "key-after")
    await house.settles()
    assert [page.closed for page in pages] == [4505] * 3
    assert all(page.said() == [] for page in pages)
    assert [event["type"] for event in fay.events(stream="room")][-2:] == ["PersonLost", "Said"]
    assert bo.closed is None
    assert (await house.here())["Amber Finch"] is False


async def test_leaving_quickly_ends_the_presence_of_a_form_too(house: House) -> None:
    await house.opens()
    await house.hangs_up(await house.joins(ADA))
    await house.hosts.presence.visit(house.room, ADA)
    house.hosts.presence.left_quickly(lambda room: ADA.tag)
    await house.settles()
    assert (await house.here())["Amber Finch"] is False


async def test_an_ended_session_closes_the_pages_of_staff_alone(house: House) -> None:
    fay, ada = await house.opens(), await house.joins(ADA)
    house.hosts.presence.close_staff(lambda room: FAY.tag)
    await house.settles()
    assert (fay.closed, ada.closed) == (4503, None)
    assert len(ada.events("PersonLost")) == 1
