"""Signs: markup is shown while one of them holds, on a page and in a row."""

from web.live_signs import Signs


def test_a_part_is_shown_while_any_of_its_signs_holds() -> None:
    signs = Signs(frozenset({"card:talk", "reach:no"}))
    assert signs.when("card:talk") == 'data-when="card:talk"'
    assert signs.when("card:urgent", "card:talk") == 'data-when="card:urgent card:talk"'
    assert signs.when("card:urgent") == 'data-when="card:urgent" hidden'


def test_nothing_is_shown_while_no_sign_holds() -> None:
    assert Signs(frozenset()).when("a", "b") == 'data-when="a b" hidden'
    assert Signs(frozenset({"a"})).when() == 'data-when="" hidden'


def test_the_signs_of_a_row_are_not_those_of_the_page() -> None:
    assert Signs(frozenset({"text"}), "data-if").when("text") == 'data-if="text"'


def test_a_sign_cannot_break_the_markup() -> None:
    assert Signs(frozenset()).when('"><script>') == ('data-when="&#34;&gt;&lt;script&gt;" hidden')
