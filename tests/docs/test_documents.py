"""The documents say what is true: their links resolve, what they name exists, their commands are real."""

import re
import shlex
from collections import Counter
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.crawls import help_of, run

PROJECT = Path(__file__).resolve().parents[2]
FOLDERS = ("benchmarks", "deploy", "docs", "output", "psgcrawl", "tests")
DOCUMENTS = sorted(
    [*PROJECT.glob("*.md"), *(path for folder in FOLDERS for path in (PROJECT / folder).rglob("*.md"))],
    key=str,
)

FENCED = re.compile(r"^ *(```|~~~)[^\n]*\n(.*?)^ *\1 *$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
LINK = re.compile(r"\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
# A path of the project: with a folder that is always there, or a file of the root by its usual endings.
NAMED_PATH = re.compile(r"(?:\.ci|\.github|benchmarks|deploy|docs|psgcrawl|tests)/[\w./-]*|[A-Za-z-]+\.(?:md|toml|cfg)")
# Files of an archive and of a person, not of the project.
ELSEWHERE = frozenset({"JOBS.toml", "pip.conf", "site.toml"})
# Options of psgcrawl that stand before the command and take a value.
WITH_VALUE = frozenset({"--archive"})


def prose(text: str) -> str:
    """Return the document without its code blocks."""
    return FENCED.sub("", text)


def anchors(text: str) -> set[str]:
    """Return the anchors of the headings, as GitHub makes them: lower case, no punctuation, repeats numbered."""
    seen: Counter[str] = Counter()
    found = set()
    for heading in HEADING.findall(prose(text)):
        plain = LINK.sub(lambda match: match[0][1 : match[0].index("]")], heading).replace("`", "")
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found


def commands(text: str) -> list[list[str]]:
    """Return the words of each command line in code blocks and code spans that starts with a command of ours."""
    blocks = (line.removeprefix("$ ") for _, block in FENCED.findall(text) for line in block.splitlines())
    found = []
    for line in (*blocks, *INLINE.findall(prose(text))):
        if re.match(r"(?:\S*/)?(?:make|psgcrawl|scrapy) +[a-z-]", line.strip()):
            words = shlex.split(line.strip(), comments=True)
            found.append([Path(words[0]).name, *words[1:]])
    return found


def subject(words: list[str]) -> str | None:
    """Return the command's own command (``snapshots`` of ``psgcrawl --archive x snapshots``), or None."""
    rest = iter(words[1:])
    for word in rest:
        if word in WITH_VALUE:
            next(rest, None)
        elif not word.startswith("-"):
            return word if re.fullmatch(r"[a-z][a-z-]*", word) else None
    return None


def named(command: str, *before: str) -> dict[str, list[str]]:
    """Return what the documents tell people to type after a command, with the documents that say it."""
    found: dict[str, list[str]] = {}
    for document in DOCUMENTS:
        for words in commands(document.read_text(encoding="utf-8")):
            if words[0] == command and words[1 : 1 + len(before)] == [*before]:
                name = subject(words[len(before) :])
                if name is not None:
                    found.setdefault(name, []).append(str(document.relative_to(PROJECT)))
    return found


documents = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(PROJECT)))


@documents
def test_links_and_anchors_resolve(document: Path) -> None:
    broken = []
    for link in LINK.findall(INLINE.sub("", prose(document.read_text(encoding="utf-8")))):
        if re.match(r"[a-z][a-z0-9+.-]*:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (document.parent / path).resolve() if path else document
        if not target.exists() or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
            broken.append(link)
    assert not broken, f"{document.name}: {broken}"


@documents
def test_files_that_a_document_names_exist(document: Path) -> None:
    spans = INLINE.findall(prose(document.read_text(encoding="utf-8")))
    paths = [span for span in spans if NAMED_PATH.fullmatch(span) and span not in ELSEWHERE]
    places = (PROJECT, document.parent)
    missing = [path for path in paths if not any((place / path).exists() for place in places)]
    assert not missing, f"{document.name}: {missing}"


def test_every_make_target_that_the_documents_name_exists() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    unknown = {name: where for name, where in named("make").items() if name not in targets}
    assert not unknown


def test_every_make_target_is_explained_to_contributors() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*  ## ", makefile, re.MULTILINE))
    explained = {words[1] for words in commands((PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8"))}
    assert len(targets) > 5
    assert targets - explained == set()


def test_every_psgcrawl_command_that_the_documents_name_exists() -> None:
    unknown = {}
    for name, where in named("psgcrawl").items():
        try:
            help_of(name)
        except ValueError as error:
            unknown[name] = [*where, str(error)]
    assert not unknown


@pytest.mark.thorough
def test_every_spider_that_the_documents_name_exists() -> None:
    spiders = named("scrapy", "crawl")
    if spiders:
        listed = run("-m", "scrapy", "list")
        assert listed.code == 0, listed.err
        assert spiders.keys() <= set(listed.out.split())


def test_the_readers_of_documents_see_what_is_wrong() -> None:
    block = "```sh\n$ psgcrawl --archive x diff news # why\nmake it\n```\n"
    text = f"# A `b`, c!\n\n## Twice\n\n## Twice\n\n{block}`make so`\n"
    assert anchors(text) == {"a-b-c", "twice", "twice-1"}
    assert [subject(words) for words in commands(text)] == ["diff", "it", "so"]
