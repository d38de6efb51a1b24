"""A refusal is an answer with a code, a sentence and facts that tell nobody's secrets."""

import pytest

from rooms import refusals
from rooms.refusals import Refused


@pytest.fixture(autouse=True)
def own_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refusals declared here do not stand in the protocol."""
    monkeypatch.setattr(refusals, "REFUSALS", {})


def declared() -> dict[str, type[Refused]]:
    return refusals.REFUSALS


def test_a_refusal_is_found_by_its_code() -> None:
    class TeaIsCold(Refused):
        code = "tea_is_cold"
        text = "The tea is cold."

    assert declared() == {"tea_is_cold": TeaIsCold}
    assert not TeaIsCold.retry


def test_a_refusal_says_its_code_and_carries_its_facts() -> None:
    class CupTooSmall(Refused):
        code = "cup_too_small"
        text = "That cup is too small."
        retry = True

    with pytest.raises(Refused) as refused:
        raise CupTooSmall(limit=3, unit="spoons")
    assert str(refused.value) == "cup_too_small"
    assert refused.value.facts == {"limit": 3, "unit": "spoons"}


def test_facts_stay_out_of_what_a_log_would_print() -> None:
    class CupTooSmall(Refused):
        code = "cup_too_small"
        text = "That cup is too small."

    refused = CupTooSmall(limit=3)
    assert refused.args == ("cup_too_small",)
    assert "3" not in repr(refused)


def test_two_refusals_cannot_have_one_code() -> None:
    class TeaIsCold(Refused):
        code = "tea_is_cold"
        text = "The tea is cold."

    with pytest.raises(TypeError, match=r"takes the code 'tea_is_cold' of .*TeaIsCold"):

        class TeaIsOut(Refused):
            code = "tea_is_cold"
            text = "There is no tea."

    assert declared() == {"tea_is_cold": TeaIsCold}


def test_a_refusal_without_a_code_is_not_declared() -> None:
    with pytest.raises(TypeError, match="gives no code"):

        class TeaIsCold(Refused):
            text = "The tea is cold."

    assert declared() == {}


def test_a_code_is_not_inherited() -> None:
    class TeaIsCold(Refused):
        code = "tea_is_cold"
        text = "The tea is cold."

    with pytest.raises(TypeError, match="gives no code and no text"):

        class TeaIsIce(TeaIsCold):
            pass


def test_a_family_gathers_refusals_and_is_none_itself() -> None:
    class AboutTea(Refused, family=True):
        pass

    class TeaIsCold(AboutTea):
        code = "tea_is_cold"
        text = "The tea is cold."

    assert declared() == {"tea_is_cold": TeaIsCold}
    with pytest.raises(AboutTea):
        raise TeaIsCold()
    with pytest.raises(TypeError, match="family"):
        AboutTea()
    with pytest.raises(TypeError, match="family"):
        Refused()
