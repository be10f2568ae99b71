"""What we export before the programs that people will open it with: wacz, cdxj-indexer, surt, pywb, ReplayWeb.page."""

import gzip
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from psgcrawl.archive.store import Archive, Snapshot
from psgcrawl.archive.warc import message
from psgcrawl.archive.warc.stored import StoredRecords
from psgcrawl.cli import main
from psgcrawl.records import PageRow
from tests.crawls import crawl
from tests.exports.keys import KEYS
from tests.exports.making import NEWS, live_archive
from tests.service.replaying import Browser, Pywb, asked

pytestmark = pytest.mark.service

TOOLS = "`make service` installs it"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("replay")


@pytest.fixture(scope="module")
def live(folder: Path) -> Path:
    """An archive of live crawls."""
    live_archive(folder / "live")
    return folder / "live"


@pytest.fixture(scope="module")
def wacz(live: Path) -> Path:
    """The WACZ of that archive."""
    return exported(live, live.parent / "live.wacz", "news")


@pytest.fixture(scope="module")
def samples(folder: Path) -> Path:
    """The WACZ of the packaged samples."""
    ran = crawl(folder / "samples")
    assert ran.code == 0, ran.err
    return exported(folder / "samples", folder / "samples.wacz", "articles", "example", "home", "news")


@pytest.fixture(scope="module")
def pywb(folder: Path, live: Path, wacz: Path, samples: Path) -> Iterator[Pywb]:
    """A server with our WARC files, with the WACZ of the same archive, and with that of the samples."""
    with Pywb(folder / "pywb") as server:
        server.add("warc", *(name_apart(path) for path in sorted(live.glob("news/2*/pages.warc.gz"))))
        server.add("wacz", wacz, "--unpack-wacz")
        server.add("samples", samples, "--unpack-wacz")
        server.start()
        yield server


@pytest.fixture(scope="module")
def browser(folder: Path) -> Iterator[Browser]:
    with Browser(folder) as started:
        yield started


def exported(archive: Path, path: Path, *collections: str) -> Path:
    assert main(["--archive", str(archive), "export", "wacz", *collections, "-o", str(path)]) == 0
    return path


def name_apart(path: Path) -> Path:
    """Return a copy with a name of its own: pywb keeps all files in one folder."""
    copy = path.parents[3] / f"{path.parent.name}.warc.gz"
    shutil.copy(path, copy)
    return copy


def pages(archive: Path, collection: str = "news") -> list[tuple[Snapshot, PageRow]]:
    snapshots = Archive(archive).collection(collection).snapshots()
    return [(snapshot, row) for snapshot in snapshots for row in snapshot.pages()]


def payload(snapshot: Snapshot, row: PageRow) -> bytes:
    """Return the bytes that a page row is about, out of the snapshot's own WARC."""
    path = snapshot.evidence()
    assert path is not None
    assert row.warc is not None
    records = StoredRecords(path)
    record = records.at(row.warc).record
    source = records.original(record) or record
    return message.parse(source.block).payload() if source.is_http else source.block


def stamp(row: PageRow) -> str:
    return "".join(filter(str.isdigit, row.captured.since))


@pytest.mark.parametrize("name", ["live", "samples"])
def test_the_validator_of_the_format_accepts_it(request: pytest.FixtureRequest, name: str) -> None:
    pytest.importorskip("wacz", reason=f"wacz is not installed here: {TOOLS}")
    path = request.getfixturevalue("wacz" if name == "live" else "samples")
    judged = validate(path)
    assert judged.returncode == 0, judged.stdout + judged.stderr
    assert "Validation succeeded" in judged.stdout
    assert "1.1.1" in judged.stdout


def test_the_validator_of_the_format_finds_a_changed_byte(wacz: Path, tmp_path: Path) -> None:
    pytest.importorskip("wacz", reason=f"wacz is not installed here: {TOOLS}")
    data = wacz.read_bytes()
    assert data.count(b'"All pages"') == 1
    damaged = tmp_path / "damaged.wacz"
    with zipfile.ZipFile(wacz) as whole, zipfile.ZipFile(damaged, "w") as other:
        for name in whole.namelist():
            other.writestr(name, whole.read(name).replace(b'"All pages"', b'"All Pages"'))
    judged = validate(damaged)
    assert judged.returncode == 1
    assert "Validation failed" in judged.stdout


def validate(path: Path) -> "subprocess.CompletedProcess[str]":
    # "python -m wacz" would end with 0 whatever it found.
    command = [sys.executable, "-c", "import sys; from wacz.main import main; sys.exit(main())"]
    command += ["validate", "-f", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_keys_are_those_of_the_indexes_of_web_archives() -> None:
    pytest.importorskip("cdxj_indexer", reason=f"cdxj-indexer is not installed here: {TOOLS}")
    program = "import json, sys, surt; print(json.dumps([surt.surt(url) for url in json.load(sys.stdin)]))"
    command = [sys.executable, "-W", "ignore", "-c", program]
    theirs = subprocess.run(command, input=json.dumps([*KEYS]), capture_output=True, text=True, check=True)
    assert json.loads(theirs.stdout) == [*KEYS.values()]


@pytest.mark.parametrize("name", ["live", "samples"])
def test_the_index_says_what_an_independent_indexer_says(
    request: pytest.FixtureRequest, tmp_path: Path, name: str
) -> None:
    pytest.importorskip("cdxj_indexer", reason=f"cdxj-indexer is not installed here: {TOOLS}")
    with zipfile.ZipFile(request.getfixturevalue("wacz" if name == "live" else "samples")) as package:
        warcs = [one for one in package.namelist() if one.startswith("archive/")]
        package.extractall(tmp_path, warcs)
        ours = facts(gzip.decompress(package.read("indexes/index.cdx.gz")).decode())
    command = [sys.executable, "-W", "ignore", "-m", "cdxj_indexer.main", *(str(tmp_path / one) for one in warcs)]
    theirs = facts(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    # The records that stand for a 304 are indexed in their place; what a later file repeats, once.
    answered = {place for place, (_, fact) in theirs.items() if fact.get("status") == "304"}
    assert ours.items() <= theirs.items()
    assert len(answered) == (1 if name == "live" else 0)
    assert set(map(str, theirs.values())) - set(map(str, ours.values())) == {str(theirs[place]) for place in answered}


def facts(index: str) -> dict[tuple[str, str], tuple[str, dict[str, str]]]:
    """Return the lines of an index by file and offset."""
    found = {}
    for line in index.splitlines():
        key, time, document = line.split(" ", 2)
        fact = json.loads(document)
        found[fact.pop("filename"), fact.pop("offset")] = f"{key} {time}", fact
    return found


@pytest.mark.parametrize("collection", ["warc", "wacz"])
def test_pywb_replays_each_page_at_its_time_byte_for_byte(pywb: Pywb, live: Path, collection: str) -> None:
    seen = 0
    for snapshot, row in pages(live):
        answer = pywb.get(collection, stamp(row), str(row.url))
        assert answer.captured == row.captured.since
        if collection == "warc" and (row.position, row.captured.since[:10]) == (10, "2017-02-25"):
            # The server said 304, and so does pywb: the page is in the WACZ alone.
            assert (answer.status, answer.body) == (304, b"")
            continue
        assert (answer.status, answer.body) == (200, payload(snapshot, row)), row.url
        assert answer.headers["Content-Encoding"] == "gzip"
        seen += 1
    assert seen == (5 if collection == "warc" else 6)


def test_pywb_replays_what_was_read_from_files(pywb: Pywb, folder: Path) -> None:
    rows = pages(folder / "samples", "example")
    assert len(rows) == 6
    for snapshot, row in rows:
        answer = pywb.get("samples", stamp(row), str(row.url))
        assert (answer.status, answer.body) == (200, payload(snapshot, row))
        assert answer.captured == row.captured.since


@pytest.mark.parametrize(
    ("url", "time", "shown"),
    [
        (NEWS, "20170218060000", "The first week"),
        (NEWS, "20170225060000", "The second week"),
        (NEWS + "?position=10", "20170225060000", "What stays"),
        (NEWS + "?position=10", "20170304060000", "What stays"),
    ],
    ids=["a page", "the same a week later", "not modified", "the same bytes again"],
)
def test_replayweb_page_shows_a_page_in_a_browser(
    browser: Browser, wacz: Path, url: str, time: str, shown: str
) -> None:
    text = browser.text(wacz, url, time)
    assert shown in text
    assert "Perú, one & all." in text


def test_replayweb_page_shows_what_was_read_from_files(browser: Browser, samples: Path, folder: Path) -> None:
    [(snapshot, row), *_] = pages(folder / "samples", "example")
    title = next(entry.title for entry in snapshot.entries() if entry.id in row.lists[0].entries)
    assert title in browser.text(samples, str(row.url), stamp(row))


def test_replayweb_page_lists_every_page_with_an_address(browser: Browser, wacz: Path, live: Path) -> None:
    listed = browser.listed(wacz)
    assert sorted(listed) == sorted((str(row.url), row.captured.since) for _, row in pages(live))


def test_the_servers_of_these_tests_can_be_reached_from_this_machine_alone(pywb: Pywb, browser: Browser) -> None:
    for address in (pywb.address, browser.address):
        assert address.startswith("http://127.0.0.1:")
        assert asked(address, "/").status == 200
