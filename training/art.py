"""The rendered art: reading it, recolouring it, putting it onto a canvas."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from config import SIZE
from words import Colour


@dataclass(frozen=True)
class Concept:
    label: str
    subgroup: str
    styles: dict[str, int]


class Art:
    """Pictures by concept and style, as straight (not premultiplied) RGBA."""

    def __init__(self, work: Path, side: int = SIZE) -> None:
        self.side = side
        self.concepts = [Concept(**concept) for concept in json.loads((work / "concepts.json").read_text())]
        self.by_label = {concept.label: concept for concept in self.concepts}
        file = "art.bin" if side == SIZE else f"art-{side}.bin"
        self._pixels = np.memmap(work / file, np.uint8, "r").reshape(-1, side, side, 4)

    def picture(self, label: str, style: str = "glossy") -> Image.Image:
        """RGBA, of the art's side."""
        pixels = self._pixels[self.by_label[label].styles[style]].astype(np.float32)
        colour = pixels[..., :3] * 255 / np.maximum(pixels[..., 3:], 1)
        return Image.fromarray(np.concatenate([colour, pixels[..., 3:]], -1).clip(0, 255).round().astype(np.uint8))


def recolour(picture: Image.Image, hue: float) -> Image.Image:
    """Give the whole object one hue (degrees), keeping its light and shade.

    Objects that are nearly grey have no saturation to turn, so they gain some: a purple elephant must be purple.
    """
    pixels = np.asarray(picture).astype(np.float32)
    colour, alpha = pixels[..., :3] / 255, pixels[..., 3:]
    value = colour.max(-1)
    saturation = (value - colour.min(-1)) / np.maximum(value, 1e-4)
    solid = alpha[..., 0] > 127
    mean = saturation[solid].mean() if solid.any() else 1.0
    saturation = np.clip(saturation + max(0.0, 0.55 - mean), 0, 1)
    # HSV to RGB with one hue for all pixels: n is 5, 3, 1 for red, green, blue.
    turns = [(n + hue / 60) % 6 for n in (5, 3, 1)]
    shares = [min(max(min(turn, 4 - turn), 0), 1) for turn in turns]
    painted = np.stack([value * (1 - saturation * share) for share in shares], -1) * 255
    return Image.fromarray(np.concatenate([painted, alpha], -1).clip(0, 255).round().astype(np.uint8))


def canvas(colour: Colour = (255, 255, 255), side: int = SIZE) -> Image.Image:
    return Image.new("RGBA", (side, side), (*colour, 255))


def place(onto: Image.Image, picture: Image.Image, centre: tuple[int, int], size: int) -> None:
    """Paste `picture`, scaled to `size`, centred at `centre`, both as on SIZE pixels; it may reach over the edge."""
    times = onto.width // SIZE
    centre, size = (centre[0] * times, centre[1] * times), size * times
    scaled = picture.resize((size, size), Image.Resampling.LANCZOS)
    layer = Image.new("RGBA", onto.size)
    layer.paste(scaled, (centre[0] - size // 2, centre[1] - size // 2))
    onto.alpha_composite(layer)
