"""The manifests before a validator that this project did not write: Frictionless Data's own."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def frictionless() -> Any:
    return pytest.importorskip("frictionless", reason="frictionless is not installed here: `make service` installs it")


@pytest.fixture(scope="module")
def manifests(samples: Path, frictionless: Any) -> list[Path]:
    """The manifests of the archive that the packaged samples become."""
    return sorted(samples.glob("*/[!.]*Z*/datapackage.json"))


def judged(frictionless: Any, manifest: Path) -> Any:
    """What the validator says of a manifest and of every file that it names."""
    return frictionless.validate(str(manifest), type="package")


def test_every_manifest_and_its_files_are_valid(frictionless: Any, manifests: list[Path]) -> None:
    assert len(manifests) >= 5, "the five provided captures become five snapshots at least"
    for manifest in manifests:
        report = judged(frictionless, manifest)
        assert report.valid, f"{manifest}: {report.flatten(['name', 'type', 'note'])}"


def test_the_validator_read_every_file_and_every_line(frictionless: Any, manifests: list[Path]) -> None:
    for manifest in manifests:
        named = {resource["path"] for resource in json.loads(manifest.read_bytes())["resources"]}
        tasks = {task.place: task for task in judged(frictionless, manifest).tasks}
        assert tasks.keys() == named
        assert named >= {"entries.jsonl", "pages.jsonl"}
        for name in named:
            path = manifest.parent / name
            if name.endswith(".jsonl"):
                assert tasks[name].stats["rows"] == path.read_bytes().count(b"\n"), f"{manifest}: {name}"


@pytest.mark.parametrize("name", ["entries.jsonl", "pages.jsonl"])
def test_the_validator_finds_a_changed_byte(
    frictionless: Any, manifests: list[Path], tmp_path: Path, name: str
) -> None:
    damaged = tmp_path / "damaged"
    shutil.copytree(manifests[0].parent, damaged)
    path = damaged / name
    path.chmod(0o644)
    data = path.read_bytes()
    assert b"eru" in data, "inside a value, so that every line stays JSON"
    path.write_bytes(data.replace(b"eru", b"ery", 1))
    report = judged(frictionless, damaged / "datapackage.json")
    assert "hash-count" in {error[0] for error in report.flatten(["type"])}
