"""A real WordPress on a free port of this machine, with posts of the project's own: Debian's packages, no service.

``install`` beside this file installs the packages. MariaDB (on a socket), php-fpm and
nginx are started in a folder of their own and stopped with it. Started by root they run
as ``www-data``.
"""

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final, Self

import pytest

from tests.service.wordpress.posts import SEED

SOURCES: Final = Path(__file__).resolve().parent / "php"
PACKAGED: Final = Path("/usr/share/wordpress")
WAIT: Final = 120
"""Seconds until a server must have answered; a first start takes long on a busy machine."""

OPTIONS: Final[Mapping[str, Any]] = {
    "blogdescription": "A copy for tests",
    "permalink_structure": "/%year%/%monthnum%/%postname%/",
    "timezone_string": "Europe/London",
    "date_format": "j F Y",
    "default_comment_status": "closed",
    "default_ping_status": "closed",
}


@dataclass(frozen=True)
class Answer:
    """A response, its body decoded."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        return self.headers["Content-Type"].partition(";")[0]


class WordPress:
    """WordPress with the posts of :data:`tests.service.wordpress.posts.SEED`; a context manager.

    What a test changes stays changed for the tests after it: :meth:`restored` undoes it.
    """

    def __init__(self) -> None:
        self._php = _programs()
        self._stack = ExitStack()
        # Not pytest's folder, which nobody else may enter; and the path of a socket has 108 bytes at most.
        self._folder = Path(tempfile.mkdtemp(prefix="psgcrawl-wp-"))
        self._stack.callback(shutil.rmtree, self._folder, ignore_errors=True)
        self._user = "www-data" if os.geteuid() == 0 else None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        try:
            self._prepare()
            self._start_database()
            self.control("install", **OPTIONS)
            self.theme("twentytwentyone", display_excerpt_or_full_post="excerpt")
            self.control("seed", posts=[asdict(post) for post in SEED])
            self._dump()
            self._start("fpm", self._php["php-fpm"], "--fpm-config", self._folder / "fpm.conf")
            self._start("nginx", "nginx", "-e", self._folder / "nginx.log", "-c", self._folder / "nginx.conf")
            self._until(lambda: self.get("/").status == 200, "nginx", "fpm")
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    # --- what is asked of it -----------------------------------------------------------

    def get(self, path: str) -> Answer:
        """Ask for ``path`` (with its query); redirects are answers."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def requests(self) -> list[str]:
        """Return all requests that were answered, in order: ``200 GET /feed/``."""
        return (self._folder / "access.log").read_text("utf-8").splitlines()

    # --- what changes it ---------------------------------------------------------------

    def add(self, title: str, **fields: Any) -> int:
        """Publish a post as the editor does, and return its number.

        :param fields: ``content``, ``excerpt``, ``date`` (local), ``status``, ``password``,
            ``slug``, ``categories`` and ``tags`` (names)
        """
        number = self.control("add", title=title, **fields)["id"]
        assert isinstance(number, int)
        return number

    def edit(self, number: int, **fields: Any) -> None:
        """Change a post, as :meth:`add` names its fields; ``status="draft"`` unpublishes it."""
        self.control("edit", id=number, **fields)

    def trash(self, number: int) -> None:
        assert self.control("trash", id=number) == {"status": "trash"}

    def untrash(self, number: int) -> None:
        """Take a post out of the trash and publish it again."""
        assert self.control("untrash", id=number) == {"status": "publish"}

    def delete(self, number: int) -> None:
        """Delete a post for good, past the trash."""
        assert self.control("delete", id=number) == {"status": False}

    def theme(self, name: str, **mods: str) -> None:
        assert self.control("theme", name=name, mods=mods) == {"name": name}

    def close_rest(self, status: int) -> None:
        """Answer every REST request with this status, as plugins do; 0 opens it again."""
        self.control("options", test_rest_closed=status)

    def close_feed(self, *, closed: bool = True) -> None:
        self.control("options", test_feed_closed=int(closed))

    def sign_feed(self, *, signed: bool = True) -> None:
        """End every item of the feed with "The post … appeared first on …"."""
        self.control("options", test_feed_signed=int(signed))

    def options(self, **options: Any) -> None:
        """Set options of WordPress by their own names: ``posts_per_page``, ``timezone_string`` …"""
        self.control("options", **options)

    def restore(self) -> None:
        """Undo every change since the start."""
        with (self._folder / "seeded.sql").open("rb") as dump:
            self._run("mariadb", "--no-defaults", "-S", self._socket, "-u", "root", "wordpress", stdin=dump)

    def control(self, command: str, /, **given: Any) -> Any:
        """Run a command of ``control.php`` and return its answer."""
        done = self._run(
            self._php["php"],
            "-d",
            "display_errors=stderr",
            "-d",
            "sendmail_path=/bin/true",
            self._folder / "control.php",
            command,
            input=json.dumps(given).encode(),
        )
        return json.loads(done)

    # --- how it is started ---------------------------------------------------------------

    @property
    def _socket(self) -> Path:
        return self._folder / "mariadb.sock"

    def _prepare(self) -> None:
        html = self._folder / "html"
        # WordPress finds its configuration where its own files really are: links would lead to Debian's.
        shutil.copytree(PACKAGED, html, ignore_dangling_symlinks=True)
        (html / "wp-content" / "mu-plugins").mkdir(exist_ok=True)
        (html / "wp-config.php").unlink()
        shutil.copyfile(SOURCES / "wp-config.php", html / "wp-config.php")
        shutil.copyfile(SOURCES / "switches.php", html / "wp-content" / "mu-plugins" / "switches.php")
        shutil.copyfile(SOURCES / "control.php", self._folder / "control.php")
        for name in ("fpm.conf", "nginx.conf"):
            filled = (SOURCES / name).read_text("utf-8").replace("@FOLDER@", str(self._folder))
            (self._folder / name).write_text(filled.replace("@PORT@", str(self.port)), "utf-8")
        if self._user is not None:
            for path in (self._folder, *self._folder.rglob("*")):
                shutil.chown(path, self._user, self._user)

    def _start_database(self) -> None:
        data = self._folder / "mariadb"
        self._run(
            "mariadb-install-db",
            "--no-defaults",
            f"--datadir={data}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        )
        self._start(
            "mariadb",
            "mariadbd",
            "--no-defaults",
            f"--datadir={data}",
            f"--socket={self._socket}",
            f"--pid-file={self._folder / 'mariadb.pid'}",
            "--skip-networking",
            # Nothing of it outlives the tests.
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-buffer-pool-size=32M",
            "--character-set-server=utf8mb4",
        )
        create: list[Path | str] = [
            "mariadb",
            "--no-defaults",
            "-S",
            self._socket,
            "-u",
            "root",
            "-e",
            "CREATE DATABASE wordpress",
        ]
        self._until(lambda: self._socket.is_socket() and self._succeeds(*create), "mariadb")

    def _dump(self) -> None:
        dump = self._run("mariadb-dump", "--no-defaults", "-S", self._socket, "-u", "root", "wordpress")
        (self._folder / "seeded.sql").write_bytes(dump)

    def _environment(self) -> dict[str, str]:
        own = {
            "WP_SOCKET": str(self._socket),
            "WP_ADDRESS": self.address,
            "WP_HTML": str(self._folder / "html"),
            "HOME": str(self._folder),
        }
        path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
        return {"PATH": path, "LANG": "C.UTF-8", **own}

    def _start(self, name: str, program: str, *arguments: Path | str) -> None:
        with (self._folder / f"{name}.out").open("wb") as out:
            process = subprocess.Popen(
                [program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                env=self._environment(),
                **self._as_user(),
            )
        self._stack.callback(_stop, process)

    def _run(self, program: str, *arguments: Path | str, **given: Any) -> bytes:
        done: subprocess.CompletedProcess[bytes] = subprocess.run(
            [program, *arguments],
            capture_output=True,
            check=False,
            cwd=self._folder,
            env=self._environment(),
            timeout=WAIT,
            **self._as_user(),
            **given,
        )
        assert done.returncode == 0, f"{program}: {done.stdout[-1500:]!r} {done.stderr[-1500:]!r}"
        return done.stdout

    def _succeeds(self, *command: Path | str) -> bool:
        try:
            self._run(str(command[0]), *command[1:])
        except AssertionError:
            return False
        return True

    def _as_user(self) -> dict[str, Any]:
        return {} if self._user is None else {"user": self._user, "group": self._user, "extra_groups": []}

    def _until(self, ready: Any, *names: str) -> None:
        end = time.monotonic() + WAIT
        while True:
            try:
                if ready():
                    return
            except OSError:
                pass
            if time.monotonic() > end:
                logs = sorted(self._folder.glob("*.out")) + sorted(self._folder.glob("*.log"))
                said = {log.name: log.read_text("utf-8", "replace")[-1000:] for log in logs}
                raise AssertionError(f"{' and '.join(names)} did not answer in {WAIT} seconds: {said}")
            time.sleep(0.1)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(30)


def _programs() -> dict[str, str]:
    """Return PHP's two programs; skip where a package is missing."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    fpm = sorted(Path("/usr/sbin").glob("php-fpm[0-9]*"))
    needed = {name: shutil.which(name, path=path) for name in ("php", "nginx", "mariadbd", "mariadb-install-db")}
    missing = [name for name, found in needed.items() if found is None]
    missing += [] if fpm else ["php-fpm"]
    missing += [] if (PACKAGED / "wp-load.php").is_file() else ["wordpress"]
    themes = ("twentytwentyone", "twentytwentythree")
    missing += [name for name in themes if not (PACKAGED / "wp-content/themes" / name).is_dir()]
    if os.geteuid() == 0:
        try:
            pwd.getpwnam("www-data")
        except KeyError:
            missing.append("the user www-data")
    if missing:
        pytest.skip(f"no WordPress without {', '.join(missing)}: tests/service/wordpress/install installs them")
    return {"php": "php", "php-fpm": str(fpm[-1])}
