"""Texts that are UTF-8, and some that only look like it.

After Markus Kuhn's "UTF-8 decoder capability and stress test", as the public suite uses it in 6.5
to 6.23; the numbers in the comments are those of the suite.
"""

from typing import Final

_KOSME = "κόσμε".encode()
_CUTS = range(1, len(_KOSME) + 1)
_BOUNDS = frozenset(len("κόσμε"[:i].encode()) for i in range(1, 6))

_GOOD = (
    [_KOSME[:cut] for cut in _CUTS if cut in _BOUNDS]  # 6.5, 6.6
    + [bytes.fromhex(first) for first in ("00", "c280", "e0a080", "f0908080")]  # 6.7
    + [bytes.fromhex(last) for last in ("7f", "dfbf", "efbfbf", "f48fbfbf")]  # 6.9
    + [bytes.fromhex(near) for near in ("ed9fbf", "ee8080", "efbfbd")]  # 6.11
    + [
        f"{chr(plane << 16 | end)}".encode() for plane in range(17) for end in (0xFFFE, 0xFFFF)
    ]  # 6.22
    + ["\ufdd0".encode(), "\ufffd".encode()]  # 6.22, 6.23
)

_STARTS = [*range(0xC0, 0xFE)]
_LENGTHS = {0xC0: 2, 0xE0: 3, 0xF0: 4, 0xF8: 5, 0xFC: 6}
_MISSING = [bytes([start]) + b"\x80" * (length - 2) for start, length in _LENGTHS.items()]

_WRONG = (
    [_KOSME[:cut] for cut in _CUTS if cut not in _BOUNDS]  # 6.6
    + [bytes.fromhex(far) for far in ("f888808080", "fc8480808080")]  # 6.8
    + [bytes.fromhex(far) for far in ("f7bfbfbf", "fbbfbfbfbf", "fdbfbfbfbfbf")]  # 6.10
    + [bytes.fromhex("f4908080")]  # 6.11
    + [b"\x80", b"\xbf"]  # 6.12
    + [(b"\x80\xbf" * 4)[:length] for length in range(2, 8)]
    + [bytes(range(0x80, 0xC0))]
    + [b"".join(bytes([start, 0x20]) for start in _STARTS if start & 0xE0 == 0xC0)]  # 6.13
    + [bytes([start, 0x20]) for start in (0xC2, 0xE1, 0xF1, 0xF8, 0xFC)]
    + _MISSING  # 6.14
    + [b"".join(_MISSING)]  # 6.15
    + [b"\xfe", b"\xff", b"\xfe\xfe\xff\xff"]  # 6.16
    + [
        bytes.fromhex(s) for s in ("c0af", "e080af", "f08080af", "f8808080af", "fc80808080af")
    ]  # 6.17
    + [
        bytes.fromhex(s) for s in ("c1bf", "e09fbf", "f08fbfbf", "f887bfbfbf", "fc83bfbfbfbf")
    ]  # 6.18
    + [
        bytes.fromhex(s) for s in ("c080", "e08080", "f0808080", "f880808080", "fc8080808080")
    ]  # 6.19
    + [
        bytes.fromhex(s) for s in ("eda080", "edadbf", "edae80", "edafbf", "edb080", "edbe80")
    ]  # 6.20
    + [bytes.fromhex(s) for s in ("edbfbf", "eda080edb080", "edadbfedbfbf", "edafbfedbfbf")]  # 6.21
)

GOOD_TEXTS: Final = tuple(dict.fromkeys(_GOOD))
WRONG_TEXTS: Final = tuple(dict.fromkeys(_WRONG))
