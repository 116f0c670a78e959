"""Measure a model: `python -m measure.evaluate --work WORK --model FOLDER [--size 256] [--every N]`. Prints a table.

The judges (judge.py, which has one for colours, too, and styles.py) have seen composed art alone. Without --model they
look at composed pictures of the same scenes: what a perfect painter would score, and so how far they can be trusted.
Questions are those of questions.py; none of their combinations, and for single things none of their wordings, were
trained on. Of each kind, `things` says that all named things (what is worn and held apart) are there, `asked` that what
the kind is about is right.

Diversity is the distance between two seeds of one prompt in the judge's own features (each layer's unit vectors, as
LPIPS by Zhang et al. 2018 does with another network); so is a picture's distance to the nearest composed one.

Another program's pictures of the same questions: --ask FILE writes prompts and seeds as JSON and paints nothing,
--painted FILE measures its pictures, in that order, as bytes [n, size, size, 3].
"""

from __future__ import annotations

import argparse
import json
import random
import time
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from art.sprites import Sprites
from networks.models import SIZE
from networks.painter import Painter, settings
from scenes.labels import label
from scenes.paint import paint
from train.autoencoder import as_tensor, psnr

from . import judge as judging
from . import styles
from .questions import KINDS, Question, again, combinations, hats, singles

TRAINING = 4096  # composed pictures among which the nearest is looked for
HELD_OUT = 128  # pictures that go through the autoencoder
#: The judge looks four times, half a step of its grid apart: what is small is seen best where it is amid a cell.
LOOKS: Final = ((-4, -4), (4, -4), (-4, 4), (4, 4))
ANSWERS = judging.ANSWERS | {"style": styles.CLASSES}


class Seen:
    """What the judges see in pictures: uint8 [n, h, w, 3]."""

    @torch.inference_mode()
    def __init__(
        self, judge: judging.Judge, of_colours: judging.Judge, of_styles: styles.StyleJudge, pictures: np.ndarray
    ) -> None:
        self._names = judging.names()
        parts = []
        for at in range(0, len(pictures), 64):
            batch = resized(pictures[at : at + 64], SIZE)
            places, answers = look(judge, judging.batch_of(batch, judge.side))
            _, answers_of_colours = look(of_colours, judging.batch_of(batch, of_colours.side))
            answers["colour"] = answers_of_colours["colour"]
            answers["style"] = of_styles(as_tensor(batch, "cpu"))
            parts.append((places, {key: logits.argmax(1) for key, logits in answers.items()}))
        self._places = torch.cat([places for places, _ in parts])
        self._order = judging.anywhere(self._places).argsort(1, descending=True).numpy()
        self.answers = {key: torch.cat([a[key] for _, a in parts]).numpy() for key in ANSWERS}

    def things(self, row: int, many: int) -> list[str]:
        """The likeliest things, best first."""
        return [self._names[at] for at in self._order[row, :many]]

    def likeliest(self, row: int, among: set[str], many: int) -> set[str]:
        """Of a few things, the likeliest."""
        return {*[name for at in self._order[row] if (name := self._names[at]) in among][:many]}

    def where(self, row: int, name: str) -> tuple[float, float]:
        """Where a thing most likely is: across and down, 0..1."""
        places = self._places[row, self._names.index(name)]
        weights = torch.softmax(places.flatten() * 2, 0).view_as(places)
        steps = (torch.arange(len(places)) + 0.5) / len(places)
        return float((weights.sum(0) * steps).sum()), float((weights.sum(1) * steps).sum())


def look(judge: judging.Judge, pictures: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """The mean of what the judge says of pictures [n, 3, side, side], moved a little each time."""
    with torch.autocast("cpu", torch.bfloat16):
        said = [judge(torch.roll(pictures, by, (2, 3)).contiguous(memory_format=torch.channels_last)) for by in LOOKS]
    mean = lambda of: torch.stack(of).float().mean(0)  # noqa: E731
    return mean([places for places, _ in said]), {key: mean([a[key] for _, a in said]) for key in said[0][1]}


def resized(pictures: np.ndarray, side: int) -> np.ndarray:
    if pictures.shape[1] == side:
        return pictures
    how = cv2.INTER_CUBIC if side > pictures.shape[1] else cv2.INTER_AREA
    return np.stack([cv2.resize(picture, (side, side), interpolation=how) for picture in pictures])


def right(question: Question, seen: Seen, row: int) -> dict[str, bool]:
    """What of the question's scene is there. Of several things, all are among the likeliest with two to spare."""
    shown: dict[str, Any] = label(question.scene)
    names = judging.named(shown)
    actors = {thing["name"] for thing in shown["things"]}
    best = set(seen.things(row, 1 if len(names) == 1 else len(names) + 2))
    found = {"things": actors <= best}
    if question.kind in ANSWERS:
        wanted = str(shown.get("count", 1)) if question.kind == "count" else shown.get(question.kind, "")
        if question.kind == "colour":
            wanted = shown["things"][0]["colour"]
        found["asked"] = ANSWERS[question.kind][seen.answers[question.kind][row]] == wanted
    elif question.kind == "pair":
        (ax, ay), (bx, by) = (seen.where(row, thing["name"]) for thing in shown["things"][:2])
        stands = {"left of": ax < bx, "right of": ax > bx, "above": ay < by, "on": ay < by}
        found["asked"] = found["things"] and stands.get(question.scene.relation, True)
    elif question.kind in judging.ALIKE:
        alike = {judging.names()[at] for at in judging.alike(question.kind)}
        wanted = alike.intersection(names)
        likeliest = seen.likeliest(row, alike, len(wanted))
        spared = hats() if question.any_hat else frozenset()
        found["asked"] = found["things"] and likeliest - spared == wanted - spared
    return found


@torch.inference_mode()
def features(judge: judging.Judge, pictures: np.ndarray) -> list[Tensor]:
    """Each layer's unit vectors at every place, with the layer's weight in it: [n, channels x places] each."""
    layers: list[list[Tensor]] = []
    for at in range(0, len(pictures), 64):
        x = judge.stem(judging.batch_of(resized(pictures[at : at + 64], SIZE), judge.side))
        found = []
        for block in judge.body:
            x = block(x)
            if isinstance(block, judging.Same):
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
        figures[f"{kind}: prompts"] = len(found)
    return figures


def by_thing(questions: list[Question], seen: Seen) -> dict[str, float]:
    """For each thing, the share of its pictures that show it."""
    found: dict[str, list[bool]] = {}
    for row, question in enumerate(questions):
        if question.kind == "single":
            found.setdefault(question.scene.actors[0].thing.name, []).append(right(question, seen, row)["things"])
    return {name: float(np.mean(shares)) for name, shares in found.items()}


def originality(
    judge: judging.Judge, questions: list[Question], pictures: np.ndarray, seen: Seen, shards: list[Path]
) -> dict[str, float]:
    """How far two seeds are apart, and how far the nearest composed picture is.

    Seeds count where both pictures show what was asked: two wrong ones differ most of all.
    """
    rows = [row for row, question in enumerate(questions) if question.kind == "again"]
    pairs = np.array(rows).reshape(-1, 2)
    good = np.array([all(right(questions[row], seen, row)["things"] for row in pair) for pair in pairs])
    between = apart(features(judge, pictures[pairs[:, 0]]), features(judge, pictures[pairs[:, 1]])).diagonal().numpy()
    composed = np.concatenate([np.load(file, mmap_mode="r")[: TRAINING // len(shards)] for file in shards])
    nearest = apart(features(judge, pictures[::8]), features(judge, composed)).amin(1)
    return {
        "diversity between seeds": float(between.mean()),
        **({"diversity between seeds, both right": float(between[good].mean())} if good.any() else {}),
        "diversity: pairs, both right": int(good.sum()),
        "distance to the nearest composed picture": float(nearest.mean()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--model", type=Path, help="diffusers folder; without it composed pictures are measured")
    parser.add_argument("--ask", type=Path, help="write the questions there and paint nothing")
    parser.add_argument("--painted", type=Path, help="pictures of these questions by another program")
    parser.add_argument("--each", type=int, default=48, help="questions of each kind")
    parser.add_argument("--every", type=int, default=1, help="take only every n-th single thing")
    settings(parser)
    parser.add_argument("--name", default="model", help="of the report: WORK/evaluation/NAME.json")
    parser.add_argument("--threads", type=int, default=2)
    run = parser.parse_args()
    torch.set_num_threads(run.threads)
    questions = singles(run.every) + again(8 * run.every) + combinations(run.each)
    if run.ask:
        run.ask.write_text(json.dumps([{"prompt": q.prompt, "seed": q.seed} for q in questions]))
        return
    begun = time.monotonic()
    judge, own = judging.load(run.work / "judge.pt")
    of_colours, own_of_colours = judging.load(run.work / "colour.pt")
    own["colour"] = own_of_colours["colour"]
    of_styles, own["style"] = styles.load(run.work / "styles.pt")
    report: dict[str, Any] = {f"judge: {key}": value for key, value in own.items()}
    if run.painted:
        pictures = np.fromfile(run.painted, np.uint8).reshape(len(questions), run.size, run.size, 3)
    elif run.model:
        painter = Painter(run.model, run)
        pictures = painter.paint([q.prompt for q in questions], [q.seed for q in questions])
        held_out = np.load(run.work / "shards" / "held-out.npy", mmap_mode="r")[:HELD_OUT]
        report["autoencoder: PSNR, dB"], _ = psnr(painter.vae, resized(held_out, run.size), painter.device)
    else:
        sprites, rng = Sprites(run.work), random.Random(23)
        pictures = np.stack([paint(question.scene, rng, sprites) for question in questions])
    seen = Seen(judge, of_colours, of_styles, pictures)
    report |= table(questions, seen)
    report |= originality(judge, questions, pictures, seen, sorted((run.work / "shards").glob("pictures-*.npy")))
    report["things"] = by_thing(questions, seen)
    (run.work / "evaluation").mkdir(exist_ok=True)
    (run.work / "evaluation" / f"{run.name}.json").write_text(json.dumps(report, indent=1))
    for figure, value in report.items():
        if figure != "things":
            print(f"| {figure} | {value:.3f} |")
    print(f"{len(questions)} prompts, {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
