"""Languages: English where nothing else is there, and never a key or a hole."""

import json
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from web import language
from web.language import environment, script_strings, translations


def test_a_language_that_is_not_there_yet_answers_in_english() -> None:
    assert translations("tlh").gettext("Help now") == "Help now"


def test_a_template_escapes_what_somebody_wrote() -> None:
    template = environment("en").from_string("{{ name }}")
    assert template.render(name="<b>Ada</b>") == "&lt;b&gt;Ada&lt;/b&gt;"


def test_a_translated_sentence_escapes_what_is_put_into_it() -> None:
    template = environment("en").from_string("{% trans %}to {{ name }}{% endtrans %}")
    assert template.render(name="<b>") == "to &lt;b&gt;"


def test_a_page_with_a_hole_in_it_fails() -> None:
    with pytest.raises(UndefinedError):
        environment("en").from_string("{{ missing }}").render()


def test_scripts_speak_english_without_a_catalogue() -> None:
    assert script_strings("en") is None
    assert script_strings("tlh") is None


def test_a_sentence_for_scripts_cannot_end_its_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "es").mkdir()
    strings = {"Loading.": "</script><script>Cargando."}
    (tmp_path / "es" / "strings.json").write_text(json.dumps(strings), encoding="utf-8")
    monkeypatch.setattr(language, "CATALOGUES", tmp_path)
    script_strings.cache_clear()
    block = script_strings("es")
    script_strings.cache_clear()
    assert block is not None
    assert "<" not in block
    assert json.loads(block) == strings
