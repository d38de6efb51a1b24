"""What no honest client sends is refused whole, before anything looks inside."""

import pytest

from server.live import protocol
from server.live.protocol import Do, Hello, Malformed

DO = '{"frame":"do","id":1,"key":"key-of-8","room":"k7m2qx","command":%s}'
SPEAK = '{"type":"Speak","text":"Hello"}'


def test_an_honest_frame_is_understood() -> None:
    assert protocol.decode('{"frame":"hello","version":1}') == Hello(version=1)
    assert isinstance(protocol.decode(DO % SPEAK), Do)


@pytest.mark.parametrize(
    "sent",
    [
        '{"frame":"hello","version":1,"version":1}',
        '{"frame":"hello","frame":"hello","version":1}',
        DO.replace('"id":1', '"id":1,"id":2') % SPEAK,
        DO.replace('"id":1', '"id":1,"\\u0069d":2') % SPEAK,
        DO % '{"type":"Speak","text":"Hello","text":"Goodbye"}',
        DO % '{"type":"Speak","type":"Leave","text":"Hello"}',
    ],
)
def test_a_field_that_is_named_twice_is_two_messages_in_one(sent: str) -> None:
    with pytest.raises(Malformed):
        protocol.decode(sent)


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "hello",
        "[]",
        '{"frame":"hello","version":NaN}',
        '{"frame":"hello","version":1e999}',
        '{"frame":"hello","version":1}{"frame":"hello","version":1}',
        '{"frame":"hello","version":1,"more":1}',
        '{"frame":"Hello","version":1}',
        '{"version":1}',
        DO.replace("k7m2qx", "../etc") % SPEAK,
        DO.replace("k7m2qx", "k7m2qx\\n") % SPEAK,
        DO.replace('"id":1', '"id":-1') % SPEAK,
        DO.replace('"id":1', '"id":9007199254740993') % SPEAK,
        DO.replace("key-of-8", "short") % SPEAK,
        DO % ("[" * 5_000 + "]" * 5_000),
        DO % ('{"a":' * 2_000 + "1" + "}" * 2_000),
        '{"frame":"hello","version":1}' + " " * protocol.FRAME_LIMIT,
        DO % '{"type":"Speak","text":"\ud800"}',
    ],
)
def test_what_is_no_frame_is_refused(sent: str) -> None:
    with pytest.raises(Malformed):
        frame = protocol.decode(sent)
        assert isinstance(frame, Do), "only a command may wait for its own decoder"
        protocol.decode_command(frame.command)
