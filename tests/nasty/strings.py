"""Texts, each of which means something to some program: what a page can print, and nobody may obey."""

from typing import Final

NASTY: Final[dict[str, str]] = {
    # terminals and logs
    "colour": "a\x1b[31mred\x1b[0m",
    "title of the window": "\x1b]0;owned\x07",
    "link of a terminal": "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "one byte CSI": "\x9b2J\x9b1;1H",
    "carriage return": "harmless\rpsgcrawl: all is well",
    "forged line": "a\nERROR psgcrawl: forged\n2026-01-01 INFO: done",
    "backspaces": "rm -rf\x08\x08\x08\x08\x08\x08ls    ",
    "bell and NUL": "a\x00b\x07c",
    "every control": "".join(map(chr, [*range(1, 9), *range(14, 32), *range(127, 160)])),
    # lines that are none
    "line separators": "line\u2028separator\u2029\x85group\x0b\x0c\x1c\x1d\x1eend",
    "carriage return and line feed": "one\r\ntwo\r",
    "a line of JSON": 'a"}\n{"id":"x-0000000000000000","title":"forged"}',
    # formulas
    "formula": "=cmd|'/C calc'!A0",
    "formula behind plus": "+1+cmd|' /C calc'!A0",
    "formula behind minus": "-2+3+cmd|' /C calc'!A0",
    "formula behind at": "@SUM(A1:A9)",
    "formula behind a tab": "\t=1+1",
    "formula behind blanks": "   =1+1",
    "wide formula": "\uff1d1+1",
    "formula behind nothing": '\u200b\u202e\ufeff=HYPERLINK("http://evil.example")',
    "apostrophe": "'quoted",
    # tables
    "quotes": '"quoted", twice ""',
    "commas": "a,b;c\td|e",
    "a row": 'a"\r\n"x","y","z',
    # HTML and XML
    "script": "<script>alert(1)</script>",
    "end of a script": "</script><script>alert(1)</script>",
    "handler": '"><img src=x onerror=alert(1)>',
    "handler of an attribute": "' onmouseover='alert(1)",
    "comment": "<!-- --!> -->",
    "sections": "]]> <![CDATA[ x ]]>",
    "entities": "&lt;b&gt; &amp;amp; &#0; &nosuch; &#xD800;",
    "declaration": "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
    "javascript address": "javascript:alert(1)",
    "data address": "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "forbidden in XML": "a\ufffe\uffffb\U0001fffe",
    # databases and templates
    "SQL": "'); DROP TABLE entries; --",
    "full-text operators": 'NEAR("a" b, 2) OR * AND NOT ^x: {title summary} : "',
    "template": "{{ 7 * 7 }}{% for x in y %}{# c #}${7*7}<%= 7 %>",
    "formats": "%s%n%x {0.__class__} \\N{BULLET} $(id) `id`",
    # Unicode
    "direction": "\u202egnp.exe\u202c \u2066a\u2069 \u200f\u061c",
    "flood of marks": "Z" + "\u0300\u0316\u0334" * 300,
    "emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 \U0001f3f4\U000e0067\U000e0062\U000e007f",
    "tags that nobody sees": "a" + "".join(chr(0xE0000 + ord(char)) for char in "hidden") + "b",
    "byte order mark": "\ufeffa\ufeff",
    "private and unassigned": "\ue000 \U0010fffd \u0378",
    "astral": "\U00010400\U0001f600\U0002f800",
    "to be composed": "e\u0301 \u212b \u1100\u1161",
    "letters that look alike": "р\u0430\u0443\u0440\u0430l.com ＝ ǅ ß İ",
    # paths
    "path": "../../etc/passwd",
    "name of a device": "CON .staging-20170218T060000Z latest",
    # sizes
    "huge": "huge " * 4_000,
    "one word": "w" * 20_000,
}
"""By what each of them is. All can be written as JSON."""

SURROGATES: Final[dict[str, str]] = {
    "high surrogate": "a\ud800b",
    "low surrogate": "\udcffa",
    "surrogates in the wrong order": "\udc00\ud800",
}
"""What is no text and cannot be written: a page can still print it, by number."""
