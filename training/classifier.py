"""Train the judge: a classifier of the concepts, on the art alone. `python classifier.py --work WORK [--smoke]`

It never sees a generated picture, so it is independent of the model that it judges. It learns from the glossy art under
augmentations that are made afresh for every batch: place, size, mirror, background, hue, light, blur, noise. Writes
WORK/classifier.pt and prints its accuracy on augmentations that it was not trained on.
"""

from __future__ import annotations

import math
import time
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import config
from art import Art
from words import CONCEPTS

SIDE = 64  # pixels a side that the judge looks at
BATCH = 64


def judge(classes: int) -> nn.Sequential:
    """Pictures [n, 3, 64, 64] in -1..1 to logits [n, classes]."""

    def block(inside: int, outside: int) -> nn.Sequential:
        return nn.Sequential(nn.Conv2d(inside, outside, 3, 2, 1, bias=False), nn.BatchNorm2d(outside), nn.ReLU())

    widths = (3, 32, 64, 128, 256)
    body = [block(inside, outside) for inside, outside in pairwise(widths)]
    return nn.Sequential(*body, nn.Flatten(), nn.Dropout(0.2), nn.Linear(256 * 16, classes))


class Augmented:
    """The art at random places, on random grounds, [n, 3, 64, 64] in -1..1."""

    def __init__(self, art: Art, labels: list[str]) -> None:
        pixels = np.stack([np.asarray(art.picture(label).resize((96, 96))) for label in labels])
        self._art = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
        self._art[:, :3] *= self._art[:, 3:]  # premultiplied, so that resampling leaves no fringe

    def batch(self, classes: Tensor, generator: torch.Generator) -> Tensor:
        n = len(classes)

        def between(low: float, high: float) -> Tensor:
            return torch.rand(n, 1, 1, 1, generator=generator) * (high - low) + low

        def chance(share: float) -> Tensor:
            return torch.rand(n, 1, 1, 1, generator=generator) < share

        art = self._art[classes]
        turned = self._turn(art, between(0, 1))
        art = torch.where(chance(0.25), turned, art)
        # 0.95 of the frame is how pairs and single objects stand; smaller and off-centre ones are harder.
        size = between(0.75, 1.05).flatten()
        mirror = torch.where(chance(0.1).flatten(), -1.0, 1.0)
        shift = (between(-0.1, 0.1).flatten(), between(-0.1, 0.1).flatten())
        zero = torch.zeros(n)
        affine = torch.stack(
            [torch.stack([mirror / size, zero, shift[0]], 1), torch.stack([zero, 1 / size, shift[1]], 1)], 1
        )
        grid = F.affine_grid(affine, [n, 4, SIDE, SIDE], align_corners=False)
        placed = F.grid_sample(art, grid, padding_mode="zeros", align_corners=False)
        ground = torch.where(chance(0.5), torch.ones(n, 3, 1, 1), torch.rand(n, 3, 1, 1, generator=generator))
        picture = placed[:, :3] + ground * (1 - placed[:, 3:])
        soft = F.interpolate(F.avg_pool2d(picture, 2), scale_factor=2, mode="bilinear")
        softer = F.interpolate(F.avg_pool2d(picture, 4), scale_factor=4, mode="bilinear")
        picture = torch.where(chance(0.4), soft, torch.where(chance(0.3), softer, picture))
        picture = (picture - 0.5) * between(0.8, 1.2) + 0.5 + between(-0.08, 0.08)
        noise = torch.randn(picture.shape, generator=generator) * between(0, 0.05)
        return (picture + noise).clamp(0, 1) * 2 - 1

    @staticmethod
    def _turn(art: Tensor, hue: Tensor) -> Tensor:
        """As art.recolour, for a batch: one hue for the whole object."""
        alpha = art[:, 3:]
        colour = art[:, :3] / alpha.clamp(min=1e-3)
        value = colour.amax(1, keepdim=True)
        saturation = (1 - colour.amin(1, keepdim=True) / value.clamp(min=1e-3)).clamp(0, 1)
        solid = (alpha > 0.5).float()
        mean = (saturation * solid).sum((2, 3), keepdim=True) / solid.sum((2, 3), keepdim=True).clamp(min=1)
        saturation = (saturation + (0.55 - mean).clamp(min=0)).clamp(0, 1)
        turns = (torch.tensor([5.0, 3.0, 1.0]).view(1, 3, 1, 1) + hue * 6) % 6
        shares = torch.minimum(turns, 4 - turns).clamp(0, 1)
        return torch.cat([value * (1 - saturation * shares) * alpha, alpha], 1)


@torch.inference_mode()
def accuracy(model: nn.Module, data: Augmented, classes: int, rounds: int, device: str) -> tuple[float, float]:
    """Top-1 and top-5 on augmentations from seeds that training never uses."""
    model.eval()
    generator = torch.Generator().manual_seed(987_654_321)
    every = torch.arange(classes)
    ranks = []
    for _ in range(rounds):
        for part in every.split(BATCH):
            best = model(data.batch(part, generator).to(device)).topk(min(5, classes)).indices.cpu()
            ranks.append(best == part[:, None])
    found = torch.cat(ranks).float()
    return found[:, 0].mean().item(), found.sum(1).mean().item()


def main() -> None:
    run = config.settings(config.parser(__doc__))
    labels = CONCEPTS[: 2 * run.budget.concepts_evaluated] if run.smoke else CONCEPTS
    data = Augmented(Art(run.work), labels)
    torch.manual_seed(3)
    model = judge(len(labels)).to(run.device, memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(model.parameters(), lr=0, weight_decay=0.02, fused=True)
    generator = torch.Generator().manual_seed(5)
    seconds = run.seconds or run.budget.classifier_seconds
    start, step = time.monotonic(), 0
    while (done := (time.monotonic() - start) / seconds) < 1:
        for group in optimiser.param_groups:
            group["lr"] = 2e-3 * min(1, (step + 1) / 50) * (0.5 + 0.5 * math.cos(math.pi * done))
        classes = torch.randint(len(labels), (BATCH,), generator=generator)
        pictures = data.batch(classes, generator).to(run.device, memory_format=torch.channels_last)
        with torch.autocast(run.device, torch.bfloat16):
            logits = model(pictures)
        loss = F.cross_entropy(logits.float(), classes.to(run.device), label_smoothing=0.05)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        step += 1
        if step % 100 == 0:
            print(f"{time.monotonic() - start:.0f} s step {step} loss {loss.item():.3f}", flush=True)
    top1, top5 = accuracy(model, data, len(labels), 4, run.device)
    torch.save({"labels": labels, "weights": model.state_dict(), "top1": top1, "top5": top5}, run.path("classifier.pt"))
    print(f"{step} steps; held-out augmentations of {len(labels)} concepts: top-1 {top1:.1%}, top-5 {top5:.1%}")


if __name__ == "__main__":
    main()
