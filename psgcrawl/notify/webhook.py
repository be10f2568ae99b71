"""One document to a web address: one POST, no redirects, no proxies, certificates verified."""

import hmac
import http.client
import ssl
from base64 import b64encode
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final
from urllib.parse import SplitResult, unquote_to_bytes, urlsplit

from psgcrawl import SOFTWARE
from psgcrawl.errors import UsageError

EVENT_HEADER: Final = "X-Psgcrawl-Event"
SIGNATURE_HEADER: Final = "X-Psgcrawl-Signature"


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address, and the secret that it shares with us."""

    address: SplitResult = field(repr=False)
    secret: bytes = field(default=b"", repr=False)

    @classmethod
    def of(cls, address: str, secret: str = "") -> "Webhook":
        """Read an address.

        :raises UsageError: for what is none; the message does not quote it, for it can hold a password
        """
        if not _is_address(address):
            raise UsageError("NOTIFY_WEBHOOK: no http or https address of printable ASCII (it is not shown here)")
        return cls(urlsplit(address), secret.encode())

    @property
    def shown(self) -> str:
        """Scheme, host and port: what may be logged. Path and query often are the secret."""
        port = f":{self.address.port}" if self.address.port else ""
        return f"{self.address.scheme}://{self.address.hostname}{port}"

    def headers(self, data: bytes, event: str) -> dict[str, str]:
        """Return the headers of a POST of ``data``."""
        made = {"Content-Type": "application/json", "User-Agent": SOFTWARE.replace(" ", "/"), EVENT_HEADER: event}
        if self.address.username is not None:
            pair = b":".join(unquote_to_bytes(part or "") for part in (self.address.username, self.address.password))
            made["Authorization"] = f"Basic {b64encode(pair).decode('ascii')}"
        if self.secret:
            made[SIGNATURE_HEADER] = f"sha256={signature(self.secret, data)}"
        return made

    def post(self, data: bytes, event: str, limit: float) -> str | None:
        """Send ``data``; return what went wrong, None when the answer is 2xx.

        :param limit: seconds, all together: also of a name that does not resolve and an answer that drips
        """
        answered: SimpleQueue[str | None] = SimpleQueue()
        Thread(target=lambda: answered.put(self._post(data, event, limit)), name="notify-webhook", daemon=True).start()
        try:
            return answered.get(timeout=limit)
        except Empty:
            return f"no answer within {limit:.0f} s"

    def _post(self, data: bytes, event: str, limit: float) -> str | None:
        try:
            connection = self._connection(limit)
            try:
                target = self.address._replace(scheme="", netloc="", fragment="").geturl() or "/"
                connection.request("POST", target, data, self.headers(data, event))
                status = connection.getresponse().status
            finally:
                connection.close()
        except (OSError, http.client.HTTPException, ValueError) as error:
            # What the other side says can hold anything, and what we asked for must not be shown.
            known = getattr(error, "verify_message", None) or getattr(error, "strerror", None)
            return f"{type(error).__name__}: {known or 'no proper answer'}"
        return None if status // 100 == 2 else f"the server answered {status}"

    def _connection(self, limit: float) -> http.client.HTTPConnection:
        host, port = str(self.address.hostname), self.address.port
        if self.address.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=limit)
        return http.client.HTTPSConnection(host, port, timeout=limit, context=ssl.create_default_context())


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        well = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return well and text.isascii() and text.isprintable() and " " not in text


def signature(secret: bytes, data: bytes) -> str:
    """Return HMAC-SHA256 (RFC 2104) of a body in lower-case hexadecimal.

    >>> signature(b"key", b"The quick brown fox jumps over the lazy dog")
    'f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8'
    """
    return hmac.digest(secret, data, "sha256").hex()
