"""The Cluster of one process; what every Cluster promises is in tests/contracts/test_cluster.py."""

from server.live.cluster import Alone


def test_a_process_alone_hosts_every_room() -> None:
    assert all(Alone().hosts_here(room) for room in ("k7m2qx", "p3t9wz", "w8n4rb"))
