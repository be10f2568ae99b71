"""What has temporary files: it is to be closed, by ``with``."""

from contextlib import ExitStack
from types import TracebackType
from typing import Self


class Temporary:
    """Something with temporary files, which are gone when it is left, however that happens."""

    def __init__(self) -> None:
        """Begin without any; each is entered into ``_open``."""
        self._open = ExitStack()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the temporary files."""
        self._open.close()
