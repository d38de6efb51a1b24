"""Bytes that nobody honest sends, to the real server: it says why, hangs up, and goes on."""

import json
import time
from collections.abc import Iterator

import pytest

from server.live.protocol import FRAME_LIMIT
from tests.conformance.house import HELLO, Door, frames_of, open_door
from tests.conformance.wire import (
    BINARY,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    Heard,
    Peer,
    chopped,
    frame,
    pieces,
    request,
)

LAG = 0.2
"""Seconds that somebody else may have to wait while one client misbehaves."""
MIB = 1 << 20


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with open_door(tmp_path_factory.mktemp("door")) as door:
        yield door


@pytest.fixture(autouse=True)
def nothing_is_logged_but_calm_lines(door: Door) -> Iterator[None]:
    before = len(door.server.log.read_text())
    yield
    assert "Traceback" not in door.server.log.read_text()[before:]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (frame(BINARY, b"\x00\x01"), 4500),
        (frame(BINARY, json.dumps(HELLO).encode()), 4500),
        (frame(TEXT, b"\xff\xfe not a text"), 1007),
        (pieces(TEXT, "κόσμε".encode()[:-1], 3), 1007),
        (frame(TEXT, b"bare", masked=False), 1002),
        (frame(3), 1002),
        (frame(TEXT, b"Hello", rsv=4), 1002),
        (frame(TEXT, b"*" * (FRAME_LIMIT + 1)), 1009),
        (frame(PING, b"*" * 126), 1002),
        (frame(PING, b"*", fin=False), 1002),
    ],
    ids=(
        "binary|binary-hello|not-utf8|cut-utf8|unmasked|opcode|rsv1|too-long|ping-126|ping-in-pieces"
    ).split("|"),
)
def test_a_broken_frame_ends_the_connection_with_its_code(
    door: Door, said: bytes, code: int
) -> None:
    before = door.open_files()
    with door.socket() as peer:
        peer.say(said)
        assert peer.closed_with() == code
    with door.greeted() as peer:
        peer.say(said)
        assert peer.closed_with() == code
    assert door.until_files(before, 3)


def test_a_message_one_byte_too_long_in_single_bytes_takes_no_memory(door: Door) -> None:
    taken = []
    for _ in range(40):
        with door.greeted() as peer:
            peer.say(*chopped(pieces(TEXT, b"*" * (FRAME_LIMIT + 1), 1), 4_096))
            assert peer.closed_with() == 1009
        taken.append(door.memory())
    assert taken[-1] - max(taken[:20]) < MIB


def test_a_promise_of_much_to_come_takes_no_memory(door: Door) -> None:
    before = door.memory()
    with door.greeted() as peer:
        peer.say(bytes([0x81, 0xFF]) + (1 << 40).to_bytes(8, "big") + bytes(4))
        assert peer.closed_with() == 1009
    assert door.memory() - before < MIB


def test_a_flood_of_pings_is_answered_and_nobody_else_waits(door: Door) -> None:
    with door.greeted() as peer, door.bystander() as other:
        for _ in range(10):
            peer.say(frame(PING, b"now") * 1_000)
            for _ in range(1_000):
                assert peer.hear() == Heard(PONG, b"now")
    assert other.worst < LAG


def test_a_flood_of_pings_whose_answers_nobody_reads_is_cut_off(door: Door) -> None:
    files, memory = door.open_files(), door.memory()
    with door.greeted() as peer, door.bystander() as other:
        peer.socket.settimeout(1)
        flood = frame(PING, b"*" * 125) * 1_000
        try:
            for _ in range(100):
                peer.socket.sendall(flood)
        except OSError:
            pass  # it is not read any more, or hung up already
        assert door.memory() - memory < 4 * MIB
    assert other.worst < LAG
    assert door.until_files(files, 15)


def test_twenty_thousand_messages_in_one_breath_close_the_connection(door: Door) -> None:
    memory = door.memory()
    with door.greeted() as peer, door.bystander() as other:
        peer.say(frame(TEXT, b"x") * 20_000)
        assert peer.closed_with() in {4009, 4500}
    assert other.worst < LAG
    assert door.memory() - memory < 8 * MIB


def test_twenty_thousand_pieces_of_one_message_are_one_message(door: Door) -> None:
    with door.greeted() as peer, door.bystander() as other:
        peer.say(frame(TEXT, b"", fin=False) + frame(CONTINUATION, b"", fin=False) * 20_000)
        peer.say(frame(CONTINUATION, b"x"))
        assert frames_of(peer)[0]["code"] == "malformed"
    assert other.worst < LAG


@pytest.mark.parametrize(
    "asked",
    [
        {"without": "Upgrade"},
        {"without": "Connection"},
        {"without": "Sec-WebSocket-Key"},
        {"without": "Sec-WebSocket-Version"},
        {"Sec_WebSocket_Version": "12"},
        {"Sec_WebSocket_Key": "short"},
        {"Upgrade": "h2c"},
        {"method": "POST"},
        {"method": "CONNECT"},
        {"version": "HTTP/1.0"},
        {"Content_Length": "10"},
        {"Transfer_Encoding": "chunked"},
        {"Cookie": "c" * 9_000},
        {"path": "/nowhere"},
        {"path": "/help"},
        {"path": "//socket"},
        {"path": "/socket/"},
    ],
    ids=lambda asked: " ".join(f"{name}={value[:9]}" for name, value in asked.items()),
)
def test_a_handshake_that_is_none_is_refused(door: Door, asked: dict[str, str]) -> None:
    before = door.open_files()
    with door.peer() as peer:
        peer.say(request(door.port, **asked))
        status, headers = peer.answer()
        assert 400 <= status < 600, headers
        assert "server" not in headers
    assert door.until_files(before, 3)


@pytest.mark.parametrize("name", ["Sec-WebSocket-Key", "Sec-WebSocket-Version", "Host", "Origin"])
def test_a_header_that_comes_twice_opens_nothing(door: Door, name: str) -> None:
    once = request(door.port)
    line = next(line for line in once.split(b"\r\n") if line.startswith(name.encode()))
    with door.peer() as peer:
        peer.say(request(door.port, line.decode()))
        assert 400 <= peer.answer()[0] < 500


def test_compression_is_never_agreed_to(door: Door) -> None:
    with door.peer() as peer:
        peer.open(Sec_WebSocket_Extensions="permessage-deflate; client_max_window_bits")


def test_a_browser_that_says_nothing_is_told_so_after_five_seconds(door: Door) -> None:
    with door.socket() as peer:
        began = time.monotonic()
        assert peer.closed_with() == 4502
        assert 4.5 < time.monotonic() - began < 7


def test_words_before_hello_and_hello_of_another_version_are_refused(door: Door) -> None:
    with door.socket() as peer:
        peer.say(frame(TEXT, json.dumps({"frame": "leave", "room": door.room}).encode()))
        assert peer.closed_with() == 4500
    with door.socket() as peer:
        peer.say(frame(TEXT, json.dumps({"frame": "hello", "version": 99}).encode()))
        assert peer.closed_with() == 4501


def test_two_hundred_half_requests_keep_nobody_out_and_are_ended(door: Door) -> None:
    before = door.open_files()
    head = b"GET /help HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
    form = request(
        door.port, method="POST", path="/leave", without="Upgrade", Content_Length="60000"
    )
    slow: list[Peer] = []
    with door.bystander() as other:
        for i in range(200):
            slow.append(door.peer())
            slow[-1].say(form if i % 4 == 0 else head if i % 2 else b"")
        began = time.monotonic()
        while door.open_files() > before + 1 and time.monotonic() - began < 20:
            for peer in slow:  # one more byte now and then, as such clients do
                peer.say(b"x")
            time.sleep(0.5)
        assert time.monotonic() - began < 15
    assert other.worst < LAG
    for peer in slow:
        peer.socket.close()
