"""``python -m tests.forkserver KIND FD``: a process that has imported what crawls, or commands, import, and forks them.

To import Scrapy takes longer than most crawls of the tests, and to import what commands do,
which is less, longer than most commands. What is forked starts with the modules loaded and
nothing done: in a process of its own, with the pipes, folder and environment that it was
given, it then runs its module as ``python -m`` does, to the interpreter's very end.
:mod:`tests.forked` is the other side.

It serves until the other end of the socket FD is closed. One request: four descriptors
(standard input, output, error, and a socket for what becomes of the process), a length, and
as much JSON: ``{"words": [MODULE, ARGUMENT…], "cwd": …, "environ": {…}}``. On the socket of
the process come its number and, when it has ended, its exit code, as :data:`NUMBER` each.
"""

import gc
import importlib
import json
import os
import pkgutil
import runpy
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from selectors import EVENT_READ, DefaultSelector
from struct import Struct
from types import FrameType
from typing import Any, Final

from psgcrawl import settings as psgcrawl_settings
from tests.disks import unwaited

NUMBER: Final = Struct("=q")
"""A length, a process, an exit code (negative: the signal that ended it)."""

_PACKAGES: Final = ("scrapy.commands", *(f"psgcrawl.{name}" for name in ("extensions", "middlewares", "spiders")))
"""Of which every module is imported for crawls."""
_MODULES: Final = ("psgcrawl.commands.crawl", "scrapy.cmdline", "scrapy.core.downloader.handlers.http11")


@dataclass(frozen=True)
class Request:
    """A process that is asked for."""

    words: list[str]
    cwd: str
    environ: dict[str, str]
    streams: list[int]


def load(kind: str) -> None:
    """Import what crawls or commands import, and do nothing else: a crawl chooses its reactor and starts its threads.

    No disk is waited for, as in all of the tests.
    """
    for name in sorted({"crawls": of_crawls, "commands": of_commands}[kind]()):
        importlib.import_module(name)
    os.fsync = os.fdatasync = unwaited
    assert "twisted.internet.reactor" not in sys.modules
    assert kind == "crawls" or "scrapy" not in sys.modules
    assert threading.active_count() == 1
    gc.collect()
    gc.freeze()


def of_crawls() -> set[str]:
    """Return the modules that crawls import."""
    from scrapy.settings import Settings  # noqa: PLC0415 - commands do without Scrapy

    packages = (_below(name) for name in _PACKAGES)
    return {*_MODULES, *_components(Settings()), *_components(vars(psgcrawl_settings))}.union(*packages)


def of_commands() -> set[str]:
    """Return the modules of all commands."""
    return _below("psgcrawl.cli") | _below("psgcrawl.rebuild")


def _below(package: str) -> set[str]:
    path = importlib.import_module(package).__path__
    return {module.name for module in pkgutil.walk_packages(path, f"{package}.")}


def _components(settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield the modules of the components that the settings name by dotted path."""
    for value in settings.values():
        paths = [*value, *value.values()] if isinstance(value, Mapping) else [value]
        for path in paths:
            if isinstance(path, str) and path.startswith(("scrapy.", "psgcrawl.")):
                yield path.rpartition(".")[0]


class Server:
    """Forks, and tells what became of its children."""

    def __init__(self, control: socket.socket) -> None:
        """Serve what comes over ``control``."""
        self._control = control
        self._ended, self._woken = socket.socketpair()
        self._status: dict[int, socket.socket] = {}
        self._waiting = DefaultSelector()
        for one in (control, self._ended):
            one.setblocking(one is control)
            self._waiting.register(one, EVENT_READ)
        self._woken.setblocking(False)

    def serve(self) -> Request | None:
        """Return, in each child, what it was asked to be; in this process nothing, at the end."""
        signal.signal(signal.SIGCHLD, _noted)
        signal.set_wakeup_fd(self._woken.fileno())
        while True:
            ready = {key.fileobj for key, _ in self._waiting.select()}
            if self._ended in ready:
                self._ended.recv(4096)
                self._reap()
            if self._control in ready:
                asked = self._receive()
                if asked is None:
                    return None
                request, status = asked
                number = os.fork()
                if number == 0:
                    status.close()
                    self._leave()
                    return request
                for descriptor in request.streams:
                    os.close(descriptor)
                self._status[number] = status
                _tell(status, number)

    def _receive(self) -> tuple[Request, socket.socket] | None:
        head, descriptors, _, _ = socket.recv_fds(self._control, NUMBER.size, 4)
        if not head:
            return None
        [length] = NUMBER.unpack(head)
        body = b""
        while len(body) < length:
            body += self._control.recv(length - len(body))
        *streams, status = descriptors
        return Request(**json.loads(body), streams=streams), socket.socket(fileno=status)

    def _reap(self) -> None:
        while self._status:
            number, status = os.waitpid(-1, os.WNOHANG)
            if number == 0:
                return
            with self._status.pop(number) as told:
                _tell(told, os.waitstatus_to_exitcode(status))

    def _leave(self) -> None:
        """Let go of everything that is the server's."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._waiting.close()
        for one in (self._control, self._ended, self._woken, *self._status.values()):
            one.close()


def _noted(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: that there is a handler makes the signal wake the server."""


def _tell(status: socket.socket, number: int) -> None:
    try:
        status.sendall(NUMBER.pack(number))
    except BrokenPipeError:
        return  # nobody wants to know any more


def become(request: Request) -> None:
    """Make this process what it would be if it had been started with a command line of its own, and run it."""
    for number, descriptor in enumerate(request.streams):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(request.cwd)
    # The first is the folder in which it was started; then come those of PYTHONPATH.
    sys.path[: 1 + len(_python_path())] = [request.cwd, *_python_path(request.environ)]
    os.environ.clear()
    os.environ.update(request.environ)
    time.tzset()
    importlib.invalidate_caches()
    module, sys.argv[1:] = request.words[0], request.words[1:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _python_path(environ: Mapping[str, str] = os.environ) -> list[str]:
    return [folder for folder in environ.get("PYTHONPATH", "").split(os.pathsep) if folder]


if __name__ == "__main__":
    load(sys.argv[1])
    asked = Server(socket.socket(fileno=int(sys.argv[2]))).serve()
    if asked is not None:
        become(asked)
