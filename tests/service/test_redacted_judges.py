"""A redacted WARC before the readers that judge all others: they accept it, and find no bytes that had to go."""

from pathlib import Path

import pytest

from psgcrawl.archive.redact.record import redacted
from psgcrawl.archive.redact.row import Mark
from psgcrawl.archive.store import Archive
from psgcrawl.archive.warc.record import member
from psgcrawl.redact.carrying import carry_out
from tests.redact.making import REASON, WHEN, Run, listing, ten, three_pages
from tests.service.test_warc_judges import by_this_program, each_judge, judged

pytestmark = pytest.mark.service

MARK = Mark(WHEN, REASON)


@each_judge
def test_every_judge_accepts_what_is_left_of_every_type_of_record(judge: str, tmp_path: Path) -> None:
    path = tmp_path / "records.warc.gz"
    path.write_bytes(b"".join(member(redacted(record, MARK)) for record in by_this_program()))
    verdict = judged(judge, path)
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


@each_judge
def test_every_judge_accepts_the_evidence_of_redacted_editions(judge: str, tmp_path: Path) -> None:
    _, records = three_pages(tmp_path)
    later = Run("2016-03-27T06:00:00Z")
    later.fetch("/news.php", listing(ten(2000, 18)))
    later.unchanged("/news.php?position=10", records[10])
    later.commit(tmp_path)
    done = carry_out(tmp_path, "news", records[10].id, MARK)
    assert len(done.editions) == 2
    for snapshot in Archive(tmp_path).collection("news").snapshots():
        verdict = judged(judge, snapshot.folder / "pages.warc.gz")
        assert verdict.returncode == 0, f"{snapshot.name}: {verdict.stdout}{verdict.stderr}"
