"""What leaves a room: calls without a word of text, and what lies on the desk."""

from collections.abc import Sequence
from typing import get_type_hints

import msgspec
import pytest

from rooms.kernel import At, Command, Order, Recorded
from rooms.orders import Call, CaseKind, PageOnCall, RemindStaff, TellDesk, TellElsewhere
from rooms.room import Role
from rooms.speaking import Said
from rooms.threads import PrivatelySaid
from tests.cast import EVERYBODY, Table
from tests.story import STORIES, Story, tell


class Words:
    """Collects what people say to the room and in private."""

    def __init__(self) -> None:
        self.said: set[str] = set()

    def before(self, table: Table, command: Command, at: At) -> None:
        """Nothing to do."""

    def after(self, table: Table, command: Command, at: At, recorded: Sequence[Recorded]) -> None:
        for one in recorded:
            if isinstance(one.event, Said | PrivatelySaid):
                self.said.add(one.event.text)


def told(story: Story) -> tuple[Words, list[Order]]:
    """What was said in a story, and what left the room."""
    words = Words()
    return words, tell(story, words).orders


@pytest.mark.parametrize("story", STORIES)
def test_no_order_carries_what_somebody_said(story: Story) -> None:
    words, orders = told(story)
    sent = msgspec.json.encode(orders).decode()
    assert [text for text in words.said if text in sent or text[: len(text) // 2] in sent] == []


def test_the_stories_make_every_order_and_say_something_meanwhile() -> None:
    tales = [told(story) for story in STORIES]
    made = {type(order) for _, orders in tales for order in orders}
    assert made == {PageOnCall, RemindStaff, TellDesk, TellElsewhere}
    assert sum(len(words.said) for words, _ in tales) > 10


@pytest.mark.parametrize("order", [PageOnCall, TellElsewhere])
def test_a_call_has_no_place_for_text(order: type[Order]) -> None:
    texts = {name for name, hint in get_type_hints(order).items() if hint is str}
    assert texts <= {"about"}, "a keyed tag, so that whom it is about is not called"


@pytest.mark.parametrize("story", STORIES)
def test_no_call_says_which_member_it_is_about(story: Story) -> None:
    _, orders = told(story)
    calls = [order for order in orders if isinstance(order, PageOnCall | TellElsewhere)]
    sent = msgspec.json.encode(calls).decode()
    assert [who.name for who in EVERYBODY if who.name in sent] == []
    assert [w.name for w in EVERYBODY if w.role is Role.MEMBER and w.tag in sent] == []


@pytest.mark.parametrize("story", STORIES)
def test_the_desk_learns_no_members_tag(story: Story) -> None:
    _, orders = told(story)
    cases = msgspec.json.encode([order for order in orders if isinstance(order, TellDesk)])
    members = [who for who in EVERYBODY if who.role is Role.MEMBER]
    assert [who.name for who in members if who.tag.encode() in cases] == []


def test_what_lies_on_the_desk_says_about_whom_and_when() -> None:
    with pytest.raises(TypeError):
        TellDesk(kind=CaseKind.NOTE, about="Ada")  # type: ignore[call-arg]  # no time
    with pytest.raises(TypeError):
        TellDesk(kind=CaseKind.NOTE, at=1.0)  # type: ignore[call-arg]  # about nobody


@pytest.mark.parametrize(
    "order",
    [
        PageOnCall(why=Call.WORD),
        TellElsewhere(level=3, member=70_000),
        TellDesk(kind=CaseKind.REPORT, about="Fay", words="She shouts", case=4, at=1.5),
        RemindStaff(tag="f" * 64, after=86_400.0),
    ],
)
def test_an_order_waits_in_the_outbox_and_is_the_same_afterwards(order: Order) -> None:
    assert msgspec.json.decode(msgspec.json.encode(order), type=type(order)) == order
