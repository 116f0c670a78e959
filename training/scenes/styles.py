"""Styles as filters over a finished picture, float32 [side, side, 3] in 0..1. Flat and cartoon have own drawings, too.

All that makes a style is several pixels wide (of 256): an autoencoder of factor 16 loses finer strokes, and eyes at the
size of a chat's pictures do, too.
"""

from __future__ import annotations

import random

import cv2
import numpy as np

from . import noise

BLOCKS = 32  # pixels of pixel art a side: two to a latent


def apply(picture: np.ndarray, style: str, things: np.ndarray, rng: random.Random) -> np.ndarray:
    """`things`: how much of each pixel things cover [side, side], 0..1."""
    painters = {
        "pixel art": _pixels, "watercolor": _watercolor, "pencil drawing": _pencil, "neon": _neon, "clay": _clay,
        "paper cut": _paper, "flat": _flat, "cartoon": _cartoon, "black and white": _gray,
    }  # fmt: skip
    painted = painters[style](picture, things, rng) if style in painters else picture
    return np.clip(painted, 0, 1).astype(np.float32)


def _gray(picture: np.ndarray, things: np.ndarray, rng: random.Random) -> np.ndarray:
    light = picture @ np.float32((0.299, 0.587, 0.114))
    grain = 0.015 * noise.field(rng, picture.shape[1], picture.shape[0], 0.1)
    return np.repeat(((light - 0.5) * 1.15 + 0.5 + grain)[..., None], 3, 2)


def _pixels(picture: np.ndarray, things: np.ndarray, rng: random.Random) -> np.ndarray:
    """Large squares, few levels of each colour, and a dark rim of one square about things."""
    side = picture.shape[0]
    small = cv2.resize(picture, (BLOCKS, BLOCKS), interpolation=cv2.INTER_AREA)
    small = np.round(np.clip((small - 0.5) * 1.25 + 0.5, 0, 1) * 6) / 6
    solid = (cv2.resize(things, (BLOCKS, BLOCKS), interpolation=cv2.INTER_AREA) > 0.5).astype(np.uint8)
    rim = (cv2.dilate(solid, np.uint8([[0, 1, 0], [1, 1, 1], [0, 1, 0]])) > solid)[..., None]
    return cv2.resize(np.where(rim, small * 0.25, small), (side, side), interpolation=cv2.INTER_NEAREST)


def _watercolor(picture: np.ndarray, things: np.ndarray, rng: random.Random) -> np.ndarray:
    """Pale washes with dark rims that run, and end in the white of the paper before the border."""
    side = picture.shape[0]
    unit = side / 256
    sideways, down = (noise.field(rng, side, side, 0.4) for _ in range(2))
    y, x = np.mgrid[:side, :side].astype(np.float32)
    run = 3.5 * unit
    wash = cv2.remap(picture, x + run * sideways, y + run * down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    for _ in range(2):
        wash = cv2.bilateralFilter(wash, 9, 0.2, 6 * unit)
    rims = np.abs(cv2.Laplacian(cv2.GaussianBlur(wash, (0, 0), 2.2 * unit), cv2.CV_32F)).max(-1, keepdims=True)
    bloom = noise.field(rng, side, side, 0.6)[..., None]
    washed = 1 - (1 - wash) * np.clip(0.72 + 0.16 * bloom, 0.35, 1)
    washed = washed * (1 - np.clip(rims * 5 * unit * unit, 0, 0.4))
    inside = np.minimum(np.minimum(x, side - 1 - x), np.minimum(y, side - 1 - y)) / side + 0.03 * sideways
    brush = np.clip((inside - 0.06) * 24, 0, 1)[..., None]
    paper = np.float32((0.985, 0.975, 0.95)) + 0.01 * noise.field(rng, side, side, 0.15)[..., None]
    return paper + (washed - paper) * brush


def _pencil(picture: np.ndarray, things: np.ndarray, rng: random.Random) -> np.ndarray:
    """Lines where the light changes, a little hatching, on white."""
    side = picture.shape[0]
    light = picture @ np.float32((0.299, 0.587, 0.114))
    lines = np.clip(light / np.maximum(cv2.GaussianBlur(light, (0, 0), 3.2 * side / 256), 0.02), 0, 1) ** 4
    hatch = noise.field(rng, side, side, 0.25, 0.2)
    shade = np.clip(0.74 + 0.34 * light + 0.09 * hatch * (1 - light), 0, 1)
    return np.repeat((lines * shade * 0.97)[..., None], 3, 2) * np.float32((1, 0.995, 0.98))


def _neon(picture: np.ndarray, things: np.ndarray, rng: random.Random) -> np.ndarray:
    """Glowing outlines in the things' own colours on darkness."""
    unit = picture.shape[0] / 256
    soft = cv2.GaussianBlur(picture, (0, 0), 1.4 * unit)
    strength = _steepness(soft).max(-1, keepdims=True)
    colour = cv2.dilate(picture, np.ones((5, 5)))
    colour = colour / np.maximum(colour.max(-1, keepdims=True), 0.05)
    colour = np.clip(colour + (colour - colour.mean(-1, keepdims=True)) * 1.6, 0, 1)
    tube = np.clip(strength * 1.2 * unit - 0.12, 0, 1) * colour
    return picture * 0.10 + tube + 0.9 * cv2.GaussianBlur(tube, (0, 0), 4 * unit)


def _clay(picture: np.ndarray, things: np.ndarray, rng: random.Random) -> np.ndarray:
    """Soft masses, rounded at their edges and full of thumb marks, lit from the left above."""
    side = picture.shape[0]
    unit = side / 256
    soft = cv2.bilateralFilter(cv2.bilateralFilter(picture, 9, 0.25, 7 * unit), 9, 0.25, 7 * unit)
    round_it = cv2.GaussianBlur(things, (0, 0), 5 * unit) * 9 + cv2.GaussianBlur(soft.mean(-1), (0, 0), 3 * unit) * 9
    relief = round_it + 0.7 * cv2.GaussianBlur(noise.field(rng, side, side, 0.7), (0, 0), 2.5 * unit)
    slope = cv2.Sobel(relief, cv2.CV_32F, 1, 0) + cv2.Sobel(relief, cv2.CV_32F, 0, 1)
    lit = np.clip(0.2 * unit * slope, -0.35, 0.35)[..., None]
    return (soft * 0.84 + 0.04) * (1 + lit) + np.clip(lit - 0.15, 0, 1) * 0.5


def _paper(picture: np.ndarray, things: np.ndarray, rng: random.Random) -> np.ndarray:
    """Sheets of coloured paper with pale edges, things and what is lighter on top, each with a deep shadow."""
    side = picture.shape[0]
    unit = side / 256
    flat = _sheets(picture, 7, rng)
    height = np.round(flat.mean(-1) * 3) + 3 * cv2.medianBlur((things > 0.5).astype(np.uint8), 5)
    height = cv2.GaussianBlur(height.astype(np.float32), (0, 0), 0.7 * unit)
    above, below = (
        cv2.warpAffine(
            height, np.float32([[1, 0, dx * unit], [0, 1, dy * unit]]), (side, side), borderMode=cv2.BORDER_REPLICATE
        )
        for dx, dy in ((5, 6), (2, 2.5))
    )
    shadow = np.clip(cv2.GaussianBlur(np.maximum(above - height, 0), (0, 0), 2.5 * unit), 0, 1.2)[..., None]
    edge = np.clip(height - below, 0, 1)[..., None]
    return flat * (1 - 0.5 * shadow) + (np.float32((0.97, 0.96, 0.93)) - flat) * 0.75 * edge


def _flat(picture: np.ndarray, things: np.ndarray, rng: random.Random) -> np.ndarray:
    """Few colours, none of which changes within its field."""
    return _sheets(picture, 10, rng)


def _cartoon(picture: np.ndarray, things: np.ndarray, rng: random.Random) -> np.ndarray:
    """Strong colours in a few steps of light, and things drawn round in thick ink."""
    unit = picture.shape[0] / 256
    soft = cv2.bilateralFilter(picture, 9, 0.2, 5 * unit)
    light = soft.max(-1, keepdims=True)
    soft = soft * (np.ceil(light * 5 - 0.3) / 5 / np.maximum(light, 0.05))
    soft = np.clip(soft + (soft - soft.mean(-1, keepdims=True)) * 0.35, 0, 1)
    wide = round(2 * unit)
    ink = cv2.dilate(things, _disc(wide)) - cv2.erode(things, _disc(wide))
    inner = _steepness(cv2.GaussianBlur(picture.mean(-1), (0, 0), 1.6 * unit)) * unit
    ink = np.maximum(ink, np.clip(inner * 3.2 - 0.45, 0, 1) * things)
    return soft + (np.float32((0.06, 0.05, 0.09)) - soft) * np.clip(ink, 0, 1)[..., None]


def _steepness(picture: np.ndarray) -> np.ndarray:
    return np.hypot(cv2.Sobel(picture, cv2.CV_32F, 1, 0), cv2.Sobel(picture, cv2.CV_32F, 0, 1))


def _disc(radius: int) -> np.ndarray:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))


def _sheets(picture: np.ndarray, colours: int, rng: random.Random) -> np.ndarray:
    """The picture in few colours with smooth edges."""
    unit = picture.shape[0] / 256
    soft = cv2.bilateralFilter(picture, 9, 0.2, 6 * unit)
    small = cv2.resize(soft, (48, 48), interpolation=cv2.INTER_AREA).reshape(-1, 3)
    cv2.setRNGSeed(rng.randrange(2**31))
    ends = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 8, 0.01)
    _, _, found = cv2.kmeans(np.ascontiguousarray(small), colours, None, ends, 1, cv2.KMEANS_PP_CENTERS)
    nearest = np.square(soft[:, :, None] - found).sum(-1).argmin(-1).astype(np.uint8)
    flat = cv2.medianBlur((found[nearest] * 255).clip(0, 255).astype(np.uint8), 5 if unit < 1.5 else 9)
    return cv2.GaussianBlur(flat.astype(np.float32) / 255, (0, 0), 0.6 * unit)
