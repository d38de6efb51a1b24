"""The contract of the Cluster: every implementation must pass all of it."""

from collections.abc import Callable, Sequence

import pytest

from server.live.cluster import Alone, Cluster

Opener = Callable[[], Sequence[Cluster]]


def alone() -> Sequence[Cluster]:
    return [Alone()]


@pytest.fixture(params=[alone])
def nodes(request: pytest.FixtureRequest) -> Sequence[Cluster]:
    """Every node of one deployment, as each of them sees it."""
    opener: Opener = request.param
    return opener()


@pytest.mark.parametrize("room", ["k7m2qx", "p3t9wz", "w8n4rb"])
def test_every_room_is_hosted_by_exactly_one_node(nodes: Sequence[Cluster], room: str) -> None:
    assert sum(node.hosts_here(room) for node in nodes) == 1


def test_asking_again_gives_the_same_answer(nodes: Sequence[Cluster]) -> None:
    for node in nodes:
        assert node.hosts_here("k7m2qx") == node.hosts_here("k7m2qx")
