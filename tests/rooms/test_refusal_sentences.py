"""Every refusal of the rules speaks to a tired person, in the house's voice."""

import importlib
import pkgutil

import rooms
from rooms.refusals import REFUSALS


def test_every_refusal_speaks_in_whole_calm_sentences() -> None:
    for module in pkgutil.iter_modules(rooms.__path__, "rooms."):
        importlib.import_module(module.name)
    sentences = {code: kind.text for code, kind in REFUSALS.items()}
    assert "pseudonym_taken" in sentences
    broken = {
        code: text
        for code, text in sentences.items()
        if not text[:1].isupper() or not text.endswith((".", "?")) or "!" in text
    }
    assert broken == {}
    assert [code for code in sentences if not code.isidentifier() or code != code.lower()] == []
