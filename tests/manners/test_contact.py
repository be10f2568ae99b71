"""Who answers for a crawl."""

import pytest

from psgcrawl import __version__
from psgcrawl.errors import UsageError
from psgcrawl.manners.contact import user_agent


@pytest.mark.parametrize(
    "contact",
    [
        "ops@example.org",
        "https://example.org/bot",
        "http://example.org",
        "https://example.org/bot, ops@example.org",
        "A. Person <a.person+crawl@example.org>",
    ],
)
def test_an_address_of_mail_or_of_the_web_goes_into_the_user_agent(contact: str) -> None:
    assert user_agent(f" {contact} ") == f"psgcrawl/{__version__} (+{contact})"


@pytest.mark.parametrize(
    ("contact", "problem"),
    [
        ("", "says who answers for it"),
        ("   ", "says who answers for it"),
        ("Jane", "is no e-mail address"),
        ("jane@localhost", "is no e-mail address"),
        ("example.org", "is no e-mail address"),
        ("ftp://example.org", "is no e-mail address"),
        ("https://", "is no e-mail address"),
        ("ops@example.org\r\nHost: example.com", "printable ASCII"),
        ("ops@example.org\n", "printable ASCII"),
        ("ops@example.org)", "no parentheses"),
        ("ops@example.org (Jane)", "no parentheses"),
        ("ops@example.org\\", r"no \\"),
        ("ops@exämple.org", "printable ASCII"),
        ("ops@example.org\x00", "printable ASCII"),
        ("ops@example.org" + "x" * 200, "not more than 200"),
    ],
)
def test_what_is_neither_or_would_break_a_header_is_refused_with_an_example(contact: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem) as refused:
        user_agent(contact)
    assert str(refused.value).startswith("CONTACT: ")
    assert '-s CONTACT="https://example.org/bot, ops@example.org"' in str(refused.value)
