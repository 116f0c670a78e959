"""Shards of composed pictures: written by compose.py, read at random by the trainers."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

LOOK_AGAIN = 120.0  # seconds until new shards are looked for


class Pictures:
    """Pictures of all `pictures-*.npy` in a folder (uint8 [n, h, w, 3] each); shards that arrive later are found."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._shards, self._looked = folder, [], -LOOK_AGAIN
        self._look()
        if not self._shards:
            raise FileNotFoundError(f"{folder} has no pictures-*.npy: run scenes.compose first.")

    def batch(self, random: np.random.Generator, size: int) -> np.ndarray:
        """uint8 [size, h, w, 3]."""
        self._look()
        shards = [self._shards[at] for at in random.integers(len(self._shards), size=size)]
        return np.stack([shard[random.integers(len(shard))] for shard in shards])

    def _look(self) -> None:
        if time.monotonic() - self._looked < LOOK_AGAIN:
            return
        self._looked = time.monotonic()
        self._shards = [np.load(file, mmap_mode="r") for file in sorted(self._folder.glob("pictures-*.npy"))]
