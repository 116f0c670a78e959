"""The state of a training run in one file, so that a run that was stopped goes on from there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

from .average import Average


class Checkpoint:
    """What is trained, its optimiser and its average, with counts of the run."""

    def __init__(self, file: Path, trained: nn.Module, optimiser: torch.optim.Optimizer, average: Average) -> None:
        self._file, self._trained, self._optimiser, self._average = file, trained, optimiser, average

    def restore(self, device: str) -> dict[str, Any] | None:
        """Put the saved state in place. The counts as they were saved, or None where nothing was."""
        if not self._file.exists():
            return None
        saved = torch.load(self._file, map_location=device)
        self._trained.load_state_dict(saved.pop("weights"))
        self._optimiser.load_state_dict(saved.pop("optimiser"))
        self._average.load_state_dict(saved.pop("average"))
        return saved

    def save(self, **counts: float) -> None:
        """Whole or not at all: the file is replaced when the new one is written."""
        state = {
            "weights": self._trained.state_dict(), "optimiser": self._optimiser.state_dict(),
            "average": self._average.state_dict(), **counts,
        }  # fmt: skip
        partial = self._file.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(self._file)
