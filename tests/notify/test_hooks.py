"""How what there is to tell is sent: to a command, to an address, and never for longer than it may take."""

import hmac
import json
import os
import sys
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any, Final

import pytest

from psgcrawl import settings
from psgcrawl.errors import UsageError
from psgcrawl.notify import Hooks, command
from psgcrawl.notify.document import Event, Notification
from psgcrawl.notify.events import undecided
from psgcrawl.notify.hooks import SECRET, WEBHOOK
from psgcrawl.notify.webhook import Webhook
from tests.certificates import self_signed
from tests.hostile import Hostile, answer, moved

USUAL: Final = {name: getattr(settings, name) for name in vars(settings) if name.startswith("NOTIFY_")}
TOLD: Final = undecided("/srv/output", "posts", "2026-03-08T06:00:00Z", "2026-03-08T06:00:07Z")
OK: Final = answer(b"", status="204 No Content")
DATA: Final = b'{"version":1}\n'
KEY: Final = "correct horse battery staple"


def hooks(environ: Mapping[str, str] | None = None, **given: Any) -> Hooks:
    return Hooks.of(USUAL | {f"NOTIFY_{name.upper()}": value for name, value in given.items()}, environ or {})


def send(made: Hooks, *events: Event) -> list[str]:
    """Send notifications of these events, and return what was said to people."""
    said: list[str] = []
    values = {name: getattr(TOLD, name) for name in Notification.__slots__}
    made.send([Notification(**values | {"event": event}) for event in events or ["trouble"]], said.append)
    return said


def python(program: str, *words: str) -> list[str]:
    return [sys.executable, "-c", program, *words]


# --- settings -------------------------------------------------------------------------


def test_by_default_nobody_is_told() -> None:
    assert not hooks()


def test_an_address_of_the_environment_counts_where_the_setting_is_empty() -> None:
    made = hooks({WEBHOOK: "https://one.example/"})
    assert made.webhook is not None
    assert made.webhook.shown == "https://one.example"
    other = hooks({WEBHOOK: "https://one.example/"}, webhook="https://two.example:8443/x").webhook
    assert other is not None
    assert other.shown == "https://two.example:8443"


@pytest.mark.parametrize("on", ["change", "change,recovery", ["change", "recovery"], "", "trouble recovery change"])
def test_only_what_is_asked_for_is_sent(on: str | list[str]) -> None:
    with Hostile({"/": OK}) as server:
        made = hooks(webhook=server.url("/"), on=on)
        assert send(made, "trouble", "recovery", "change") == []
        told = [line.split(b": ")[1] for one in server.asked for line in one.head.split(b"\r\n") if b"Event" in line]
    assert [event.decode() for event in told] == [one for one in ("trouble", "recovery", "change") if one in on]
    assert bool(made) == bool(on)


WRONG: Final[dict[str, tuple[str, Any, str]]] = {
    "quote": ("command", "tell 'x", r"NOTIFY_COMMAND: \"tell 'x\": No closing quotation"),
    "event": ("on", "changes", "NOTIFY_ON: 'changes' is no event: there are change, recovery, trouble"),
    "no-number": ("timeout", "soon", "NOTIFY_TIMEOUT: 'soon' is no number of seconds over 0"),
    "no-time": ("timeout", 0, "NOTIFY_TIMEOUT: 0 is no number of seconds over 0"),
    "for-ever": ("timeout", "inf", "NOTIFY_TIMEOUT: 'inf' is no number of seconds over 0"),
    **{
        f"address {address!a}": ("webhook", address, r"NOTIFY_WEBHOOK: no http or https address of printable ASCII .*")
        for address in (
            "hooks.example/x",
            "ftp://hooks.example/",
            "https://",
            "https://hooks.example:0/",
            "https://hooks.example:99999/",
            "https://[::1/",
            "https://hooks.example/a b",
            "https://hooks.example/\r\nX-Forged: 1",
            "https://h\u00f6oks.example/",
        )
    },
}


@pytest.mark.parametrize(("name", "value", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_setting_is_an_error_that_shows_no_address(name: str, value: Any, message: str) -> None:
    with pytest.raises(UsageError, match=f"^{message}$") as error:
        hooks(**{name: value})
    assert name != "webhook" or str(value) not in str(error.value)


# --- a command ------------------------------------------------------------------------


def test_a_command_gets_the_document_and_its_words_as_they_stand(tmp_path: Path) -> None:
    out = tmp_path / "told"
    program = "import sys; open(sys.argv[1], 'w').write(sys.stdin.read() + repr(sys.argv[2:]))"
    assert command.give(python(program, str(out), "$HOME; rm *", "`id`", ""), DATA, 20) is None
    assert out.read_text() == DATA.decode() + "['$HOME; rm *', '`id`', '']"


def test_a_command_that_reads_nothing_holds_nothing_up() -> None:
    assert command.give(python("pass"), b"x" * (1 << 20), 20) is None


def test_a_command_does_not_see_the_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    out = tmp_path / "seen"
    monkeypatch.setenv(SECRET, KEY)
    monkeypatch.setenv(WEBHOOK, "http://hooks.example/secret")
    monkeypatch.setenv("OTHER", "seen")
    program = "import os, sys; open(sys.argv[1], 'w').write(repr(sorted(os.environ)))"
    words = python(program, str(out))
    with Hostile({}) as server:
        made = Hooks.of(USUAL | {"NOTIFY_WEBHOOK": server.url("/")}, os.environ)
        assert send(Hooks(command=tuple(words), webhook=None, on=made.on, timeout=20)) == []
    assert "'OTHER'" in out.read_text()
    assert SECRET not in out.read_text()
    assert WEBHOOK not in out.read_text()


FAILING: Final[dict[str, tuple[list[str], str]]] = {
    "missing": (["/nowhere/tell"], "'/nowhere/tell': No such file or directory"),
    "folder": (["/"], "'/': Permission denied"),
    "nul": (["a\0b"], r"'a\x00b': embedded null byte"),
    "exit-code": (python("raise SystemExit(3)"), f"{sys.executable!r}: exit code 3"),
    "killed": (python("import os; os.kill(os.getpid(), 9)"), f"{sys.executable!r}: signal 9"),
    "words": (
        python(r"import sys; sys.stderr.write('\x1b[31mno\nERROR: room'); sys.exit(1)"),
        rf"{sys.executable!r}: exit code 1: it said '\x1b[31mno\nERROR: room'",
    ),
}


@pytest.mark.parametrize(("words", "problem"), FAILING.values(), ids=FAILING)
def test_a_command_that_fails_is_said_in_one_line(words: list[str], problem: str) -> None:
    assert command.give(words, DATA, 20) == problem


def test_of_a_command_that_talks_without_end_little_is_kept() -> None:
    talks = "import sys\nfor _ in range(200): sys.stdout.write('x' * 65536)\nsys.exit(1)"
    problem = command.give(python(talks), DATA, 20)
    assert problem is not None
    assert problem.endswith(": it said '" + "x" * 1000 + "'")


def test_a_command_that_hangs_is_killed_with_what_it_started(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    child = f"import time, pathlib; time.sleep(1.5); pathlib.Path({str(mark)!r}).touch()"
    hangs = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', sys.argv[1]]); time.sleep(60)"
    begun = monotonic()
    assert command.give(python(hangs, child), DATA, 0.8) == f"{sys.executable!r}: killed after 1 s"
    assert monotonic() - begun < 5
    sleep(1.5)
    assert not mark.exists()


def test_what_a_command_leaves_running_holds_nothing_up() -> None:
    leaves = "import subprocess, sys; subprocess.Popen(['sleep', '20']); sys.exit(4)"
    begun = monotonic()
    assert command.give(python(leaves), DATA, 60) == f"{sys.executable!r}: exit code 4"
    assert monotonic() - begun < 15


# --- an address -----------------------------------------------------------------------


def test_a_webhook_gets_one_signed_post() -> None:
    got: list[tuple[str, str, dict[str, str], bytes]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.command, self.path, dict(self.headers), body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        address = f"http://us%40er:p%3Ass@127.0.0.1:{server.server_address[1]}/hook?room=1#part"
        assert send(hooks({SECRET: KEY}, webhook=address)) == []
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    [(method, path, headers, body)] = got
    assert (method, path) == ("POST", "/hook?room=1")
    assert json.loads(body)["reasons"] == TOLD.reasons
    assert body.endswith(b"}\n")
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Psgcrawl-Event"] == "trouble"
    assert headers["X-Psgcrawl-Signature"] == "sha256=" + hmac.new(KEY.encode(), body, "sha256").hexdigest()
    assert headers["Authorization"] == "Basic dXNAZXI6cDpzcw=="


def drip() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n"
    while True:
        sleep(0.1)
        yield b"X: y\r\n"


BAD: Final[dict[str, tuple[Any, str]]] = {
    "500": (answer(b"\x1b[31m", status="500 Oops"), "the server answered 500"),
    "404": (answer(b"", status="404 Not Found"), "the server answered 404"),
    "redirect": (moved("/elsewhere"), "the server answered 302"),
    "no-http": (b"\x1b[31mSSH-2.0\r\n", "BadStatusLine: no proper answer"),
    "nothing": (b"", "RemoteDisconnected: no proper answer"),
    "headers": (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 300, "HTTPException: no proper answer"),
    "silence": (None, "no answer within 1 s"),
    "drip": (drip, "no answer within 1 s"),
}


@pytest.mark.parametrize(("given", "problem"), BAD.values(), ids=BAD)
def test_an_address_that_answers_badly_is_said_in_one_line_and_in_time(given: Any, problem: str) -> None:
    begun = monotonic()
    with Hostile({"/secret": given, "/elsewhere": OK}) as server:
        # A slow machine has time for an answer; for what never comes nobody waits long.
        said = send(hooks(webhook=server.url("/secret"), timeout=0.7 if "within" in problem else 60))
        assert monotonic() - begun < 30
        assert server.targets() == ["/secret"], "asked once, and nowhere else"
        timed_out = f"NOTIFY_WEBHOOK: {server.url()}: trouble of posts was not told: TimeoutError: no proper answer"
        expected = f"NOTIFY_WEBHOOK: {server.url()}: trouble of posts was not told: {problem}"
        assert said in ([expected], [timed_out] if given is None else [expected])


def test_nobody_there_and_no_such_name_are_said() -> None:
    with Hostile({}) as server:
        gone = server.url("/")
    assert send(hooks(webhook=gone)) == [
        f"NOTIFY_WEBHOOK: {gone[:-1]}: trouble of posts was not told: ConnectionRefusedError: Connection refused"
    ]


def test_of_an_address_only_scheme_host_and_port_are_ever_shown() -> None:
    address = "http://name:password@127.0.0.1:1/path-secret?token=secret"
    made = hooks({SECRET: KEY}, webhook=address)
    [said] = send(made)
    for hidden in ("password", "secret", KEY, "name"):
        assert hidden not in said
        assert hidden not in repr(made)
    assert said.startswith("NOTIFY_WEBHOOK: http://127.0.0.1:1: ")


def test_certificates_are_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Hostile({"/": OK}, context=self_signed(tmp_path)) as server:
        [said] = send(hooks(webhook=server.url("/")))
        assert "SSLCertVerificationError: " in said
        assert server.asked == []
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
        assert send(hooks(webhook=server.url("/"))) == []


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with Hostile({"/": OK}) as server, Hostile({}) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url())
        assert send(hooks(webhook=server.url("/"))) == []
        assert (server.targets(), proxy.asked) == (["/"], [])


def test_all_together_ends_in_time_and_says_what_was_not_told() -> None:
    with Hostile({"/": None}) as server:
        made = hooks(webhook=server.url("/"), timeout=0.5)
        begun = monotonic()
        said = send(made, "trouble", "recovery", "change")
        assert monotonic() - begun < 3
    assert len(said) == 3
    assert said[2].endswith(": change of posts was not told: the time for it is over")


def test_a_command_that_fails_does_not_keep_the_webhook_from_being_told() -> None:
    with Hostile({"/": OK}) as server:
        [said] = send(hooks(command="/nowhere/tell", webhook=server.url("/")))
        assert server.targets() == ["/"]
    assert said == "NOTIFY_COMMAND: trouble of posts was not told: '/nowhere/tell': No such file or directory"


def test_an_unsigned_post_has_no_signature() -> None:
    webhook = Webhook.of("https://hooks.example/")
    assert "X-Psgcrawl-Signature" not in webhook.headers(DATA, "change")
    assert "Authorization" not in webhook.headers(DATA, "change")
