"""Signs: which parts of a piece of markup are shown."""

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True)
class Signs:
    """Which parts of a piece of markup are shown. `attribute` tells a page's from a row's."""

    on: frozenset[str]
    attribute: str = "data-when"

    def when(self, *signs: str) -> Markup:
        """The attributes of an element that is shown while any of these signs holds."""
        shown = Markup('{}="{}"') if self.on.intersection(signs) else Markup('{}="{}" hidden')
        return shown.format(self.attribute, " ".join(signs))
