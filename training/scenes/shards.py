"""Shards of composed pictures, and what is made of them: files of examples that the trainers read at random."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np

LOOK_AGAIN = 120.0  # seconds until new shards are looked for


Shard = TypeVar("Shard")


class Shards(Generic[Shard]):
    """All `pictures-*.npy` of a folder, each read once; those that arrive later are found. `maker` writes them."""

    def __init__(self, folder: Path, read: Callable[[Path], Shard], maker: str) -> None:
        self._folder, self._read, self._looked = folder, read, -LOOK_AGAIN
        self._shards: dict[str, Shard] = {}
        if not self.found():
            raise FileNotFoundError(f"{folder} has no pictures-*.npy: run {maker} first.")

    def found(self) -> list[Shard]:
        if time.monotonic() - self._looked > LOOK_AGAIN:
            self._looked = time.monotonic()
            for file in sorted(self._folder.glob("pictures-*.npy")):
                if file.name not in self._shards:
                    self._shards[file.name] = self._read(file)
        return list(self._shards.values())


class Pictures:
    """Pictures of all shards in a folder, uint8 [n, h, w, 3] each."""

    def __init__(self, folder: Path) -> None:
        self._shards = Shards(folder, lambda file: np.load(file, mmap_mode="r"), "scenes.compose")

    def batch(self, random: np.random.Generator, size: int) -> np.ndarray:
        """uint8 [size, h, w, 3]."""
        shards = self._shards.found()
        chosen = [shards[at] for at in random.integers(len(shards), size=size)]
        return np.stack([shard[random.integers(len(shard))] for shard in chosen])
