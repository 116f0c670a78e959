"""Smooth noise and soft clouds, made once in a process and cut anew for every picture."""

from __future__ import annotations

import random
from functools import cache

import cv2
import numpy as np

BANK = 6
SIDE = 1024


@cache
def _bank() -> list[np.ndarray]:
    """Fractal noise [SIDE, SIDE], mean 0, standard deviation 1."""
    rng, bank = np.random.default_rng(11), []
    for _ in range(BANK):
        total = np.zeros((SIDE, SIDE), np.float32)
        for octave in range(2, 9):
            grid = rng.normal(size=(2**octave, 2**octave)).astype(np.float32)
            total += cv2.resize(grid, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC) * 0.62**octave
        bank.append((total - total.mean()) / total.std())
    return bank


def field(rng: random.Random, wide: int, high: int, scale: float = 1.0, stretch: float = 1.0) -> np.ndarray:
    """A piece of noise [high, wide]; `scale` above 1 is coarser, `stretch` above 1 is wider than high."""
    texture = rng.choice(_bank())
    columns = int(min(SIDE, max(8, SIDE / 2 / scale / stretch)))
    rows = int(min(SIDE, max(8, SIDE / 2 / scale * high / wide)))
    y, x = rng.randint(0, SIDE - rows), rng.randint(0, SIDE - columns)
    return cv2.resize(texture[y : y + rows, x : x + columns], (wide, high), interpolation=cv2.INTER_AREA)


@cache
def clouds() -> list[tuple[np.ndarray, np.ndarray]]:
    """Round heaps of cloud: cover and light, each [96, 192] in 0..1."""
    rng, made = random.Random(5), []
    for _ in range(24):
        cover = np.zeros((96, 192), np.float32)
        light = np.zeros((96, 192), np.float32)
        y, x = np.mgrid[:96, :192].astype(np.float32)
        for at in range(rng.randint(5, 9)):
            radius = rng.uniform(14, 30) if at else 32
            centre_x = rng.uniform(36 + radius / 2, 156 - radius / 2) if at else rng.uniform(80, 112)
            centre_y = 72 - radius * rng.uniform(0.5, 0.95)
            apart = np.hypot(x - centre_x, y - centre_y) / radius
            ball = np.clip((1 - apart) * radius / 2.5, 0, 1)
            shade = np.clip(0.62 + 0.5 * (1 - (y - centre_y + radius) / (2.2 * radius)), 0, 1)
            light = light * (1 - ball) + shade * ball
            cover = np.maximum(cover, ball)
        flat = np.clip((76 - y) / 6, 0, 1)
        made.append((cv2.GaussianBlur(cover * flat, (0, 0), 1.2), cv2.GaussianBlur(light, (0, 0), 2.5)))
    return made
