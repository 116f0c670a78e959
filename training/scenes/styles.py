"""Styles as filters over a finished picture, float32 [side, side, 3] in 0..1. Flat and cartoon have own drawings."""

from __future__ import annotations

import random

import cv2
import numpy as np

from . import noise


def apply(picture: np.ndarray, style: str, rng: random.Random) -> np.ndarray:
    painters = {
        "pixel art": _pixels, "watercolor": _watercolor, "pencil drawing": _pencil, "neon": _neon, "clay": _clay,
        "paper cut": _paper, "black and white": _gray,
    }  # fmt: skip
    painted = painters[style](picture, rng) if style in painters else picture
    return np.clip(painted, 0, 1).astype(np.float32)


def _gray(picture: np.ndarray, rng: random.Random) -> np.ndarray:
    light = picture @ np.float32((0.299, 0.587, 0.114))
    grain = 0.015 * noise.field(rng, picture.shape[1], picture.shape[0], 0.1)
    return np.repeat(((light - 0.5) * 1.15 + 0.5 + grain)[..., None], 3, 2)


def _pixels(picture: np.ndarray, rng: random.Random) -> np.ndarray:
    """Large squares (48 or 64 across) and few levels of each colour."""
    side = picture.shape[0]
    small = cv2.resize(picture, (rng.choice((64, 64, 32 * 2)),) * 2, interpolation=cv2.INTER_AREA)
    small = np.round(np.clip((small - 0.5) * 1.15 + 0.5, 0, 1) * 7) / 7
    return cv2.resize(small, (side, side), interpolation=cv2.INTER_NEAREST)


def _watercolor(picture: np.ndarray, rng: random.Random) -> np.ndarray:
    """Washes with dark rims on grainy paper."""
    side = picture.shape[0]
    wash = picture
    for _ in range(3):
        wash = cv2.bilateralFilter(wash, 7, 0.16, 5 * side / 256)
    rims = np.abs(cv2.Laplacian(cv2.GaussianBlur(wash, (0, 0), 1.4 * side / 256), cv2.CV_32F)).max(-1, keepdims=True)
    bloom = noise.field(rng, side, side, 0.8)[..., None]
    paper = noise.field(rng, side, side, 0.08)[..., None]
    washed = 1 - (1 - wash) * np.clip(0.78 + 0.10 * bloom, 0.5, 1)
    return washed * (1 - np.clip(rims * 2.2, 0, 0.35)) + 0.022 * paper


def _pencil(picture: np.ndarray, rng: random.Random) -> np.ndarray:
    """Lines where the light changes, a little hatching, on white."""
    side = picture.shape[0]
    light = picture @ np.float32((0.299, 0.587, 0.114))
    lines = np.clip(light / np.maximum(cv2.GaussianBlur(light, (0, 0), 2.2 * side / 256), 0.02), 0, 1) ** 2.5
    hatch = noise.field(rng, side, side, 0.15, 0.25)
    shade = np.clip(0.72 + 0.36 * light + 0.05 * hatch * (1 - light), 0, 1)
    return np.repeat((lines * shade * 0.97)[..., None], 3, 2) * np.float32((1, 0.995, 0.98))


def _neon(picture: np.ndarray, rng: random.Random) -> np.ndarray:
    """Glowing outlines in the things' own colours on darkness."""
    unit = picture.shape[0] / 256
    soft = cv2.GaussianBlur(picture, (0, 0), 0.9 * unit)
    strength = np.hypot(cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)).max(-1, keepdims=True)
    colour = cv2.dilate(picture, np.ones((5, 5)))
    colour = colour / np.maximum(colour.max(-1, keepdims=True), 0.05)
    colour = np.clip(colour + (colour - colour.mean(-1, keepdims=True)) * 1.6, 0, 1)
    tube = np.clip(strength * 0.9 - 0.12, 0, 1) * colour
    return picture * 0.10 + tube + 0.9 * cv2.GaussianBlur(tube, (0, 0), 4 * unit)


def _clay(picture: np.ndarray, rng: random.Random) -> np.ndarray:
    """Soft masses with thumb marks: smoothed colours, lit from their own relief."""
    side = picture.shape[0]
    soft = picture
    for _ in range(2):
        soft = cv2.bilateralFilter(soft, 9, 0.22, 6 * side / 256)
    relief = cv2.GaussianBlur(soft.mean(-1), (0, 0), 2.2 * side / 256) * 6 + 0.35 * noise.field(rng, side, side, 0.3)
    lit = 0.09 * (cv2.Sobel(relief, cv2.CV_32F, 1, 0) + cv2.Sobel(relief, cv2.CV_32F, 0, 1))
    return soft * 0.92 + 0.03 + np.clip(lit, -0.16, 0.16)[..., None]


def _paper(picture: np.ndarray, rng: random.Random) -> np.ndarray:
    """Sheets of coloured paper: few flat colours with smooth edges, the lighter ones above, each with a shadow."""
    side = picture.shape[0]
    unit = side / 256
    soft = cv2.bilateralFilter(picture, 9, 0.2, 6 * unit)
    small = cv2.resize(soft, (48, 48), interpolation=cv2.INTER_AREA).reshape(-1, 3)
    cv2.setRNGSeed(rng.randrange(2**31))
    ends = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 8, 0.01)
    _, _, papers = cv2.kmeans(np.ascontiguousarray(small), 9, None, ends, 1, cv2.KMEANS_PP_CENTERS)
    nearest = np.square(soft[:, :, None] - papers).sum(-1).argmin(-1).astype(np.uint8)
    flat = cv2.medianBlur((papers[nearest] * 255).clip(0, 255).astype(np.uint8), 5 if unit < 1.5 else 9)
    flat = cv2.GaussianBlur(flat.astype(np.float32) / 255, (0, 0), 0.6 * unit)
    height = np.round(flat.mean(-1) * 6)
    moved = cv2.warpAffine(
        height, np.float32([[1, 0, 3 * unit], [0, 1, 4 * unit]]), (side, side), borderMode=cv2.BORDER_REPLICATE
    )
    shadow = np.clip(cv2.GaussianBlur(np.maximum(moved - height, 0), (0, 0), 2 * unit), 0, 1.5)
    grain = 0.012 * noise.field(rng, side, side, 0.06)
    return flat * (1 - 0.3 * shadow[..., None]) + grain[..., None]
