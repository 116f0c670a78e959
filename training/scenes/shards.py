"""Shards of composed pictures, and what is made of them: files of examples that the trainers read at random."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

LOOK_AGAIN = 120.0  # seconds until new shards are looked for


class Shards:
    """All `pictures-*.npy` of a folder, each read once; those that arrive later are found.

    `read` gives a shard's parts, arrays whose rows belong together; `maker` names what writes the files.
    """

    def __init__(self, folder: Path, read: Callable[[Path], tuple[np.ndarray, ...]], maker: str) -> None:
        self._folder, self._read, self._looked = folder, read, -LOOK_AGAIN
        self._shards: dict[str, tuple[np.ndarray, ...]] = {}
        if not self.found():
            raise FileNotFoundError(f"{folder} has no pictures-*.npy: run {maker} first.")

    def found(self) -> list[tuple[np.ndarray, ...]]:
        if time.monotonic() - self._looked > LOOK_AGAIN:
            self._looked = time.monotonic()
            for file in sorted(self._folder.glob("pictures-*.npy")):
                if file.name not in self._shards:
                    self._shards[file.name] = self._read(file)
        return list(self._shards.values())

    def batch(self, random: np.random.Generator, size: int) -> list[np.ndarray]:
        """Rows at random, of every shard as often as of any other: each part [size, ...]."""
        shards = self.found()
        rows = []
        for at in random.integers(len(shards), size=size):
            row = random.integers(len(shards[at][0]))
            rows.append([part[row] for part in shards[at]])
        return [np.stack(part) for part in zip(*rows, strict=True)]


def beside(file: Path, part: str) -> np.ndarray:
    """What belongs to a `pictures-*.npy`: its "tokens", "covers" or "carried"."""
    return np.load(file.with_name(file.name.replace("pictures", part)))


def covered(covers: np.ndarray) -> np.ndarray:
    """How much things cover each cell, uint8 [n, 16, 16], as float32 [n, 1, 16, 16] in 0..1."""
    return covers[:, None] / np.float32(255)


def one_wording(tokens: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Of each picture's wordings [n, wordings, TOKENS] one at random: int64 [n, TOKENS]."""
    return tokens[np.arange(len(tokens)), random.integers(tokens.shape[1], size=len(tokens))].astype(np.int64)


def pictures_and_covers(folder: Path) -> Shards:
    """Pictures [n, h, w, 3] and how much things cover each of their cells [n, 16, 16], uint8, of all shards there."""
    return Shards(folder, lambda file: (np.load(file, mmap_mode="r"), beside(file, "covers")), "scenes.compose")
