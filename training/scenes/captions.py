"""The words for a scene, in many phrasings: `caption(scene, rng)`."""

from __future__ import annotations

import random
from typing import Final

from art.things import article, plural

from .apparel import dressed, setting_off
from .scene import Actor, Scene

NUMBERS: Final = {2: ("two", "2", "a pair of"), 3: ("three", "3"), 4: ("four", "4"), 5: ("five", "5")}
PLACES: Final = {
    "meadow": ("in a meadow", "on the grass", "in a green field"),
    "garden": ("in a garden", "among flowers", "in a flower garden"),
    "beach": ("on the beach", "on a sandy beach", "at the beach"),
    "sea": ("on the sea", "at sea", "on the ocean", "by the sea"),
    "lake": ("by a lake", "at the lake"), "desert": ("in the desert", "on sand dunes"),
    "snow": ("in the snow", "in a snowy landscape", "in winter"),
    "mountains": ("in the mountains", "in front of mountains"),
    "forest": ("in a forest", "in the woods"), "city": ("in the city", "on a city street", "in town"),
    "road": ("on a road", "on the road"), "space": ("in space", "in outer space", "among the stars"),
    "moon": ("on the moon",),
    "underwater": ("under water", "underwater", "at the bottom of the sea", "under the sea", "in the ocean"),
    "sky": ("in the sky", "above the clouds", "in the clouds"), "room": ("in a room", "indoors", "at home"),
    "table": ("on a table", "on a wooden table"),
}  # fmt: skip
TIMES: Final = {
    "sunset": ("at sunset", "at sundown", "in the evening sun"), "sunrise": ("at sunrise", "in the early morning"),
    "dusk": ("at dusk", "at twilight"),
    "night": ("at night", "at night", "under the stars", "in the night", "on a starry night"),
    "day": ("", "", "", "on a sunny day", "in daylight"), "gray": ("under a gray sky",),
}  # fmt: skip
WEATHER: Final = {
    "rain": ("in the rain", "in the rain", "on a rainy day", "in heavy rain", "in a storm", "rainy"),
    "snow": ("while it snows", "in falling snow", "in a snowstorm", "snowing"),
    "fog": ("in the fog", "in fog", "on a misty day", "foggy"),
}  # fmt: skip
STYLES: Final = {
    "pixel art": ("pixel art", "8-bit pixel art", "pixel art style"),
    "watercolor": ("watercolor", "watercolor painting", "watercolour"),
    "pencil drawing": ("pencil drawing", "pencil sketch"), "neon": ("neon sign", "neon", "neon lights", "glowing neon"),
    "clay": ("clay model", "claymation", "made of clay", "clay"),
    "paper cut": ("paper cut", "paper cutout", "papercraft"),
    "flat": ("flat illustration", "flat vector art"),
    "cartoon": ("cartoon", "cartoon style"),
    "black and white": ("black and white photo", "black and white", "black and white drawing"),
}  # fmt: skip
#: Styles that are pictures or objects: "a pencil sketch of a fox".
MADE: Final = (
    "8-bit pixel art", "watercolor painting", "pencil sketch", "paper cutout", "flat illustration",
    "black and white drawing",
)  # fmt: skip
RELATIONS: Final = {
    "and": ("and",), "next to": ("next to", "beside"), "left of": ("to the left of", "left of"),
    "right of": ("to the right of", "right of"), "above": ("above", "over"), "behind": ("behind",),
    "in front of": ("in front of",), "on": ("on", "on top of", "sitting on"),
}  # fmt: skip
#: The second thing's relation to the first.
CONVERSE: Final = {"above": ("under", "below"), "behind": ("in front of",), "in front of": ("behind",)}
SIZES: Final = {
    "tiny": ("tiny", "very small"), "small": ("small", "little"), "big": ("big", "large"),
    "giant": ("giant", "huge", "enormous"),
}  # fmt: skip
#: Words that people add and that change nothing.
FILLERS: Final = ("cute", "beautiful", "lovely", "adorable")
TAILS: Final = ("3d render", "3d", "highly detailed", "digital art", "3d icon", "4k", "high quality", "octane render")
FRAMES: Final = ("a picture of {}", "an image of {}", "an illustration of {}", "{} illustration", "a 3d render of {}")


def noun(actor: Actor, rng: random.Random, number: int = 1) -> str:
    """Size, colour, tone, sex and name, and what is worn and held; without an article."""
    name = actor.thing.name if rng.random() < 0.6 else rng.choice(actor.thing.names)
    words = [rng.choice(SIZES[actor.size])] if actor.size else []
    words += [rng.choice(FILLERS)] if rng.random() < 0.07 else []
    if actor.colour:
        words.append(actor.colour)
        first, _, rest = name.partition(" ")
        name = rest if rest and first in ("red", "green", "white", "black", "gold", "silver", "paper") else name
    words += [f"{actor.drawing.tone}-skinned"] if actor.drawing.tone and rng.random() < 0.6 else []
    words += [{"man": "male", "woman": "female"}[actor.drawing.sex]] if actor.drawing.sex and rng.random() < 0.7 else []
    return dressed(" ".join((*words, plural(name) if number > 1 else name)), actor, rng, number)


def subject(scene: Scene, rng: random.Random) -> str:
    """The things and how they stand to each other."""
    first, *others = scene.actors
    if scene.count > 1:
        return f"{rng.choice(NUMBERS[scene.count])} {noun(first, rng, scene.count)}"
    words = [article(noun(actor, rng)) if rng.random() < 0.94 else noun(actor, rng) for actor in (first, *others)]
    if scene.relation in ("riding", "inside"):
        return setting_off(scene, *words, rng)
    if len(words) == 1:
        return words[0]
    if len(words) > 2:
        return f"{', '.join(words[:-1])} and {words[-1]}"
    if scene.relation in CONVERSE and rng.random() < 0.3:
        return f"{words[1]} {rng.choice(CONVERSE[scene.relation])} {words[0]}"
    if scene.relation == "above" and first.thing.where in ("air", "sky") and rng.random() < 0.3:
        return f"{words[0]} flying {rng.choice(('over', 'above'))} {words[1]}"
    return f"{words[0]} {rng.choice(RELATIONS[scene.relation])} {words[1]}"


def caption(scene: Scene, rng: random.Random) -> str:
    """One of its many wordings: a sentence, or words between commas."""
    words = subject(scene, rng)
    where = rng.choice(PLACES[scene.place]) if scene.place else ""
    if scene.ground:
        where = f"{rng.choice(('on', 'with'))} {article(scene.ground)} background"
    elif not scene.place and rng.random() < 0.12:
        where = "on a white background"
    when = (
        rng.choice(TIMES[scene.time])
        if scene.place and scene.place not in ("space", "moon", "underwater", "table")
        else ""
    )
    if scene.place == "forest" and scene.time in ("night", "dusk") and rng.random() < 0.2:
        where, when = "in a dark forest", ""
    weather = rng.choice(WEATHER[scene.weather]) if scene.weather else ""
    view = {"close-up": ("close-up", "a close-up of {}"), "far": ("from far away", "{} in the distance")}.get(
        scene.view
    )
    if view and rng.random() < 0.6:
        words = view[1].format(words) if "{}" in view[1] else words
        view = None
    parts = [part for part in (where, when, weather) if part]
    if rng.random() < 0.2:
        rng.shuffle(parts)
    fronted = bool(parts) and rng.random() < 0.12
    if fronted:
        text = f"{' '.join(parts)}, {words}"
    elif rng.random() < 0.15:
        text = ", ".join((words, *parts))
    else:
        text = " ".join((words, *parts))
    if not (view or fronted) and rng.random() < 0.12:
        text = rng.choice(FRAMES).format(text)
    tails = [view[0]] if view else []
    if scene.style:
        style = rng.choice(STYLES[scene.style])
        if rng.random() < 0.4 and not (tails or fronted):
            return f"{style if style in MADE else STYLES[scene.style][0]} of {text}"
        tails.append(style if style.endswith("style") or rng.random() < 0.8 else f"{scene.style} style")
    elif rng.random() < 0.25:
        tails += rng.sample(TAILS, rng.randint(1, 2))
    return ", ".join((text, *tails))
