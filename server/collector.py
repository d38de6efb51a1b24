"""The garbage collector on a busy evening.

A full collection looks at every object there is. With thousands of open pages that stops everybody
for half a second and more (measured: docs/PERFORMANCE.md), and finds nothing: what lives as long as
the process cannot be garbage, and what a command makes is freed by counting references.
"""

import gc
from typing import Final

THRESHOLDS: Final = (5_000, 2, 30_000)
"""New objects before the young are looked at; how many such looks before the middle-aged are, of
whom fifteen thousand take some thirty milliseconds; and how many of those before everything is. The
last is out of reach of an evening."""
QUIET: Final = 500
"""Open pages up to which a full look is short enough that nobody notices."""


def calm_the_collector() -> None:
    """Put what is there by now out of the collector's sight, and let it look less often. Call it
    once, when everything is assembled."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)


def collect_in_a_quiet_moment(open_pages: int) -> bool:
    """Look at everything once, if the evening is quiet; answers whether it was. What lived long and
    ended in a circle is freed by nothing else."""
    if open_pages <= QUIET:
        gc.collect()
    return open_pages <= QUIET
