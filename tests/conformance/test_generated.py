"""Frames that nobody thought of, drawn by Hypothesis: the server answers by the letter, or not at
all, and wsproto reads every word of it."""

from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, TextMessage
from wsproto.events import Request as Handshake

from tests.conformance.wire import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    Heard,
    Peer,
    chopped,
    close,
    frame,
)

RUNS = settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@dataclass(frozen=True)
class Speech:
    """What a client says, and what it has to hear."""

    says: bytes
    hears: list[Heard]


@st.composite
def messages(draw: st.DrawFn) -> list[tuple[bytes, Heard | None]]:
    """A legal message, whole or in pieces, with pings and pongs between the pieces; each frame
    with what it makes the server say."""
    opcode = draw(st.sampled_from((TEXT, BINARY)))
    payload = draw(st.text(max_size=200)).encode() if opcode == TEXT else draw(st.binary())
    cuts = sorted(draw(st.lists(st.integers(0, len(payload)), max_size=4)))
    bounds = [0, *cuts, len(payload)]
    said: list[tuple[bytes, Heard | None]] = []
    for i in range(len(bounds) - 1):
        last = i == len(bounds) - 2
        piece = payload[bounds[i] : bounds[i + 1]]
        whole = Heard(opcode, payload) if last else None
        said.append((frame(CONTINUATION if i else opcode, piece, fin=last), whole))
        if not last and draw(st.booleans()):
            word = draw(st.binary(max_size=125))
            ping = draw(st.booleans())
            answer = Heard(PONG, word) if ping else None
            said.append((frame(PING if ping else PONG, word), answer))
    return said


@st.composite
def speeches(draw: st.DrawFn) -> Speech:
    """A few legal messages after one another."""
    said = [
        one for message in draw(st.lists(messages(), min_size=1, max_size=4)) for one in message
    ]
    return Speech(b"".join(one for one, _ in said), [heard for _, heard in said if heard])


OFFENCES = st.sampled_from(
    (
        (frame(TEXT, b"bare", masked=False), 1002),
        (frame(TEXT, b"bits", rsv=2), 1002),
        (frame(5, b"opcode"), 1002),
        (frame(PING, b"*" * 126), 1002),
        (frame(PING, b"", fin=False), 1002),
        (frame(CLOSE, b"\x03"), 1002),
        (frame(CLOSE, b"\x00\x05"), 1002),
        (frame(CONTINUATION, b"of nothing"), 1002),
        (frame(TEXT, b"\xff"), 1007),
        (frame(BINARY, b"*" * 16_385), 1009),
    )
)


@RUNS
@given(speech=speeches(), size=st.sampled_from((1, 7, 1_000, 100_000)))
def test_whatever_is_said_legally_is_heard(port: int, speech: Speech, size: int) -> None:
    with Peer(port).open() as peer:
        peer.say(*chopped(speech.says, size))
        # A pong is said at once, a message by the application: only within each is there an order.
        heard = [one for _ in speech.hears if (one := peer.hear()) is not None]
        for pongs in (True, False):
            assert [one for one in heard if (one.opcode == PONG) == pongs] == [
                one for one in speech.hears if (one.opcode == PONG) == pongs
            ]
        peer.say(close())
        assert peer.hear_out() == [Heard(CLOSE, b"\x03\xe8")]


@RUNS
@given(speech=speeches(), offence=OFFENCES, size=st.sampled_from((1_000, 100_000)))
def test_an_offence_after_any_speech_ends_it_with_its_code(
    port: int, speech: Speech, offence: tuple[bytes, int], size: int
) -> None:
    said, code = offence
    with Peer(port).open() as peer:
        peer.say(*chopped(speech.says + said, size))
        heard = peer.hear_out()
    assert heard[-1].opcode == CLOSE
    assert heard[-1].code == code


@RUNS
@given(noise=st.binary(min_size=1, max_size=400))
def test_noise_has_the_same_end_here_as_on_plain_uvicorn(
    ours: int, plain: int, noise: bytes
) -> None:
    ends = []
    for port in (ours, plain):
        with Peer(port).open() as peer:
            peer.say(noise + frame(TEXT, b"bare", masked=False) * 2)
            peer.socket.shutdown(1)
            ends.append([one.code for one in peer.hear_out() if one.opcode == CLOSE])
    assert ends[0] == ends[1]


@RUNS
@given(words=st.lists(st.text(max_size=300), min_size=1, max_size=5))
def test_an_independent_reader_understands_every_answer(port: int, words: list[str]) -> None:
    client = WSConnection(ConnectionType.CLIENT)
    heard: list[str | bytes] = []
    with Peer(port) as peer:
        peer.say(client.send(Handshake(host=f"127.0.0.1:{port}", target="/")))
        ended = False
        while not ended:
            client.receive_data(peer.socket.recv(1 << 16) or None)
            for event in client.events():
                match event:
                    case AcceptConnection():
                        peer.say(*(client.send(TextMessage(data=word)) for word in words))
                    case TextMessage(data=data):
                        heard.append(data)
                        if len(heard) == len(words):
                            peer.say(client.send(CloseConnection(code=1000)))
                    case CloseConnection(code=code):
                        assert code == 1000
                        ended = True
    assert heard == words
