"""Compose the rendered art into captioned pictures: `python compose.py --work WORK [--smoke]`.

Writes pictures.npy (uint8 [count, 128, 128, 3]) and captions.json (for each picture several captions that say the same;
none for pictures that only the autoencoder sees). The first `held_out` pictures are never trained on.

Layouts keep to the autoencoder's grid of 8 pixels, so that an object in a given place always has the same latents: what
is learnt about the left half of a pair also serves the left half of every other pair and of "two cats".
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageOps

import config
from art import Art, canvas, place, recolour
from words import (
    BACKGROUNDS,
    BESIDE,
    CONCEPTS,
    HUES,
    NUMBERS,
    TRAINED_TEMPLATES,
    any_name,
    article,
    fill,
    held_out,
    plural,
    uncoloured,
)

CAPTIONS = 4  # wordings of one picture
Painter = Callable[[Image.Image], None]
Wording = Callable[[], str]
PLACES = {
    2: [(32, 64), (96, 64)],
    3: [(64, 32), (32, 96), (96, 96)],
    4: [(32, 32), (96, 32), (32, 96), (96, 96)],
}


class Composer:
    """Draws scenes at random: `compose()` gives a picture and its wordings."""

    def __init__(self, art: Art, labels: list[str], rng: random.Random) -> None:
        self._art, self._labels, self._rng = art, labels, rng

    def compose(self) -> tuple[Image.Image, list[str]]:
        scenes = (self._single, self._coloured, self._count, self._pair)
        (scene,) = self._rng.choices(scenes, (44, 13, 13, 30))
        label = self._rng.choice(self._labels)
        paint, wording = scene(label)
        colour, tail = self._background(label)
        ground = canvas(colour, self._art.side)
        paint(ground)
        return ground.convert("RGB"), [wording() + tail for _ in range(CAPTIONS)]

    def for_autoencoder(self) -> tuple[Image.Image, list[str]]:
        """Any concept in any style: the autoencoder should know more than the UNet paints."""
        concept = self._rng.choice(self._art.concepts)
        picture = self._art.picture(concept.label, self._rng.choice(list(concept.styles)))
        ground = canvas(self._background("")[0], self._art.side)
        place(
            ground, picture, (64 + self._rng.randint(-8, 8), 64 + self._rng.randint(-8, 8)), self._rng.randint(56, 126)
        )
        return ground.convert("RGB"), []

    def _background(self, label: str) -> tuple[tuple[int, int, int], str]:
        named = self._rng.choice(list(BACKGROUNDS))
        if self._rng.random() > 0.22 or held_out("background", label, named):
            return (255, 255, 255), " on a white background" if self._rng.random() < 0.06 else ""
        red, green, blue = (round(min(255, max(0, part + self._rng.gauss(0, 4)))) for part in BACKGROUNDS[named])
        return (red, green, blue), f" {self._rng.choice(('on', 'on', 'with'))} {article(named)} background"

    def _whole(self, picture: Image.Image) -> Painter:
        if self._rng.random() < 0.1:
            picture = ImageOps.mirror(picture)
        size = self._rng.choice((112, 116, 120, 124))
        centre = 64 + self._rng.randint(-3, 3), 64 + self._rng.randint(-2, 2)
        return lambda ground: place(ground, picture, centre, size)

    def _single(self, label: str) -> tuple[Painter, Wording]:
        words = lambda: fill(self._rng.choice(TRAINED_TEMPLATES), any_name(label, self._rng))  # noqa: E731
        return self._whole(self._art.picture(label)), words

    def _coloured(self, label: str) -> tuple[Painter, Wording]:
        hue = self._rng.choice(list(HUES))
        if held_out("colour", label, hue) or "heart" in label:
            return self._single(label)
        picture = recolour(self._art.picture(label), HUES[hue] + self._rng.uniform(-6, 6))
        words = lambda: fill(self._rng.choice(TRAINED_TEMPLATES), f"{hue} {uncoloured(any_name(label, self._rng))}")  # noqa: E731
        return self._whole(picture), words

    def _count(self, label: str) -> tuple[Painter, Wording]:
        number = self._rng.choice(list(NUMBERS))
        if held_out("count", label, NUMBERS[number]):
            return self._single(label)
        picture = self._art.picture(label)

        def paint(ground: Image.Image) -> None:
            for centre in PLACES[number]:
                place(ground, picture, centre, 60)

        return paint, lambda: f"{NUMBERS[number]} {plural(any_name(label, self._rng))}"

    def _pair(self, label: str) -> tuple[Painter, Wording]:
        other = self._rng.choice(self._labels)
        if other == label or held_out("pair", *sorted((label, other))):
            return self._single(label)
        stacked = self._rng.random() < 0.2
        first, second = self._art.picture(label), self._art.picture(other)

        def paint(ground: Image.Image) -> None:
            places = [(64, 32), (64, 96)] if stacked else PLACES[2]
            for picture, centre in zip((first, second), places, strict=True):
                place(ground, picture, centre, 60)

        def words() -> str:
            one, two = (article(any_name(each, self._rng)) for each in (label, other))
            if not stacked:
                return f"{one}{self._rng.choice(BESIDE)}{two}"
            return f"{one} above {two}" if self._rng.random() < 0.5 else f"{two} below {one}"

        return paint, words


def main() -> None:
    options = config.parser(__doc__)
    options.add_argument("--count", type=int, help="pictures to compose")
    run = config.settings(options)
    count = run.options.count or run.budget.composites
    art = Art(run.work)
    labels = CONCEPTS[: 2 * run.budget.concepts_evaluated] if run.smoke else CONCEPTS
    composer = Composer(art, labels, random.Random(7))
    pictures = np.lib.format.open_memmap(run.path("pictures.npy"), "w+", np.uint8, (count, config.SIZE, config.SIZE, 3))
    captions: list[list[str]] = []
    for index in range(count):
        picture, wordings = composer.for_autoencoder() if index % 8 == 7 else composer.compose()
        pictures[index] = np.asarray(picture)
        captions.append(wordings)
    pictures.flush()
    run.path("captions.json").write_text(json.dumps(captions))
    print(f"{count} pictures of {len(labels)} concepts; for example:")
    for wordings in captions[:20]:
        print(" ", " | ".join(dict.fromkeys(wordings)) or "(autoencoder only)")


if __name__ == "__main__":
    main()
