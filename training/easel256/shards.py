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
            raise FileNotFoundError(f"{folder} has no pictures-*.npy: run easel256.compose first.")

    def batch(self, random: np.random.Generator, size: int, crop: int) -> np.ndarray:
        """Random crops, uint8 [size, crop, crop, 3]."""
        self._look()
        parts = []
        for _ in range(size):
            shard = self._shards[random.integers(len(self._shards))]
            picture = shard[random.integers(len(shard))]
            y, x = (random.integers(side - crop + 1) for side in picture.shape[:2])
            parts.append(picture[y : y + crop, x : x + crop])
        return np.stack(parts)

    def _look(self) -> None:
        if time.monotonic() - self._looked < LOOK_AGAIN:
            return
        self._looked = time.monotonic()
        self._shards = [np.load(file, mmap_mode="r") for file in sorted(self._folder.glob("pictures-*.npy"))]
