"""The garbage collector on a busy evening.

A full collection looks at every object there is. With thousands of open pages that stops everybody
for half a second and more (measured: docs/PERFORMANCE.md), and finds nothing: what lives as long as
the process cannot be garbage, and what a command makes is freed by counting references.
"""

import gc
from typing import Final

THRESHOLDS: Final = (100_000, 50, 50)
"""New objects before the young are looked at; then how many looks before the older ones."""


def calm_the_collector() -> None:
    """Put what is there by now out of the collector's sight, and let it look less often. Call it
    once, when everything is assembled."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
