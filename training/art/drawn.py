"""Sprites that no set has: a party hat, balloons on strings, an open box. Premultiplied RGBA like all sprites."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from .sprites import Sprites, recoloured, scaled, turned


def _shape(canvas: np.ndarray, corners: list[tuple[float, float]], colour: tuple[float, float, float]) -> None:
    """A filled polygon in parts of the canvas."""
    high, wide = canvas.shape[:2]
    points = np.int32([(x * wide * 16, y * high * 16) for x, y in corners])
    cv2.fillPoly(canvas, [points], (*colour, 1.0), cv2.LINE_AA, 4)


@cache
def party_hat() -> np.ndarray:
    """A striped cone, lit from the upper left, with a bobble."""
    canvas = np.zeros((240, 180, 4), np.float32)
    corners = [(0.5, 0.1), (0.97, 0.94), (0.75, 0.985), (0.5, 1.0), (0.25, 0.985), (0.03, 0.94)]
    _shape(canvas, corners, (0.95, 0.25, 0.5))
    cone = canvas[..., 3].copy()
    y, x = np.mgrid[0:240, 0:180].astype(np.float32)
    stripes = np.clip(np.sin((y + 0.45 * x) / 240 * 26) * 5 + 0.5, 0, 1)[..., None]
    canvas[..., :3] += (np.float32((1.0, 0.85, 0.2)) * cone[..., None] - canvas[..., :3]) * stripes
    across = (x / 180 - 0.5) / np.maximum(0.06, 0.47 * (y / 240 - 0.08))
    canvas[..., :3] *= np.clip(1.08 - 0.3 * np.maximum(0, across) ** 1.5 - 0.12 * (across < -0.75), 0.6, 1.1)[..., None]
    bobble = np.zeros_like(canvas)
    cv2.circle(bobble, (90 * 16, 26 * 16), 24 * 16, (0.35, 0.75, 1.0, 1.0), -1, cv2.LINE_AA, 4)
    cv2.circle(bobble, (82 * 16, 18 * 16), 8 * 16, (0.75, 0.92, 1.0, 1.0), -1, cv2.LINE_AA, 4)
    return np.minimum(canvas * (1 - bobble[..., 3:]) + bobble, 1)


@cache
def open_box() -> np.ndarray:
    """Cardboard with its flaps open; the rim's front edge at half its height."""
    canvas = np.zeros((230, 250, 4), np.float32)
    _shape(canvas, [(0.12, 0.36), (0.88, 0.36), (0.9, 0.5), (0.1, 0.5)], (0.36, 0.23, 0.14))  # inside
    _shape(canvas, [(0.12, 0.36), (0.2, 0.24), (0.8, 0.24), (0.88, 0.36)], (0.66, 0.46, 0.30))  # far flap
    _shape(canvas, [(0.1, 0.5), (0.9, 0.5), (0.88, 1.0), (0.12, 1.0)], (0.80, 0.58, 0.38))
    _shape(canvas, [(0.1, 0.5), (0.0, 0.62), (0.03, 0.5), (0.12, 0.36)], (0.86, 0.66, 0.45))
    _shape(canvas, [(0.9, 0.5), (1.0, 0.62), (0.97, 0.5), (0.88, 0.36)], (0.70, 0.48, 0.30))
    _shape(canvas, [(0.44, 0.5), (0.56, 0.5), (0.56, 0.66), (0.44, 0.66)], (0.66, 0.45, 0.28))
    canvas[115:, :, :3] *= np.linspace(1.04, 0.84, 115, dtype=np.float32)[:, None, None]
    return canvas


def unicorn(horse: np.ndarray) -> np.ndarray:
    """A horse made white, with a pink mane and tail and a horn."""
    high, wide = horse.shape[:2]
    canvas = np.zeros((round(high * 1.15), wide, 4), np.float32)
    bright = (horse[..., :3] / np.maximum(horse[..., 3:], 1e-3)).max(-1)
    hair = cv2.GaussianBlur(np.clip((0.38 - bright) * 8, 0, 1), (0, 0), 1.2)
    hair *= (np.arange(wide) > 0.16 * wide) & (np.arange(high)[:, None] < 0.46 * high)
    shade = np.clip(0.55 + 0.9 * bright, 0, 1)[..., None]
    body = np.concatenate([np.float32((0.97, 0.95, 1.0)) * shade, np.ones_like(shade)], -1) * horse[..., 3:]
    pink = np.float32((1.0, 0.55, 0.85)) * np.clip(0.85 + 0.6 * bright, 0, 1.1)[..., None]
    body[..., :3] += (np.minimum(pink, 1) * horse[..., 3:] - body[..., :3]) * hair[..., None]
    _shape(canvas, [(0.13, 0.19), (0.2, 0.16), (0.075, 0.0)], (1.0, 0.8, 0.25))
    part = canvas[-high:]
    part *= 1 - body[..., 3:]
    part += body
    return canvas


def balloons(sprites: Sprites, colours: tuple[str, ...], height: float) -> np.ndarray:
    """One to five balloons; their strings meet in the middle of the lower edge."""
    many = len(colours)
    side = round(height)
    across = round(side * (1.0 if many < 3 else 1.5))
    canvas = np.zeros((side, across, 4), np.float32)
    whole = sprites("1f388")
    whole = whole[: int(whole.shape[0] * 0.72), int(whole.shape[1] * 0.1) :]  # without its own string
    balloon = scaled(whole, side * (0.52 if many < 2 else 0.42))
    leans = {1: (0.0,), 2: (-15, 17), 3: (-24, 0, 24), 4: (-32, -10, 12, 34), 5: (-38, -19, 0, 19, 38)}[many]
    ends, laid = [], []
    for at, (lean, colour) in enumerate(zip(leans, colours, strict=True)):
        one = turned(recoloured(balloon, colour) if colour != "red" else balloon, -lean)
        turn = np.deg2rad(lean)
        reach = side * (0.69 if many < 2 else 0.74 - 0.1 * (at % 2))
        x, y = across / 2 + np.sin(turn) * reach, side - np.cos(turn) * reach
        ends.append((x - np.sin(turn) * balloon.shape[0] * 0.42, y + np.cos(turn) * balloon.shape[0] * 0.42))
        laid.append((one, x, y))
    for x, y in ends:
        start, end = (int(x * 16), int(y * 16)), (across * 8, side * 16 - 8)
        cv2.line(canvas, start, end, (0.45, 0.45, 0.5, 1.0), max(1, side // 90), cv2.LINE_AA, 4)
    for one, x, y in laid:
        left, top = round(x - one.shape[1] / 2), round(y - one.shape[0] / 2)
        x0, y0, x1, y1 = max(0, left), max(0, top), min(across, left + one.shape[1]), min(side, top + one.shape[0])
        part = one[y0 - top : y1 - top, x0 - left : x1 - left]
        canvas[y0:y1, x0:x1] = canvas[y0:y1, x0:x1] * (1 - part[..., 3:]) + part
    return canvas
