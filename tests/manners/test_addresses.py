"""Which hosts are one site, and which addresses are nobody's business."""

import pytest

from psgcrawl.errors import UsageError
from psgcrawl.manners.addresses import is_public, may_connect, names_loopback, origin_of, origins

SITE = "http://perusupportgroup.org.uk"


@pytest.mark.parametrize(
    "url",
    [
        "http://perusupportgroup.org.uk/news.php",
        "https://perusupportgroup.org.uk",
        "HTTP://WWW.PeruSupportGroup.org.uk:80/",
        "https://www.perusupportgroup.org.uk:443/?a=b#c",
        "http://perusupportgroup.org.uk./",
        "http://perusupportgroup.org.uk:/",
    ],
)
def test_schemes_and_www_and_default_ports_are_one_site(url: str) -> None:
    assert origin_of(url) in origins(SITE)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "http://perusupportgroup.org.uk.example.org/",
        "http://mail.perusupportgroup.org.uk/",
        "http://perusupportgroup.org.uk:8080/",
        "http://perusupportgroup.org.uk:443/",
        "http://user@perusupportgroup.org.uk/",
        "http://perusupportgroup.org.uk@example.org/",
        "http://perusupportgroup.org.uk\\@example.org/",
        "http://perusupportgroup.org.uk\\.example.org/",
        "http://perusupportgroup%2eorg.uk/",
        "http://perusupportgroup。org.uk/",
        "http://[perusupportgroup.org.uk]/",
        "http://perusupportgroup.org.uk:port/",
        "ftp://perusupportgroup.org.uk/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "//perusupportgroup.org.uk/",
        "perusupportgroup.org.uk",
        "http:///news.php",
        "",
    ],
)
def test_everything_else_is_another_site(url: str) -> None:
    assert origin_of(url) not in origins(SITE)


@pytest.mark.parametrize(
    "base", ["", "perusupportgroup.org.uk", "ftp://example.org", "http://", "http://a:b@example.org"]
)
def test_a_base_that_is_no_web_address_is_refused(base: str) -> None:
    with pytest.raises(UsageError, match="is no http or https address"):
        origins(base)


@pytest.mark.parametrize("host", ["10.0.0.1", "169.254.169.254", "0.0.0.0", "[fe80::1]", "[::ffff:127.0.0.1]"])  # noqa: S104
def test_a_base_that_is_a_number_of_another_network_is_refused(host: str) -> None:
    with pytest.raises(UsageError, match="neither on the public internet nor on this machine"):
        origins(f"http://{host}:8000")


@pytest.mark.parametrize(
    ("host", "is_"),
    [
        ("localhost", True),
        ("LOCALHOST.", True),
        ("site.localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("mylocalhost", False),
        ("localhost.example.org", False),
        ("127.1", False),
        ("0177.0.0.1", False),
        ("2130706433", False),
        ("::ffff:127.0.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - an address like others
        ("", False),
    ],
)
def test_only_its_plain_names_are_this_machine(host: str, is_: bool) -> None:
    assert names_loopback(host) is is_


REFUSED = """
127.0.0.1 127.255.255.254 0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1
169.254.169.254 169.254.0.1 100.64.0.1 100.127.255.254 192.0.0.1 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1
224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 fe80::1 fe80::1%eth0 fec0::1 fc00::1 fd00:ec2::254 ff02::1 2001:db8::1 100::1
::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 2002:7f00:1:: 2002:a00:1:: 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe
2001:0:4136:e378:8000:63bf:3fff:fdd2
nonsense 127.1 2130706433
""".split()


@pytest.mark.parametrize("address", REFUSED)
def test_special_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)
    assert not may_connect("example.org", address)
    assert not may_connect(address, address) or names_loopback(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_all_others_are_public(address: str) -> None:
    assert is_public(address)
    assert may_connect("example.org", address)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_what_names_this_machine_leads_to_it_only(host: str) -> None:
    assert may_connect(host, "127.0.0.1")
    assert may_connect(host, "::1")
    assert not may_connect(host, "8.8.8.8")
    assert not may_connect(host, "10.0.0.1")
    assert not may_connect(host, "nonsense")
