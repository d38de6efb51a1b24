"""Law 2 for the page: what it makes of what it hears is what the rules make of it.

The stories of the laws are told once more. Everybody's page gets a snapshot when it is fresh and
from then on the frames of the streams they hear; after each command its View, and the moment it
shows, are those of the server.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from playwright.sync_api import Browser, Page, Route

from rooms.arriving import Arrived
from rooms.kernel import At, Command, Recorded
from rooms.room import ROOM, STAFF, MemberId, Private, Public, Role, Room, Staff, private, view
from rooms.speaking import Said
from server.live import protocol
from tests.cast import ADA, BO, FAY, Table
from tests.story import STORIES, Story, tell
from web.live_scene import scene

pytestmark = pytest.mark.browser

SITE: Final = "http://modules.test/"
STATIC: Final = Path(__file__).parents[2] / "web" / "static"

LISTEN: Final = """
async ([steps]) => {
  const { Store } = await import("/js/store.js");
  const { scene } = await import("/js/scene.js");
  const stores = {};
  return steps.map(({ member, now, frames }) => {
    const store = stores[member] ??= new Store();
    const heard = [];
    for (const frame of frames) {
      if (frame.frame === "snapshot") store.snapshot(frame);
      else heard.push(store.happened(frame));
    }
    const moment = scene(store, now);
    return structuredClone({
      heard, view: store.view, numbers: store.numbers, entries: store.entries, notes: store.notes,
      signs: [...moment.signs].sort(), names: moment.names, call: moment.call,
    });
  });
}
"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """A browser's page that can import the project's modules, and nothing else."""

    def answer(route: Route) -> None:
        file = STATIC / route.request.url.removeprefix(SITE)
        if file.is_file():
            route.fulfill(body=file.read_bytes(), content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html><title>Notes</title>", content_type="text/html")

    page = browser.new_page()
    page.route("**/*", answer)
    page.goto(SITE)
    yield page
    page.close()


class Pages:
    """What the server sends to everybody's page, and what each page should make of it."""

    def __init__(self) -> None:
        self.steps: list[dict[str, Any]] = []
        self.expected: list[dict[str, Any]] = []
        self._heard: dict[MemberId, set[str]] = {}

    def before(self, table: Table, command: Command, at: At) -> None:
        """Nothing to do."""

    def after(self, table: Table, command: Command, at: At, recorded: Sequence[Recorded]) -> None:
        room, now = table.room, table.now
        for member in {*self._heard, *room.core.members}:
            before, hears = self._heard.get(member, set()), set(room.hears(member))
            if not hears or (before - hears and member not in room.staff.removed):
                self._heard.pop(member, None)  # it is over for them: the page has gone on
            elif hears - before:
                self._step(room, member, now, [snapshot(room, member, now)])
            else:
                self._step(room, member, now, [f for f in map(frame, recorded) if f[0] in hears])

    def _step(
        self, room: Room, member: MemberId, now: float, frames: list[tuple[str, bytes]]
    ) -> None:
        self._heard[member] = set(room.hears(member))
        decoded = [json.loads(data) for _, data in frames]
        self.steps.append({"member": member, "now": now, "frames": decoded})
        self.expected.append(facts(room, member, now))


def snapshot(room: Room, member: MemberId, now: float) -> tuple[str, bytes]:
    """The frame of a fresh page."""
    numbers = {stream: room.number(stream) for stream in room.hears(member)}
    made = protocol.Snapshot(
        room="k7m2qx", epoch="e", me=member, now=now, view=view(room, member), numbers=numbers
    )
    return "", protocol.encode(made)


def frame(one: Recorded) -> tuple[str, bytes]:
    """The frame of one event, with its stream."""
    _, body = protocol.stored(one.event, one.now)
    return one.stream, protocol.happened("k7m2qx", one.stream, one.seq, one.now, body)


def facts(room: Room, member: MemberId, now: float) -> dict[str, Any]:
    """What a page should know and show, by the rules themselves."""
    seen = view(room, member)
    public, staff = seen.get(ROOM, Public()), seen.get(STAFF)
    mine = seen[private(member)]
    assert isinstance(public, Public) and isinstance(mine, Private)
    moment = scene(public, mine, staff if isinstance(staff, Staff) else None, member, now)
    plain: dict[str, Any] = json.loads(
        msgspec.json.encode(
            {
                "view": seen,
                "numbers": {stream: room.number(stream) for stream in seen},
                "names": moment.names,
                "call": moment.call,
            }
        )
    )
    return plain | {"signs": sorted(moment.signs.on)}


@pytest.mark.parametrize("story", STORIES)
def test_everybodys_page_knows_and_shows_what_the_rules_say(page: Page, story: Story) -> None:
    pages = Pages()
    tell(story, pages)
    made = page.evaluate(LISTEN, [pages.steps])
    assert len(made) > 10
    for number, (step, is_, should) in enumerate(
        zip(pages.steps, made, pages.expected, strict=True)
    ):
        assert set(is_["heard"]) <= {"applied"}, (number, step)
        for fact, value in should.items():
            assert is_[fact] == value, (number, fact, step)


def an_evening(page: Page, *frames: dict[str, Any]) -> Any:
    """What Ada's page makes of frames that follow a snapshot in which Bo spoke."""
    table = Table()
    table.opens(FAY)
    table.joins(ADA, BO)
    _, first = snapshot(table.room, table.id(ADA), table.now)
    steps = [{"member": 1, "now": 0, "frames": [json.loads(first), *frames]}]
    return page.evaluate(LISTEN, [steps])[0]


def said(seq: int, text: str = "Good evening.") -> dict[str, Any]:
    """The frame of a message."""
    body = msgspec.json.encode(Said(member=7, pseudonym="Bo", text=text))
    made: dict[str, Any] = json.loads(protocol.happened("k7m2qx", ROOM, seq, 1.0, body))
    return made


def last(page: Page) -> int:
    """The number of `room` in the snapshot of `an_evening`."""
    number: int = an_evening(page)["numbers"][ROOM]
    return number


def test_a_missing_number_is_a_gap_and_changes_nothing(page: Page) -> None:
    n = last(page)
    after = an_evening(page, said(n + 2))
    assert (after["heard"], after["numbers"][ROOM], after["entries"]) == (["gap"], n, [])


def test_what_comes_twice_is_heard_once(page: Page) -> None:
    n = last(page)
    after = an_evening(page, said(n + 1), said(n + 1))
    assert after["heard"] == ["applied", "old"]
    assert [entry["number"] for entry in after["entries"]] == [n + 1]


def test_what_was_said_before_the_snapshot_is_read_and_not_applied(page: Page) -> None:
    n = last(page)
    after = an_evening(page, said(n - 1), said(n + 1))
    assert after["heard"] == ["read", "applied"]
    assert [entry["number"] for entry in after["entries"]] == [n - 1, n + 1]
    assert str(n - 1) not in after["view"][ROOM]["messages"]


def test_an_event_of_a_newer_server_counts_and_does_nothing(page: Page) -> None:
    n = last(page)
    strange = said(n + 1) | {"event": {"type": "LanternLit", "member": 7}}
    after = an_evening(page, strange)
    assert (after["heard"], after["numbers"][ROOM]) == (["applied"], n + 1)


def test_words_that_were_taken_back_are_gone_from_the_page(page: Page) -> None:
    n = last(page)
    retracted = said(n + 2) | {"event": {"type": "Retracted", "message": n + 1}}
    after = an_evening(page, said(n + 1, "I should not have said this."), retracted)
    assert [(e["fate"], e["text"]) for e in after["entries"]] == [("retracted", None)]


def test_nothing_of_the_room_stays_on_the_page_of_somebody_who_was_removed(page: Page) -> None:
    n = last(page)
    me = next(s for s in an_evening(page)["numbers"] if s.startswith("private:"))
    event = {"type": "YouWereRemovedBecause", "to": int(me[8:]), "reason": "Please rest"}
    heard = said(1) | {"stream": me, "seq": an_evening(page)["numbers"][me] + 1, "event": event}
    after = an_evening(page, said(n + 1, "A needle in the room"), heard)
    assert "needle" not in json.dumps(after)
    assert list(after["view"]) == [me]
    assert after["view"][me]["removed"] == "Please rest"


def test_the_reason_of_a_lifted_mute_is_kept_as_a_note_until_the_next_mute(page: Page) -> None:
    numbers = an_evening(page)["numbers"]
    me = next(stream for stream in numbers if stream.startswith("private:"))
    events: list[dict[str, Any]] = [
        {"type": "YouWereMuted", "until": 9e9, "reason": "Please rest"},
        {"type": "YouWereUnmuted", "reason": "Thank you"},
        {"type": "YouWereMuted", "until": 9e9, "reason": "Once more"},
    ]
    told = [
        said(1) | {"stream": me, "seq": numbers[me] + n, "event": {"to": int(me[8:]), **event}}
        for n, event in enumerate(events, 1)
    ]
    assert [
        [(note["note"], note["reason"]) for note in an_evening(page, *told[:n])["notes"]]
        for n in (1, 2, 3)
    ] == [[], [("unmute", "Thank you")], []]


def test_an_arrival_leaves_one_quiet_line(page: Page) -> None:
    n = last(page)
    event = json.loads(msgspec.json.encode(Arrived(member=9, pseudonym="Cy", role=Role.MEMBER)))
    after = an_evening(page, said(n + 1) | {"event": event})
    assert [(e["line"], e["pseudonym"]) for e in after["entries"]] == [("arrived", "Cy")]
