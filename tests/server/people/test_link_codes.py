"""A code in a link is read out, typed on a phone, and known to the table by its hash alone."""

import re

import pytest

from server.people import link_codes


def test_a_code_is_128_bits_in_small_letters_and_fours() -> None:
    code = link_codes.draw()
    assert re.fullmatch(r"([a-z2-7]{4}-){6}[a-z2-7]{2}", code)
    assert link_codes.draw() != code


def test_however_it_is_typed_it_is_the_same_code() -> None:
    code = "abol-cdef-ghij-klmn-opqr-stuv-wy"
    for typed in (code.upper(), code.replace("-", " "), f" {code} ", "ab01" + code[4:]):
        assert link_codes.hash_of(typed) == link_codes.hash_of(code)


@pytest.mark.parametrize("typed", ["", "no such code!", "8888", "\ud800"])
def test_what_cannot_be_a_code_is_no_code(typed: str) -> None:
    assert link_codes.hash_of(typed) != link_codes.hash_of(link_codes.draw())
