"""Log lines to the terminal and to a file of the run."""

from __future__ import annotations

from pathlib import Path


class Log:
    def __init__(self, file: Path) -> None:
        self._file = file

    def __call__(self, line: str) -> None:
        print(line, flush=True)
        with self._file.open("a") as out:
            out.write(f"{line}\n")
