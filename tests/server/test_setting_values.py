"""How the text of a setting is read, and what is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

from server import setting_values as values


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (values.text(5), " Tea ", "Tea"),
        (values.flag, "True", True),
        (values.number(0, 9), "7", 7),
        (values.address, "https://example.org/weather?x=1", "https://example.org/weather?x=1"),
        (values.origin, "https://Meet.Example.org/", "https://meet.example.org"),
        (values.host, "::1", "::1"),
        (values.key, "", None),
        (values.key, "0a" * 32, b"\n" * 32),
        (values.path, "data", Path("data")),
        (values.optional_path, "", None),
        (values.countries, "nl, BE nl", ("NL", "BE")),
        (values.countries, "", ()),
    ],
)
def test_what_makes_sense_is_read(read: Callable[[str], object], text: str, value: object) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (values.text(5), "Evening"),
        (values.text(5), " "),
        (values.text(5), "a\nb"),
        (values.flag, "1"),
        (values.number(0, 9), "10"),
        (values.number(0, 9), "-1"),
        (values.number(0, 9), "٧"),
        (values.address, "ftp://example.org"),
        (values.address, "https://ada@example.org"),
        (values.address, "https://[::1"),
        (values.origin, "https://example.org/meet"),
        (values.origin, "https://example.org?x"),
        (values.host, "not a host"),
        (values.key, "0a" * 31),
        (values.path, ""),
        (values.path, "a\0b"),
        (values.countries, "Holland"),
        (values.countries, "N1"),
    ],
)
def test_what_makes_no_sense_is_refused_without_repeating_it(
    read: Callable[[str], object], text: str
) -> None:
    with pytest.raises(ValueError, match=r"^must be") as refused:
        read(text)
    if len(text.strip()) > 3:
        assert text not in str(refused.value)
