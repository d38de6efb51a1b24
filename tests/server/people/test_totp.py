"""The second factor."""

import re
from xml.etree import ElementTree

import pyotp
import pytest
from cryptography.exceptions import InvalidTag

from server.people.secrets import Secrets
from server.people.totp import SecondFactors, address, matching_step, new_secret, picture

NOW = 1_800_000_015.0
STEP = int(NOW // 30)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_at(step: int) -> str:
    return pyotp.TOTP(SECRET).generate_otp(step)


def test_the_codes_are_those_of_rfc_6238() -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert matching_step(secret, "287082", 59, last_step=0) == 1
    assert matching_step(secret, "081804", 1111111109, last_step=0) == 1111111109 // 30


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_a_phone_may_be_half_a_minute_off(off: int) -> None:
    assert matching_step(SECRET, code_at(STEP + off), NOW, last_step=0) == STEP + off


@pytest.mark.parametrize("off", [-20, -3, -2, 2, 3, 20])
def test_a_code_of_another_minute_is_wrong(off: int) -> None:
    assert matching_step(SECRET, code_at(STEP + off), NOW, last_step=0) is None


def test_a_step_that_was_taken_is_not_taken_again() -> None:
    assert matching_step(SECRET, code_at(STEP), NOW, last_step=STEP) is None
    assert matching_step(SECRET, code_at(STEP - 1), NOW, last_step=STEP) is None
    assert matching_step(SECRET, code_at(STEP + 1), NOW, last_step=STEP) == STEP + 1


def test_spaces_and_the_digits_of_ones_own_script_are_forgiven() -> None:
    code = code_at(STEP)
    arabic = "".join(chr(0x0660 + int(digit)) for digit in code)
    for typed in (f"{code[:3]} {code[3:]}", f" {code}\n", f"{code[:3]}\u00a0{code[3:]}", arabic):
        assert matching_step(SECRET, typed, NOW, last_step=0) == STEP


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "abcdef", "²²²²²²", "\ud800" * 6, "1" * 1_000_000, "½" * 6]
)
def test_what_is_not_six_digits_is_wrong(typed: str) -> None:
    assert matching_step(SECRET, typed, NOW, last_step=0) is None


def test_a_secret_has_160_bits_and_is_new_each_time() -> None:
    secrets = {new_secret() for _ in range(50)}
    assert len(secrets) == 50
    assert all(re.fullmatch("[A-Z2-7]{32}", secret) for secret in secrets)


def test_a_secret_is_sealed_for_one_account() -> None:
    factors = SecondFactors(Secrets(b"k" * 32))
    sealed = factors.seal(SECRET, 7)
    assert SECRET.encode() not in sealed
    assert sealed != factors.seal(SECRET, 7)
    assert factors.open(sealed, 7) == SECRET
    with pytest.raises(InvalidTag):
        factors.open(sealed, 8)
    with pytest.raises(InvalidTag):
        SecondFactors(Secrets(b"x" * 32)).open(sealed, 7)


def test_the_address_says_nothing_but_the_secret_and_the_name_it_was_given() -> None:
    parsed = pyotp.parse_uri(address(SECRET, "Notes"))
    assert isinstance(parsed, pyotp.TOTP)
    assert (parsed.secret, parsed.issuer, parsed.interval, parsed.digits) == (
        SECRET,
        "Notes",
        30,
        6,
    )


def test_the_picture_is_one_svg_without_style_or_script() -> None:
    """A strict content security policy lets nothing else through."""
    svg = picture(SECRET, "Notes")
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own picture
    assert root.tag == "svg"
    assert {element.tag for element in root.iter()} <= {"svg", "path", "g", "title"}
    names = {name for element in root.iter() for name in element.attrib}
    assert not names & {"style", "class", "href"}
    assert not any(name.startswith("on") for name in names)
    assert SECRET not in svg
