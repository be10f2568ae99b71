import io
import re
import time

import pytest

from psgcrawl.exports.ticking import Counted, ticking


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def until(terminal: io.StringIO, pattern: str) -> None:
    """Wait for what is to show."""
    end = time.monotonic() + 10
    while not re.search(pattern, terminal.getvalue()):
        assert time.monotonic() < end, terminal.getvalue()
        time.sleep(0.01)


def test_on_a_terminal_a_line_shows_how_far_it_is_and_goes_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    counted = Counted(io.BytesIO())
    with ticking(lambda _: f"{counted.written} bytes", first=0.01, every=0.01) as clear:
        until(terminal, "\r\x1b\\[K0 bytes")
        assert counted.write(b"12345") == 5
        until(terminal, "\r\x1b\\[K5 bytes")
        clear()
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_what_is_done_soon_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with ticking(lambda _: "never"):
        pass
    assert terminal.getvalue() == ""


def test_what_is_no_terminal_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.StringIO()
    monkeypatch.setattr("sys.stderr", file)
    with ticking(lambda _: "never", first=0, every=0) as clear:
        time.sleep(0.05)
        clear()
    assert file.getvalue() == ""


def test_an_error_takes_the_line_away(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)

    def fails() -> None:
        with ticking(lambda _: "working", first=0, every=0.01):
            until(terminal, "working")
            raise ValueError

    with pytest.raises(ValueError):
        fails()
    assert terminal.getvalue().endswith("\r\x1b[K")
