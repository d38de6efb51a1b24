"""The public conformance suite, wherever it can be had: Autobahn|Testsuite on our sockets.

`python -m tests.conformance.autobahn path/of/wstest…` runs its fuzzing client against our
configuration and against plain uvicorn, and fails for what fails here and not there. The suite
is written for Python 2.7, so the tests that always run are the cases of `cases.py`, after its list.
Only the longest message is uvicorn's own here: Autobahn tries sizes far above our limit.
"""

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.conformance.echo import KINDS, SPREAD, echoing

CASES: Final = ("1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "9.*", "10.*", "12.1.1", "13.1.1")
"""Of 12 and 13, compression, one case each: we offer none, and that has to be said properly."""
FINE: Final = frozenset({"OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED"})

Verdicts = dict[str, tuple[str, str]]


def verdicts(wstest: Sequence[str], kind: str) -> Verdicts:
    """What the suite says of each case: its behaviour, and its behaviour at the close."""
    with tempfile.TemporaryDirectory() as folder, echoing(kind, SPREAD) as port:
        plan = {
            "outdir": folder,
            "servers": [{"agent": kind, "url": f"ws://127.0.0.1:{port}"}],
            "cases": list(CASES),
            "exclude-cases": [],
            "exclude-agent-cases": {},
        }
        spec = Path(folder) / "spec.json"
        spec.write_text(json.dumps(plan))
        told = subprocess.run(
            [*wstest, "-m", "fuzzingclient", "-s", str(spec)], check=True, capture_output=True
        )
        index = Path(folder) / "index.json"
        assert index.exists(), told.stderr
        found = json.loads(index.read_text())[kind]
    return {case: (told["behavior"], told["behaviorClose"]) for case, told in found.items()}


def main(wstest: Sequence[str]) -> int:
    """Run the suite on both; 1 when ours fails a case that plain uvicorn does not."""
    ours, plain = (verdicts(wstest, kind) for kind in KINDS)
    worse = [
        case
        for case, verdict in ours.items()
        if not FINE.issuperset(verdict) and FINE.issuperset(plain[case])
    ]
    for kind, found in zip(KINDS, (ours, plain), strict=True):
        counted = Counter(behaviour for behaviour, _ in found.values())
        failed = sorted(case for case, verdict in found.items() if not FINE.issuperset(verdict))
        loose = sorted(case for case, verdict in found.items() if "NON-STRICT" in verdict)
        sys.stdout.write(f"{kind}: {dict(counted)}; failed {failed}; non-strict {loose}\n")
    sys.stdout.write(f"worse than plain uvicorn: {worse or 'nothing'}\n")
    return bool(worse)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
