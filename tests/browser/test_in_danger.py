"""Somebody in danger, from their words to a person who stays; and a group that notices nothing."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import WebSocket, expect

from moderation.screening.screen import Screen
from rooms.safety import NO_DANGER, Danger
from server.people.tables import EVERY_ROOM
from tests.browser.house import House, Weather
from tests.browser.people import Meet, Person

pytestmark = pytest.mark.browser

IN_DANGER = "I have the pills here and I am going to take them all tonight"
ONLY_YOU = "Only you can see this note"
WRITTEN: tuple[tuple[str, str], ...] = (
    ("Bo", "Hello, I am new to this."),
    ("Ada", IN_DANGER),
    ("Bo", "I am glad you are here, Ada."),
    ("Ada", "Thank you."),
    ("Bo", "See you all on Tuesday."),
)
"""What the group says to one another, whatever else goes on."""


def card(person: Person) -> Any:
    """The card, where it is shown."""
    return person.page.locator("#card").filter(visible=True)


def thread(person: Person) -> Any:
    """The private word that is open."""
    return person.page.locator("[data-thread]").filter(visible=True)


def writes_privately(person: Person, text: str) -> None:
    """Write in the private word and send."""
    thread(person).get_by_role("textbox").fill(text)
    person.presses("Send privately")
    expect(person.page.locator("[data-words]", has_text=text)).to_be_visible()


def on_call(house: House, moss: Person) -> None:
    """Moss may take the alerts of every room, and is on call all week long."""
    login = house.moderator(moss.context)
    parts = house.parts

    async def plan() -> None:
        account = await parts.accounts.by_login(login)
        assert account is not None
        await parts.database.write(
            lambda c: parts.contacts.add(c, account.id, "mail", "moss@example.org")
        )
        for day in range(7):
            await parts.shifts.add(account, EVERY_ROOM, day, 0, 12 * 60)
            await parts.shifts.add(account, EVERY_ROOM, day, 12 * 60, 0)

    house.do(plan())


def test_from_the_words_to_a_person_who_stays(own_house: House, meet: Meet) -> None:
    room = own_house.found()
    at = own_house.address
    fay = meet("desktop", at=at).holds(own_house, room, "Brave Otter")
    fay.presses("Open the meeting")
    fay.presses("Open")
    moss = meet("desktop", at=at)
    on_call(own_house, moss)
    ada, bo = (meet("phone", at=at).joins(room, name) for name in ("Amber Finch", "Slow River"))

    ada.says(IN_DANGER)
    expect(card(ada)).to_be_visible()
    ada.sees(ONLY_YOU)
    ada.sees("Please reach somebody now")
    bo.reads(IN_DANGER)

    fay.sees("Somebody may need help")
    fay.sees("Nobody has taken it yet.")
    fay.presses("I’ll take this")
    fay.sees("You have this.")
    fay.presses("Write privately")
    writes_privately(fay, "Thank you for saying that. Are you alone?")
    expect(ada.page.locator("[data-words]", has_text="Are you alone?")).to_be_visible()
    writes_privately(ada, "Yes. They are on the table.")

    fay.page.get_by_text("Hand over, or close").click()
    fay.page.get_by_label("How things are, in one line").fill("Alone, pills on the table.")
    fay.presses("Ask them to take it")
    fay.sees("It is yours until they do.")
    moss.goes("/staff/on-call")
    moss.page.get_by_role("button", name=re.compile("^Come")).first.click()
    expect(moss.page).to_have_url(re.compile(r"/live\?as=staff"))
    moss.is_connected()
    moss.sees("Alone, pills on the table.")
    moss.presses("Take it over")
    moss.sees("You have this.")
    fay.sees("has this.")

    moss.presses("Write privately")
    writes_privately(moss, "I am here now, and I stay.")
    expect(ada.page.locator("[data-words]", has_text="I am here now")).to_be_visible()
    writes_privately(ada, "My sister is coming.")
    moss.page.get_by_text("Hand over, or close").click()
    moss.page.get_by_label("How it ended").select_option("with_someone")
    moss.page.get_by_label("What was done, for the desk").fill("Sister came.")
    moss.presses("Close it")
    expect(moss.page.get_by_text("Somebody may need help").filter(visible=True)).to_have_count(0)
    fay.does_not_see("Somebody may need help")

    for word in ("Are you alone?", "on the table", "I stay", "My sister", "Sister came"):
        assert word not in bo.page.content()
    assert "Somebody may need help" not in bo.everything_shown()
    assert ONLY_YOU not in bo.everything_shown()


# A group that notices nothing.


class Stream:
    """Everything a page's socket brings, but for times and numbers that no two runs share."""

    def __init__(self, person: Person) -> None:
        self.frames: list[Any] = []
        person.page.on("websocket", self._opened)

    def _opened(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._received)

    def _received(self, message: str | bytes) -> None:
        for line in str(message).split("\n"):
            frame = json.loads(line)
            if frame["frame"] == "happened":
                self.frames.append(masked(frame))


def masked(value: Any) -> Any:
    """A frame without the numbers and times that differ from run to run."""
    if isinstance(value, dict):
        kept = {name: masked(inner) for name, inner in value.items()}
        for name in ("room", "now", "at", "member", "author", "to", "by"):
            if name in kept:
                kept[name] = "…"
        return kept
    return [masked(inner) for inner in value] if isinstance(value, list) else value


def dom(person: Person) -> str:
    """The page as it is, but for the same numbers and times."""
    markup = person.page.locator("body").evaluate("body => body.outerHTML")
    markup = re.sub(r"\d{4}-\d{2}-\d{2}T[0-9:.]+Z|\d{1,2}:\d{2} [AP]M", "…", markup)
    return re.sub(
        r"[0-9a-zA-Z_-]{16,}|[0-9]{4,}|rooms/[a-z0-9]{6}|\"room\": \"[a-z0-9]{6}\"", "…", markup
    )


class Blind(Screen):
    """Detection that is off."""

    def __init__(self) -> None:
        """Nothing to read."""

    def look(self, text: str, before: Sequence[str] = ()) -> Danger:
        """Finds nothing."""
        return NO_DANGER

    def compiling(self) -> Iterator[None]:
        """Nothing to compile."""
        yield from ()


@pytest.fixture
def houses(
    tmp_path: Path, weather: Weather, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[bool], House]]:
    """Makes houses, with detection on or off."""
    made: list[House] = []

    def make(detection: bool) -> House:
        with monkeypatch.context() as patched:
            if not detection:
                patched.setattr("server.assemble.shipped_screen", Blind)
            made.append(House(tmp_path / f"{len(made)}", weather.address))
        return made[-1]

    yield make
    for house in made:
        house.stop()


def evening(house: House, meet: Meet, *, alarmed: bool) -> tuple[list[Any], str]:
    """The same evening as Bo's page has it: what it heard, and what it is at the end."""
    room = house.found()
    room.open()
    fay = meet("desktop", at=house.address).holds(house, room, "Copper Moth")
    bo = meet("phone", at=house.address)
    heard = Stream(bo)
    bo.joins(room, "Slow River")
    ada = meet("phone", at=house.address).joins(room, "Amber Finch")
    people = {"Ada": ada, "Bo": bo}
    for name, text in WRITTEN:
        people[name].says(text)
        for person in (ada, bo, fay):
            person.reads(text)
        if text == IN_DANGER and alarmed:
            expect(card(ada)).to_be_visible()
            fay.presses("I’ll take this")
            fay.presses("Write privately")
            writes_privately(fay, "Thank you for saying that.")
            writes_privately(ada, "I am scared.")
    if alarmed:
        assert card(ada).is_visible() or thread(ada).is_visible()
    else:
        assert not card(ada).is_visible()
    return heard.frames, dom(bo)


def test_the_group_hears_and_sees_what_it_would_without_any_detection(
    houses: Callable[[bool], House], meet: Meet
) -> None:
    on = evening(houses(True), meet, alarmed=True)
    off = evening(houses(False), meet, alarmed=False)
    assert len(off[0]) >= len(WRITTEN)
    assert on[0] == off[0]
    assert on[1] == off[1]
