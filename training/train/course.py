"""The course of a run: how far it has come, when it saves, when it ends. One that was stopped goes on from there."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from .average import Average
from .checkpoint import Checkpoint
from .runlog import Log
from .several import Several

SAVE_EVERY = 240.0  # seconds of wall time


class Course:
    """Restores WORK/checkpoints/NAME.pt, and saves there and writes WORK/logs/NAME.log as the first of its processes.

    `step` counts steps, `seen` examples of all processes, `passed` a process's own CPU seconds, of which `seconds` are
    the budget. `agree_every`: steps from one time that several processes agree on the end to the next.
    """

    def __init__(
        self, work: Path, name: str, seconds: float, trained: nn.Module, optimiser: torch.optim.Optimizer,
        average: Average, several: Several, device: str, agree_every: int = 1,
    ) -> None:  # fmt: skip
        for folder in ("checkpoints", "logs"):
            (work / folder).mkdir(parents=True, exist_ok=True)
        self.seconds, self.step, self.seen, self.passed = seconds, 0, 0, 0.0
        self._log, self._several, self._agree_every = Log(work / "logs" / f"{name}.log"), several, agree_every
        self._checkpoint = Checkpoint(work / "checkpoints" / f"{name}.pt", trained, optimiser, average)
        if saved := self._checkpoint.restore(device):
            self.step, self.seen, self.passed = saved["step"], saved.get("seen", 0), saved["seconds"]
            self.log(f"continuing from step {self.step}, {self.seen} examples, {self.passed:.0f} s")
        several.begin_alike(list(trained.parameters()))
        self._stopping, self._stopped = threading.Event(), False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._stopping.set())
        self._before, self._seen_before = self.passed, self.seen
        self._begun, self._saved = time.process_time(), time.monotonic()

    @property
    def goes_on(self) -> bool:
        return self.passed < self.seconds and not self._stopped

    @property
    def done(self) -> float:
        """The part of the budget that has passed."""
        return self.passed / self.seconds

    @property
    def pace(self) -> float:
        """Examples a second of CPU, since this start."""
        return (self.seen - self._seen_before) / (self.passed - self._before) / self._several.world

    def log(self, line: str) -> None:
        if self._several.rank == 0:
            self._log(line)

    def took(self, examples: int) -> None:
        """A step, of that many examples in each process."""
        self.step, self.seen = self.step + 1, self.seen + examples * self._several.world
        if self.step % self._agree_every == 0:
            passed = self._before + time.process_time() - self._begun
            stopped, self.passed = self._several.largest(self._stopping.is_set(), passed)
            self._stopped = bool(stopped)

    def save_when_due(self, write: Callable[[], None]) -> None:
        if time.monotonic() - self._saved > SAVE_EVERY:
            self._save(write)
            self._saved = time.monotonic()

    def end(self, write: Callable[[], None]) -> None:
        self._save(write)
        self.log(
            f"{'done' if self.done >= 1 else 'stopped'}: {self.step} steps, {self.seen} examples, {self.passed:.0f} s"
        )

    def _save(self, write: Callable[[], None]) -> None:
        """The state, then what `write` makes of it."""
        if self._several.rank == 0:
            self._checkpoint.save(step=self.step, seen=self.seen, seconds=self.passed)
            write()
