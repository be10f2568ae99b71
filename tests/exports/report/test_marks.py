"""Text on pages that plain functions make."""

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from psgcrawl.exports.report.marks import escaped
from psgcrawl.exports.report.showing import harmless

SPECIAL = st.sampled_from("&<>'\"a\0\x85\u202e\u2028\ufdd0\U0001ffff汉\ud800")


@given(st.text(SPECIAL | st.characters()))
def test_text_is_what_the_templates_make_of_it(text: str) -> None:
    assert escaped(text) == str(escape(harmless(text)))
