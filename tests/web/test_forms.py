"""Forms: the first of each field, and a key that a room will take."""

import pytest
from starlette.requests import Request
from starlette.types import Message

from web.forms import KEY, Form, fresh_key, read


async def sent(body: bytes) -> Form:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", b"application/x-www-form-urlencoded")]
    return await read(Request({"type": "http", "method": "POST", "headers": headers}, receive))


async def test_a_field_that_is_not_there_is_empty() -> None:
    form = await sent(b"own=Paper+Kite")
    assert form["own"] == "Paper Kite"
    assert form["words"] == ""
    assert not form.has("words")


async def test_of_a_field_that_is_there_twice_the_first_counts() -> None:
    assert (await sent(b"name=a&name=b"))["name"] == "a"


async def test_the_key_of_a_form_comes_back_as_it_was() -> None:
    key = fresh_key()
    assert KEY.fullmatch(key)
    assert (await sent(b"key=" + key.encode())).key == key


@pytest.mark.parametrize("key", [b"", b"short", b"a" * 65, b"has+spaces+in+it", b"%00aaaaaaaaa"])
async def test_a_key_that_no_page_drew_is_replaced(key: bytes) -> None:
    form = await sent(b"key=" + key)
    assert KEY.fullmatch(form.key)
    assert form.key.encode() != key


def test_no_two_keys_are_alike() -> None:
    assert len({fresh_key() for _ in range(1000)}) == 1000
