"""The file of settings that `candlelight init` writes: one `NAME="value"` a line.

It is written so that systemd (`EnvironmentFile=`), Docker Compose (`.env`) and a shell all read the
same from it as we do. What one of them would read otherwise is refused when it is written.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from server.settings import SettingRefused

_LINE: Final = re.compile(r'([A-Z][A-Z_]*)=(?:"([^"\\$`]*)"|([^"\'\\$`\s#]*))')
_SPECIAL: Final = set('"\\$`')


def written(values: Mapping[str, str]) -> str:
    """These settings as a file. Raises ValueError for a value that would be misread somewhere."""
    for name, value in values.items():
        if not value.isprintable() or _SPECIAL & set(value):
            raise ValueError(f'{name} must not contain " \\ $ or `.')
    return "".join(f'{name}="{value}"\n' for name, value in values.items())


def read(path: Path) -> dict[str, str]:
    """The settings in a file. Raises SettingRefused; values are never repeated in its message."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        raise SettingRefused(f"The file of settings {path} cannot be read.") from None
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise SettingRefused(f'Line {number} of {path} is not of the form NAME="value".')
        found[match[1]] = match[2] if match[2] is not None else match[3]
    return found


def under(environment: Mapping[str, str], file: Mapping[str, str]) -> dict[str, str]:
    """The settings of a file, and over them those of the environment.

    `NAME` and `NAME_FILE` are two ways to say one thing: either in the environment hides both in
    the file. systemd hands over the deployment key that way.
    """
    names = {name.removesuffix("_FILE") for name in environment} | set(environment)
    hidden = {name for name in file if name in names or name.removesuffix("_FILE") in names}
    return {name: value for name, value in file.items() if name not in hidden} | dict(environment)
