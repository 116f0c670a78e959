"""Train the judge: what is in a picture, where, and how.

`torchrun --nproc-per-node 2 -m measure.judge --work WORK [--seconds N]` (or `python -m`)

It sees composed art alone (WORK/shards with labels-*.json), never a painted picture, so it is independent of the model
that it judges. Writes WORK/judge.pt with its own accuracy on combinations that it never saw (held-out.npy).

It practises on single drawings first, at half the size (practice.py): so it learns most names at a quarter of the cost.
With --resume it goes on from WORK/judge.pt, on scenes alone, and with --side on larger ones: hats are small. With
--about colour it goes on from there with that answer alone, which is rarely asked for, and writes WORK/colour.pt.

One network: a map of things (which thing is at which of 8x8 places; a picture has a thing if any place has it), and one
answer each for colour, count, place, ground, time and weather; styles have a judge of their own (styles.py). All things
of a picture share one softmax, which learns a large vocabulary faster than a yes or no for each (Mahajan et al. 2018,
hashtags). The budget (--seconds) is the process's own CPU time.
"""

from __future__ import annotations

import argparse
import math
import time
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from art.anchors import parts
from art.sprites import COLOURS, Sprites
from art.things import things
from scenes.captions import TIMES, WEATHER
from scenes.grounds import PLACES
from scenes.labels import labels_beside
from train.muon import Muon
from train.several import Several

from .practice import Practice

SIDE = 128  # pixels a side that the judge looks at to begin with
PRACTICE = 0.25  # part of the budget
#: What each answer chooses from; nothing where none is said.
ANSWERS: Final[dict[str, tuple[str, ...]]] = {
    "colour": ("", *COLOURS), "count": ("1", "2", "3", "4", "5"), "place": ("", *PLACES), "ground": ("", *COLOURS),
    "time": tuple("" if name == "day" else name for name in ("day", *(name for name in TIMES if name != "day"))),
    "weather": ("", *WEATHER),
}  # fmt: skip
SOFT = 4.0  # sharpness of the largest over places
#: What is small is looked for among its like: which of all hats, glasses and so on is it?
ALIKE: Final = {"worn": ("worn",), "held": ("held",), "riding": ("mounts", "containers")}


@cache
def names() -> tuple[str, ...]:
    """Every thing that a picture can hold: those of things.txt, and what only anchors.txt has (a beret, a cup)."""
    extras = (name for table in ("worn", "held", "mounts", "containers") for name in parts(table))
    return tuple(dict.fromkeys((*(thing.name for thing in things()), *extras)))


@cache
def alike(kind: str) -> list[int]:
    """Indices of the names that are looked for among each other."""
    found = {name for table in ALIKE[kind] for name in parts(table)}
    return [at for at, name in enumerate(names()) if name in found]


class Judge(nn.Module):
    """Pictures [n, 3, side, side] in -1..1 to logits: things [n, N, side / 16, side / 16], a row for each answer."""

    def __init__(self, side: int = SIDE) -> None:
        super().__init__()
        self.side = side
        self.stem = _down(3, 32)
        self.body = nn.Sequential(
            _down(32, 64), Same(64), _down(64, 128), Same(128), Same(128), _down(128, 256), Same(256), Same(256)
        )
        self.things = nn.Conv2d(256, len(names()), 1)
        self.answers = nn.ModuleDict({key: nn.Linear(512, len(values)) for key, values in ANSWERS.items()})

    def forward(self, pictures: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        features = self.body(self.stem(pictures))
        whole = torch.cat([features.mean((2, 3)), features.amax((2, 3))], 1)
        return self.things(features), {key: layer(whole) for key, layer in self.answers.items()}


def anywhere(places: Tensor) -> Tensor:
    """Logits of a thing at each place [n, N, h, w] to its logit for the picture [n, N]: a soft largest."""
    return torch.logsumexp(places.flatten(2) * SOFT, 2) / SOFT


def _down(inside: int, outside: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inside, outside, 3, 2, 1, bias=False), nn.BatchNorm2d(outside), nn.ReLU())


class Same(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU())
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.second(self.first(x)))


@dataclass
class Examples:
    """Pictures with what they show, from one shard."""

    pictures: np.ndarray
    shown: list[list[int]]  # indices of things
    styled: np.ndarray
    answers: dict[str, np.ndarray]

    @cached_property
    def often(self) -> np.ndarray:
        """How often each picture is to be drawn: several things, styles, numbers and weather are rare, and hard."""
        more = np.array([max(0, len(shown) - 1) for shown in self.shown])
        more += self.styled + sum((self.answers[key] > 0).astype(int) for key in ("count", "weather"))
        return (1 + 2 * more) / (1 + 2 * more).sum()

    @classmethod
    def read(cls, file: Path) -> Examples:
        labels = labels_beside(file)
        index = {name: at for at, name in enumerate(names())}
        shown = [sorted({index[name] for name in named(label)}) for label in labels]
        answers = {
            key: np.array([values.index(_answer(label, key)) if _asked(label, key) else -1 for label in labels])
            for key, values in ANSWERS.items()
        }
        styled = np.array([int(bool(label.get("style"))) for label in labels])
        return cls(np.load(file, mmap_mode="r"), shown, styled, answers)


def named(label: dict[str, Any]) -> list[str]:
    """All that is to be seen, each once: actors, then what they wear and hold."""
    extras = [
        extra["name"]
        for thing in label["things"]
        for extra in (*thing.get("worn", ()), *([thing["held"]] if "held" in thing else []))
    ]
    return [*dict.fromkeys((*(thing["name"] for thing in label["things"]), *extras))]


def _answer(label: dict[str, Any], key: str) -> str:
    if key == "colour":
        return label["things"][0].get("colour", "")
    return str(label.get("count", 1)) if key == "count" else label.get(key, "")


def _asked(label: dict[str, Any], key: str) -> bool:
    """Of a picture that can tell: a colour of one thing that has been given one, by day, in a style with colours."""
    if key == "count":
        return len(label["things"]) == 1
    plain = label.get("style", "") not in ("pencil drawing", "black and white", "neon")
    if key == "colour":
        return plain and len(label["things"]) == 1 and "colour" in label["things"][0] and "time" not in label
    return plain or key not in ("ground", "time")


def batch_of(pictures: np.ndarray, side: int, random: np.random.Generator | None = None) -> Tensor:
    """uint8 [n, 256, 256, 3] to [n, 3, side, side] in -1..1; with `random`, blurred, lit, noisy and moved by chance."""
    x = torch.from_numpy(np.array(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1
    x = F.interpolate(x, size=(side, side), mode="area")
    return varied(x, random) if random else x.contiguous(memory_format=torch.channels_last)


def varied(x: Tensor, random: np.random.Generator) -> Tensor:
    """Pictures [n, 3, h, w] in -1..1: blurred, lit, noisy and moved by chance."""
    n = len(x)
    soft = F.interpolate(F.avg_pool2d(x, 2), scale_factor=2, mode="bilinear")
    chance = torch.from_numpy(random.random((n, 1, 1, 1), np.float32))
    x = torch.where(chance < 0.35, soft, x)
    light = torch.from_numpy(random.uniform(0.9, 1.1, (n, 1, 1, 1)).astype(np.float32))
    noise = torch.randn(x.shape) * torch.from_numpy(random.uniform(0, 0.06, (n, 1, 1, 1)).astype(np.float32))
    x = (x * light + noise).clamp(-1, 1)
    moved = [int(v) for v in random.integers(-6, 7, 2)]
    return torch.roll(x, moved, (2, 3)).contiguous(memory_format=torch.channels_last)


def of_scenes(judge: Judge, shard: Examples, many: int, random: np.random.Generator, device: str) -> Tensor:
    """The loss on some of a shard's pictures."""
    rows = np.sort(random.choice(len(shard.pictures), many, replace=False, p=shard.often))
    wanted = torch.zeros(many, len(names()))
    for at, row in enumerate(rows):
        wanted[at, shard.shown[row]] = 1 / len(shard.shown[row])
    with torch.autocast(device, torch.bfloat16):
        places, answers = judge(batch_of(shard.pictures[rows], judge.side, random).to(device))
    seen, wanted = anywhere(places.float()), wanted.to(device)
    loss = F.cross_entropy(seen, wanted)
    for few in map(alike, ALIKE):
        shares = wanted[:, few]
        shown = shares.sum(1) > 0
        if shown.any():
            loss = loss + 0.5 * F.cross_entropy(seen[shown][:, few], shares[shown] / shares[shown].sum(1, keepdim=True))
    for key, logits in answers.items():
        right = torch.from_numpy(shard.answers[key][rows]).to(device)
        wrong = F.cross_entropy(logits.float(), right, ignore_index=-1, reduction="sum")
        loss = loss + 0.3 * wrong / (right >= 0).sum().clamp(min=1)
    return loss


def of_answer(judge: Judge, shard: Examples, key: str, many: int, random: np.random.Generator, device: str) -> Tensor:
    """The loss in one answer, on some of a shard's pictures that can be asked for it."""
    rows = np.sort(random.choice(np.flatnonzero(shard.answers[key] >= 0), many))
    with torch.autocast(device, torch.bfloat16):
        _, answers = judge(batch_of(shard.pictures[rows], judge.side, random).to(device))
    return F.cross_entropy(answers[key].float(), torch.from_numpy(shard.answers[key][rows]).to(device))


@torch.inference_mode()
def accuracy(judge: Judge, examples: Examples, device: str) -> dict[str, float]:
    """Shares right: the one thing of pictures of one thing, all of several, and each answer where it is asked."""
    judge.eval()
    singles, several = [], []
    right: dict[str, list[bool]] = {key: [] for key in ANSWERS}
    for at in range(0, len(examples.pictures), 64):
        with torch.autocast(device, torch.bfloat16):
            places, answers = judge(batch_of(examples.pictures[at : at + 64], judge.side).to(device))
        best = anywhere(places.float()).argsort(1, descending=True).cpu().numpy()
        for row, shown in enumerate(examples.shown[at : at + 64]):
            if len(shown) == 1:
                singles.append(best[row, 0] == shown[0])
            elif shown:
                several.append(set(best[row, : len(shown)]) == set(shown))
        for key, logits in answers.items():
            wanted = examples.answers[key][at : at + 64]
            right[key] += [bool(a == b) for a, b in zip(logits.argmax(1).cpu().numpy(), wanted, strict=True) if b >= 0]
    judge.train()
    share = lambda values: float(np.mean(values)) if values else float("nan")  # noqa: E731
    return {"one thing": share(singles), "all things": share(several), **{k: share(v) for k, v in right.items()}}


def load(file: Path, device: str = "cpu") -> tuple[Judge, dict[str, float]]:
    """The trained judge and its own accuracy."""
    saved = torch.load(file, map_location=device)
    judge = Judge(saved.get("side", SIDE)).to(device, memory_format=torch.channels_last)
    judge.load_state_dict(saved["weights"])
    return judge.eval(), saved["accuracy"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=1200, help="budget in seconds of CPU time")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=4e-3, help="peak learning rate")
    parser.add_argument("--resume", action="store_true", help="go on from WORK/judge.pt")
    parser.add_argument("--about", choices=ANSWERS, help="go on from WORK/judge.pt with that alone, to WORK/ABOUT.pt")
    parser.add_argument("--side", type=int, help=f"pixels a side to look at: {SIDE}, or as before when it goes on")
    parser.add_argument("--threads", type=int, default=1)
    run = parser.parse_args()
    torch.set_num_threads(run.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    several = Several.join(device)
    shards = [Examples.read(file) for file in sorted((run.work / "shards").glob("pictures-*.npy"))]
    held_out = Examples.read(run.work / "shards" / "held-out.npy")
    resumed = run.resume or run.about
    judge = load(run.work / "judge.pt", device)[0].train() if resumed else Judge()
    judge.side = run.side or judge.side
    judge.to(device, memory_format=torch.channels_last)
    practised = 0 if resumed else PRACTICE * run.seconds
    optimiser = Muon(judge, weight_decay=0.02)
    several.begin_alike(list(judge.parameters()))
    random = np.random.default_rng(11 + several.rank)
    practice = Practice(Sprites(run.work), names(), 11 + several.rank)
    begun, step, passed, losses = time.process_time(), 0, 0.0, []
    while passed < run.seconds:
        for group in optimiser.param_groups:
            group["lr"] = run.rate * min(1, (step + 1) / 100) * (0.5 + 0.5 * math.cos(math.pi * passed / run.seconds))
        if passed < practised:
            pictures, shown = practice.batch(2 * run.batch)
            with torch.autocast(device, torch.bfloat16):
                places, _ = judge(varied(pictures, random).to(device))
            loss = F.cross_entropy(anywhere(places.float()), shown.to(device))
        else:
            shard = shards[random.integers(len(shards))]
            if run.about:
                loss = of_answer(judge, shard, run.about, run.batch, random, device)
            else:
                loss = of_scenes(judge, shard, run.batch, random, device)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        several.mean_gradients(list(judge.parameters()))
        nn.utils.clip_grad_norm_(judge.parameters(), 5.0)
        optimiser.step()
        step += 1
        (passed,) = several.largest(time.process_time() - begun)
        losses.append(loss.item())
        if several.rank == 0 and step % 50 == 0:
            print(f"{passed:.0f} s step {step} loss {np.mean(losses[-50:]):.3f}", flush=True)
    if several.rank:
        return
    own = accuracy(judge, held_out, device)
    torch.save(
        {"weights": judge.state_dict(), "side": judge.side, "accuracy": own}, run.work / f"{run.about or 'judge'}.pt"
    )
    print(f"{step} steps; on held-out combinations: {own}")


if __name__ == "__main__":
    main()
