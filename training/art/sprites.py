"""The drawings as sprites: premultiplied RGBA in float32, 0..1, cut to what is drawn. Recolouring keeps the light."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from PIL import Image

HERE = Path(__file__).resolve().parent
FLUENT_3D: Final = HERE.parent / "node_modules" / "@lobehub" / "fluent-emoji-3d" / "assets"

#: Words for colours: lightness, chroma and hue (degrees) in OKLab (Ottosson 2020), where equal hues look equal.
COLOURS: Final[dict[str, tuple[float, float, float]]] = {
    "red": (0.60, 0.21, 27), "orange": (0.73, 0.17, 58), "yellow": (0.88, 0.17, 98), "green": (0.66, 0.18, 145),
    "blue": (0.58, 0.18, 258), "purple": (0.53, 0.20, 302), "pink": (0.78, 0.14, 352), "brown": (0.46, 0.08, 55),
    "black": (0.25, 0.01, 280), "white": (0.95, 0.01, 90), "gray": (0.62, 0.005, 250), "teal": (0.68, 0.12, 195),
    "golden": (0.80, 0.15, 85), "light blue": (0.82, 0.09, 235), "dark green": (0.42, 0.10, 148),
}  # fmt: skip


class Sprites:
    """Drawings by code and set, read once: `set` is 3d, flat or cartoon (those of draw.mjs are in WORK/art).

    A code like `own:lighthouse` is one of our own drawings, which belong to the 3d set. `large` are those of
    WORK/art-large, where the glossy set stands for the 3d one.
    """

    def __init__(self, work: Path, large: bool = False) -> None:
        self._art, self._large = work / ("art-large" if large else "art"), large
        self._read: Callable[[str, str], np.ndarray] = lru_cache(4096)(self._load)

    def __call__(self, code: str, style: str = "3d") -> np.ndarray:
        return self._read(code, style)

    def has(self, code: str, style: str) -> bool:
        return style == "3d" or (self._art / style / f"{code}.png").exists()

    def _load(self, code: str, style: str) -> np.ndarray:
        if code.startswith("own:"):
            file = self._art / "own" / f"{code[4:]}.png"
            if not file.exists():
                raise FileNotFoundError(f"{file} is missing. Draw it: node art/draw.mjs {self._art.parent}")
        elif style == "3d" and not self._large:
            file = FLUENT_3D / f"{code}.webp"
        else:
            file = self._art / ("glossy" if style == "3d" else style) / f"{code}.png"
        pixels = np.asarray(Image.open(file).convert("RGBA"), np.float32) / 255
        pixels[..., :3] *= pixels[..., 3:]
        rows, columns = np.nonzero(pixels[..., 3].max(1) > 0.05)[0], np.nonzero(pixels[..., 3].max(0) > 0.05)[0]
        return np.ascontiguousarray(pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def scaled(sprite: np.ndarray, height: float) -> np.ndarray:
    """To a height in pixels; shrinking averages, so that edges stay clean."""
    rows = max(2, round(height))
    columns = max(2, round(sprite.shape[1] * rows / sprite.shape[0]))
    how = cv2.INTER_AREA if rows < sprite.shape[0] else cv2.INTER_CUBIC
    return np.clip(cv2.resize(sprite, (columns, rows), interpolation=how), 0, 1)


def turned(sprite: np.ndarray, degrees: float) -> np.ndarray:
    """About its middle, on a canvas that holds all of it."""
    if abs(degrees) < 0.5:
        return sprite
    rows, columns = sprite.shape[:2]
    matrix = cv2.getRotationMatrix2D((columns / 2, rows / 2), degrees, 1)
    sine, cosine = abs(matrix[0, 1]), abs(matrix[0, 0])
    wide, high = int(rows * sine + columns * cosine) + 1, int(rows * cosine + columns * sine) + 1
    matrix[:, 2] += (wide - columns) / 2, (high - rows) / 2
    return cv2.warpAffine(sprite, matrix, (wide, high), flags=cv2.INTER_LINEAR)


_TO_LMS = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
     [0.0883024619, 0.2817188376, 0.6299787005]], np.float32,
)  # fmt: skip
_TO_LAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
     [0.0259040371, 0.7827717662, -0.8086757660]], np.float32,
)  # fmt: skip
_FROM_LMS, _FROM_LAB = np.linalg.inv(_TO_LMS), np.linalg.inv(_TO_LAB)


def to_oklab(srgb: np.ndarray) -> np.ndarray:
    return np.cbrt((np.maximum(srgb, 0) ** 2.2) @ _TO_LMS.T) @ _TO_LAB.T


def from_oklab(lab: np.ndarray) -> np.ndarray:
    return np.clip((lab @ _FROM_LAB.T) ** 3 @ _FROM_LMS.T, 0, 1) ** (1 / 2.2)


def recoloured(sprite: np.ndarray, colour: str) -> np.ndarray:
    """Its main hue becomes the named colour; light and shade stay, and so do eyes, teeth, wheels and windows.

    The main hue is the one of most colour; what is far from it keeps its own colour if it is the smaller part. A
    drawing that is grey all over has no main hue: all of it takes the colour.
    """
    lightness, chroma, hue = COLOURS[colour]
    alpha = sprite[..., 3:]
    lab = to_oklab(sprite[..., :3] / np.maximum(alpha, 1e-3))
    light, own = lab[..., 0], np.hypot(lab[..., 1], lab[..., 2])
    solid = alpha[..., 0] > 0.5
    angle = np.arctan2(lab[..., 2], lab[..., 1])
    weight = np.where(solid & (light > 0.3), own, 0)
    votes, bins = np.histogram(angle, 36, (-np.pi, np.pi), weights=weight)
    main = bins[np.convolve(np.r_[votes[-2:], votes, votes[:2]], np.ones(5), "valid").argmax()] + np.pi / 36
    near = np.clip(2.2 - np.abs(np.angle(np.exp(1j * (angle - main)))) / 0.45, 0, 1)
    coloured = np.clip((own - 0.015) / 0.03, 0, 1) * near
    covered = (coloured * solid).sum() / max(1, solid.sum())
    chosen = coloured if covered > 0.35 else np.ones_like(own)
    chosen = chosen * np.clip((light - 0.22) / 0.12, 0, 1)  # eyes and outlines stay dark
    mean = (light * chosen * solid).sum() / max(1e-3, (chosen * solid).sum())
    typical = max((own * chosen * solid).sum() / max(1e-3, (chosen * solid).sum()), 0.03)
    painted_light = np.clip(lightness + (light - mean) * (0.9 if lightness > 0.3 else 0.6), 0.08, 0.99)
    painted_chroma = (
        chroma * np.clip(0.55 + 0.45 * own / typical, 0.4, 1.15) * np.clip(2.6 - 2.2 * painted_light, 0.5, 1)
    )
    turn = np.deg2rad(hue)
    painted = np.stack([painted_light, painted_chroma * np.cos(turn), painted_chroma * np.sin(turn)], -1)
    mixed = lab + chosen[..., None] * (painted - lab)
    return np.concatenate([from_oklab(mixed).astype(np.float32) * alpha, alpha], -1)
