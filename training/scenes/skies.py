"""Skies: time of day, weather, sun, moon, stars and clouds. Colours are sRGB, 0..1; pictures float32 [h, w, 3]."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from . import noise

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Light:
    """What a time of day does: the sky from top to horizon, the tint on all things, how dark shadows are."""

    sky: tuple[Colour, Colour, Colour]
    tint: Colour
    shadow: float
    cloud: tuple[Colour, Colour]  # lit and shaded


TIMES: Final[dict[str, Light]] = {
    "day": Light(((0.22, 0.52, 0.92), (0.47, 0.74, 0.98), (0.80, 0.92, 1.0)), (1.0, 1.0, 1.0), 0.40,
                 ((1, 1, 1), (0.78, 0.85, 0.94))),
    "sunset": Light(((0.30, 0.24, 0.52), (0.93, 0.45, 0.42), (1.0, 0.80, 0.45)), (1.06, 0.86, 0.76), 0.45,
                    ((1.0, 0.78, 0.62), (0.72, 0.42, 0.52))),
    "sunrise": Light(((0.42, 0.60, 0.90), (0.97, 0.74, 0.74), (1.0, 0.92, 0.70)), (1.03, 0.94, 0.88), 0.35,
                     ((1.0, 0.92, 0.86), (0.88, 0.68, 0.74))),
    "dusk": Light(((0.11, 0.13, 0.36), (0.34, 0.27, 0.56), (0.86, 0.52, 0.56)), (0.74, 0.66, 0.86), 0.35,
                  ((0.62, 0.48, 0.66), (0.30, 0.26, 0.48))),
    "night": Light(((0.02, 0.04, 0.14), (0.06, 0.10, 0.27), (0.15, 0.21, 0.42)), (0.46, 0.54, 0.82), 0.35,
                   ((0.30, 0.36, 0.56), (0.12, 0.16, 0.32))),
    "gray": Light(((0.52, 0.57, 0.63), (0.66, 0.70, 0.75), (0.80, 0.82, 0.84)), (0.88, 0.90, 0.93), 0.22,
                  ((0.80, 0.82, 0.85), (0.58, 0.62, 0.67))),
}  # fmt: skip


def gradient(high: int, wide: int, stops: tuple[Colour, ...]) -> np.ndarray:
    """From the first colour at the top to the last at the bottom."""
    at = np.linspace(0, len(stops) - 1, high, dtype=np.float32)
    column = np.stack([np.interp(at, range(len(stops)), [stop[part] for stop in stops]) for part in range(3)], -1)
    return np.repeat(column.astype(np.float32)[:, None], wide, 1)


def glow(picture: np.ndarray, x: float, y: float, radius: float, colour: Colour, strength: float) -> None:
    """Light around a point, fading with distance."""
    rows, columns = np.ogrid[: picture.shape[0], : picture.shape[1]]
    near = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * radius**2)).astype(np.float32)[..., None] * strength
    picture += (np.float32(colour) - picture) * np.clip(near, 0, 1)


def disc(picture: np.ndarray, x: float, y: float, radius: float, colour: Colour) -> None:
    rows, columns = np.ogrid[: picture.shape[0], : picture.shape[1]]
    cover = np.clip(radius - np.hypot(columns - x, rows - y) + 0.5, 0, 1).astype(np.float32)[..., None]
    picture += (np.float32(colour) - picture) * cover


def stars(picture: np.ndarray, rng: random.Random, many: int, below: float = 1.0) -> None:
    """Points of light, a few of them large, over the upper part `below` of the picture."""
    high, wide = picture.shape[:2]
    layer = np.zeros((high, wide), np.float32)
    for _ in range(many):
        x, y, light = rng.uniform(0, wide), rng.uniform(0, high * below), rng.uniform(0.3, 1) ** 1.5
        size = rng.choice((0.55, 0.7, 0.8, 1.3)) * wide / 256
        cv2.circle(layer, (round(x * 16), round(y * 16)), round(size * 16), light, -1, cv2.LINE_AA, 4)
    layer = np.maximum(layer, cv2.GaussianBlur(layer, (0, 0), 1.2 * wide / 256))
    picture += (1 - picture) * (layer * np.float32(0.95))[..., None]


def cloud(picture: np.ndarray, rng: random.Random, light: Light, x: float, y: float, wide: float, cover: float) -> None:
    """One cloud centred at x, y."""
    shape, shade = rng.choice(noise.clouds())
    if rng.random() < 0.5:
        shape, shade = shape[:, ::-1], shade[:, ::-1]
    columns, rows = max(8, int(wide)), max(6, int(wide * rng.uniform(0.38, 0.55)))
    shape, shade = (cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA) for part in (shape, shade))
    left, top = int(x - columns / 2), int(y - rows / 2)
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + columns, picture.shape[1]), min(top + rows, picture.shape[0])
    if x0 >= x1 or y0 >= y1:
        return
    part = slice(y0 - top, y1 - top), slice(x0 - left, x1 - left)
    lit, dark = np.float32(light.cloud[0]), np.float32(light.cloud[1])
    colour = dark + (lit - dark) * shade[part][..., None]
    region = picture[y0:y1, x0:x1]
    region += (colour - region) * (shape[part] * np.float32(cover))[..., None]


def sky(rng: random.Random, side: int, time: str, horizon: float, clouds: float) -> tuple[np.ndarray, float]:
    """The whole picture as sky, its last colour at `horizon` (pixels), and the light's side: -1 left, 1 right."""
    light = TIMES[time]
    picture = gradient(side, side, (light.sky[0], light.sky[1], light.sky[2]))
    above = max(8, int(horizon))
    picture[:above] = gradient(above, side, light.sky)
    picture[above:] = np.float32(light.sky[2])
    from_side = rng.choice((-1, 1)) * rng.uniform(0.4, 1)
    x = side * (0.5 + 0.36 * from_side)
    unit = side / 256
    if time == "night":
        stars(picture, rng, rng.randint(40, 110), horizon / side)
        y = rng.uniform(0.12, 0.45) * horizon
        if rng.random() < 0.75:
            glow(picture, x, y, 34 * unit, (0.55, 0.62, 0.85), 0.5)
            radius = rng.uniform(9, 17) * unit
            under = picture.copy()
            disc(picture, x, y, radius, (0.97, 0.95, 0.84))
            if rng.random() < 0.5:  # a crescent: the sky again over most of it
                rows, columns = np.ogrid[:side, :side]
                apart = np.hypot(columns - x + radius * 0.55 * np.sign(from_side), rows - y + radius * 0.2)
                cover = np.clip(radius * 0.95 - apart + 0.5, 0, 1)[..., None]
                picture += (under - picture) * cover.astype(np.float32)
    elif time in ("sunset", "sunrise"):
        y = horizon - rng.uniform(2, 30) * unit
        glow(picture, x, y, 70 * unit, (1.0, 0.82, 0.45), 0.75)
        disc(picture, x, y, rng.uniform(14, 24) * unit, (1.0, 0.93, 0.68) if time == "sunrise" else (1.0, 0.84, 0.46))
    elif time == "day" and rng.random() < 0.4:
        y = rng.uniform(0.15, 0.4) * horizon
        glow(picture, x, y, 40 * unit, (1.0, 0.97, 0.80), 0.8)
        disc(picture, x, y, rng.uniform(10, 15) * unit, (1.0, 0.97, 0.75))
    for _ in range(int(clouds) + (rng.random() < clouds % 1)):
        far = rng.uniform(0.15, 0.9)
        wide = side * (0.75 - 0.5 * far) * rng.uniform(0.7, 1.2)
        cloud(picture, rng, light, rng.uniform(-0.1, 1.1) * side, far * horizon * 0.85, wide, rng.uniform(0.75, 0.97))
    return picture, from_side
