"""Putting the parts together: what does not fit is said in a sentence, and all is closed again."""

import asyncio
import threading
from pathlib import Path

import pytest

from rooms.arriving import Join
from rooms.meetings import OpenMeeting, SetTopic
from rooms.room import Role
from server.assemble import assemble, open_storage, role_of
from server.live.host import Clock, Who
from server.live.hosts import Hosts
from server.people.directory import RoomCard
from server.settings import SettingRefused, read_settings
from server.storage.errors import StorageUnavailable
from tests.web.house import built


def environment(folder: Path) -> dict[str, str]:
    return {"DATA_DIR": f"{folder}/data", "KEYS_DIR": f"{folder}/keys"}


async def test_the_keys_cannot_lie_among_the_data(tmp_path: Path) -> None:
    settings = read_settings(environment(tmp_path) | {"KEYS_DIR": f"{tmp_path}/data/keys"})
    with pytest.raises(SettingRefused, match="must not lie inside"):
        open_storage(settings)
    assert not (tmp_path / "data").exists()


async def test_a_folder_that_cannot_be_made_is_a_setting_that_makes_no_sense(
    tmp_path: Path,
) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(SettingRefused, match="must be folders"):
        open_storage(read_settings(environment(tmp_path)))


async def test_the_secret_of_the_deployment_stays_the_same(tmp_path: Path) -> None:
    tags = []
    for _ in range(2):
        async with assemble(read_settings(environment(tmp_path))) as parts:
            tags.append(parts.staff_tag(7, "k7m2qx"))
    assert tags[0] == tags[1]
    given = environment(tmp_path) | {"DEPLOYMENT_KEY": "ab" * 32}
    async with assemble(read_settings(given)) as parts:
        assert parts.staff_tag(7, "k7m2qx") != tags[0]


async def test_a_database_whose_keys_are_elsewhere_is_not_given_a_new_secret(
    tmp_path: Path,
) -> None:
    async with assemble(read_settings(environment(tmp_path))):
        pass
    elsewhere = environment(tmp_path) | {"KEYS_DIR": f"{tmp_path}/not-mounted"}
    with pytest.raises(SettingRefused, match=r"no deployment\.key"):
        open_storage(read_settings(elsewhere))
    assert not (tmp_path / "not-mounted" / "deployment.key").exists()
    given = elsewhere | {"DEPLOYMENT_KEY": "ab" * 32}
    async with assemble(read_settings(given)):
        pass


async def test_when_the_block_ends_nothing_runs_any_more(tmp_path: Path) -> None:
    tasks, threads = asyncio.all_tasks(), threading.active_count()
    async with assemble(read_settings(environment(tmp_path))) as parts:
        assert len(asyncio.all_tasks()) > len(tasks)
    assert asyncio.all_tasks() == tasks
    assert threading.active_count() <= threads + 1  # the loop's own pool keeps a thread
    with pytest.raises(StorageUnavailable):
        await parts.directory.rooms()


async def test_a_start_that_fails_leaves_nothing_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def start(_: object) -> None:
        raise StorageUnavailable("SQLITE_CORRUPT")

    monkeypatch.setattr(Hosts, "start", start)
    tasks = asyncio.all_tasks()
    with pytest.raises(StorageUnavailable):
        async with assemble(read_settings(environment(tmp_path))):
            pass
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == tasks


async def test_meetings_go_on_after_a_restart(tmp_path: Path) -> None:
    settings, fay = read_settings(environment(tmp_path)), Who("fa" * 32, Role.FACILITATOR)
    now = [1_800_000_000.0]
    clock = Clock(lambda: now[0], lambda: now[0])
    card: RoomCard | None = None
    for begin in (True, False):
        async with assemble(settings, clock) as parts:
            if begin:
                card = await parts.directory.create_room("Willow", "About.", "So.")
                await parts.wakes.deliver()
                await parts.hosts.submit(card.id, fay, Join(pseudonym="Brave Otter"), "k")
                await parts.hosts.submit(card.id, fay, OpenMeeting(topic="Still open"), "o")
            assert card is not None
            assert (await parts.hosts.entering.glance(card.id)).topic == "Still open"


async def test_a_role_that_is_taken_reaches_the_room_and_an_ended_session_its_pages(
    tmp_path: Path,
) -> None:
    async with built(tmp_path) as house:
        browser, _ = await house.staff("kim")
        parts, room = house.parts, house.card.id
        session = await parts.sessions.find(str(browser.cookies["sid"]))
        await browser.aclose()
        assert session is not None
        kim = Who(parts.staff_tag(session.account_id, room), Role.FACILITATOR)
        await parts.hosts.submit(room, kim, Join(pseudonym="Copper Moth"), "k")
        await parts.hosts.submit(room, kim, OpenMeeting(), "o")
        await parts.hosts.submit(room, kim, SetTopic(topic="Before"), "t")
        await parts.accounts.take_role(session.account_id, room, "facilitator")
        await parts.wakes.deliver()
        state = (await parts.hosts.host(room)).room
        assert state.role(state.core.tags[kim.tag]) is Role.MEMBER
        assert state.public.people == {}


def test_only_the_role_of_a_facilitator_leads_a_room() -> None:
    assert role_of(frozenset({"facilitator"})) is Role.FACILITATOR
    assert role_of(frozenset({"facilitator", "moderator"})) is Role.FACILITATOR
    assert role_of(frozenset({"moderator"})) is Role.MODERATOR
    for held in (frozenset(), frozenset({"operator"}), frozenset({"greeter"})):
        assert role_of(held) is Role.MEMBER
