"""docs/citing.md: its commands do what it says, with an authority of our own in place of a real one."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from psgcrawl.archive.warc.digests import labelled
from tests.redact.making import three_pages

PROJECT = Path(__file__).parents[2]
DOCUMENT = (PROJECT / "docs" / "citing.md").read_text(encoding="utf-8")
CONFIGURATION = """
[req]
distinguished_name = name
x509_extensions = stamping
prompt = no
[name]
CN = An authority of the tests
[stamping]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[tsa]
default_tsa = authority
[authority]
serial = serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
"""


def block(section: str, number: int = 0) -> str:
    """Return a block of commands of a section."""
    text = DOCUMENT.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    return str(re.findall(r"```\n(.*?)```", text, re.DOTALL)[number])


def shell(script: str, folder: Path, *, fails: bool = False) -> str:
    """Run commands as a person would type them in the folder of the project; all must succeed."""
    (folder / "psgcrawl").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m psgcrawl "$@"\n')
    (folder / "psgcrawl").chmod(0o755)
    environ = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": str(PROJECT)}
    environ["PSGCRAWL_ARCHIVE"] = str(folder / "output")
    ran = subprocess.run(
        ["sh", "-euc", script], cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=60
    )
    assert (ran.returncode != 0) == fails, ran.stderr
    return ran.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    three_pages(tmp_path / "output")
    return tmp_path


@pytest.fixture
def authority(folder: Path) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    (folder / "tsa.cnf").write_text(CONFIGURATION)
    (folder / "serial").write_text("01\n")
    made = "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out authority.pem -days 2 -config tsa.cnf"
    shell(f"{made} 2>/dev/null", folder)
    return folder


def test_a_witness_of_the_log_can_be_asked_for_and_checked_and_a_changed_line_shows(authority: Path) -> None:
    commands = block("A witness for the date")
    answer = "openssl ts -reply -queryfile witness.tsq -inkey key.pem -signer authority.pem -config tsa.cnf"
    asked, answered = re.subn(r"curl .*", f"{answer} -out witness.tsr", commands)
    assert answered == 1
    assert "Time stamp:" in shell(asked, authority)
    last = (authority / "output" / "runs.jsonl").read_bytes().splitlines()[-1]
    assert json.loads((authority / "witness.jsonl").read_bytes()) == json.loads(last)
    assert shell(block("A witness for the date", 1), authority).encode().startswith(last)
    (authority / "witness.jsonl").write_bytes(last.replace(b"news", b"NEWS") + b"\n")
    verify = next(line for line in commands.splitlines() if "-verify" in line)
    shell(verify, authority, fails=True)
    shell(block("A witness for the date", 1), authority, fails=True)


def test_what_somebody_else_is_to_verify_can_be_given_away(folder: Path) -> None:
    shell(block("What a snapshot proves").replace("export wacz example", "export wacz news"), folder)
    assert (folder / "evidence.wacz").stat().st_size > 1000


def test_everything_that_a_citation_names_is_in_one_exported_line(folder: Path) -> None:
    shell("psgcrawl export jsonl news -o out.jsonl", folder)
    line = json.loads((folder / "out.jsonl").read_bytes().splitlines()[0])
    for part in ("title", "dateline", "page", "captured", "collection", "snapshot", "id", "payload_digest"):
        assert line[part], part


def test_the_citation_is_of_the_invented_example_and_names_its_bytes() -> None:
    page = (PROJECT / "psgcrawl" / "samples" / "example" / "20260308-10.html").read_bytes()
    cited = " ".join(line.removeprefix("> ") for line in DOCUMENT.splitlines() if line.startswith("> "))
    assert labelled(page) in cited
    for part in re.findall('"(.+?)"', cited):
        assert part.encode() in page
