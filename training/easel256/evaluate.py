"""Measure a model: `python -m easel256.evaluate --work WORK --model FOLDER [--size 256] [--every N]`. Prints a table.

The judge (judge.py) has seen composed art alone. Without --model it looks at composed pictures of the same scenes: what
a perfect painter would score, and so how far the judge can be trusted. Questions are those of questions.py; none of
their combinations, and for single things none of their wordings, were trained on.

Diversity is the distance between two seeds of one prompt in the judge's own features (each layer's unit vectors, as
LPIPS by Zhang et al. 2018 does with another network); so is a picture's distance to the nearest composed one.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from sampling import Painter

from . import judge as judging
from .labels import label
from .networks import SIZE
from .paint import paint
from .questions import KINDS, Question, combinations, singles
from .sprites import Sprites

TRAINING = 4096  # composed pictures among which the nearest is looked for


class Seen:
    """What the judge sees in pictures: uint8 [n, h, w, 3]."""

    @torch.inference_mode()
    def __init__(self, judge: judging.Judge, pictures: np.ndarray) -> None:
        self._names = judging.names()
        parts = []
        for at in range(0, len(pictures), 64):
            places, answers = judge(judging.batch_of(_as_256(pictures[at : at + 64])))
            parts.append((places.float(), {key: logits.argmax(1) for key, logits in answers.items()}))
        self._places = torch.cat([places for places, _ in parts])
        self._order = judging.anywhere(self._places).argsort(1, descending=True).numpy()
        self.answers = {key: torch.cat([a[key] for _, a in parts]).numpy() for key in judging.ANSWERS}

    def things(self, row: int, many: int) -> list[str]:
        """The likeliest things, best first."""
        return [self._names[at] for at in self._order[row, :many]]

    def where(self, row: int, name: str) -> tuple[float, float]:
        """Where a thing most likely is: across and down, 0..1."""
        weights = torch.softmax(self._places[row, self._names.index(name)].flatten() * 2, 0).view(8, 8)
        steps = (torch.arange(8) + 0.5) / 8
        return float((weights.sum(0) * steps).sum()), float((weights.sum(1) * steps).sum())


def _as_256(pictures: np.ndarray) -> np.ndarray:
    if pictures.shape[1] == SIZE:
        return pictures
    return np.stack([cv2.resize(picture, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC) for picture in pictures])


def right(question: Question, seen: Seen, row: int) -> dict[str, bool]:
    """What of the question's scene is there."""
    shown: dict[str, Any] = label(question.scene)
    names = [name for name in dict.fromkeys(judging.named(shown)) if name in judging.names()]
    best = seen.things(row, 1 if len(names) == 1 else len(names) + 2)
    found = {"things": all(name in best for name in names)}
    if question.kind in judging.ANSWERS:
        wanted = str(shown.get("count", 1)) if question.kind == "count" else shown.get(question.kind, "")
        if question.kind == "colour":
            wanted = shown["things"][0]["colour"]
        found["asked"] = judging.ANSWERS[question.kind][seen.answers[question.kind][row]] == wanted
    elif question.kind == "pair":
        (ax, ay), (bx, by) = (seen.where(row, thing["name"]) for thing in shown["things"][:2])
        stands = {"left of": ax < bx, "right of": ax > bx, "above": ay < by, "on": ay < by}
        found["asked"] = found["things"] and stands.get(question.scene.relation, True)
    return found


@torch.inference_mode()
def features(judge: judging.Judge, pictures: np.ndarray) -> list[Tensor]:
    """Each layer's unit vectors at every place, with the layer's weight in it: [n, channels x places] each."""
    layers: list[list[Tensor]] = []
    for at in range(0, len(pictures), 64):
        x = judge.stem(judging.batch_of(_as_256(pictures[at : at + 64])))
        found = []
        for block in judge.body:
            x = block(x)
            if isinstance(block, judging._Same):
                small = F.adaptive_avg_pool2d(F.normalize(x.float(), dim=1), 8)
                found.append(small.flatten(1) / 8)
        layers.append(found)
    return [torch.cat(parts) for parts in zip(*layers, strict=True)]


def apart(a: list[Tensor], b: list[Tensor]) -> Tensor:
    """Distance of each picture of `a` to each of `b`: [n, m]."""
    return torch.stack([torch.cdist(x, y).square() for x, y in zip(a, b, strict=True)]).mean(0)


def table(questions: list[Question], seen: Seen) -> dict[str, float]:
    figures: dict[str, float] = {}
    for kind in ("single", *KINDS):
        rows = [(row, question) for row, question in enumerate(questions) if question.kind == kind]
        found = [right(question, seen, row) for row, question in rows]
        for part in ("things", "asked"):
            shares = [f[part] for f in found if part in f]
            if shares:
                figures[f"{kind}: {part}"] = float(np.mean(shares))
        if found:
            figures[f"{kind}: prompts"] = len(found)
    return figures


def by_thing(questions: list[Question], seen: Seen) -> dict[str, float]:
    """For each thing, the share of its pictures that show it."""
    found: dict[str, list[bool]] = {}
    for row, question in enumerate(questions):
        if question.kind == "single":
            found.setdefault(question.scene.actors[0].thing.name, []).append(right(question, seen, row)["things"])
    return {name: float(np.mean(shares)) for name, shares in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--model", type=Path, help="diffusers folder; without it composed pictures are measured")
    parser.add_argument("--size", type=int, default=SIZE, help="pixels a side that the model paints")
    parser.add_argument("--each", type=int, default=48, help="questions of each kind")
    parser.add_argument("--every", type=int, default=1, help="take only every n-th single thing")
    parser.add_argument("--scale", type=float, default=4)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--sampler", default="ddim")
    parser.add_argument("--name", default="model", help="of the report: WORK/evaluation/NAME.json")
    parser.add_argument("--threads", type=int, default=2)
    run = parser.parse_args()
    torch.set_num_threads(run.threads)
    judge, own = judging.load(run.work / "judge.pt")
    questions = singles()[:: run.every] + combinations(run.each)
    begun = time.monotonic()
    if run.model:
        painter = Painter(run.model, "cuda" if torch.cuda.is_available() else "cpu")
        how = {"scale": run.scale, "steps": run.steps, "sampler": run.sampler, "size": run.size}
        pictures = painter.paint([q.prompt for q in questions], [q.seed for q in questions], **how)
    else:
        sprites, rng = Sprites(run.work / "art"), random.Random(23)
        pictures = np.stack([paint(question.scene, rng, sprites) for question in questions])
    seen = Seen(judge, pictures)
    report: dict[str, Any] = {f"judge: {key}": value for key, value in own.items()} | table(questions, seen)
    single = [row for row, question in enumerate(questions) if question.kind == "single"]
    of_one = [(a, b) for a, b in pairwise(single) if questions[a].scene == questions[b].scene]
    if of_one:
        left, right_ = (features(judge, pictures[[pair[side] for pair in of_one]]) for side in (0, 1))
        report["diversity between seeds"] = float(apart(left, right_).diagonal().mean())
    shard = np.load(sorted((run.work / "shards").glob("pictures-*.npy"))[0], mmap_mode="r")[:TRAINING]
    nearest = apart(features(judge, pictures[::8]), features(judge, shard)).amin(1)
    report["distance to the nearest composed picture"] = float(nearest.mean())
    report["things"] = by_thing(questions, seen)
    (run.work / "evaluation").mkdir(exist_ok=True)
    (run.work / "evaluation" / f"{run.name}.json").write_text(json.dumps(report, indent=1))
    for figure, value in report.items():
        print(f"| {figure} | {value:.3f} |" if isinstance(value, float | int) else f"| {figure} | in the report |")
    print(f"{len(questions)} prompts, {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
