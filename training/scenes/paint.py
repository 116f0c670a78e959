"""A scene into pixels: `paint(scene, rng, sprites, side)` gives uint8 [side, side, 3]. Lit and grounded.

Things stand on the grid of the latents, in few sizes (`HEIGHTS`), never mirrored or turned: so the UNet has few latents
to learn of each, the same wherever it is.
"""

from __future__ import annotations

import random

import cv2
import numpy as np

from art.sprites import COLOURS, Sprites, from_oklab

from . import noise, styles
from .figures import drawing, figure
from .grounds import PLACES, Brush, Stage, lay, on_grid, studio
from .scene import SIZES, Actor, Scene

#: Centre, base and height of each thing in a picture of one side, by the number of things (relations have their own).
#: Two things have one height, whatever their relation.
ROWS = {
    1: ((0.5, 0.84, 0.6),),
    2: ((0.29, 0.82, 0.42), (0.71, 0.82, 0.42)),
    3: ((0.2, 0.8, 0.32), (0.5, 0.86, 0.34), (0.8, 0.8, 0.32)),
    4: ((0.17, 0.76, 0.27), (0.42, 0.88, 0.3), (0.62, 0.72, 0.26), (0.84, 0.86, 0.29)),
    5: ((0.16, 0.72, 0.24), (0.5, 0.7, 0.24), (0.83, 0.73, 0.24), (0.32, 0.9, 0.27), (0.68, 0.91, 0.27)),
}
PAIRS = {
    "left of": ROWS[2], "right of": ROWS[2][::-1],
    "above": ((0.5, 0.46, 0.42), (0.5, 0.92, 0.42)), "behind": ((0.36, 0.74, 0.42), (0.6, 0.9, 0.42)),
    "in front of": ((0.6, 0.9, 0.42), (0.36, 0.74, 0.42)), "on": ((0.5, 0.5, 0.42), (0.5, 0.92, 0.42)),
}  # fmt: skip
HEIGHTS = (0.84, 0.593, 0.419, 0.296, 0.209, 0.148, 0.104)  # all that a thing can have, as part of the side


def paint(scene: Scene, rng: random.Random, sprites: Sprites, side: int = 256) -> np.ndarray:
    return painted(scene, rng, sprites, side)[0]


def painted(
    scene: Scene, rng: random.Random, sprites: Sprites, side: int = 256
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The picture, and how much of each of 16x16 cells things and what they carry cover: uint8 [16, 16], 255 is all."""
    time = scene.time if scene.weather not in ("rain", "fog") or scene.time != "day" else "gray"
    brush = Brush(rng, side, time, sprites)
    if scene.place:
        stage = PLACES[scene.place](brush)
    else:
        stage = studio(brush, named(scene.ground) if scene.ground else (1, 1, 1))
    if scene.weather == "fog":
        stage.picture += (np.float32((0.78, 0.80, 0.83)) - stage.picture) * 0.55
    style = scene.style if scene.style in ("flat", "cartoon") else "3d"
    if style == "cartoon" and (scene.relation in ("riding", "inside") or any(a.worn or a.held for a in scene.actors)):
        style = "3d"  # its drawings are laid out otherwise: a hat would be beside the head
    actors = scene.actors[1:] if scene.relation in ("riding", "inside") else scene.actors * scene.count
    places = PAIRS.get(scene.relation) or ROWS[len(actors)]
    order = sorted(zip(actors, places, strict=True), key=lambda pair: pair[1][1])
    if scene.relation == "on":
        order = [*zip(actors, places, strict=True)][::-1]
    top = 0.0
    for at, (actor, spot) in enumerate(order):
        spot_on = (spot[0], top, spot[2]) if scene.relation == "on" and at else spot
        lifted = scene.relation in ("above", "on") and actor is actors[0]
        top = _stand(stage, actor, spot_on, scene, rng, sprites, side, style, lifted)
    picture = weather(np.clip(stage.picture, 0, 1), scene.weather, rng)
    covers = (cv2.resize(stage.things, (16, 16), interpolation=cv2.INTER_AREA) * 255).astype(np.uint8)
    picture = styles.apply(picture, scene.style, stage.things[..., 0], rng)
    return (picture * 255 + 0.5).astype(np.uint8), covers[..., 0], covers[..., 1]


def named(colour: str) -> tuple[float, float, float]:
    """A word for a colour as sRGB, 0..1."""
    light, chroma, hue = COLOURS[colour]
    turn = np.deg2rad(hue)
    red, green, blue = from_oklab(np.float32([light, chroma * np.cos(turn), chroma * np.sin(turn)]))
    return float(red), float(green), float(blue)


def _stand(
    stage: Stage, actor: Actor, spot: tuple[float, float, float], scene: Scene, rng: random.Random, sprites: Sprites,
    side: int, style: str, lifted: bool,
) -> float:  # fmt: skip
    """Put one thing there, with its shadow. Gives where its top is, as part of the side."""
    thing = actor.thing
    x, base, height = spot
    several = len(scene.actors) * scene.count > 1 and scene.relation not in ("riding", "inside")
    height *= np.clip(thing.size, 0.6, 1.5) ** 0.3 * SIZES.get(actor.size, 1.0)
    height *= {"close-up": 1.7, "far": 0.36, "": 1.0}[scene.view]
    x += rng.uniform(-0.05, 0.05)
    stacked = scene.relation in ("above", "on")  # nobody flies into who is above
    flies = not stacked and scene.place not in ("", "table", "room") and thing.where in ("air", "sky")
    flies = flies or (not stacked and stage.horizon is None and not stage.floats)
    if scene.view == "close-up":
        base += 0.22
    elif scene.view == "far" and stage.horizon:
        base = stage.horizon / side + 0.1
    elif flies:
        base -= rng.uniform(0.12, 0.26) if not several else rng.uniform(0.1, 0.18)
    sprite = drawing(scene, actor, sprites, style)
    if sprite.shape[1] > 1.25 * sprite.shape[0]:  # wide things: by their width
        height *= 1.25 * sprite.shape[0] / sprite.shape[1]
    height = min(HEIGHTS, key=lambda known: abs(np.log(known / height)))
    sprite, middle, foot, carried = figure(scene, actor, sprites, style, height * side)
    if (over := max(sprite.shape[0] / (0.8 * side), sprite.shape[1] / (0.96 * side))) > 1 and not scene.view:
        height = next((known for known in HEIGHTS if known <= height / over), HEIGHTS[-1])
        sprite, middle, foot, carried = figure(scene, actor, sprites, style, height * side)
    if not scene.view:
        base = max(base, min(0.97, sprite.shape[0] / side + 0.02))  # what flies keeps its hat in the picture
    high, wide = sprite.shape[:2]
    aside, below = (wide / 2 - middle) / side, (high - foot) / side  # what is worn and held makes it wider
    x, base = on_grid(x - aside) + aside, on_grid(base - below) + below
    across = np.linspace(-1, 1, wide, dtype=np.float32)[None, :, None]
    down = np.linspace(0, 1, high, dtype=np.float32)[:, None, None]
    lit = 1 + 0.10 * stage.from_side * across - (0 if flies else 0.10) * down**4
    sprite = np.concatenate([np.clip(sprite[..., :3] * np.float32(stage.tint) * lit, 0, 1), sprite[..., 3:]], -1)
    sprite[..., :3] = np.minimum(sprite[..., :3], sprite[..., 3:])
    left, bottom = x * side - wide / 2, base * side
    if stage.floats and not flies and not lifted:
        sink = int(high * 0.1)
        fade = np.clip((high - sink - np.arange(high)) / 3 + 0.5, 0, 1).astype(np.float32)[:, None, None]
        lay(stage.picture, sprite[::-1] * fade[::-1] * np.float32(0.8), left, bottom - sink, 0.22)
        sprite, bottom = sprite * fade, bottom + 0.0
    elif stage.horizon is not None and stage.shadow > 0 and not lifted and scene.view != "close-up":
        _shadow(stage, sprite, x * side, bottom, flies)
    lay(stage.picture, sprite, left, bottom - high)
    shape = sprite[..., 3]
    lay(stage.things, np.stack([shape, np.minimum(carried, shape), shape], -1), left, bottom - high)
    return base - high / side * 0.93


def _shadow(stage: Stage, sprite: np.ndarray, x: float, bottom: float, flies: bool) -> None:
    """What the thing keeps of the light: its shape laid on the ground, away from the light, dark where it touches."""
    side = stage.picture.shape[0]
    high, wide = sprite.shape[:2]
    cover = np.zeros((side, side), np.float32)
    if flies:
        centre = int(x * 16), int(min(0.94 * side, bottom + 0.24 * side) * 16)
        cv2.ellipse(cover, centre, (int(wide * 5), int(wide * 1.3)), 0, 0, 360, 0.5, -1, cv2.LINE_AA, 4)
        cover = cv2.GaussianBlur(cover, (0, 0), 0.02 * side)
    else:
        lean, flat = -0.45 * stage.from_side, 0.26
        matrix = np.float32([[1, -lean, x - wide / 2 + lean * high], [0, flat, bottom - flat * high - 0.01 * side]])
        cover = cv2.warpAffine(sprite[..., 3], matrix, (side, side), flags=cv2.INTER_LINEAR)
        cover = cv2.GaussianBlur(cover, (0, 0), 0.012 * side)
        foot = np.nonzero(sprite[int(high * 0.93) :, :, 3].max(0) > 0.5)[0]
        if len(foot):
            middle, half = x - wide / 2 + (foot[0] + foot[-1]) / 2, (foot[-1] - foot[0]) / 2 + 0.008 * side
            touch = np.zeros((side, side), np.float32)
            centre, axes = (int(middle * 16), int((bottom - 0.006 * side) * 16)), (int(half * 16), int(half * 3.2) + 8)
            cv2.ellipse(touch, centre, axes, 0, 0, 360, 1.0, -1, cv2.LINE_AA, 4)
            cover = np.maximum(cover, 1.25 * cv2.GaussianBlur(touch, (0, 0), 0.01 * side))
    begins = np.clip((np.arange(side) - (stage.horizon or 0)) / (0.03 * side), 0, 1).astype(np.float32)[:, None]
    stage.picture *= 1 - (cover * begins * np.float32(stage.shadow))[..., None]


def weather(picture: np.ndarray, kind: str, rng: random.Random) -> np.ndarray:
    """Rain, snow or fog in front of everything."""
    side = picture.shape[0]
    unit = side / 256
    if kind == "fog":
        mist = np.clip(0.3 + 0.14 * noise.field(rng, side, side, 1.5, 3.0), 0, 0.7)[..., None]
        return picture + (np.float32((0.82, 0.84, 0.87)) - picture) * mist
    if kind not in ("rain", "snow"):
        return picture
    layer = np.zeros((side, side), np.float32)
    if kind == "rain":
        lean = rng.uniform(-0.25, 0.25)
        for _ in range(rng.randint(70, 110)):
            x, y, long = rng.uniform(-20, 276) * unit, rng.uniform(-40, 250) * unit, rng.uniform(18, 42) * unit
            ends = [int(v * 16) for v in (x, y, x + lean * long, y + long)]
            cv2.line(
                layer, ends[:2], ends[2:], rng.uniform(0.35, 0.8), round(rng.choice((1, 2, 2)) * unit), cv2.LINE_AA, 4
            )
        return picture * 0.9 + (np.float32((0.80, 0.87, 0.95)) - picture * 0.9) * (0.7 * layer)[..., None]
    for _ in range(rng.randint(90, 170)):
        x, y, radius = rng.uniform(0, side), rng.uniform(0, side), rng.choice((1.3, 1.8, 2.6, 3.8)) * unit
        cv2.circle(layer, (int(x * 16), int(y * 16)), int(radius * 16), rng.uniform(0.7, 1), -1, cv2.LINE_AA, 4)
    return picture + (1 - picture) * cv2.GaussianBlur(layer, (0, 0), 0.5 * unit)[..., None] * np.float32(0.95)
