"""Expressions as Python's compiler left them, and expressions from that.

To compile a long expression takes milliseconds, and the first person after a start who says what it
finds would wait for it, as would everybody else in all rooms. From its code an expression is there
in some thirty microseconds. `re` offers no way to keep code, so this goes one step beneath it, to
the function in which `re.compile` itself ends. That function checks whatever code it is given, and
a Python that compiles otherwise has another `FORMAT`: what does not fit is compiled anew.
"""

import _sre  # type: ignore[import-not-found]  # nobody has written down what is in it
import re
import zlib
from array import array
from collections.abc import Mapping
from re import _compiler, _parser  # type: ignore[attr-defined]
from typing import Final

FORMAT: Final = f"{_sre.MAGIC} {_sre.CODESIZE}"
"""Code is of use only to a Python with the same, on a machine that writes numbers alike."""
_UNIT: Final = {2: "H", 4: "I"}[_sre.CODESIZE]
_QUICKLY: Final = 1


def code(expression: str) -> bytes:
    """What the compiler makes of an expression, packed. It may have no groups that are counted."""
    parsed = _parser.parse(expression)
    if parsed.state.groups > 1:
        raise ValueError("an expression with groups keeps more than its code")
    made = array(_UNIT, _compiler._code(parsed, parsed.state.flags))
    return zlib.compress(made.tobytes(), _QUICKLY)


class Compiled:
    """The code of many expressions, one behind the other in a buffer that may lie on a disk.

    `places` says of each name where its code begins, and how long it is.
    """

    def __init__(self, places: Mapping[str, tuple[int, int]], codes: memoryview) -> None:
        self._places = places
        self._codes = codes

    def expression(self, name: str) -> re.Pattern[str] | None:
        """The expression of this name; None where none was kept, or none that is any good."""
        place = self._places.get(name)
        if place is None:
            return None
        begin, length = place
        made = array(_UNIT)
        try:
            made.frombytes(zlib.decompress(self._codes[begin : begin + length]))
            made_of: re.Pattern[str] = _sre.compile(name, re.UNICODE, made.tolist(), 0, {}, (None,))
        except (zlib.error, ValueError, RuntimeError, TypeError):
            return None
        return made_of


NOTHING_COMPILED: Final = Compiled({}, memoryview(b""))
