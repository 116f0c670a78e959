"""Train the UNet and the text encoder: `torchrun --nproc-per-node 2 -m train.unet --work WORK` (or `python -m`).

Reads WORK/latents (cache.py; shards that arrive later are found), saves WORK/checkpoints/NAME.pt every few minutes and
goes on from there when started again. --resume-from FOLDER begins at an exported model instead of at nothing.

v is predicted, with weights by noise; prompts are dropped now and then so that classifier-free guidance works (Ho
and Salimans 2022). The budget (--seconds) is the process's own CPU time; the learning rate falls to zero along a cosine
after its first --constant part, so a run always ends finished. Its last fifth computes with the UNet's weights rounded
to 8 bits, as they will be kept.
"""

from __future__ import annotations

import argparse
import math
import time
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from transformers import CLIPTokenizer

from measure.questions import FIFTY, WORDINGS
from networks import fast_cpu
from networks.models import alphas_cumprod, exported_text_encoder, exported_unet, text_encoder, tokens, unet
from scenes.shards import Shards, beside, covered, one_wording

from .average import Average
from .course import Course
from .muon import Muon
from .rounded import Rounded
from .several import Several
from .unknown_words import UnknownWords

GAMMA = 5.0
NOISY = 0.1  # signal-to-noise ratio below which timesteps weigh less
WARM_UP = 100  # steps
DROPPED = 0.05  # of the wordings, beside one in ten that is empty already
#: Weights of errors: grounds are soon learnt, things take long, and what they wear is small and has many forms.
GROUND, THINGS, CARRIED = 0.4, 2.0, 6.0
ROUNDED = 0.8  # of the budget, after which the UNet computes with its weights in 8 bits, as they will be kept
APART = 10  # steps that each process takes before their weights are averaged


def learning_rate(peak: float, step: int, done: float, constant: float) -> float:
    """Warm-up by steps, then by `done`, the part of the budget that has passed."""
    falling = (done - constant) / (1 - constant) if done > constant else 0.0
    return peak * min(1.0, (step + 1) / WARM_UP) * (0.5 + 0.5 * math.cos(math.pi * min(1.0, falling)))


def weights(snr: Tensor) -> Tensor:
    """Of the squared error in v (Salimans and Ho 2022), by signal-to-noise ratio.

    Less for timesteps that are nearly clean (min-SNR, Hang et al. 2023), and for those that are nearly pure noise,
    where most of the error cannot be helped.
    """
    return (1 + snr.clamp(max=GAMMA)) / (1 + snr) * (snr / NOISY).sqrt().clamp(max=1)


def importance(latents: np.ndarray) -> Tensor:
    """[CHANNELS, CHANNELS], to multiply errors by: the more latents vary in a direction, the more errors in it count.

    Three of the latents' principal directions vary far more than the others, and the decoder makes up to ten times as
    much of the same error in them: there are colours and shapes, elsewhere edges.
    """
    variances, directions = np.linalg.eigh(np.cov(latents.transpose(1, 0, 2, 3).reshape(latents.shape[1], -1)))
    scales = variances**0.25
    scales /= np.sqrt(np.mean(scales**2))
    return torch.from_numpy((directions * scales @ directions.T).astype(np.float32))


class Latents:
    """Latents and tokens of all shards, drawn at random."""

    def __init__(self, folder: Path, tokenizer: CLIPTokenizer, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._shards = Shards(folder, _with_words_and_cells, "train.cache")
        asked = [*WORDINGS, *FIFTY.read_text().splitlines()]
        self._unknown = UnknownWords(tokenizer, (wordings for _, wordings, *_ in self._shards.found()), asked)

    def some(self) -> np.ndarray:
        """Latents of one shard [n, 16, 16, 16]."""
        return self._shards.found()[0][0].astype(np.float32)

    def batch(self, size: int) -> tuple[Tensor, Tensor, Tensor]:
        """Latents [size, 16, 16, 16], token ids [size, TOKENS], how much each cell's error counts [size, 1, 16, 16]."""
        latents, wordings, covers, carried = self._shards.batch(self._random, size)
        ids = torch.from_numpy(self._unknown.among(one_wording(wordings, self._random), self._random))
        cells = GROUND + THINGS * covered(covers) + CARRIED * covered(carried)
        return torch.from_numpy(latents.astype(np.float32)), ids, torch.from_numpy(cells)


def _with_words_and_cells(file: Path) -> tuple[np.ndarray, ...]:
    return np.load(file, mmap_mode="r"), *(beside(file, part) for part in ("tokens", "covers", "carried"))


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--name", default="unet")
    parser.add_argument("--resume-from", type=Path, help="folder of an exported model, to begin from")
    parser.add_argument("--batch", type=int, default=64, help="of each process")
    parser.add_argument("--rate", type=float, default=6e-4, help="peak learning rate")
    parser.add_argument("--constant", type=float, default=0.5, help="part of the budget before the rate falls")
    parser.add_argument("--seconds", type=float, default=36_000, help="budget in seconds of CPU time")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def networks_of(folder: Path | None, tokenizer: CLIPTokenizer) -> nn.ModuleDict:
    if folder is None:
        return nn.ModuleDict({"unet": unet(), "text_encoder": text_encoder(tokenizer)})
    parts = {"unet": exported_unet(folder / "unet"), "text_encoder": exported_text_encoder(folder / "text_encoder")}
    return nn.ModuleDict(parts)


def main() -> None:
    run = options()
    torch.set_num_threads(run.threads)
    fast_cpu.enable()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    several = Several.join(device)
    tokenizer = CLIPTokenizer.from_pretrained(run.work / "tokenizer")
    both = networks_of(run.resume_from, tokenizer).to(device)
    trained = list(both.parameters())
    optimiser = Muon(both, weight_decay=1e-2)
    average = Average(both, 0.995)
    course = Course(run.work, run.name, run.seconds, both, optimiser, average, several, device, APART)
    data = Latents(run.work / "latents", tokenizer, time.time_ns() + several.rank)
    torch.manual_seed(time.time_ns() % 2**31 + several.rank)
    kept = alphas_cumprod().to(device)
    snr = kept / (1 - kept)
    nothing = tokens(tokenizer, [""]).to(device)
    counts = importance(data.some()).to(device)
    rounded = Rounded(both["unet"])
    losses: list[float] = []
    while course.goes_on:
        rate = learning_rate(run.rate, course.step, course.done, run.constant)
        for group in optimiser.param_groups:
            group["lr"] = rate
        latents, ids, cells = (part.to(device) for part in data.batch(run.batch))
        latents = latents.contiguous(memory_format=torch.channels_last)
        ids = torch.where(torch.rand(run.batch, 1, device=device) < DROPPED, nothing, ids)
        # One timestep from each of `batch` equal parts: every batch sees all noise levels, so the loss varies less.
        part = torch.randperm(run.batch, device=device) + torch.rand(run.batch, device=device)
        t = (part / run.batch * 1000).long().clamp(max=999)  # a float can round up to 1000
        noise = torch.randn_like(latents)
        a = kept[t].view(-1, 1, 1, 1)
        noisy = a.sqrt() * latents + (1 - a).sqrt() * noise
        optimiser.zero_grad(set_to_none=True)
        with rounded if course.done > ROUNDED else nullcontext():
            with torch.autocast(device, torch.bfloat16):
                predicted = both["unet"](noisy, t, both["text_encoder"](ids).last_hidden_state).sample
            wrong = predicted.float() - (a.sqrt() * noise - (1 - a).sqrt() * latents)
            wrong = torch.einsum("nchw,cd->ndhw", wrong, counts)
            errors = wrong.square().mean(1, keepdim=True) * cells
            loss = (errors.mean((1, 2, 3)) * weights(snr[t])).mean()
            loss.backward()
        norm = nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        average.update(both, course.step)
        course.took(run.batch)
        if course.step % APART == 0:
            several.mean_weights(trained)
        losses.append(loss.item())
        if course.step % 50 == 0:
            progress = f"{course.passed:.0f} s step {course.step} samples {course.seen} ({course.pace:.1f}/s of CPU)"
            course.log(f"{progress} loss {np.mean(losses[-200:]):.4f} gradient {norm:.2f} rate {rate:.1e}")
        course.save_when_due(lambda: None)
    course.end(lambda: None)


if __name__ == "__main__":
    main()
