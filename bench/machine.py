"""The machine: which cores a run may use, and the tools that are built on it at first use."""

import hashlib
import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
CACHE: Final = HERE.parent / "build" / "bench"
"""What is compiled and installed for the bench; it ignores itself in git."""

_CORES: Final = sorted(os.sched_getaffinity(0))
SERVER_CORE: Final = _CORES[0]
GENERATOR_CORE: Final = _CORES[-1]


class Missing(Exception):
    """Something that a measurement needs is not on this machine; the message is a sentence."""


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Processes started in this block, with all their threads, stay on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def allow_many_files() -> None:
    """Let this process and those it starts open as many sockets as the system permits."""
    _, highest = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest, highest))


def cache() -> Path:
    """The folder of what is built, made when it is first needed."""
    CACHE.mkdir(parents=True, exist_ok=True)
    (CACHE / ".gitignore").write_text("*\n", encoding="utf-8")
    return CACHE


def program(name: str) -> Path:
    """A program of bench/c, compiled unless that was done already. Raises Missing."""
    sources = sorted((HERE / "c").glob("*.[ch]"))
    state = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    built = cache() / f"{name}-{state}"
    if not built.exists():
        compiler = shutil.which("cc")
        if compiler is None:
            raise Missing("The bench needs a C compiler, found as cc.")
        fresh = built.with_suffix(f".{os.getpid()}")
        source = HERE / "c" / f"{name}.c"
        subprocess.run(
            [compiler, "-O2", "-Wall", "-Wextra", "-Werror", "-o", fresh, source, "-lm"], check=True
        )
        fresh.replace(built)
    return built


def resident_kib(pid: int) -> int:
    """The resident memory of a process in KiB."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise ProcessLookupError(pid)


def described() -> str:
    """The machine by cores and memory alone: anything more would say whose it is."""
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    cores = f"{len(_CORES)} core{'s' if len(_CORES) > 1 else ''}"
    return f"{cores} and {round(pages * size / 2**30)} GiB of memory"
