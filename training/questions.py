"""The evaluation's prompts. None of them was a training caption: each has a held-out template or combination."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import numpy as np

import measures
from art import Art, canvas, place, recolour
from compose import PLACES
from words import (
    BACKGROUNDS,
    HELD_OUT_TEMPLATES,
    HUES,
    NUMBERS,
    article,
    fill,
    held_out,
    name,
    names,
    plural,
    uncoloured,
)


@dataclass(frozen=True)
class Question:
    kind: str
    prompt: str
    labels: tuple[str, ...]
    asked: str = ""
    seed: int = field(default=0)


def singles(labels: list[str], seeds: int) -> list[Question]:
    """Every concept: the n-th seed takes the n-th template and, where there are several, the n-th name."""
    asked = []
    for at, label in enumerate(labels):
        for seed in range(seeds):
            known = names(label)
            prompt = fill(HELD_OUT_TEMPLATES[(at + seed) % len(HELD_OUT_TEMPLATES)], known[seed % len(known)])
            asked.append(Question("single", prompt, (label,), seed=1000 * (seed + 1) + at))
    return asked


def plain(labels: list[str]) -> list[Question]:
    """The barest prompt, "a NAME", as most people type it. It is a training caption, so it is reported apart."""
    return [Question("plain", article(name(label)), (label,), seed=5000 + at) for at, label in enumerate(labels)]


def combinations(labels: list[str], each: int, art: Art) -> list[Question]:
    """Colours, backgrounds, counts and pairs that training held out, `each` of every kind, the same in every run.

    Colours and counts are asked only of concepts on whose own art the measure is right.
    """
    rng = random.Random(17)
    asked: list[Question] = []

    def draw(kind: str) -> Question | None:
        label, other = rng.sample(labels, 2)
        seed = rng.randrange(1_000_000)
        if kind == "colour":
            hue = rng.choice(list(HUES))
            right = held_out("colour", label, hue) and "heart" not in label and colour_is_seen(art, label, hue)
            return Question(kind, article(f"{hue} {uncoloured(name(label))}"), (label,), hue, seed) if right else None
        if kind == "background":
            named = rng.choice(list(BACKGROUNDS))
            prompt = f"{article(name(label))} on {article(named)} background"
            return Question(kind, prompt, (label,), named, seed) if held_out(kind, label, named) else None
        if kind == "count":
            number = rng.choice(list(NUMBERS))
            right = held_out(kind, label, NUMBERS[number]) and count_is_seen(art, label, number)
            prompt = f"{NUMBERS[number]} {plural(name(label))}"
            return Question(kind, prompt, (label,), str(number), seed) if right else None
        prompt = f"{article(name(label))} and {article(name(other))}"
        return Question(kind, prompt, (label, other), "", seed) if held_out(kind, *sorted((label, other))) else None

    for kind in ("colour", "background", "count", "pair"):
        found: dict[str, Question] = {}
        for _ in range(each * 200):
            if len(found) < each and (question := draw(kind)):
                found[question.prompt] = question
        asked += found.values()
    return asked


def colour_is_seen(art: Art, label: str, hue: str) -> bool:
    return measures.colour(answer(art, Question("colour", "", (label,), hue))) == hue


def count_is_seen(art: Art, label: str, number: int) -> bool:
    return measures.count(answer(art, Question("count", "", (label,), str(number)))) == number


def answer(art: Art, question: Question) -> np.ndarray:
    """The picture that the question asks for, put together from the art: what a perfect painter would paint."""
    scene = canvas(BACKGROUNDS[question.asked] if question.kind == "background" else (255, 255, 255))
    pictures = [art.picture(label) for label in question.labels]
    if question.kind == "colour":
        pictures = [recolour(pictures[0], HUES[question.asked])]
    if question.kind == "count":
        pictures *= int(question.asked)
    places, size = ([(64, 64)], 120) if len(pictures) == 1 else (PLACES[len(pictures)], 60)
    for picture, centre in zip(pictures, places, strict=True):
        place(scene, picture, centre, size)
    return np.asarray(scene.convert("RGB"))
