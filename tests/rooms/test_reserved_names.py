"""Nobody can sign as staff, however they spell it."""

import pytest

from rooms.reserved_names import is_reserved


def names(text: str) -> list[str]:
    """The names of a short table, one beside the other."""
    return [name.strip() for line in text.strip().splitlines() for name in line.split("|")]


@pytest.mark.parametrize(
    "name",
    names("""
    Facilitator|moderator|ADMIN|Operator|Staff|Helper|System|Candlelight|Support|Greeter|Timekeeper
    Reader|Host|Cohost|Moderadora|Anfitrión|Candle Light|The Facilitator|Co-Facilitator|Ada (staff)
    AdminAda|adminada|yourmoderatorada|NightHost|Host2|2Hosts|Moderators|Helpline 24
    """),
)
def test_a_name_that_claims_a_task_is_reserved(name: str) -> None:
    assert is_reserved(name)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Adm1n", id="one for i"),
        pytest.param("4dmin", id="four for A"),
        pytest.param("M0d3r4t0r", id="digits all through"),
        pytest.param("$taff", id="a sign for a letter"),
        pytest.param("Admin!", id="a sign after it"),
        pytest.param("ho$t$", id="two signs"),
        pytest.param("F.a.c.i.l.i.t.a.t.o.r", id="dots between"),
        pytest.param("h o s t", id="spaces between"),
        pytest.param("Fácilitátor", id="accents"),
        pytest.param("Adrnin", id="r and n for m"),
        pytest.param("aDMIN", id="capitals inside"),
        pytest.param("\u041d\u043ebt \u041d\u043est", id="letters of another alphabet"),
        pytest.param("\U0001d573\U0001d594\U0001d598\U0001d599", id="letters of a formula"),
    ],
)
def test_a_claim_in_disguise_is_reserved(name: str) -> None:
    assert is_reserved(name)


@pytest.mark.parametrize(
    "name",
    ["Ada", "Ghost", "Quiet Heron", "Badminton", "Modest Mouse", "Systole", "Mo", "2024", "Hosea"],
)
def test_a_name_that_only_contains_such_a_word_is_free(name: str) -> None:
    assert not is_reserved(name)
