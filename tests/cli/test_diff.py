import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from psgcrawl.archive.compare.changes import CHANGES
from psgcrawl.cli import diff, main
from psgcrawl.records import DERIVATION, Entry
from tests.archive.compare.sides import AFTER, BEFORE, dated, file, full, snapshot, with_derivation
from tests.archive.making import page
from tests.fitting import fits

PROJECT = Path(__file__).parents[2]
SAMPLES = PROJECT / "psgcrawl" / "samples"
OLD, NEW = "20260301T060000Z", "20260308T060000Z"


def _run(archive: Path, *arguments: str | Path) -> int:
    return main(["--archive", str(archive), "diff", *map(str, arguments)])


def _document(archive: Path, capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, object]:
    _run(archive, *arguments, "--json")
    document: dict[str, object] = json.loads(capsys.readouterr().out)
    fits(document, "diff")
    return document


def _files(folder: Path, old: list[Entry], new: list[Entry]) -> tuple[Path, Path]:
    return file(folder / "a.jsonl", old).entries, file(folder / "b.jsonl", new).entries


SAID = """\
example: 20260301T060000Z -> 20260308T060000Z
2 added, 3 edited, 1 removed

added
  + 06 March 2026 | Synthetic: a made-up school opens its doors (25) [news-article-25]
  + 03 March 2026 | Synthetic: the invented river meets again (24) [news-article-24]

edited
  ~ 19 February 2026 | Synthetic: the imaginary quarry meets again (20) [news-article-20]
      title: Synthetic: the imaginary [-mine-] {+quarry+} meets again (20)
  ~ 04 February 2026 | Synthetic: an example assembly publishes its report (15) [news-article-15]
      summary: … Peru, and is here so that {+any+} two snapshots can be compared.
  ~ 16 January 2026 | Synthetic: an example assembly opens its doors (9) [news-article-9]
      dateline: [-17-] {+16+} January 2026

removed: no longer listed
  - 26 January 2026 | Synthetic: the invented river meets again (12) [news-article-12]
"""


def test_the_example_says_what_changed_and_exits_1(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(archive, "example") == 1
    assert capsys.readouterr().out == SAID


@pytest.mark.parametrize("names", [[], ["latest~1"], ["2026-03-01", "latest"], [OLD, NEW]], ids=" ".join)
def test_the_snapshot_before_the_latest_is_compared_with_the_latest(
    archive: Path, capsys: pytest.CaptureFixture[str], names: list[str]
) -> None:
    found = _document(archive, capsys, "example", *names)
    assert (found["collection"], found["old"], found["new"], found["ordered"]) == ("example", OLD, NEW, True)


def test_snapshots_are_named_by_path_too(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = archive / "example"
    found = _document(archive, capsys, "example", folder / OLD, folder / NEW)
    assert (found["old"], found["new"]) == (OLD, NEW)


def test_the_document_is_as_its_schema_and_the_contract_say(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = _document(archive, capsys, "example")
    assert list(found) == [
        "collection",
        "old",
        "new",
        "ordered",
        "editions",
        "derived_again",
        "counts",
        "changes",
    ]
    assert found["counts"] == {"added": 2, "edited": 3, "removed": 1, "aged-out": 0, "out-of-view": 0, "absent": 0}
    changes = found["changes"]
    assert isinstance(changes, list)
    for change in changes:
        assert list(change) == ["change", "id", "matched_by", "fields", "old", "new"]
        assert (change["matched_by"] is not None) == (change["change"] == "edited") == bool(change["fields"])
        assert (change["old"] is None) == (change["change"] == "added")
        assert (change["new"] is None) == (change["change"] == "removed")


def test_lines_hold_the_same_changes_as_the_document(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changes = _document(archive, capsys, "example")["changes"]
    assert isinstance(changes, list)
    assert _run(archive, "example", "--jsonl") == 1
    lines = capsys.readouterr().out.splitlines()
    assert sorted(map(json.loads, lines), key=str) == sorted(changes, key=str)
    assert all(line.isascii() and ": " not in line[:20] for line in lines)


def test_the_reverse_is_mirrored(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = _document(archive, capsys, "example", NEW, OLD)
    assert found["ordered"] is True
    assert found["counts"] == {"added": 1, "edited": 3, "removed": 2, "aged-out": 0, "out-of-view": 0, "absent": 0}


def test_a_snapshot_is_no_different_from_itself(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for options in ([], ["--stat"], ["--jsonl"]):
        assert _run(archive, "example", "latest", "latest", *options) == 0
        assert "no difference" in capsys.readouterr().out or options == ["--jsonl"]


def test_stat_counts_only(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(archive, "example", "--stat") == 1
    assert capsys.readouterr().out.splitlines()[1:] == [
        "2 added, 3 edited, 1 removed",
        "edited: title 1, summary 1, dateline 1",
    ]


def test_fields_are_ignored_and_kinds_chosen(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(archive, "example", "--stat", "--ignore", "title", "--ignore", "dateline") == 1
    assert "2 added, 1 edited, 1 removed" in capsys.readouterr().out
    assert _run(archive, "example", "--kind", "boilerplate", "--kind", "notice") == 0
    assert "no difference" in capsys.readouterr().out
    for option, value in (("--ignore", "flags"), ("--kind", "article")):
        with pytest.raises(SystemExit) as ended:
            _run(archive, "example", option, value)
        assert ended.value.code == 2


def test_snapshots_of_unknown_order_make_no_claim(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(archive, "news") == 1
    out = capsys.readouterr().out
    assert "20 absent" in out
    assert "order or coverage unknown" in out
    assert out.count("only in OLD:") == out.count("only in NEW:") == 10
    assert not re.search(r"\b(added|removed)\b", out)


@pytest.mark.parametrize("collection", [[], ["news"], ["no-such-collection"]])
def test_two_files_are_compared(
    tmp_path: Path, archive: Path, capsys: pytest.CaptureFixture[str], collection: list[str]
) -> None:
    old, new = _files(tmp_path, [dated(1, "2017-01-01")], [dated(1, "2017-01-01", caption="A mine")])
    found = _document(archive, capsys, *collection, old, new)
    assert (found["collection"], found["old"], found["new"], found["ordered"]) == (None, str(old), str(new), False)
    assert _run(archive, *collection, old, new) == 1
    assert "caption: {+A mine+}" in capsys.readouterr().out
    assert _run(archive, *collection, old, old) == 0


def test_a_file_is_compared_with_a_snapshot(tmp_path: Path, archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_bytes((archive / "example" / NEW / "entries.jsonl").read_bytes())
    assert _run(archive, "example", path) == 0
    capsys.readouterr()
    found = _document(archive, capsys, "example", OLD, path)
    assert (found["collection"], found["ordered"]) == ("example", False)


def _seen_in_part(tmp_path: Path) -> tuple[Path, Path]:
    edges = dated(900, "2017-01-20"), dated(901, "2017-01-10")
    old = snapshot(tmp_path, BEFORE, full(dated(1, "2012-01-01"), *edges))
    new = snapshot(tmp_path, AFTER, full(*edges, dated(2, "2017-02-01")))
    return old.entries.parent, new.entries.parent


def test_what_is_out_of_view_is_counted_and_exits_0(
    tmp_path: Path, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = _seen_in_part(tmp_path)
    assert _run(archive, "news", old, new, "--kind", "entry") == 0
    out = capsys.readouterr().out
    assert "out of view: 2 entries, no claim" in out
    assert "news-article-1]" not in out
    for options in (["--all"], ["--jsonl"], ["--json"]):
        assert _run(archive, "news", old, new, *options) == 0
        assert "news-article-1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["home"], "home: fewer than two snapshots, so there is nothing to compare yet"),
        (["nothing"], "no collection 'nothing'"),
        (["example", "2026"], "'2026' fits several snapshots"),
        (["example", "latest~7"], "no snapshot 'latest~7'"),
        (["none.jsonl", "none.jsonl"], "none.jsonl: no such file"),
        (["none.jsonl"], "two files are compared"),
        (["none.jsonl", "none.jsonl", "none.jsonl"], "two files are compared"),
        (["none.jsonl", "latest"], "a snapshot needs its collection in front"),
    ],
)
def test_what_cannot_be_meant_is_named_and_exits_2(
    archive: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert _run(archive, *arguments) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""


def test_damaged_input_is_named_by_file_and_line_and_exits_2(
    tmp_path: Path, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = _files(tmp_path, [dated(1, "2017-01-01")], [dated(2, "2017-01-01")])
    new.write_bytes(old.read_bytes() * 2)
    assert _run(archive, old, new) == 2
    assert capsys.readouterr().err == f"psgcrawl: {new}:2: duplicate id 'news-article-1', as in line 1\n"


def test_another_format_and_another_derivation_exit_2(
    tmp_path: Path, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = _seen_in_part(tmp_path)
    with_derivation(snapshot(tmp_path, AFTER, page(dated(1, "2017-01-01"))), DERIVATION + 1)
    told = b'"derivation": %d' % (DERIVATION + 1)
    later = next(path for path in tmp_path.rglob("datapackage.json") if told in path.read_bytes())
    assert _run(archive, "news", old, later.parent) == 2
    said = f"was written under derivation {DERIVATION}, 20170301T060000Z under {DERIVATION + 1}"
    assert said in capsys.readouterr().err
    manifest = new / "datapackage.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"format": 1', b'"format": 2'))
    assert _run(archive, "news", old, new) == 2
    assert "format 2, and this version of psgcrawl reads format 1" in capsys.readouterr().err


def test_a_file_out_of_order_is_noted_and_gives_the_same(
    tmp_path: Path, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = [dated(number, f"2017-01-{number:02d}") for number in range(1, 20)]
    old, new = _files(tmp_path, entries[:15], entries[3:])
    expected = _document(archive, capsys, old, new)["changes"]
    file(new, entries[3:], shuffled=1)
    assert _run(archive, old, new, "--json") == 1
    captured = capsys.readouterr()
    assert json.loads(captured.out)["changes"] == expected
    assert captured.err == f"psgcrawl: {new}: not in canonical order; it is put in order aside\n"


def test_nothing_from_a_page_reaches_the_terminal_unescaped(
    tmp_path: Path, archive: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = "\x1b[2J\u202e\x07"
    url, other = f"http://example.org/{evil}", f"http://example.org/other{evil}"
    given = {"title": f"A{evil}", "summary": f"One{evil}\n\ntwo", "dateline": f"D{evil}", "caption": evil, "url": url}
    one = dated(1, "2017-01-01", **given)
    two = dated(1, "2017-01-01", **{name: f"{value} more{evil}" for name, value in given.items()} | {"url": other})
    added = dated(2, "2017-01-01", **given)
    old, new = _files(tmp_path, [one], [two, added])
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    for colours in ("", "1"):
        monkeypatch.setenv("NO_COLOR", colours)
        assert _run(archive, old, new) == 1
        out = re.sub("\x1b\\[(31|32|1|0)m", "", capsys.readouterr().out)
        assert not set("\x1b\u202e\x07") & set(out)
        assert "A\\x1b[2J\\u202e\\x07" in out
        assert " ¶ two" in out


def test_colour_is_for_terminals_that_want_it(
    archive: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def out(*, terminal: bool, **environment: str) -> str:
        with monkeypatch.context() as patch:
            for name in ("NO_COLOR", "TERM"):
                patch.setenv(name, environment.get(name, ""))
            patch.setattr("sys.stdout.isatty", lambda: terminal)
            _run(archive, "example")
        return capsys.readouterr().out

    coloured = out(terminal=True)
    assert "the imaginary \x1b[31mmine\x1b[0m \x1b[32mquarry\x1b[0m meets" in coloured
    assert "[-" not in coloured
    for plain in (out(terminal=False), out(terminal=True, NO_COLOR="1"), out(terminal=True, TERM="dumb")):
        assert plain == SAID


def test_how_a_pair_was_matched_is_said(tmp_path: Path, archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = _files(
        tmp_path,
        [
            dated(1, "2017-01-01", title="One", url="http://example.org/1"),
            dated(3, "2017-01-03", title="Same", url=None),
        ],
        [
            dated(2, "2017-01-02", title="Two", url="http://example.org/1"),
            dated(4, "2017-02-03", title="Same", url=None),
        ],
    )
    assert _run(archive, old, new) == 1
    out = capsys.readouterr().out
    assert "matched by the same address, was news-article-1" in out
    assert "matched by the same title and nearly the same summary, was news-article-3" in out
    assert {change["matched_by"] for change in _document(archive, capsys, old, new)["changes"]} == {  # type: ignore[attr-defined]
        "address",
        "summary",
    }


def test_letters_that_the_terminal_lacks_are_escaped(archive: Path, tmp_path: Path) -> None:
    old, new = _files(tmp_path, [], [dated(1, "2017-01-01", title="Cooperación – “PPK”")])
    command = [sys.executable, "-m", "psgcrawl", "--archive", str(archive), "diff", str(old), str(new)]
    ended = subprocess.run(command, capture_output=True, check=False, cwd=PROJECT, env={"PYTHONIOENCODING": "latin-1"})
    assert ended.returncode == 1
    assert "Cooperación \\u2013 \\u201cPPK\\u201d".encode("latin-1") in ended.stdout


def test_the_command_imports_neither_scrapy_nor_what_few_comparisons_need(tmp_path: Path) -> None:
    old, new = _files(tmp_path, [], [dated(1, "2017-01-01")])
    unwanted = {"scrapy", "lxml", "twisted", "tempfile", "difflib"}
    compared = f"psgcrawl.cli.main(['diff', {str(old)!r}, {str(new)!r}, '--jsonl'])"
    script = f"import sys, psgcrawl.cli; assert {compared} == 1; print(sorted({unwanted} & set(sys.modules)))"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=PROJECT)
    assert ended.stdout.splitlines()[1:] == ["[]"]


def test_every_change_has_its_words() -> None:
    assert tuple(diff._SIGNS) == tuple(diff._SAID) == CHANGES


def test_two_files_are_compared_where_no_archive_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PSGCRAWL_ARCHIVE", raising=False)
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).write_bytes(b"")
    assert main(["diff", "a.jsonl", "b.jsonl"]) == 0
    assert main(["diff", "news"]) == 2
