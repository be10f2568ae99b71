"""Names become addresses here, and only those to which a crawl may go.

What is checked is what is connected to: no second question to the name service lies in
between, in which it could answer otherwise (DNS rebinding).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Self

from scrapy.crawler import Crawler
from twisted.internet.interfaces import IAddress, IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from psgcrawl.manners.addresses import may_connect

if TYPE_CHECKING:
    from twisted.internet.base import ReactorBase

REFUSED: Final[dict[str, list[str]]] = {}
"""The addresses to which a host's name led last, where none of them was one to go to. For the whole process."""


@implementer(IHostnameResolver)
class PublicResolver:
    """Resolves as the reactor did before, and hands on what :func:`may_connect` allows.

    For each new connection afresh: no answer is kept. Literal addresses come through here,
    too, and so do the forms that only the system's resolver takes for addresses
    (``2130706433``, ``0177.0.0.1``).

    In the project's settings: ``TWISTED_DNS_RESOLVER`` is silently ignored in a spider's
    ``custom_settings``.
    """

    def __init__(self, reactor: "ReactorBase") -> None:
        self._reactor = reactor
        # Any: an interface of zope's has methods without self.
        self._before: Any = reactor.nameResolver

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: "ReactorBase") -> Self:  # noqa: ARG003 - as Scrapy calls it
        """Stand in front of the reactor's own."""
        return cls(reactor)

    def install_on_reactor(self) -> None:
        """Become the resolver of all connections of this process."""
        self._reactor.installNameResolver(self)  # type: ignore[arg-type]  # zope knows better

    def resolveHostName(  # noqa: N802 - of Twisted's interface
        self,
        resolutionReceiver: IResolutionReceiver,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> IHostResolution:
        """Hand the allowed addresses of a host to the receiver, in the order of the name service."""
        receiver = _Receiver(resolutionReceiver, hostName)
        began: IHostResolution = self._before.resolveHostName(
            receiver, hostName, portNumber, addressTypes, transportSemantics
        )
        return began


@implementer(IResolutionReceiver)
class _Receiver:
    """Stands between the name service and who asked."""

    def __init__(self, behind: Any, host: str) -> None:  # noqa: ANN401 - as above
        self._behind = behind
        self._host = host.lower()
        self._refused: list[str] = []
        self._allowed = False

    def resolutionBegan(self, resolution: IHostResolution) -> None:  # noqa: N802
        self._behind.resolutionBegan(resolution)

    def addressResolved(self, address: IAddress) -> None:  # noqa: N802
        found = str(getattr(address, "host", ""))
        if may_connect(self._host, found):
            self._allowed = True
            self._behind.addressResolved(address)
        else:
            self._refused.append(found)

    def resolutionComplete(self) -> None:  # noqa: N802
        REFUSED.pop(self._host, None)
        if self._refused and not self._allowed:
            REFUSED[self._host] = self._refused
        self._behind.resolutionComplete()
