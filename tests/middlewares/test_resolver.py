"""Connections go to addresses that were checked, and to no others: Twisted's own endpoint on a reactor in memory."""

import sys
from collections.abc import Generator, Sequence
from typing import Any, Literal

import pytest
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.error import DNSLookupError
from twisted.internet.interfaces import IHostnameResolver, IReactorPluggableNameResolver
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.testing import MemoryReactorClock
from zope.interface import implementer  # type: ignore[import-untyped]
from zope.interface.verify import verifyObject  # type: ignore[import-untyped]

from psgcrawl.middlewares.resolver import REFUSED, PublicResolver

HOST = "site.example.org"


@pytest.fixture(autouse=True)
def _no_reactor() -> Generator[None]:
    """Twisted's endpoints install the real reactor in passing: other tests crawl in this process without one."""
    before = "twisted.internet.reactor" in sys.modules
    yield
    if not before:
        sys.modules.pop("twisted.internet.reactor", None)


@implementer(IHostnameResolver)
class NameService:
    """Answers each question with the next of the lists of addresses, and the last again and again."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def resolveHostName(  # noqa: N802 - of Twisted's interface
        self, receiver: Any, host: str, port: int = 0, types: Any = None, transport: Literal["TCP"] = "TCP"
    ) -> Any:
        self.asked.append(host)
        receiver.resolutionBegan(self)
        for address in self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]:
            kind = IPv6Address if ":" in address else IPv4Address
            receiver.addressResolved(kind(transport, address, port))
        receiver.resolutionComplete()
        return self


@implementer(IReactorPluggableNameResolver)
class Reactor(MemoryReactorClock):
    """A reactor that connects to nothing and tells where it would."""

    def __init__(self, *answers: Sequence[str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.service = NameService(*answers)
        self.nameResolver: Any = self.service
        PublicResolver.from_crawler(None, reactor=self).install_on_reactor()  # type: ignore[arg-type]

    def installNameResolver(self, resolver: Any) -> Any:  # noqa: N802 - of Twisted's interface
        before, self.nameResolver = self.nameResolver, resolver
        return before

    def connect(self, host: str = HOST) -> "Deferred[Any]":
        """Connect, until all addresses have been tried that may be."""
        factory: Any = Factory.forProtocol(Protocol)
        connecting = HostnameEndpoint(self, host, 80).connect(factory)
        self.advance(5)
        return connecting

    def connected(self) -> list[str]:
        """Return the addresses to which connections were begun."""
        return [host for host, *_ in self.tcpClients]


@pytest.fixture(autouse=True)
def _forget() -> None:
    REFUSED.clear()


def test_it_is_what_twisted_asks_for() -> None:
    assert verifyObject(IHostnameResolver, Reactor(["8.8.8.8"]).nameResolver)


def test_public_addresses_are_connected_to() -> None:
    reactor = Reactor(["8.8.8.8", "2606:4700::1111"])
    reactor.connect().addErrback(lambda _: None)
    assert set(reactor.connected()) == {"8.8.8.8", "2606:4700::1111"}
    assert REFUSED == {}


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fe80::1", "::ffff:127.0.0.1"])
def test_a_name_that_leads_to_no_public_address_is_not_connected_to(address: str) -> None:
    reactor = Reactor([address])
    failed: list[Any] = []
    reactor.connect().addErrback(failed.append)
    assert reactor.connected() == []
    assert isinstance(failed[0].value, DNSLookupError)
    assert {HOST: [address]} == REFUSED


def test_of_several_addresses_the_public_ones_are_connected_to() -> None:
    reactor = Reactor(["192.168.0.1", "8.8.8.8", "::1"])
    reactor.connect().addErrback(lambda _: None)
    assert reactor.connected() == ["8.8.8.8"]
    assert REFUSED == {}


def test_a_name_that_leads_elsewhere_later_is_refused_then() -> None:
    reactor = Reactor(["8.8.8.8"], ["127.0.0.1"], ["8.8.4.4"])
    for _ in range(3):
        reactor.connect().addErrback(lambda _: None)
    # Each connection asks once, and goes to what that answer said.
    assert reactor.service.asked == [HOST] * 3
    assert reactor.connected() == ["8.8.8.8", "8.8.4.4"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_a_name_of_this_machine_leads_to_it_only(host: str) -> None:
    reactor = Reactor(["8.8.8.8", "127.0.0.1"])
    reactor.connect(host).addErrback(lambda _: None)
    assert reactor.connected() == ["127.0.0.1"]


def test_a_name_that_nobody_knows_is_not_called_refused() -> None:
    reactor = Reactor([])
    failed: list[Any] = []
    reactor.connect().addErrback(failed.append)
    assert isinstance(failed[0].value, DNSLookupError)
    assert REFUSED == {}
