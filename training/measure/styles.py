"""Train the judge of styles: `python -m measure.styles --work WORK [--seconds N]`.

A style is in the strokes, which the other judge (judge.py) hardly sees at half the size, and most pictures have none.
So this one looks at the strokes of whole pictures, of every style as often as of any other. It, too, sees composed art
alone. Writes WORK/styles.pt with its own accuracy on combinations that it never saw, the mean of its classes'.
"""

from __future__ import annotations

import argparse
import itertools
import math
import time
from pathlib import Path
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from scenes.captions import STYLES
from scenes.labels import labels_beside
from train.autoencoder import as_tensor

CLASSES: Final = ("", *STYLES)
NONE = 3.0  # how often a picture without a style is shown, beside one of each style: it must not pass for styled
CROP = 160  # pixels of the 256 that are learnt from at a time


class StyleJudge(nn.Module):
    """Pictures [n, 3, h, w] in -1..1 to logits [n, CLASSES]."""

    def __init__(self) -> None:
        super().__init__()
        widths = (3, 24, 48, 96, 128)
        layers: list[nn.Module] = []
        for inside, outside in itertools.pairwise(widths):
            layers += [nn.Conv2d(inside, outside, 5 if inside == 3 else 3, 2, 2 if inside == 3 else 1, bias=False)]
            layers += [nn.BatchNorm2d(outside), nn.ReLU()]
        self.strokes = nn.Sequential(*layers, nn.Conv2d(128, 128, 3, 1, 1, bias=False), nn.BatchNorm2d(128), nn.ReLU())
        self.answer = nn.Linear(256, len(CLASSES))

    def forward(self, pictures: Tensor) -> Tensor:
        found = self.strokes(pictures)
        return self.answer(torch.cat([found.mean((2, 3)), found.amax((2, 3))], 1))


class Examples:
    """Pictures of a few files by their style, each as often as any other, and NONE times as often without one."""

    def __init__(self, files: list[Path]) -> None:
        self._of: list[list[tuple[np.ndarray, int]]] = [[] for _ in CLASSES]
        for file in files:
            pictures = np.load(file, mmap_mode="r")
            for row, label in enumerate(labels_beside(file)):
                self._of[CLASSES.index(label.get("style", ""))].append((pictures, row))
        shares = np.array([(NONE if not at else 1.0) if rows else 0.0 for at, rows in enumerate(self._of)])
        self._shares = shares / shares.sum()

    def batch(self, size: int, random: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Crops [size, 3, CROP, CROP], mirrored, blurred, lit and noisy by chance, and their classes."""
        wanted = random.choice(len(CLASSES), size, p=self._shares)
        crops = np.empty((size, CROP, CROP, 3), np.uint8)
        for crop, at in zip(crops, wanted, strict=True):
            pictures, row = self._of[at][random.integers(len(self._of[at]))]
            y, x = (random.integers(side - CROP + 1) for side in pictures.shape[1:3])
            crop[:] = pictures[row, y : y + CROP, x : x + CROP][:, :: random.choice((-1, 1))]
        x = as_tensor(crops, "cpu")
        chance = torch.from_numpy(random.random((size, 1, 1, 1), np.float32))
        soft = F.avg_pool2d(x, 3, 1, 1)
        light = torch.from_numpy(random.uniform(0.9, 1.1, (size, 1, 1, 1)).astype(np.float32))
        noise = torch.randn(x.shape) * torch.from_numpy(random.uniform(0, 0.05, (size, 1, 1, 1)).astype(np.float32))
        return (torch.where(chance < 0.5, soft, x) * light + noise).clamp(-1, 1), torch.from_numpy(wanted)

    @torch.inference_mode()
    def accuracy(self, judge: StyleJudge) -> dict[str, float]:
        """Of each class, the share that is right."""
        shares = {}
        for at, rows in enumerate(self._of):
            kept = rows[:256]
            seen = [judge(as_tensor(pictures[row][None], "cpu")).argmax().item() == at for pictures, row in kept]
            if seen:
                shares[CLASSES[at] or "none"] = float(np.mean(seen))
        return shares


def load(file: Path) -> tuple[StyleJudge, float]:
    """The trained judge and its own accuracy."""
    saved = torch.load(file, map_location="cpu")
    judge = StyleJudge().to(memory_format=torch.channels_last)
    judge.load_state_dict(saved["weights"])
    return judge.eval(), float(np.mean(list(saved["accuracy"].values())))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=600, help="budget in seconds of CPU time")
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--rate", type=float, default=2e-3, help="peak learning rate")
    parser.add_argument("--threads", type=int, default=1)
    run = parser.parse_args()
    torch.set_num_threads(run.threads)
    trained = Examples(sorted((run.work / "shards").glob("pictures-*.npy")))
    held_out = Examples([run.work / "shards" / "held-out.npy"])
    judge = StyleJudge().to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(judge.parameters(), lr=0, weight_decay=0.02, fused=True)
    random = np.random.default_rng(5)
    begun, step, losses = time.process_time(), 0, []
    while (passed := time.process_time() - begun) < run.seconds:
        for group in optimiser.param_groups:
            group["lr"] = run.rate * min(1, (step + 1) / 100) * (0.5 + 0.5 * math.cos(math.pi * passed / run.seconds))
        pictures, wanted = trained.batch(run.batch, random)
        with torch.autocast("cpu", torch.bfloat16):
            logits = judge(pictures)
        loss = F.cross_entropy(logits.float(), wanted)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(judge.parameters(), 5.0)
        optimiser.step()
        step += 1
        losses.append(loss.item())
        if step % 50 == 0:
            print(f"{passed:.0f} s step {step} loss {np.mean(losses[-50:]):.3f}", flush=True)
    with torch.no_grad():  # asked without a leaning to those that have none (logit adjustment, Menon et al. 2021)
        judge.answer.bias[0] -= math.log(NONE)
    own = held_out.accuracy(judge.eval())
    torch.save({"weights": judge.state_dict(), "accuracy": own}, run.work / "styles.pt")
    print(f"{step} steps; on held-out combinations: {own}")


if __name__ == "__main__":
    main()
