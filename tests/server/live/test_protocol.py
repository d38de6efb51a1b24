"""The wire: what a client may send is understood whole or refused whole."""

import json
from typing import Any

import msgspec
import pytest

from rooms.kernel import Internal
from rooms.refusals import REFUSALS
from rooms.room import Role
from rooms.speaking import Said, Speak, Withheld
from server.live import protocol
from server.live.protocol import Do, Enter, Hello, LeaveFrame, Malformed

HELLO = '{"frame":"hello","version":1}'
DO: dict[str, Any] = {
    "frame": "do",
    "id": 1,
    "key": "key-of-ada",
    "room": "k7m2qx",
    "command": {"type": "RaiseHand"},
}
ENTER: dict[str, Any] = {"frame": "enter", "room": "k7m2qx"}


def test_the_four_frames_of_a_client_are_understood() -> None:
    assert protocol.decode(HELLO) == Hello(version=1)
    assert protocol.decode(json.dumps(ENTER)) == Enter(room="k7m2qx")
    resumed = protocol.decode(
        json.dumps(ENTER | {"as": "facilitator", "epoch": "5d0c", "after": {"room": 7}})
    )
    assert resumed == Enter(room="k7m2qx", as_=Role.FACILITATOR, epoch="5d0c", after={"room": 7})
    assert isinstance(protocol.decode(json.dumps(DO)), Do)
    assert protocol.decode('{"frame":"leave","room":"k7m2qx"}') == LeaveFrame(room="k7m2qx")


@pytest.mark.parametrize(
    "message",
    [
        "",
        "hello",
        "null",
        "[]",
        "{}",
        '{"frame":"hello"}',
        '{"frame":"hello","version":"1"}',
        '{"frame":"hello","version":1.5}',
        '{"frame":"hello","version":true}',
        '{"frame":"hello","version":1,"more":1}',
        '{"frame":"Hello","version":1}',
        '{"frame":["hello"],"version":1}',
        '{"version":1}',
        HELLO + HELLO,
        HELLO + "\n" + HELLO,
        HELLO[:-1],
        '{"frame":"hello","version":NaN}',
        '{"frame":"hello","version":1e999}',
        '{"frame":"hello","version":1,"version":1}',
        '{"frame":"hello","frame":"hello","version":1}',
        '{"frame":"leave","room":"k7m2qx\\u0000"}',
        '{"frame":"leave","room":"\\ud800"}',
        '{"frame":"leave","room":"\ud800"}',
        "[" * 8_000,
        '{"a":' * 3_000,
    ],
)
def test_what_is_not_a_frame_is_refused_whole(message: str) -> None:
    with pytest.raises(Malformed):
        protocol.decode(message)


@pytest.mark.parametrize(
    "change",
    [
        {"id": -1},
        {"id": 2**53 + 1},
        {"id": "1"},
        {"id": None},
        {"key": "short"},
        {"key": "k" * 65},
        {"key": "key of ada"},
        {"key": "key-of-ada\n"},
        {"key": 12345678},
        {"room": "K7M2QX"},
        {"room": "k7m2qx "},
        {"room": "k7m2q1"},
        {"room": "../../"},
        {"extra": 1},
    ],
)
def test_every_field_of_a_do_has_its_limits(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        protocol.decode(json.dumps(DO | change))


@pytest.mark.parametrize(
    "change",
    [
        {"as": "greeter"},
        {"as": None},
        {"as_": "facilitator"},
        {"epoch": 5},
        {"after": {"room": -1}},
        {"after": {"room": "7"}},
        {"after": {"room": 7.5}},
        {"after": [7]},
        {"after": {"room": 2**53 + 1}},
    ],
)
def test_numbers_to_resume_from_are_numbers(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        protocol.decode(json.dumps(ENTER | change))


def test_a_field_that_is_named_twice_is_refused_wherever_it_is() -> None:
    inside = json.dumps(DO).replace(
        '{"type": "RaiseHand"}', '{"type": "Speak", "text": "a", "text": "b"}'
    )
    with pytest.raises(Malformed):
        protocol.decode(inside)


def test_the_largest_frame_goes_through_and_one_byte_more_does_not() -> None:
    def padded(size: int) -> str:
        text = json.dumps(DO | {"command": {"type": "Speak", "text": ""}})
        return text.replace('""', f'"{"x" * (size - len(text))}"')

    assert isinstance(protocol.decode(padded(protocol.FRAME_LIMIT)), Do)
    with pytest.raises(Malformed):
        protocol.decode(padded(protocol.FRAME_LIMIT + 1))
    with pytest.raises(Malformed):  # few characters, many bytes
        protocol.decode(json.dumps(ENTER | {"epoch": "🌊" * 5_000}, ensure_ascii=False))


def test_the_largest_message_fits_into_a_frame() -> None:
    text = "🌊" * 2_000
    frame = json.dumps(DO | {"command": {"type": "Speak", "text": text}}, ensure_ascii=False)
    decoded = protocol.decode(frame)
    assert isinstance(decoded, Do)
    assert protocol.decode_command(decoded.command) == Speak(text=text)


@pytest.mark.parametrize("kind", protocol.INTERNALS)
def test_no_client_can_send_what_the_machinery_sends(kind: type[Internal]) -> None:
    fields = {field.encode_name for field in msgspec.structs.fields(kind)}
    body = {"type": kind.__name__} | dict.fromkeys(fields, 1)
    with pytest.raises(Malformed):
        protocol.decode_command(msgspec.json.encode(body))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"{}",
        b'{"type":"Speak"}',
        b'{"type":"Speak","text":5}',
        b'{"type":"Speak","text":"a","by":7}',
        b'{"type":"RaiseHand","member":7}',
        b'{"type":"Said","member":7,"pseudonym":"a","text":"a"}',
        b'{"type":"SetMode","mode":"loud"}',
        b'{"type":"Speak","text":"\\ud800"}',
        b'{"type":"Speak","text":"\xff"}',
        b"[" * 9_000,
    ],
)
def test_a_command_is_understood_whole_or_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        protocol.decode_command(body)


def test_a_frame_made_by_hand_is_the_frame_of_the_class() -> None:
    said = Said(member=2**40, pseudonym="Amber “Finch”", text='a\n"b"\\ 🌊')
    plain, body = protocol.stored(said, 1_800_000_000.125)
    frame = protocol.Happened(
        room="k7m2qx",
        stream="private:7",
        seq=9,
        at=1_800_000_000.125,
        event=msgspec.Raw(body),
    )
    made = protocol.happened("k7m2qx", "private:7", 9, 1_800_000_000.125, body)
    assert made == protocol.encode(frame)
    assert protocol.recall(plain) == (1_800_000_000.125, said)
    assert protocol.recall_raw(plain) == (1_800_000_000.125, body)


def test_every_event_that_is_stored_can_be_recalled() -> None:
    assert {Withheld.__name__, Said.__name__} <= {kind.__name__ for kind in protocol.EVENTS}
    assert len(set(protocol.EVENTS)) == len(protocol.EVENTS)
    assert len(set(protocol.COMMANDS)) == len(protocol.COMMANDS)


def test_a_refusal_says_why_in_words_and_whether_to_try_again() -> None:
    frame = msgspec.json.decode(protocol.refused(7, REFUSALS["unavailable"]()))
    assert frame["frame"] == "refused"
    assert (frame["re"], frame["code"], frame["retry"]) == (7, "unavailable", True)
    assert frame["text"] == REFUSALS["unavailable"].text


def test_close_codes_tell_whether_to_come_back() -> None:
    assert all(4_000 <= code < 5_000 for code in protocol.CLOSE_CODES)
    for code, text in protocol.CLOSE_CODES.items():
        comes_back = "ome back" in text
        assert comes_back == (code < 4_500), text
