"""Addresses and their keys, held against the Python package ``surt`` by ``tests/service/test_replay.py``."""

from typing import Final

SESSION: Final = "0123456789abcdef" * 2

KEYS: Final = {
    "http://www.perusupportgroup.org.uk/news.php?position=10": "uk,org,perusupportgroup)/news.php?position=10",
    "https://perusupportgroup.org.uk:443/2019/12/A-Slug/": "uk,org,perusupportgroup)/2019/12/a-slug",
    "http://perusupportgroup.org.uk:8080": "uk,org,perusupportgroup:8080)/",
    "http://www2.Example.ORG./a//b/../c/./d/?b=2&a=1&&a=&b": "org,example)/a/c/d?&a=&a=1&b&b=2",
    "http://example.org/%7Ea/%2541%20b?q=%C3%A9&Q=a+b%26c#part": "org,example)/~a/a%20b?c&q=%c3%a9&q=a+b",
    "http://example.org/Perú?ñ=1": "org,example)/per%c3%ba?%c3%b1=1",
    "http://user:secret@example.org/?": "org,example)/",
    f"http://example.org/list.php?PHPSESSID={SESSION}&position=20": "org,example)/list.php?position=20",
    f"http://example.org/list.php?position=20&sid={SESSION.upper()}": "org,example)/list.php?&position=20",
    "http://192.0.2.1/x": "1,2,0,192)/x",
    f"http://example.org/a;jsessionid={SESSION}?x=[1]": f"org,example)/a;jsessionid={SESSION}?x=[1]",
    "http://example.org/?&&": "org,example)/?&&",
    "http://example.org/?a&b=&=c": "org,example)/?=c&a&b=",
    "http://example.org/a;b=c//": "org,example)/a;b=c",
    "HTTP://WWW.EXAMPLE.ORG:80": "org,example)/",
    "http://example.org/?cfid=1&cftoken=2&x=Y": "org,example)/?x=y",
    "http://example.org/#only": "org,example)/",
    "http://example.org/%2e%2e/a/%2F/b": "org,example)/../a/b",
    "http://example.org/a b?c d": "org,example)/a%20b?c%20d",
    "http://example.org/../../../a/b//../c": "org,example)/../a/b/c",
    "http://example.org/a/..": "org,example)/",
}
