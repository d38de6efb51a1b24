"""Stylesheets, scripts and icons: read once, answered from memory, never asked for twice.

The address of a file contains a hash of the whole tree. A browser may therefore keep a file for
ever, and a new release has new addresses. Because the hash is of the tree and not of the file,
scripts can import one another by relative addresses without a build step.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

FOLDER: Final = Path(__file__).parent / "static"
FOR_EVER: Final = "public, max-age=31536000, immutable"

# Written out, because what Python guesses depends on the machine it runs on.
KINDS: Final[Mapping[str, str]] = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


class StaticTree:
    """The files below one folder, by their paths from there, and the hash of all of them."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.suffix in KINDS
        }
        digest = hashlib.sha256()
        for name, body in self._files.items():
            digest.update(b"%d %b %d " % (len(name), name.encode(), len(body)) + body)
        self.hash = digest.hexdigest()[:16]

    def address(self, name: str) -> str:
        """Where a browser finds a file. Raises `KeyError` for one that is not there."""
        if name not in self._files:
            raise KeyError(name)
        return f"/static/{self.hash}/{name}"

    def answer(self, hash_: str, name: str) -> Response:
        """The file, to be kept for ever. Raises 404 for another release's address."""
        body = self._files.get(name) if hash_ == self.hash else None
        if body is None:
            raise HTTPException(404)
        kind = KINDS[Path(name).suffix]
        return Response(body, headers={"Cache-Control": FOR_EVER}, media_type=kind)


@cache
def tree() -> StaticTree:
    """The project's own static files, read once in the life of the process."""
    return StaticTree()


def routes() -> list[BaseRoute]:
    """The one route of all static files."""
    files = tree()

    async def static(request: Request) -> Response:
        return files.answer(request.path_params["hash"], request.path_params["name"])

    return [Route("/static/{hash}/{name:path}", static)]
