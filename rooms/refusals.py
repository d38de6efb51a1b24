"""What the rules say no to: one class per reason, each with a code that never changes.

A refusal is not a failure of the program. It is an answer: somebody asked for something that the
rules do not allow now, and is told so in a sentence. Refusals travel on the wire by their code, so
the table `REFUSALS` below is part of the protocol and of its documentation.
"""

from typing import ClassVar


class Refused(Exception):
    """A person asked for something the rules do not allow now.

    Every concrete refusal says in its own body:

    - `code`: the stable name on the wire, lower case with underscores, unique;
    - `text`: the sentence for the person, in English; also its key in the translations;
    - `retry`: whether the same request may succeed a little later, unchanged.

    A class declared with `family=True` only gathers refusals, so that they can be caught together.
    It has no code, stands in no table and cannot be raised.

    `facts` are details of this one answer: a limit, a position, a code. They go over the wire and
    may reach a log, so they are never what a person wrote. `help` is the level of danger that the
    refused text spoke of: whatever is refused, help is not.
    """

    code: ClassVar[str]
    text: ClassVar[str]
    retry: ClassVar[bool] = False
    help: int = 0

    def __init_subclass__(cls, *, family: bool = False) -> None:
        """Enter the class in `REFUSALS`. Raises TypeError for a missing word or a code in use."""
        super().__init_subclass__()
        if family:
            return
        missing = {"code", "text"} - cls.__dict__.keys()
        if missing:
            raise TypeError(f"{cls.__qualname__} gives no {' and no '.join(sorted(missing))}")
        if cls.code in REFUSALS:
            other = REFUSALS[cls.code].__qualname__
            raise TypeError(f"{cls.__qualname__} takes the code {cls.code!r} of {other}")
        REFUSALS[cls.code] = cls

    def __init__(self, **facts: int | str) -> None:
        """Keep the facts. Raises TypeError for a class that only gathers refusals."""
        if "code" not in type(self).__dict__:
            raise TypeError(f"{type(self).__qualname__} is not one refusal but a family of them")
        super().__init__(self.code)
        self.facts = facts


REFUSALS: dict[str, type[Refused]] = {}
"""Every refusal by its code. Filled as the classes are declared; nobody else writes to it."""
