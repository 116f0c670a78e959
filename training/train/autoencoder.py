"""Train the autoencoder: `torchrun --nproc-per-node 2 -m train.autoencoder --work WORK` (or `python -m`).

Reads WORK/shards/*.npy (uint8 pictures), measures on WORK/shards/held-out.npy, saves WORK/checkpoints/NAME.pt every few
minutes and goes on from there when started again; every save also writes the averaged weights to WORK/NAME (a diffusers
folder) with the scaling_factor that gives latents a standard deviation of one. --resume-from FOLDER begins at an
exported model instead of at nothing, and --anchor holds the latents near that model's, so that its UNet remains valid
and its scaling_factor is kept. The budget (--seconds) is the process's own CPU time, so that a run beside other work is
as long as one on a quiet machine.

What was learnt the hard way: whole pictures, since a decoder's group norms look at the whole picture and crops of its
latents decode wrongly; the posterior's mode first and noise later, or the latents collapse; the edge term only after
the first steps, for the same reason; smooth losses, since the sign of a tiny error is only rounding in bfloat16; the
logarithm of each picture's squared error (as Chen et al. 2022, NAFNet), by which the hardest pictures do not outweigh
all others; eager mode, since torch.compile (2.13, CPU) lost the encoder's gradients.
"""

from __future__ import annotations

import argparse
import copy
import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL
from torch import Tensor, nn

from networks import fast_cpu
from networks.models import autoencoder, exported_autoencoder
from scenes.shards import covered, pictures_and_covers

from .average import Average
from .course import Course
from .muon import Muon
from .several import Several

WARM_UP = 100  # steps
RAMP = 400  # steps after which the noise and the edge term come in, and over which they do
NOISE = 0.05  # of the latents' own standard deviation
MEASURED = 96  # held-out pictures in the log's PSNR
GROUND, THINGS = 0.6, 1.4  # weights of errors: what is worn is small, and has to be made out


def smooth(difference: Tensor, counts: Tensor | float = 1.0) -> Tensor:
    """Charbonnier loss: absolute error with a round foot of 0.03, times what each pixel counts."""
    return ((difference.square() + 9e-4).sqrt() * counts).mean()


def what_counts(covers: Tensor, side: int) -> Tensor:
    """How much each pixel's error counts, [n, 1, side, side], from how much things cover each cell [n, 1, 16, 16]."""
    return GROUND + THINGS * F.interpolate(covers, (side, side), mode="bilinear")


def edges(painted: Tensor, wanted: Tensor) -> Tensor:
    """Difference of the gradients at three scales."""
    total = painted.new_zeros(())
    for _ in range(3):
        apart = painted - wanted
        total = total + smooth(apart[..., 1:] - apart[..., :-1]) + smooth(apart[..., 1:, :] - apart[..., :-1, :])
        painted, wanted = F.avg_pool2d(painted, 2), F.avg_pool2d(wanted, 2)
    return total


def how_far(latents: Tensor, former: AutoencoderKL, wanted: Tensor) -> Tensor:
    """From a former autoencoder's latents of the same pictures: the mean square, where theirs is one."""
    with torch.no_grad(), torch.autocast(wanted.device.type, torch.bfloat16):
        theirs = former.encode(wanted).latent_dist.mode()
    return ((latents.float() - theirs.float()) * former.config.scaling_factor).square().mean()


@torch.inference_mode()
def psnr(vae: AutoencoderKL, pictures: np.ndarray, device: str) -> tuple[float, float]:
    """Mean PSNR in dB and the latents' standard deviation."""
    ratios, latents = [], []
    for at in range(0, len(pictures), 16):
        wanted = as_tensor(pictures[at : at + 16], device)
        latents.append(vae.encode(wanted).latent_dist.mode())
        painted = vae.decode(latents[-1]).sample.clamp(-1, 1)
        ratios.append(-10 * torch.log10(((painted - wanted) / 2).square().mean((1, 2, 3))))
    return torch.cat(ratios).mean().item(), torch.cat(latents).std().item()


def as_tensor(pictures: np.ndarray, device: str) -> Tensor:
    """uint8 [n, h, w, 3] to [n, 3, h, w] in -1..1."""
    batch = torch.from_numpy(pictures.copy()).to(device).permute(0, 3, 1, 2)
    return (batch.float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--name", default="vae")
    parser.add_argument("--resume-from", type=Path, help="folder of an exported model, to begin from its autoencoder")
    parser.add_argument("--anchor", type=float, default=0.5, help="what it costs latents to leave those of that model")
    parser.add_argument("--batch", type=int, default=3, help="of each process")
    parser.add_argument("--rate", type=float, default=5e-4, help="peak learning rate")
    parser.add_argument("--floor", type=float, default=0.05, help="part of the peak rate that is left at the end")
    parser.add_argument("--seconds", type=float, default=36_000, help="budget in seconds of CPU time")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    run = options()
    torch.set_num_threads(run.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    fast_cpu.enable()
    several = Several.join(device)
    pictures = pictures_and_covers(run.work / "shards")
    held_out = np.load(run.work / "shards" / "held-out.npy", mmap_mode="r")
    vae = exported_autoencoder(run.resume_from / "vae") if run.resume_from else autoencoder()
    vae.to(device, memory_format=torch.channels_last)
    former = copy.deepcopy(vae) if run.resume_from and run.anchor else None
    weights = list(vae.parameters())
    optimiser = Muon(vae, weight_decay=1e-4)
    average = Average(vae, 0.999)
    course = Course(run.work, run.name, run.seconds, vae, optimiser, average, several, device)
    averaged = autoencoder().to(device).eval()

    def write() -> None:
        average.copy_to(averaged)
        with torch.autocast(device, torch.bfloat16):
            quality, deviation = psnr(averaged, held_out[:MEASURED], device)
        scaling = former.config.scaling_factor if former else 1 / deviation
        averaged.register_to_config(scaling_factor=scaling)
        averaged.save_pretrained(run.work / run.name)
        told = f"held out: {quality:.2f} dB, latents' standard deviation {deviation:.3f}"
        course.log(f"{course.passed:.0f} s step {course.step} {told}")

    random = np.random.default_rng()
    losses: list[float] = []
    while course.goes_on:
        falling = run.floor + (1 - run.floor) * (0.5 + 0.5 * math.cos(math.pi * course.done))
        for group in optimiser.param_groups:
            group["lr"] = run.rate * min(1, (course.step + 1) / WARM_UP) * falling
        ramp = 1.0 if run.resume_from else min(1.0, max(0.0, (course.step - RAMP) / RAMP))
        shown, covers = pictures.batch(random, run.batch)
        wanted = as_tensor(shown, device)
        counts = what_counts(torch.from_numpy(covered(covers)).to(device), wanted.shape[-1])
        with torch.autocast(device, torch.bfloat16):
            latents = vae.encode(wanted).latent_dist.mode()
            noise = torch.randn_like(latents) * latents.detach().std() * NOISE * ramp
            painted = vae.decode(latents + noise).sample
        painted = painted.float()
        wrong = painted - wanted
        squared = (wrong.square() * counts).mean((1, 2, 3))
        loss = 0.2 * (squared + 1e-5).log().mean() + 0.3 * smooth(wrong, counts)
        loss = loss + 0.15 * ramp * edges(painted, wanted)
        loss = loss + 1e-3 * ramp * latents.float().square().mean()  # keeps the latents' scale in bounds
        if former:
            loss = loss + run.anchor * how_far(latents, former, wanted)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        several.mean_gradients(weights)
        nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
        average.update(vae, course.step)
        course.took(run.batch)
        losses.append(loss.item())
        if course.step % 50 == 0:
            progress = f"{course.passed:.0f} s step {course.step} pictures {course.seen}"
            course.log(f"{progress} loss {np.mean(losses[-50:]):.4f}")
        course.save_when_due(write)
    course.end(write)


if __name__ == "__main__":
    main()
