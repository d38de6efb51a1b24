"""Reading the tables of answers that people write by hand: rules first, exceptions below them."""

from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent


class Line(NamedTuple):
    """One line of a table: what it is about, column by column, and the answer."""

    number: int
    cells: tuple[str, ...]
    answer: str

    def covers(self, case: tuple[str, ...]) -> bool:
        """Whether a case is what the line is about. A cell says `any`, a word, or `one|another`."""
        return all(
            cell == "any" or word in cell.split("|")
            for cell, word in zip(self.cells, case, strict=True)
        )


def read(name: str) -> list[Line]:
    """The lines of a table, without its remarks."""
    lines = []
    for number, line in enumerate((FOLDER / name).read_text(encoding="utf-8").splitlines(), 1):
        if cells := line.partition("#")[0].split():
            lines.append(Line(number, tuple(cells[:-1]), cells[-1]))
    return lines


def ruling(lines: list[Line], case: tuple[str, ...]) -> Line | None:
    """The line that decides a case: the last one that covers it."""
    return next((line for line in reversed(lines) if line.covers(case)), None)


def differences(
    lines: list[Line], found: dict[tuple[str, ...], str]
) -> tuple[list[str], list[int]]:
    """Where the table and what happens disagree, and the numbers of lines that decide nothing."""
    wrong = []
    idle = {line.number for line in lines}
    for case, answer in found.items():
        line = ruling(lines, case)
        expected = line.answer if line else "UNDECIDED"
        if line:
            idle.discard(line.number)
        if expected != answer:
            where = f"line {line.number}" if line else "no line"
            wrong.append(f"{' '.join(case)}: {answer}, but {where} says {expected}")
    return wrong, sorted(idle)
