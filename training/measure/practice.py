"""What the judge practises on before it looks at scenes: one drawing on a plain ground, small and quickly made."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from art.anchors import parts
from art.sprites import COLOURS, Sprites, recoloured, scaled
from art.things import things
from scenes.grounds import lay

SIDE = 64  # pixels
HEIGHTS = (18, 56)  # of the drawing
KEPT = 6  # sizes and colours of each drawing that are made once


class Practice:
    """Single drawings with the index of what they show among `names`, at random."""

    def __init__(self, sprites: Sprites, names: tuple[str, ...], seed: int) -> None:
        self._sprites, self._random, self._made = sprites, np.random.default_rng(seed), {}
        index = {name: at for at, name in enumerate(names)}
        codes = [[drawing.code for drawing in thing.drawings if not drawing.tone] for thing in things()]
        self._drawn = [(index[thing.name], code) for thing, code in zip(things(), codes, strict=True)]
        extras = [part for table in ("worn", "held", "mounts", "containers") for part in parts(table).values()]
        known = {at for at, _ in self._drawn}
        self._drawn += [(index[p.names[0]], [p.code]) for p in extras if index[p.names[0]] not in known]

    def batch(self, size: int) -> tuple[Tensor, Tensor]:
        """Pictures [size, 3, SIDE, SIDE] in -1..1 and which thing each shows [size]."""
        pictures = np.empty((size, SIDE, SIDE, 3), np.float32)
        shown = self._random.integers(len(self._drawn), size=size)
        for picture, at in zip(pictures, shown, strict=True):
            picture[:] = self._random.uniform(0.05, 1, 3) if self._random.random() < 0.6 else 1
            picture += np.linspace(-1, 1, SIDE, dtype=np.float32)[:, None, None] * self._random.uniform(-0.15, 0.15)
            sprite = self._sprite(self._drawn[at][1])
            high, wide = sprite.shape[:2]
            x, y = (self._random.uniform(-0.08 * n, max(SIDE - 0.92 * n, 0)) for n in (wide, high))
            lay(picture, sprite, x, y)
        wanted = [self._drawn[at][0] for at in shown]
        return torch.from_numpy(pictures).permute(0, 3, 1, 2).clamp(0, 1) * 2 - 1, torch.tensor(wanted)

    def _sprite(self, codes: list[str]) -> np.ndarray:
        """A drawing in one of the few sizes and colours that are made of it."""
        code, which = codes[self._random.integers(len(codes))], int(self._random.integers(KEPT))
        if (code, which) not in self._made:
            style = str(self._random.choice(("3d", "3d", "3d", "flat", "cartoon"))) if which else "3d"
            sprite = self._sprites(code, style if self._sprites.has(code, style) else "3d")
            sprite = scaled(sprite, self._random.uniform(*HEIGHTS))
            if which == KEPT - 1:
                sprite = recoloured(sprite, str(self._random.choice(list(COLOURS))))
            self._made[code, which] = sprite
        return self._made[code, which]
