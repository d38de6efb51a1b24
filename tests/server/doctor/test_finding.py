"""A finding's state is the exit code it would give."""

from server.doctor.finding import State, broken, look, ok


def test_the_worst_state_is_the_largest() -> None:
    found = [ok("a", "Well."), broken("b", "Not."), look("c", "Perhaps.")]
    assert max(finding.state for finding in found) is State.broken
    assert [State.ok.value, State.look.value, State.broken.value] == [0, 1, 2]
