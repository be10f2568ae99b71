import hashlib
import os
from pathlib import Path

import pytest

from psgcrawl.archive import durable
from psgcrawl.errors import NameTaken
from tests.archive.faults import struck


def test_a_folder_is_made_with_all_above_it_each_made_durable(tmp_path: Path) -> None:
    with struck() as calls:
        assert durable.make_folder(tmp_path / "a" / "b") is True
    assert (tmp_path / "a" / "b").is_dir()
    steps = [(name, str(args[0])) for name, args in calls.log if name in {"mkdir", "open"}]
    assert steps == [
        ("mkdir", str(tmp_path / "a")),
        ("open", str(tmp_path)),
        ("mkdir", str(tmp_path / "a" / "b")),
        ("open", str(tmp_path / "a")),
    ]
    assert [name for name, _ in calls.log].count("fsync") == 2
    with struck() as calls:
        assert durable.make_folder(tmp_path / "a" / "b") is False
    assert calls.log == []


def test_a_folder_that_another_run_makes_meanwhile_is_fine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.mkdir

    def raced(path: Path, mode: int = 0o777) -> None:
        real(path, mode)
        real(path, mode)

    monkeypatch.setattr(os, "mkdir", raced)
    durable.make_folder(tmp_path / "a")
    assert (tmp_path / "a").is_dir()


def test_a_file_in_the_place_of_a_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(FileExistsError):
        durable.make_folder(tmp_path / "a" / "b")


def test_a_file_is_written_once_and_forced_to_disk(tmp_path: Path) -> None:
    with struck() as calls:
        durable.write_new(tmp_path / "f", b"content")
    assert [name for name, _ in calls.log] == ["open", "write", "fsync"]
    with pytest.raises(FileExistsError):
        durable.write_new(tmp_path / "f", b"other")
    with pytest.raises(FileExistsError):
        durable.new_file(tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == b"content"


def test_a_system_that_writes_little_at_a_time_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, bytes(data[:3])))
    durable.write_new(tmp_path / "f", b"0123456789")
    assert (tmp_path / "f").read_bytes() == b"0123456789"


def test_renaming_is_durable(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with struck() as calls:
        durable.rename_new(tmp_path / "a", tmp_path / "b")
    assert [(name, str(args[0])) for name, args in calls.log[:2]] == [
        ("rename", str(tmp_path / "a")),
        ("open", str(tmp_path)),
    ]
    assert calls.log[2][0] == "fsync"
    assert (tmp_path / "b").is_dir()


@pytest.mark.parametrize("kind", ["empty folder", "full folder", "file", "link", "broken link"])
def test_renaming_replaces_nothing(tmp_path: Path, kind: str) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    if kind.endswith("folder"):
        target.mkdir()
        if kind == "full folder":
            (target / "f").write_text("")
    elif kind == "file":
        target.write_text("")
    else:
        target.symlink_to("source" if kind == "link" else "nowhere")
    with pytest.raises(NameTaken, match="target: the name is taken"):
        durable.rename_new(source, target)
    assert source.is_dir()


def test_a_digest_is_of_length_and_content(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x" * 300_000)
    assert durable.digest(tmp_path / "f") == (300_000, hashlib.sha256(b"x" * 300_000).hexdigest())


def test_a_file_of_pieces_is_one_file_and_tells_its_length_and_digest(tmp_path: Path) -> None:
    path = tmp_path / "a"
    assert durable.write_pieces(path, iter([b"one\n", b"", b"two\n"])) == durable.digest(path)
    assert path.read_bytes() == b"one\ntwo\n"
    with pytest.raises(FileExistsError):
        durable.write_pieces(path, [b"three"])
    assert path.read_bytes() == b"one\ntwo\n"


def test_a_name_that_another_run_takes_between_the_look_and_the_renaming_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("source", "target"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "f").write_text(name)
    monkeypatch.setattr(os.path, "lexists", lambda _: False)
    with pytest.raises(NameTaken, match="target: the name is taken"):
        durable.rename_new(tmp_path / "source", tmp_path / "target")
    assert (tmp_path / "target" / "f").read_text() == "target"
