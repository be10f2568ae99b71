"""An invented site of PHP pages on this machine, of another kind than the small one: tables, Spanish, dates in figures.

``with MiniTable() as site:`` serves, until the block ends,

====================================  ========================================================
``/``, ``/index.php``                 the newest notes, and notices
``/notas.php?pagina=2``               notes, five a page, dated ``14.03.2019``
``/lista.php?tipo=boletines``         bulletins, ten a page along ``desde``, dated ``Publicado el …``
``/ver.php?id=12``                    one entry in full
====================================  ========================================================
"""

from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import parse_qs, urlsplit

from tests.loopback import Loopback

MONTHS: Final = "enero feb. marzo abr. mayo junio jul. agosto set. octubre nov. diciembre".split()
NOTES: Final = 12
BULLETINS: Final = 13
_NEWEST: Final = date(2019, 3, 14)


@dataclass
class Item:
    """An entry, as its editors know it."""

    number: int
    dateline: str
    title: str
    text: str


class MiniTable(Loopback):
    """The site; entries are the newest first, and are changed in place."""

    def __init__(self) -> None:
        self.notes = [_note(number) for number in range(NOTES, 0, -1)]
        self.bulletins = [_bulletin(number) for number in range(BULLETINS, 0, -1)]
        self.requests: list[str] = []
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        server.daemon_threads = True
        super().__init__(server)

    @property
    def base(self) -> str:
        """Scheme, host, port."""
        return f"http://127.0.0.1:{self.port}"

    def answer(self, target: str) -> str | None:
        """Return the page at a path and query; None where there is none."""
        parts = urlsplit(target)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if parts.path in {"/", "/index.php"}:
            return self._home()
        if parts.path == "/notas.php":
            page = int(query.get("pagina", "1"))
            shown = self.notes[5 * (page - 1) : 5 * page]
            return _page(
                "Notas", _table(shown), f"/notas.php?pagina={page + 1}" if len(self.notes) > 5 * page else None
            )
        if parts.path == "/lista.php" and query.get("tipo") == "boletines":
            first = int(query.get("desde", "0"))
            more = f"/lista.php?desde={first + 10}&tipo=boletines" if len(self.bulletins) > first + 10 else None
            return _page("Boletines", _table(self.bulletins[first : first + 10]), more)
        found = [
            item
            for item in (*self.notes, *self.bulletins)
            if parts.path == "/ver.php" and query.get("id") == str(item.number)
        ]
        return (
            _page(found[0].title, f"<p>{found[0].dateline}</p><p>{escape(found[0].text)}</p>", None) if found else None
        )

    def _home(self) -> str:
        notices = Item(
            900, "01.02.2019", "Asamblea de la Mesa", "La asamblea se reúne en la sede, con el informe del año."
        )
        lists = f"<h2>Últimas notas</h2>\n{_table(self.notes[:3])}<h2>Avisos</h2>\n{_table([notices])}"
        return _page("Inicio", lists, None)


def _note(number: int) -> Item:
    day = _NEWEST - timedelta(days=9 * (NOTES - number))
    text = f"Las comunidades de la cuenca se reunieron por la vez {number}, y hablaron del agua y de los pastos."
    return Item(100 + number, f"{day:%d.%m.%Y}", f"Reunión {number} sobre el agua", text)


def _bulletin(number: int) -> Item:
    day = _NEWEST - timedelta(days=30 * (BULLETINS - number))
    printed = f"Publicado el {day.day} de {MONTHS[day.month - 1]} de {day.year}"
    text = f"El número {number} trae un informe de la cosecha, cartas de los lectores y el calendario de las ferias."
    return Item(200 + number, printed, f"La cosecha, parte {number}", text)


def _table(items: list[Item]) -> str:
    rows = "".join(
        f'<tr><td width="120" valign="top">{escape(item.dateline)}</td><td><b><a href="/ver.php?id={item.number}">'
        f"{escape(item.title)}</a></b><br>{escape(item.text)}</td></tr>\n"
        for item in items
    )
    return f'<table border="0" cellspacing="0">\n{rows}</table>\n'


def _page(title: str, content: str, onward: str | None) -> str:
    pager = f'<p><a href="{escape(onward)}">Siguiente</a></p>\n' if onward else '<p><a href="?">Primera</a></p>\n'
    return (
        f'<!DOCTYPE html>\n<html lang="es"><head><meta charset="utf-8"><title>{escape(title)}</title></head>\n<body>\n'
        '<ul><li><a href="/">Inicio</a></li><li><a href="/notas.php">Notas</a></li></ul>\n'
        f"<h1>Mesa del Altiplano</h1>\n{content}{pager}</body></html>\n"
    )


def _handler(site: MiniTable) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.requests.append(self.path)
            page = site.answer(self.path)
            body = (page or "<html><body><h1>404</h1></body></html>").encode()
            self.send_response(404 if page is None else 200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parameter's name in http.server
            """Say nothing: ``MiniTable.requests`` tells."""

    return Handler
