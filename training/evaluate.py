"""Measure an exported model: `python evaluate.py --work WORK --model FOLDER [--smoke]`. Prints a table, writes JSON.

The judge is the classifier of classifier.py, trained on the art alone. Every prompt is one that training did not show
(questions.py), but for the line that says "a NAME". Painted through diffusers: DDIM, guidance and steps of config.py.
--kinds and --every take less of it; --sweep compares settings instead. Without --model it measures pictures made from
the art itself: what a perfect painter would score.

Another program's pictures of the same questions: --ask FILE writes prompts and seeds as JSON, --painted FILE measures
its pictures, in that order, as bytes [n, 128, 128, 3].
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import config
import measures
from art import Art
from classifier import SIDE, judge
from questions import Question, answer, combinations, plain, singles
from sampling import Painter

KINDS = ("single", "plain", "colour", "background", "count", "pair")
#: Guidance, steps, sampler: one thing varied at a time.
SWEEP = (
    [(scale, config.STEPS, "ddim") for scale in (2, config.GUIDANCE, 3, 4, 5, 7)]
    + [(config.GUIDANCE, steps, "ddim") for steps in (10, 15, 30)]
    + [(config.GUIDANCE, config.STEPS, sampler) for sampler in ("plms", "euler", "euler_a", "dpmpp_2m")]
)


class Judge:
    """Names what is in a picture, by label."""

    def __init__(self, file: Path) -> None:
        saved = torch.load(file, map_location="cpu")
        self.labels: list[str] = saved["labels"]
        self.top1, self.top5 = saved["top1"], saved["top5"]
        self._model: nn.Module = judge(len(self.labels)).eval()
        self._model.load_state_dict(saved["weights"])

    @torch.inference_mode()
    def __call__(self, pictures: np.ndarray) -> list[list[str]]:
        """The five likeliest labels of each picture, best first; uint8 [n, h, w, 3]."""
        batch = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1
        logits = torch.cat([self._model(part) for part in F.interpolate(batch, (SIDE, SIDE), mode="area").split(64)])
        return [[self.labels[i] for i in row] for row in logits.topk(5).indices.tolist()]


def share(right: list[bool]) -> float:
    return float(np.mean(right)) if right else float("nan")


def score(questions: list[Question], pictures: np.ndarray, judge_: Judge) -> dict[str, float]:
    """Figures by name, shares in 0..1."""
    by_kind = {kind: [i for i, q in enumerate(questions) if q.kind == kind] for kind in KINDS}
    figures: dict[str, float] = {}
    for kind, rows in by_kind.items():
        if not rows:
            continue
        asked, seen = [questions[i] for i in rows], pictures[rows]
        figures[f"{kind}: prompts"] = len(rows)
        if kind == "pair":
            left, right = judge_(seen[:, 32:96, :64]), judge_(seen[:, 32:96, 64:])
            ways = [(a[0], b[0], set(a), set(b), q.labels) for a, b, q in zip(left, right, asked, strict=True)]
            figures["pair: both objects, top-1"] = share([{a, b} == set(wanted) for a, b, _, _, wanted in ways])
            figures["pair: both in their places, top-1"] = share([(a, b) == wanted for a, b, _, _, wanted in ways])
            figures["pair: both in their places, top-5"] = share([w[0] in a and w[1] in b for _, _, a, b, w in ways])
            figures["pair: at least one, top-1"] = share([bool({a, b} & set(wanted)) for a, b, _, _, wanted in ways])
            continue
        if kind != "count":
            best = judge_(seen)
            figures[f"{kind}: object, top-1"] = share([b[0] == q.labels[0] for b, q in zip(best, asked, strict=True)])
            figures[f"{kind}: object, top-5"] = share([q.labels[0] in b for b, q in zip(best, asked, strict=True)])
        measure = {
            "colour": measures.colour,
            "background": measures.background,
            "count": lambda p: str(measures.count(p)),
        }
        if kind in measure:
            figures[f"{kind}: {kind} right"] = share(
                [measure[kind](p) == q.asked for p, q in zip(seen, asked, strict=True)]
            )
        if kind == "single":
            figures |= diversity(asked, seen)
    return figures


def diversity(asked: list[Question], pictures: np.ndarray) -> dict[str, float]:
    """Root mean square difference (0..255) between pictures of one concept, and of different ones."""
    small = pictures.reshape(-1, 32, 4, 32, 4, 3).mean((2, 4))
    apart = lambda a, b: float(np.sqrt(np.square(small[a] - small[b]).mean()))  # noqa: E731
    neighbours = list(zip(range(len(asked)), range(1, len(asked)), strict=False))
    same = [apart(a, b) for a, b in neighbours if asked[a].labels == asked[b].labels]
    other = [apart(a, b) for a, b in neighbours if asked[a].labels != asked[b].labels]
    return {
        "diversity: same concept": float(np.mean(same)) if same else 0.0,
        "diversity: other concept": float(np.mean(other)),
    }


@torch.inference_mode()
def reconstruction(painter: Painter, run: config.Settings) -> float:
    """Mean PSNR in dB of the held-out compositions through the autoencoder."""
    pictures = np.load(run.path("pictures.npy"), mmap_mode="r")[: run.budget.held_out]
    vae, ratios = painter.pipeline.vae, []
    for at in range(0, len(pictures), 16):
        wanted = torch.from_numpy(pictures[at : at + 16].copy()).permute(0, 3, 1, 2).float() / 127.5 - 1
        painted = vae.decode(vae.encode(wanted.to(painter.device)).latent_dist.mode()).sample.cpu().clamp(-1, 1)
        ratios.append(-10 * torch.log10(((painted - wanted) / 2).square().mean((1, 2, 3))))
    return torch.cat(ratios).mean().item()


def ask(
    painter: Painter,
    questions: list[Question],
    scale: float = config.GUIDANCE,
    steps: int = config.STEPS,
    sampler: str = "ddim",
) -> np.ndarray:
    return painter.paint([q.prompt for q in questions], [q.seed for q in questions], scale, steps, sampler)


def main() -> None:
    options = config.parser(__doc__)
    options.add_argument("--model", type=Path, help="diffusers folder; without it the original art is measured")
    options.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    options.add_argument("--every", type=int, default=1, help="take only every n-th prompt (say so with the figures)")
    options.add_argument("--sweep", action="store_true", help="compare guidance scales, steps and samplers")
    options.add_argument("--ask", type=Path, help="write the questions there and paint nothing")
    options.add_argument("--painted", type=Path, help="pictures of these questions by another program")
    options.add_argument("--name", default="model", help="of the report: WORK/evaluation/NAME.json")
    run = config.settings(options)
    judge_, art = Judge(run.path("classifier.pt")), Art(run.work)
    painter = Painter(run.options.model, run.device) if run.options.model else None
    labels = judge_.labels[: run.budget.concepts_evaluated]
    asked = singles(labels, run.budget.seeds) + plain(labels) + combinations(labels, run.budget.combinations, art)
    asked = [question for question in asked if question.kind in run.options.kinds][:: run.options.every]
    if run.options.ask:
        run.options.ask.write_text(json.dumps([{"prompt": q.prompt, "seed": q.seed} for q in asked]))
        return
    start = time.monotonic()
    report: dict[str, Any]
    if run.options.painted:
        pictures = np.fromfile(run.options.painted, np.uint8).reshape(len(asked), config.SIZE, config.SIZE, 3)
        report = score(asked, pictures, judge_)
    elif painter is None:
        report = score(asked, np.stack([answer(art, question) for question in asked]), judge_)
    elif run.options.sweep:
        report = {}
        for scale, steps, sampler in SWEEP:
            report[f"{sampler}, {steps} steps, guidance {scale}"] = score(
                asked, ask(painter, asked, scale, steps, sampler), judge_
            )
            print(list(report)[-1], json.dumps(report[list(report)[-1]]), flush=True)
    else:
        pictures = ask(painter, asked)
        np.save(run.path(f"evaluation/{run.options.name}.npy"), pictures)
        report = {
            "judge on held-out augmentations: top-1": judge_.top1,
            "judge on held-out augmentations: top-5": judge_.top5,
            "autoencoder: PSNR, dB": reconstruction(painter, run),
            **score(asked, pictures, judge_),
        }
    if not run.options.sweep:
        for figure, value in report.items():
            print(f"| {figure} | {value:.3f} |")
    print(f"{len(asked)} prompts, {time.monotonic() - start:.0f} s")
    run.path(f"evaluation/{run.options.name}{'-sweep' if run.options.sweep else ''}.json").write_text(
        json.dumps(report, indent=1)
    )


if __name__ == "__main__":
    main()
