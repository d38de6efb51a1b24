"""The Cluster: which node hosts which room.

Hosting is for speed; the compare-and-set on a room's head is what keeps it true. Every
implementation passes `tests/contracts/test_cluster.py`.
"""

from typing import Protocol


class Cluster(Protocol):
    """What Hosts ask before they make a room live."""

    def hosts_here(self, room: str) -> bool:
        """Whether this node is the one to host the room now."""


class Alone:
    """The Cluster of one process: every room is hosted here."""

    def hosts_here(self, room: str) -> bool:
        """See `Cluster.hosts_here`."""
        return True
