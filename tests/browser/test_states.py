"""Every state of the live room, at every size: readable, reachable, and the two buttons on top."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import pytest
from playwright.sync_api import expect

from moderation.actions import HideMessage, MuteMember, RemoveMember
from rooms.holds import Freeze
from rooms.meetings import ChangeGroundRules, CloseMeeting
from rooms.room import Mode
from rooms.turns import CallNext, RaiseHand
from tests.browser import looks
from tests.browser.house import FAY, House, Room
from tests.browser.line import Line
from tests.browser.people import Meet, Person

pytestmark = pytest.mark.browser

ADA: Final = "Copper Moth the Second"
LONG: Final = "Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlung"
"""One word that is wider than a small phone."""


@pytest.fixture
def line(house: House) -> Iterator[Line]:
    line = Line(house.address)
    yield line
    line.stop()


# What a member may meet.


def sixty_messages(room: Room, ada: Person) -> None:
    room.talk(60)
    ada.reads("Thought 60.")


def a_word_that_is_too_long(room: Room, ada: Person) -> None:
    room.say(FAY, LONG, f"https://example.org/{'a' * 200}", "שלום לכולם", "مرحبا")
    ada.reads("مرحبا")
    ada.box.fill(f"{LONG}\n" * 8)


def waiting_for_a_turn(room: Room, ada: Person) -> None:
    bo = room.somebody("Slow River")
    room.do(bo, RaiseHand())
    ada.presses("Raise hand")
    ada.sees("You’re after Slow River")


def my_turn(room: Room, ada: Person) -> None:
    ada.presses("Raise hand")
    ada.sees("You’re next")
    room.do(FAY, CallNext())
    ada.sees("It’s your turn")


def muted(room: Room, ada: Person) -> None:
    reason = "Three replies during other people's turns, and one of them about somebody's name."
    room.do(FAY, MuteMember(member=room.member(ADA), minutes=60, reason=reason))
    ada.sees("You are muted until")


def removed(room: Room, ada: Person) -> None:
    room.do(FAY, RemoveMember(member=room.member(ADA), reason="Please rest tonight."))
    ada.sees("You were asked to leave this meeting")


def paused(room: Room, ada: Person) -> None:
    room.do(FAY, Freeze())
    ada.sees("The facilitator has paused the room.")


def resting(room: Room, ada: Person) -> None:
    room.leaves(FAY)
    ada.sees("It goes on when a facilitator is back.")


def new_rules(room: Room, ada: Person) -> None:
    room.do(FAY, ChangeGroundRules(lines=[f"Rule {n}: speak about yourself." for n in range(12)]))
    ada.sees("Please read the ground rules before you speak")


def here_to_listen(room: Room, ada: Person) -> None:
    ada.page.get_by_role("link", name="People and ground rules").click()
    ada.presses("Only listen today")
    expect(ada.page.locator(".dock__line:focus")).to_have_text("You are here to listen.")


def a_message_hidden(room: Room, ada: Person) -> None:
    ada.box.fill("You are all fools.")
    ada.presses("Send")
    ada.reads("You are all fools.")
    number = max(room.numbers())
    room.do(FAY, HideMessage(message=number, reason="It hurts people here."))
    ada.sees("It hurts people here.")


def a_refusal(room: Room, ada: Person) -> None:
    ada.box.fill("x" * 2001)
    ada.presses("Send")
    ada.sees("This is too long to send at once.")


def over_with_words_left(room: Room, ada: Person) -> None:
    ada.box.fill("I never said this")
    room.do(FAY, CloseMeeting())
    ada.sees("The meeting is over.")
    expect(ada.box).to_have_value("I never said this")


def people_and_rules(room: Room, ada: Person) -> None:
    room.talk(16)
    ada.page.get_by_role("link", name="People and ground rules").click()
    for fold in ada.page.locator("#circle summary").filter(visible=True).all():
        fold.click()
    expect(ada.page.get_by_label("Your name in this room")).to_be_visible()


class State(NamedTuple):
    """A state of a member's page: what leads there, in which mode, and whether they can write."""

    stage: Callable[[Room, Person], None]
    mode: Mode = Mode.OPEN
    composer: bool = True


STATES: Final = [
    State(sixty_messages),
    State(a_word_that_is_too_long),
    State(waiting_for_a_turn, Mode.TURNS),
    State(my_turn, Mode.TURNS),
    State(muted),
    State(removed, composer=False),
    State(paused),
    State(resting),
    State(new_rules),
    State(here_to_listen, composer=False),
    State(a_message_hidden),
    State(a_refusal),
    State(over_with_words_left),
    State(people_and_rules, composer=False),
]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.stage.__name__)
def test_a_members_page_stands_in_every_state(house: House, meet: Meet, state: State) -> None:
    room = house.found()
    room.open(state.mode, topic="What helped you this week?")
    ada = meet("desktop").joins(room, ADA)
    ada.page.set_viewport_size({"width": 360, "height": 740})
    state.stage(room, ada)
    looks.stands_everywhere(ada.page, state.stage.__name__, composer=state.composer)


def test_a_page_without_a_connection_stands(house: House, line: Line, meet: Meet) -> None:
    room = house.found()
    room.open()
    ada = meet(at=line.address)
    ada.expects("ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "WebSocket connection to")
    ada.goes(f"/rooms/{room.slug}/join")
    ada.comes_in(ADA)
    ada.is_connected()
    line.cut()
    ada.says("This waits.")
    ada.sees("Not sent yet")
    ada.sees("Trying to reconnect.")
    looks.stands_everywhere(ada.page, "disconnected, with an unsent message", composer=True)
