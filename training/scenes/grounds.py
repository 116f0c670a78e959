"""Places: each paints what lies beneath and behind the things. `paint(place, ...)` gives a Stage to put them on."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np

from art.sprites import Sprites, scaled

from . import noise
from .skies import TIMES, Colour, cloud, disc, glow, gradient, sky, stars


@dataclass
class Stage:
    """An empty place: picture [side, side, 3], where the ground begins, how it is lit."""

    picture: np.ndarray
    horizon: float | None  # pixels from the top; None where nothing stands (space, water, sky)
    tint: Colour
    from_side: float  # where light comes from: -1 left, 1 right
    shadow: float
    floats: bool = False  # on water: things sink in a little instead of throwing shadows
    #: How much things cover each pixel, and how much what they wear, hold or carry does, 0..1 [side, side, 2].
    things: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.things = np.zeros((*self.picture.shape[:2], 2), np.float32)


@dataclass(frozen=True)
class Brush:
    """What the painters of places share."""

    rng: random.Random
    side: int
    time: str
    sprites: Sprites

    @property
    def tint(self) -> np.ndarray:
        return np.float32(TIMES[self.time].tint)

    def sky(self, low: float, high: float, clouds: float | None = None) -> tuple[np.ndarray, float, float]:
        """Picture, horizon, light; the horizon between two parts of the height."""
        horizon = on_grid(self.rng.uniform(low, high)) * self.side
        many = self.rng.choice((0, 1.5, 2.5, 4)) if clouds is None else clouds
        picture, from_side = sky(self.rng, self.side, self.time, horizon, many + 3 * (self.time == "gray"))
        return picture, horizon, from_side

    def fill(
        self, picture: np.ndarray, line: np.ndarray, far: Colour, near: Colour, rough: float, scale: float
    ) -> None:
        """Ground below `line` (pixels from the top, one for each column): lit evenly, coarser towards the viewer."""
        side = self.side
        top = max(0, int(line.min()) - 1)
        rows = side - top
        colour = gradient(rows, side, (far, near))
        if rough:
            colour *= 1 + rough * noise.field(self.rng, side, rows, scale, 2.5)[..., None]
        cover = np.clip(np.arange(top, side, dtype=np.float32)[:, None] - line[None] + 0.5, 0, 1)[..., None]
        picture[top:] += (np.clip(colour * self.tint, 0, 1) - picture[top:]) * cover

    def hills(self, base: float, height: float, waves: float = 2.0) -> np.ndarray:
        """A gently rolling line, one height for each column."""
        x = np.linspace(0, 2 * np.pi, self.side, dtype=np.float32)
        rng = self.rng
        line = np.zeros(self.side, np.float32)
        for octave in (1, 2, 3.3):
            line += np.sin(x * waves * octave / 2 * rng.uniform(0.6, 1.3) + rng.uniform(0, 6.3)) / octave
        return base - height * self.side / 256 * (0.5 + 0.5 * line / 1.6)

    def plant(self, picture: np.ndarray, code: str, x: float, base: float, height: float, haze: float) -> None:
        """A drawing as scenery, standing at x, base; `haze` mixes in the sky's colour at the horizon."""
        sprite = scaled(self.sprites(code), height)
        if self.rng.random() < 0.5:
            sprite = sprite[:, ::-1]
        colour = sprite[..., :3] * self.tint
        far = np.float32(TIMES[self.time].sky[2]) * sprite[..., 3:]
        lay(picture, np.concatenate([colour + (far - colour) * haze, sprite[..., 3:]], -1), x - sprite.shape[1] / 2,
            base - sprite.shape[0])  # fmt: skip


def on_grid(part: float) -> float:
    """A place as part of the side, moved to the nearest sixteenth.

    A step of the autoencoder's latents is a sixteenth: a thing that stands at whole steps has the same latents
    everywhere, so that the UNet learns it once.
    """
    return round(part * 16) / 16


def lay(picture: np.ndarray, sprite: np.ndarray, left: float, top: float, cover: float = 1.0) -> None:
    """A premultiplied sprite, whose last channel is its cover, over a picture of the others, clipped to it."""
    x, y = round(left), round(top)
    x0, y0 = max(x, 0), max(y, 0)
    x1, y1 = min(x + sprite.shape[1], picture.shape[1]), min(y + sprite.shape[0], picture.shape[0])
    if x0 < x1 and y0 < y1:
        part = sprite[y0 - y : y1 - y, x0 - x : x1 - x] * np.float32(cover)
        region = picture[y0:y1, x0:x1]
        region *= 1 - part[..., -1:]
        region += part[..., :-1]


def _meadow(brush: Brush) -> Stage:
    picture, horizon, light = brush.sky(0.46, 0.6)
    rng = brush.rng
    if rng.random() < 0.7:
        brush.fill(picture, brush.hills(horizon, 22), (0.48, 0.70, 0.45), (0.42, 0.68, 0.36), 0.02, 1)
    if rng.random() < 0.35:
        for _ in range(rng.randint(1, 4)):
            brush.plant(picture, rng.choice(("1f333", "1f332")), rng.uniform(0, 1) * brush.side, horizon + 4,
                        rng.uniform(0.1, 0.2) * brush.side, 0.3)  # fmt: skip
    brush.fill(picture, brush.hills(horizon + 4, 7), (0.55, 0.78, 0.33), (0.25, 0.56, 0.20), 0.05, 0.7)
    unit = brush.side / 256
    for _ in range(rng.randint(40, 120)):  # blades of grass
        y = horizon + (brush.side - horizon) * rng.uniform(0.1, 1) ** 0.8
        x, long = rng.uniform(0, brush.side), (y - horizon) / (brush.side - horizon) * 9 * unit + 1
        shade = rng.uniform(0.8, 1.25)
        blade = [int(v * 16) for v in (x, y, x + rng.uniform(-0.4, 0.4) * long, y - long)]
        colour = tuple(float(c) for c in np.clip(np.float32((0.33, 0.64, 0.22)) * shade * brush.tint, 0, 1))
        cv2.line(picture, blade[:2], blade[2:], colour, max(1, round(unit)), cv2.LINE_AA, 4)
    return Stage(picture, horizon, TIMES[brush.time].tint, light, TIMES[brush.time].shadow)


def _garden(brush: Brush) -> Stage:
    stage = _meadow(brush)
    rng, side = brush.rng, brush.side
    for _ in range(rng.randint(10, 18)):
        y = stage.horizon + (side - stage.horizon) * rng.uniform(0.12, 0.95)
        high = side * (0.04 + 0.12 * (y - stage.horizon) / (side - stage.horizon))
        brush.plant(
            stage.picture, rng.choice(("1f33b", "1f337", "1f339", "1f33c")), rng.uniform(0, 1) * side, y, high, 0
        )
    return stage


def _beach(brush: Brush) -> Stage:
    picture, horizon, light = brush.sky(0.38, 0.48)
    rng, side = brush.rng, brush.side
    _water(brush, picture, horizon, light)
    shore = brush.hills(horizon + rng.uniform(0.09, 0.16) * side, 9, 1.5)
    brush.fill(picture, shore - 5 * side / 256, (0.62, 0.90, 0.90), (0.95, 0.98, 0.97), 0.0, 1)
    brush.fill(picture, shore - 1.5 * side / 256, (0.96, 0.97, 0.95), (0.97, 0.97, 0.95), 0.0, 1)
    brush.fill(picture, shore + 2 * side / 256, (0.90, 0.78, 0.55), (0.97, 0.86, 0.64), 0.035, 0.35)
    if rng.random() < 0.4:
        x = rng.choice((rng.uniform(0.02, 0.16), rng.uniform(0.84, 0.98))) * side
        brush.plant(picture, "1f334", x, shore.max() + 0.06 * side, rng.uniform(0.38, 0.55) * side, 0.0)
    return Stage(picture, float(shore.max()), TIMES[brush.time].tint, light, TIMES[brush.time].shadow)


def _water(brush: Brush, picture: np.ndarray, horizon: float, light: float) -> None:
    """Sea from the horizon down, mirroring the sky, with ripples that grow nearer."""
    side, top = brush.side, int(horizon)
    rows = side - top
    low, middle = TIMES[brush.time].sky[2], TIMES[brush.time].sky[1]
    deep = tuple(np.float32((0.05, 0.30, 0.52)) * brush.tint)
    near = tuple(0.35 * np.float32(middle) + 0.65 * np.float32(deep))
    sea = gradient(rows, side, (tuple(0.55 * np.float32(low) + 0.45 * np.float32(near)), near, deep))
    depth = np.linspace(0.15, 1, rows, dtype=np.float32)[:, None]
    ripple = noise.field(brush.rng, side, rows, 0.45, 6.0) * depth
    ripple = ripple + 0.6 * noise.field(brush.rng, side, rows, 0.12, 8.0) * depth
    sea *= 1 + 0.10 * ripple[..., None]
    sea += np.clip(ripple - 1.35, 0, 1)[..., None] * np.float32(low) * 0.45
    if brush.time in ("sunset", "sunrise", "night"):
        x = side * (0.5 + 0.36 * light)
        column = np.exp(-((np.arange(side) - x) ** 2) / (2 * (0.06 * side) ** 2))[None].astype(np.float32)
        sparkle = np.clip(0.55 + 0.5 * ripple, 0, 1) * column * np.linspace(0.9, 0.15, rows, dtype=np.float32)[:, None]
        warm = (0.85, 0.88, 1.0) if brush.time == "night" else (1.0, 0.80, 0.50)
        sea += (np.float32(warm) - sea) * (sparkle * (0.4 if brush.time == "night" else 0.7))[..., None]
    picture[top:] = np.clip(sea, 0, 1)


def _sea(brush: Brush) -> Stage:
    picture, horizon, light = brush.sky(0.42, 0.55)
    _water(brush, picture, horizon, light)
    return Stage(picture, horizon, TIMES[brush.time].tint, light, 0.0, floats=True)


def _lake(brush: Brush) -> Stage:
    picture, horizon, light = brush.sky(0.38, 0.46)
    rng, side = brush.rng, brush.side
    for height in (46, 24):
        brush.fill(picture, brush.hills(horizon, height, 3), (0.30, 0.52, 0.42), (0.34, 0.58, 0.38), 0.03, 1)
    for _ in range(rng.randint(3, 7)):
        brush.plant(picture, "1f332", rng.uniform(0, 1) * side, horizon + 2, rng.uniform(0.1, 0.2) * side, 0.2)
    _water(brush, picture, horizon, light)
    shore = brush.hills(side * rng.uniform(0.62, 0.7), 8, 1.5)
    brush.fill(picture, shore, (0.52, 0.72, 0.34), (0.28, 0.58, 0.22), 0.05, 0.6)
    return Stage(picture, float(shore.max()), TIMES[brush.time].tint, light, TIMES[brush.time].shadow)


def _desert(brush: Brush) -> Stage:
    picture, horizon, light = brush.sky(0.42, 0.55, 0.4)
    rng, side = brush.rng, brush.side
    brush.fill(picture, brush.hills(horizon, 30), (0.88, 0.66, 0.42), (0.90, 0.70, 0.45), 0.02, 1)
    for _ in range(rng.randint(0, 3)):
        brush.plant(picture, "1f335", rng.uniform(0, 1) * side, horizon + 8, rng.uniform(0.08, 0.18) * side, 0.15)
    brush.fill(picture, brush.hills(horizon + 8, 14), (0.93, 0.72, 0.44), (0.97, 0.80, 0.52), 0.03, 0.5)
    return Stage(picture, horizon + 8, TIMES[brush.time].tint, light, TIMES[brush.time].shadow)


def _snow(brush: Brush) -> Stage:
    picture, horizon, light = brush.sky(0.42, 0.55)
    rng, side = brush.rng, brush.side
    brush.fill(picture, brush.hills(horizon, 26), (0.76, 0.84, 0.94), (0.84, 0.90, 0.97), 0.015, 1)
    for _ in range(rng.randint(0, 6)):
        x, high = rng.uniform(0, 1) * side, rng.uniform(0.1, 0.24) * side
        brush.plant(picture, "1f332", x, horizon + 6, high, 0.45)
    brush.fill(picture, brush.hills(horizon + 6, 10), (0.86, 0.92, 0.98), (0.95, 0.97, 1.0), 0.02, 0.7)
    return Stage(picture, horizon + 6, TIMES[brush.time].tint, light, TIMES[brush.time].shadow * 0.8)


def _mountains(brush: Brush) -> Stage:
    picture, horizon, light = brush.sky(0.5, 0.6)
    rng, side = brush.rng, brush.side
    for far, height, peaks in ((0.55, rng.uniform(0.26, 0.36), 4), (0.2, rng.uniform(0.14, 0.24), 6)):
        points = sorted(rng.uniform(-0.1, 1.1) for _ in range(peaks))
        xs, ys = [-0.3], [0.0]
        for at, point in enumerate(points):
            xs += [point, (point + [*points, 1.3][at + 1]) / 2]
            ys += [height * rng.uniform(0.6, 1), height * rng.uniform(0.05, 0.35)]
        x = np.linspace(0, 1, side)
        rough = noise.field(rng, side, 8, 0.25)[0] * 0.012
        ridge = (horizon - side * np.maximum(np.interp(x, xs, ys) + rough, 0)).astype(np.float32)
        slope = cv2.GaussianBlur(np.gradient(ridge)[None], (0, 0), 2)[0]
        lit = np.clip(0.5 - slope * np.sign(light) * 0.6, 0, 1)
        y = np.arange(side, dtype=np.float32)[:, None]
        down = (y - ridge[None]) / side
        rock = np.float32((0.36, 0.39, 0.50)) + lit[None, :, None] * np.float32((0.22, 0.18, 0.12))
        rock = rock * (1 + 0.07 * noise.field(rng, side, side, 0.4)[..., None])
        snowy = np.clip((height * 0.34 - down + 0.03 * noise.field(rng, side, side, 0.2)) / 0.02, 0, 1)[..., None]
        rock = rock + (np.float32((0.80, 0.84, 0.92)) + 0.2 * lit[None, :, None] - rock) * snowy
        rock = rock * brush.tint
        rock += (np.float32(TIMES[brush.time].sky[2]) - rock) * far
        cover = np.clip(y - ridge[None] + 0.5, 0, 1)[..., None]
        picture += (np.clip(rock, 0, 1) - picture) * cover
    brush.fill(picture, brush.hills(horizon, 8), (0.45, 0.64, 0.36), (0.30, 0.55, 0.24), 0.05, 0.7)
    return Stage(picture, horizon, TIMES[brush.time].tint, light, TIMES[brush.time].shadow)


def _forest(brush: Brush) -> Stage:
    picture, horizon, light = brush.sky(0.5, 0.58, 0.5)
    rng, side = brush.rng, brush.side
    kind = rng.choice((("1f332",), ("1f333",), ("1f332", "1f333")))
    for haze, high, many in ((0.55, 0.3, 9), (0.25, 0.44, 7)):
        brush.fill(picture, brush.hills(horizon - 2, 4), (0.28, 0.44, 0.26), (0.26, 0.42, 0.24), 0.03, 1)
        for at in range(many):
            x = (at + rng.uniform(0, 1)) / many * side
            brush.plant(picture, rng.choice(kind), x, horizon + 5, side * high * rng.uniform(0.75, 1.15), haze)
    brush.fill(picture, brush.hills(horizon + 2, 6), (0.36, 0.50, 0.24), (0.30, 0.38, 0.18), 0.09, 0.4)
    for x in (rng.uniform(-0.06, 0.08), rng.uniform(0.92, 1.06)):
        if rng.random() < 0.6:
            brush.plant(picture, rng.choice(kind), x * side, side * rng.uniform(0.62, 0.74),
                        side * rng.uniform(0.5, 0.7), 0.0)  # fmt: skip
    return Stage(picture, horizon, TIMES[brush.time].tint, light, TIMES[brush.time].shadow)


def _city(brush: Brush) -> Stage:
    picture, horizon, light = brush.sky(0.56, 0.64)
    rng, side = brush.rng, brush.side
    dark = brush.time in ("night", "dusk")
    for far, wide, low, high in ((0.6, 0.07, 0.2, 0.42), (0.25, 0.11, 0.12, 0.36)):
        x = -rng.uniform(0, wide)
        while x < 1:
            w, h = rng.uniform(0.7, 1.4) * wide, rng.uniform(low, high)
            tone = np.float32(
                rng.choice(((0.62, 0.66, 0.76), (0.74, 0.60, 0.54), (0.80, 0.74, 0.64), (0.50, 0.58, 0.70)))
            )
            tone = tone * brush.tint * rng.uniform(0.85, 1.1)
            tone = np.clip(tone + (np.float32(TIMES[brush.time].sky[2]) - tone) * far, 0, 1)
            left, right, top = int(x * side), int((x + w) * side), int(horizon - h * side)
            front = picture[max(top, 0) : int(horizon) + 6, max(left, 0) : max(right, 0)]
            front[:] = tone
            shade = max(1, int((right - left) * 0.22))
            (front[:, :shade] if light > 0 else front[:, -shade:])[:] *= 0.86
            step = max(4, int(side * wide * 0.2))
            pane = max(2, step // 2)
            for wy in range(top + step, int(horizon) - step // 2, step):
                for wx in range(left + step // 2, right - pane, step):
                    lit = rng.random() < 0.55
                    glass = np.float32((1.0, 0.86, 0.50)) if dark and lit else tone * (0.72 if not dark else 0.6)
                    glass = glass + (tone - glass) * far * 0.6
                    if wx >= 0 and wy >= 0:
                        picture[wy : wy + pane, wx : wx + pane] = glass
            x += w + rng.choice((0, 0, 0.01))
    brush.fill(picture, np.full(side, horizon + 3, np.float32), (0.70, 0.70, 0.72), (0.66, 0.66, 0.69), 0.02, 0.3)
    kerb = horizon + 0.07 * side
    brush.fill(picture, np.full(side, kerb, np.float32), (0.36, 0.37, 0.41), (0.30, 0.31, 0.35), 0.04, 0.2)
    brush.fill(picture, np.full(side, kerb - 0.006 * side, np.float32), (0.36, 0.37, 0.41),
               (0.30, 0.31, 0.35), 0.04, 0.2)  # fmt: skip
    y = int(side * 0.86)
    for x in range(int(-rng.uniform(0, 0.2) * side), side, int(side * 0.22)):
        lane = np.array([(x, y), (x + side * 0.1, y), (x + side * 0.105, y + side * 0.022),
                         (x - side * 0.005, y + side * 0.022)])  # fmt: skip
        paint = tuple(float(c) for c in np.float32((0.92, 0.90, 0.84)) * brush.tint)
        cv2.fillPoly(picture, [np.int32(lane * 16)], paint, cv2.LINE_AA, 4)
    return Stage(picture, kerb, TIMES[brush.time].tint, light, TIMES[brush.time].shadow)


def _road(brush: Brush) -> Stage:
    stage = _meadow(brush)
    side, rng = brush.side, brush.rng
    far, spread = side * rng.uniform(0.42, 0.58), side * rng.uniform(0.45, 0.6)
    top = stage.horizon + 2

    def strip(left: float, right: float, y0: float, y1: float, colour: Colour) -> None:
        def at(part: float, y: float) -> tuple[float, float]:
            deep = (y - top) / (side - top)
            return far + (side / 2 - far) * deep + part * (2 + (spread - 2) * deep), y

        corners = np.array([at(left, y0), at(right, y0), at(right, y1), at(left, y1)])
        tone = tuple(float(c) for c in np.clip(np.float32(colour) * brush.tint, 0, 1))
        cv2.fillPoly(stage.picture, [np.int32(corners * 16)], tone, cv2.LINE_AA, 4)

    strip(-1.06, 1.06, top, side, (0.80, 0.76, 0.68))
    strip(-1, 1, top, side, (0.38, 0.39, 0.43))
    y, long = top + 3.0, 3.0
    while y < side:
        strip(-0.03, 0.03, y, min(side, y + long), (0.95, 0.90, 0.70))
        y, long = y + 2 * long, long * 1.45
    return stage


def _space(brush: Brush) -> Stage:
    rng, side = brush.rng, brush.side
    hue = rng.choice(((0.30, 0.12, 0.50), (0.08, 0.22, 0.50), (0.45, 0.10, 0.34), (0.05, 0.30, 0.36)))
    mist = np.clip(0.5 + 0.5 * noise.field(rng, side, side, 1.2), 0, 1)[..., None] ** 2
    picture = np.float32((0.02, 0.02, 0.07)) + mist * np.float32(hue) * rng.uniform(0.4, 0.9)
    stars(picture, rng, rng.randint(90, 200))
    if rng.random() < 0.4:
        x, y = rng.choice((0.12, 0.85)) * side, rng.uniform(0.1, 0.3) * side
        brush.plant(
            picture, rng.choice(("1fa90", "1f315", "1f30d")), x, y + 0.12 * side, side * rng.uniform(0.12, 0.24), 0
        )
    return Stage(np.clip(picture, 0, 1), None, (0.92, 0.92, 1.02), rng.choice((-1.0, 1.0)), 0.0)


def _moon(brush: Brush) -> Stage:
    rng, side = brush.rng, brush.side
    picture = np.zeros((side, side, 3), np.float32) + np.float32((0.02, 0.02, 0.06))
    horizon = rng.uniform(0.48, 0.58) * side
    stars(picture, rng, rng.randint(60, 130), 0.6)
    if rng.random() < 0.6:
        brush.plant(picture, "1f30d", rng.choice((0.15, 0.84)) * side, 0.28 * side, side * 0.2, 0)
    line = brush.hills(horizon, 10)
    brush.fill(picture, line, (0.58, 0.58, 0.62), (0.72, 0.72, 0.75), 0.06, 0.5)
    light = rng.choice((-1.0, 1.0))
    for _ in range(rng.randint(5, 9)):
        deep = rng.uniform(0.06, 1)
        x, y, wide = rng.uniform(0, side), horizon + deep * (side - horizon), side * (0.01 + 0.07 * deep)
        for grow, shade, shift in (
            (1.0, 0.86, 0),
            (0.85, 0.45, light * 0.08 * wide),
            (0.75, 0.56, -light * 0.05 * wide),
        ):
            centre = int((x + shift) * 16), int(y * 16)
            axes = int(wide * grow * 16), int(wide * grow * 0.35 * 16)
            cv2.ellipse(picture, centre, axes, 0, 0, 360, (shade, shade, shade + 0.03), -1, cv2.LINE_AA, 4)
    return Stage(picture, horizon, (0.95, 0.95, 1.0), light, 0.5)


def _underwater(brush: Brush) -> Stage:
    rng, side = brush.rng, brush.side
    picture = gradient(side, side, ((0.25, 0.72, 0.86), (0.07, 0.45, 0.72), (0.03, 0.22, 0.48)))
    x = np.linspace(-1, 1, side, dtype=np.float32)[None]
    y = np.linspace(0, 1, side, dtype=np.float32)[:, None]
    spread = (x - rng.uniform(-0.6, 0.6)) / (0.4 + y)
    rays = sum(np.sin(spread * rng.uniform(6, 22) + rng.uniform(0, 6)) for _ in range(3))
    picture += np.clip(rays, 0, 3)[..., None] * (1 - y)[..., None] ** 1.5 * np.float32((0.07, 0.10, 0.09))
    bed = brush.hills(side * rng.uniform(0.84, 0.92), 10)
    brush.fill(picture, bed, (0.45, 0.60, 0.60), (0.60, 0.66, 0.58), 0.05, 0.4)
    for _ in range(rng.randint(1, 4)):
        brush.plant(picture, rng.choice(("1fab8", "1f33f", "1f41a")), rng.uniform(0, 1) * side,
                    side * rng.uniform(0.93, 1.0),
                    side * rng.uniform(0.1, 0.22), 0.0)  # fmt: skip
    for _ in range(rng.randint(6, 18)):
        at, radius = (rng.uniform(0, side), rng.uniform(0, side * 0.85)), rng.uniform(1.2, 5) * side / 256
        ring = [int(v * 16) for v in (*at, radius)]
        cv2.circle(picture, ring[:2], ring[2], (0.72, 0.92, 0.97), max(1, side // 256), cv2.LINE_AA, 4)
    return Stage(np.clip(picture, 0, 1), None, (0.74, 0.92, 1.0), rng.choice((-1.0, 1.0)), 0.0)


def _clouds(brush: Brush) -> Stage:
    rng, side = brush.rng, brush.side
    picture, light = sky(rng, side, brush.time, side * 1.0, 1)
    for at in range(rng.randint(7, 11)):
        low = (at + 1) / 11
        cloud(picture, rng, TIMES[brush.time], rng.uniform(-0.1, 1.1) * side, side * (0.5 + 0.55 * low),
              side * (0.4 + 0.5 * low) * rng.uniform(0.8, 1.2), 0.95)  # fmt: skip
    return Stage(picture, None, TIMES[brush.time].tint, light, 0.0)


def _room(brush: Brush) -> Stage:
    rng, side = brush.rng, brush.side
    walls = ((0.93, 0.86, 0.76), (0.74, 0.84, 0.90), (0.80, 0.88, 0.78), (0.94, 0.80, 0.80), (0.86, 0.82, 0.92))
    wall = np.float32(rng.choice(walls))
    picture = gradient(side, side, (tuple(wall * 0.94), tuple(wall)))
    horizon = rng.uniform(0.56, 0.64) * side
    light = rng.choice((-1.0, 1.0))
    if rng.random() < 0.65:  # a window, with the time of day in it
        wide, high = int(side * rng.uniform(0.22, 0.3)), int(side * rng.uniform(0.26, 0.34))
        left, top = int(side * (0.5 + 0.3 * light) - wide / 2), int(side * rng.uniform(0.07, 0.14))
        frame = max(2, side // 50)
        picture[top - frame : top + high + frame, left - frame : left + wide + frame] = (0.98, 0.97, 0.95)
        view, _ = sky(rng, side, brush.time, high * 1.2, 1)
        picture[top : top + high, left : left + wide] = view[:high, :wide]
        picture[top + high // 2 - 1 : top + high // 2 + 1, left : left + wide] = (0.96, 0.95, 0.93)
        picture[top : top + high, left + wide // 2 - 1 : left + wide // 2 + 1] = (0.96, 0.95, 0.93)
    else:
        glow(picture, side * (0.5 + 0.4 * light), side * 0.15, side * 0.35, (1, 0.97, 0.88), 0.5)
    boards = np.float32(rng.choice(((0.72, 0.50, 0.32), (0.58, 0.38, 0.24), (0.80, 0.64, 0.46))))
    top = int(horizon)
    rows = side - top
    deep = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    x = (np.arange(side, dtype=np.float32)[None] - side / 2) / (0.35 + deep) / side * 9
    plank = np.floor(x)
    floor = boards * (0.9 + 0.14 * np.modf(np.abs(np.sin(plank * 12.9898) * 43758.5453))[0])[..., None]
    floor *= np.where(np.abs(x - plank) < 0.035, 0.78, 1.0).astype(np.float32)[..., None]
    floor *= (1 + 0.03 * noise.field(rng, side, rows, 0.25, 0.3))[..., None]
    picture[top:] = np.clip(floor, 0, 1)
    picture[top - max(2, side // 42) : top] = np.clip(wall * 1.08, 0, 1)
    dark = 0.62 if brush.time == "night" else 1.0
    return Stage(picture * np.float32((dark, dark, dark * 1.06)), horizon, (dark, dark, dark), light, 0.32)


def _table(brush: Brush) -> Stage:
    rng, side = brush.rng, brush.side
    wall = rng.choice(((0.85, 0.78, 0.70), (0.70, 0.80, 0.84), (0.62, 0.70, 0.62), (0.90, 0.82, 0.82)))
    picture = gradient(side, side, (tuple(0.8 * np.float32(wall)), wall))
    for _ in range(7):  # lights far out of focus
        at = rng.uniform(0, side), rng.uniform(0, side * 0.45)
        tone = tuple(float(c) for c in np.clip(np.float32(wall) * rng.uniform(0.8, 1.25), 0, 1))
        disc(picture, *at, rng.uniform(0.05, 0.13) * side, tone)
    picture = cv2.GaussianBlur(picture, (0, 0), side * 0.03)
    horizon = rng.uniform(0.5, 0.6) * side
    wood = rng.choice((((0.62, 0.42, 0.26), (0.74, 0.52, 0.34)), ((0.86, 0.80, 0.72), (0.95, 0.92, 0.87))))
    brush.fill(picture, np.full(side, horizon, np.float32), *wood, 0.0, 1)
    grain = noise.field(rng, side, side - int(horizon), 0.15, 10.0)
    picture[int(horizon) :] *= 1 + 0.05 * grain[..., None]
    return Stage(np.clip(picture, 0, 1), horizon, (1, 1, 1), rng.choice((-1.0, 1.0)), 0.36)


PLACES: Final[dict[str, Callable[[Brush], Stage]]] = {
    "meadow": _meadow, "garden": _garden, "beach": _beach, "sea": _sea, "lake": _lake, "desert": _desert,
    "snow": _snow, "mountains": _mountains, "forest": _forest, "city": _city, "road": _road, "space": _space,
    "moon": _moon, "underwater": _underwater, "sky": _clouds, "room": _room, "table": _table,
}  # fmt: skip


def studio(brush: Brush, colour: Colour) -> Stage:
    """A plain ground of one colour, lit softly, or pure white."""
    rng, side = brush.rng, brush.side
    picture = np.zeros((side, side, 3), np.float32) + np.float32(colour)
    light = rng.choice((-1.0, 1.0))
    if min(colour) < 0.99:
        picture *= np.linspace(1.05, 0.93, side, dtype=np.float32)[:, None, None]
        glow(picture, side * (0.5 + 0.25 * light), side * 0.3, side * 0.4, (1, 1, 1), 0.10)
    return Stage(np.clip(picture, 0, 1), 0.55 * side, (1, 1, 1), light, 0.24)
