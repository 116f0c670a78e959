"""One sprite of a character with what it wears and holds, or of one thing on or in another: `figure(...)`.

Everything is a stack of pieces (a sprite and where its corner is), laid from the back to the front on one canvas, which
the painter then stands, mirrors, turns, lights and shades as it does a single drawing.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from art import drawn
from art.anchors import Numbers, Part, parts, spots
from art.sprites import Sprites, recoloured, scaled, turned

from .scene import Actor, Extra, Scene

Piece = tuple[np.ndarray, float, float]
#: A sprite, where in it the middle of the foot is of the thing that stands, and how much of each pixel what it wears,
#: holds or carries covers [high, wide], 0..1.
Figure = tuple[np.ndarray, float, float, np.ndarray]
SEEN = 0.44  # of its wearer's width: hats and glasses narrower than this are made wider
#: What is worn, held or riding is pinned at multiples of so many pixels, turned by multiples of so many degrees, and in
#: few sizes, so that it has few latents to learn.
FINE, TURNS = 8.0, 15.0


def figure(scene: Scene, actor: Actor, sprites: Sprites, style: str, height: float) -> Figure:
    """The actor at this height in pixels (without what it wears), or the mount or container with who is there.

    The actor's, mount's or container's own drawing stands on the latents' grid, so that it has the same latents with a
    hat as without one.
    """
    if scene.relation in ("riding", "inside"):
        first, second = scene.actors
        table = parts("mounts" if scene.relation == "riding" else "containers")[second.thing.name]
        build = _riding if scene.relation == "riding" else _inside
        return build(first, second, table, sprites, style, height)
    return _with_foot(character(actor, sprites, style, height), 1 if actor.held and _behind(actor.held) else 0)


def _with_foot(pieces: list[Piece], own: int) -> Figure:
    """All of them as one; `own` is the one that stands, whose corner is at 0, 0."""
    high, wide = pieces[own][0].shape[:2]
    sprite, left, top = assembled(pieces)
    marked = [(piece[..., 3:] * np.float32((at != own, 1)), x, y) for at, (piece, x, y) in enumerate(pieces)]
    return sprite, wide / 2 - left, high - top, assembled(marked)[0][..., 0]


def drawing(scene: Scene, actor: Actor, sprites: Sprites, style: str) -> np.ndarray:
    """The actor's own drawing, or the part of it that is used."""
    code = actor.drawing.code
    cut = parts("containers")[actor.thing.name].cut if scene.relation == "inside" else ()
    return _cut(sprites, code, cut, style)


def character(actor: Actor, sprites: Sprites, style: str, height: float) -> list[Piece]:
    """The drawing with its left upper corner at 0, 0, and what is worn and held, from the back to the front."""
    code = actor.drawing.code
    body = scaled(sprites(code, style if sprites.has(code, style) else "3d"), height)
    body = recoloured(body, actor.colour) if actor.colour else body
    pieces: list[Piece] = [(body, 0, 0)]
    high, wide = body.shape[:2]
    known = spots(code)
    for extra in sorted(actor.worn, key=lambda e: e.name == "headphones" or parts("worn")[e.name].where == "head"):
        part = parts("worn")[extra.name]
        x, y, width, *tilt = known["eyes" if part.where == "mouth" else part.where]
        width = max(width, min(1.6 * width + 0.1, SEEN))  # on small heads of whole animals large enough to be seen
        if part.where == "mouth":
            y += 0.42 * width * wide / high
        sprite = _cut(sprites, part.code, part.cut, style)
        tall = part.wide * width * wide * sprite.shape[0] / sprite.shape[1]
        pin = _on_grid(x * wide, wide / 2), _on_grid(y * high, high)
        turn = round((part.turn + (*tilt, 0)[0]) / TURNS) * TURNS
        pieces.append(_pinned(_tinted(sprite, _stepped(tall, height, 4), extra), part.at, turn, *pin))
    if actor.held:
        part = parts("held")[actor.held.name]
        size = _stepped(part.high * min(high, 1.15 * (high * wide) ** 0.5), height, 4)
        x, y = _on_grid(known["hand"][0] * wide, wide / 2), _on_grid(known["hand"][1] * high, high)
        if part.code == "balloon":
            sprite = drawn.balloons(sprites, _balloon_colours(actor.held), size)
        else:
            sprite = _tinted(_cut(sprites, part.code, part.cut, style), size, actor.held)
        at, turn = part.at, round(part.turn / TURNS) * TURNS
        if known["hand"][0] < 0.5:  # leaning away from the holder
            sprite, at, turn = np.ascontiguousarray(sprite[:, ::-1]), (1 - at[0], at[1]), -turn
        piece = _pinned(sprite, at, turn, x, y)
        pieces = [piece, *pieces] if _behind(actor.held) else [*pieces, piece]
    return pieces


def _behind(held: Extra) -> bool:
    """Whether the holder is in front of it."""
    return held.name in ("umbrella", "balloon")


def assembled(pieces: list[Piece]) -> Piece:
    """One sprite of them all, and where its corner is. Their last channel is the cover, the others premultiplied."""
    if len(pieces) == 1:
        return pieces[0]
    left, top = min(round(p[1]) for p in pieces), min(round(p[2]) for p in pieces)
    right = max(round(p[1]) + p[0].shape[1] for p in pieces)
    bottom = max(round(p[2]) + p[0].shape[0] for p in pieces)
    canvas = np.zeros((bottom - top, right - left, pieces[0][0].shape[2]), np.float32)
    for sprite, x, y in pieces:
        x0, y0 = round(x) - left, round(y) - top
        region = canvas[y0 : y0 + sprite.shape[0], x0 : x0 + sprite.shape[1]]
        region *= 1 - sprite[..., -1:]
        region += sprite
    return canvas, left, top


def _riding(rider: Actor, mount: Actor, part: Part, sprites: Sprites, style: str, height: float) -> Figure:
    base = turned(scaled(_cut(sprites, part.code, (), style), height), part.turn)
    if part.turn:
        rows, columns = (np.nonzero(base[..., 3].max(axis) > 0.05)[0] for axis in (1, 0))
        base = base[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    base = recoloured(base, mount.colour) if mount.colour else base
    high, wide = base.shape[:2]
    tall = part.high * high
    body = sprites(rider.drawing.code)
    tall = _stepped(tall * min(1, 1.15 * body.shape[0] / body.shape[1]), height, 2)
    sprite, left, _ = assembled(character(rider, sprites, style, tall))
    x = _on_grid(part.at[0] * wide, wide / 2) - tall * body.shape[1] / body.shape[0] / 2 + left
    bottom = _on_grid(part.at[1] * high + part.sink * tall, high)
    on = (sprite, x, bottom - sprite.shape[0])
    if "behind" in part.flags:
        return _with_foot([on, (base, 0, 0)], 1)
    return _with_foot([(base, 0, 0), on], 0)


def _inside(thing: Actor, container: Actor, part: Part, sprites: Sprites, style: str, height: float) -> Figure:
    base = scaled(_cut(sprites, part.code, part.cut, style), height)
    base = recoloured(base, container.colour) if container.colour else base
    high, wide = base.shape[:2]
    body = sprites(thing.drawing.code)
    if not part.rim:
        return _behind_glass(thing, part, base, body, sprites, style)
    cx, cy, half, deep = part.rim[0] * wide, part.rim[1] * high, part.rim[2] * wide, part.rim[3] * high
    across = 2 * half * (0.8 if deep < 0.1 * high else 0.9)
    tall = _stepped(0.9 * min(across * body.shape[0] / body.shape[1], 1.5 * across), height, 2)
    sprite, left, _ = assembled(character(thing, sprites, style, tall))
    x = round(_on_grid(cx, wide / 2) - tall * body.shape[1] / body.shape[0] / 2 + left)
    top = round(_on_grid(cy + deep + part.hides * tall, high) - sprite.shape[0])
    columns = np.arange(sprite.shape[1]) + x - cx
    front = np.where(np.abs(columns) < half, cy + deep * np.sqrt(np.clip(1 - (columns / half) ** 2, 0, 1)), cy)
    seen = np.clip(front[None] - (np.arange(sprite.shape[0]) + top)[:, None] + 0.5, 0, 1).astype(np.float32)
    return _with_foot([(base, 0, 0), (sprite * seen[..., None], x, top)], 0)


def _behind_glass(thing: Actor, part: Part, base: np.ndarray, body: np.ndarray, sprites: Sprites, style: str) -> Figure:
    """In a window of it: all that is outside the pane is cut off."""
    high, wide = base.shape[:2]
    x0, y0, x1, y1 = (v * s for v, s in zip(part.window or part.round, (wide, high) * 2, strict=True))
    tall = 0.9 * (y1 - y0) * min(1, 1.1 * (x1 - x0) * body.shape[0] / (body.shape[1] * (y1 - y0)))
    tall = _stepped(tall, base.shape[0], 2)
    sprite, left, _ = assembled(character(thing, sprites, style, tall))
    x = round(_on_grid((x0 + x1) / 2, wide / 2) - tall * body.shape[1] / body.shape[0] / 2 + left)
    top = round(_on_grid(y1 + part.hides * tall, high) - sprite.shape[0])
    pane = np.zeros((high, wide), np.float32)
    if part.round:
        centre, axes = (int((x0 + x1) * 8), int((y0 + y1) * 8)), (int((x1 - x0) * 8), int((y1 - y0) * 8))
        cv2.ellipse(pane, centre, axes, 0, 0, 360, 1.0, -1, cv2.LINE_AA, 4)
    else:
        pane[round(y0) : round(y1), round(x0) : round(x1)] = 1
    room = np.zeros_like(base)
    a, b, c, d = max(0, x), max(0, top), min(wide, x + sprite.shape[1]), min(high, top + sprite.shape[0])
    room[b:d, a:c] = sprite[b - top : d - top, a - x : c - x]
    return _with_foot([(base, 0, 0), (room * pane[..., None], 0, 0)], 0)


def _stepped(size: float, height: float, steps: int) -> float:
    """The nearest size that is the height times a power of two, or of its `steps`-th root."""
    return height * 2 ** (round(np.log2(size / height) * steps) / steps)


def _on_grid(at: float, origin: float) -> float:
    """The nearest multiple of FINE from the origin: the middle of the foot of a drawing, which is on the grid."""
    return origin + round((at - origin) / FINE) * FINE


def _tinted(sprite: np.ndarray, height: float, extra: Extra) -> np.ndarray:
    small = scaled(sprite, max(4, height))
    return recoloured(small, extra.colour) if extra.colour else small


def _balloon_colours(held: Extra) -> tuple[str, ...]:
    mixed = ("red", "yellow", "light blue", "green", "purple") if held.count > 1 else ("red",)
    return ((held.colour,) * held.count) if held.colour else mixed[: held.count]


def _pinned(sprite: np.ndarray, at: Numbers, degrees: float, x: float, y: float) -> Piece:
    """Turned about and placed so that its point `at` (parts of it) comes to x, y."""
    high, wide = sprite.shape[:2]
    round_it = turned(sprite, degrees)
    turn = np.deg2rad(degrees if round_it is not sprite else 0)
    dx, dy = (at[0] - 0.5) * wide, (at[1] - 0.5) * high
    px, py = np.cos(turn) * dx + np.sin(turn) * dy, -np.sin(turn) * dx + np.cos(turn) * dy
    return round_it, x - round_it.shape[1] / 2 - px, y - round_it.shape[0] / 2 - py


def _cut(sprites: Sprites, code: str, corners: Numbers, style: str) -> np.ndarray:
    """A drawing, or the part of it within the corners, cut to what is drawn; glasses are made to see through."""
    if code in ("party-hat", "open-box"):
        return drawn.party_hat() if code == "party-hat" else drawn.open_box()
    if code == "unicorn":
        return _unicorn(sprites)
    return _cut_out(sprites, code, corners, style if not corners and sprites.has(code, style) else "3d")


@lru_cache(1)
def _unicorn(sprites: Sprites) -> np.ndarray:
    return drawn.unicorn(sprites("1f40e"))


@lru_cache(512)
def _cut_out(sprites: Sprites, code: str, corners: Numbers, style: str) -> np.ndarray:
    whole = sprites(code, style)
    if code == "1f453":
        lens = np.clip((whole[..., 2] - whole[..., 0] - 0.15) * 6, 0, 1) * 0.7
        return whole * (1 - lens[..., None])
    if not corners:
        return whole
    high, wide = whole.shape[:2]
    mask = np.zeros((high, wide), np.float32)
    points = np.float32(corners).reshape(-1, 2) * (wide, high) * 16
    cv2.fillPoly(mask, [np.int32(points)], 1.0, cv2.LINE_AA, 4)
    part = whole * mask[..., None]
    rows, columns = (np.nonzero(part[..., 3].max(axis) > 0.05)[0] for axis in (1, 0))
    return np.ascontiguousarray(part[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
