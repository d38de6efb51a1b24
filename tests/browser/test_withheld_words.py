"""Words that were hidden or taken back are gone: from the page, and from what a reader speaks."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from moderation.actions import HideMessage
from rooms.speaking import Retract
from server.live.host import Who
from tests.browser.house import FAY, House, Room
from tests.browser.people import Meet

pytestmark = pytest.mark.browser

CRUEL = "You are all fools."


def hides(room: Room, _author: Who, number: int) -> None:
    room.do(FAY, HideMessage(message=number, reason="It hurts people here."))


def takes_back(room: Room, author: Who, number: int) -> None:
    room.do(author, Retract(message=number))


@pytest.mark.parametrize("withhold", [hides, takes_back])
def test_withheld_words_are_nowhere_on_the_page(
    house: House, meet: Meet, withhold: Callable[[Room, Who, int], None]
) -> None:
    room = house.found()
    room.open()
    bo = room.somebody("Slow River")
    ada = meet("phone")
    ada.page.clock.install()
    ada.joins(room, "Copper Moth")
    spoken = ada.page.locator("#announcer")
    room.say(bo, CRUEL)
    expect(spoken).to_contain_text(CRUEL)
    withhold(room, bo, max(room.numbers()))
    expect(spoken).not_to_contain_text(CRUEL)
    assert CRUEL not in ada.page.content()
    assert "It hurts people here." not in ada.page.content()

    ada.page.clock.fast_forward(6_000)  # nothing waits to be spoken; what is said now will
    room.say(bo, "A pause.", f"{CRUEL} All of you.")
    ada.reads("All of you.")
    withhold(room, bo, max(room.numbers()))
    expect(ada.page.locator("#messages .msg--gone")).to_have_count(2)
    expect(spoken).to_contain_text("A pause.")
    ada.page.clock.fast_forward(6_000)
    assert CRUEL not in (spoken.text_content() or "")
    room.say(bo, "Something else.")
    expect(spoken).to_contain_text("Something else.")
    assert CRUEL not in ada.page.content()
    ada.page.reload()
    ada.is_connected()
    assert CRUEL not in ada.page.content()
