"""Teach the decoder crisp edges: `torchrun --nproc-per-node 2 -m train.sharpen --work WORK` (or `python -m`).

Squared error alone blurs whatever latents leave open. Here a critic looks at patches of true and of decoded pictures
(hinge loss: Lim and Ye 2017; patches: Isola et al. 2017) and the decoder learns to please it and to match what its
layers see (feature matching: Wang et al. 2018), as VQGAN (Esser et al. 2021) does. The encoder stays as it is, so
latents and the UNet remain valid.

Begins at WORK/VAE, saves WORK/checkpoints/NAME.pt and the averaged weights to WORK/NAME (a diffusers folder).
"""

from __future__ import annotations

import argparse
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from networks import fast_cpu
from networks.models import autoencoder, exported_autoencoder
from scenes.shards import Pictures

from .autoencoder import as_tensor, edges, psnr
from .average import Average
from .course import Course
from .several import Several

WARM_UP = 50  # steps
ALONE = 150  # steps that the critic learns before the decoder listens to it
NOISE = 0.03  # of the latents: the UNet's are never quite right
MEASURED = 64  # held-out pictures in the log's PSNR


class Critic(nn.Module):
    """Pictures [n, 3, h, w] to each layer's features; the last is one number a patch of 54 pixels: high is true."""

    def __init__(self) -> None:
        super().__init__()
        widths = (3, 32, 64, 128)
        self.layers = nn.ModuleList(
            [nn.Conv2d(a, b, 4, 2, 1) for a, b in pairwise(widths)]
            + [nn.Conv2d(128, 128, 3, 1, 1), nn.Conv2d(128, 1, 3, 1, 1)]
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        found = []
        for at, layer in enumerate(self.layers):
            x = layer(x if at == 0 else F.leaky_relu(x, 0.2))
            found.append(x)
        return found


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--vae", default="vae", help="folder of the autoencoder to begin at, in WORK")
    parser.add_argument("--name", default="vae-sharp")
    parser.add_argument("--batch", type=int, default=3, help="of each process")
    parser.add_argument("--rate", type=float, default=1.5e-4)
    parser.add_argument("--adversarial", type=float, default=0.02, help="weight of the critic's opinion")
    parser.add_argument("--matching", type=float, default=0.3, help="weight of its layers' differences")
    parser.add_argument("--seconds", type=float, default=1800, help="budget in seconds of CPU time of a process")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    run = options()
    torch.set_num_threads(run.threads)
    fast_cpu.enable()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    several = Several.join(device)
    pictures, held_out = Pictures(run.work / "shards"), np.load(run.work / "shards" / "held-out.npy", mmap_mode="r")
    vae = exported_autoencoder(run.work / run.vae)
    vae.to(device, memory_format=torch.channels_last)
    measured = autoencoder().to(device).eval()
    measured.register_to_config(scaling_factor=vae.config.scaling_factor)
    critic = Critic().to(device, memory_format=torch.channels_last)
    learning = nn.ModuleDict({"vae": vae, "critic": critic})
    decoder = [*vae.decoder.parameters(), *vae.post_quant_conv.parameters()]
    groups = [{"params": decoder, "peak": run.rate}, {"params": [*critic.parameters()], "peak": 2 * run.rate}]
    optimiser = torch.optim.AdamW(groups, lr=0, betas=(0.5, 0.99), weight_decay=1e-4, fused=True)
    average = Average(vae, 0.998)
    course = Course(run.work, run.name, run.seconds, learning, optimiser, average, several, device)

    def write() -> None:
        average.copy_to(measured)
        with torch.autocast(device, torch.bfloat16):
            quality, _ = psnr(measured, held_out[:MEASURED], device)
        measured.save_pretrained(run.work / run.name)
        course.log(f"{course.passed:.0f} s step {course.step} held out: {quality:.2f} dB")

    random = np.random.default_rng(time.time_ns() + several.rank)
    told: list[list[float]] = []
    while course.goes_on:
        falling = min(1.0, (course.step + 1) / WARM_UP) * max(0.05, min(1.0, 2 - 2 * course.done))
        for group in optimiser.param_groups:
            group["lr"] = group["peak"] * falling
        wanted = as_tensor(pictures.batch(random, run.batch), device)
        with torch.autocast(device, torch.bfloat16):
            with torch.no_grad():
                latents = vae.encode(wanted).latent_dist.mode()
            latents = latents + torch.randn_like(latents) * latents.std() * NOISE
            painted = vae.decode(latents).sample
            true, false = critic(wanted), critic(painted.detach())
            of_critic = F.relu(1 - true[-1]).mean() + F.relu(1 + false[-1]).mean()
            critic.requires_grad_(False)
            opinion = critic(painted)
            matching = sum(
                (F.l1_loss(a.float(), b.float().detach()) / b.float().detach().abs().mean())
                for a, b in zip(opinion[:-1], true[:-1], strict=True)
            )
            critic.requires_grad_(True)
        plain = 5 * F.mse_loss(painted.float(), wanted) + F.l1_loss(painted.float(), wanted)
        loss = plain + 0.3 * edges(painted.float(), wanted)
        if course.step >= ALONE:
            loss = loss + run.adversarial * -opinion[-1].float().mean() + run.matching * matching
        optimiser.zero_grad(set_to_none=True)
        (loss + of_critic).backward()
        several.mean_gradients([*decoder, *critic.parameters()])
        nn.utils.clip_grad_norm_(decoder, 1.0)
        nn.utils.clip_grad_norm_(critic.parameters(), 1.0)
        optimiser.step()
        average.update(vae, course.step)
        course.took(run.batch)
        told.append([plain.item(), of_critic.item(), float(matching.detach())])
        if course.step % 50 == 0:
            pixels, judged, matched = np.mean(told[-50:], 0)
            progress = f"{course.passed:.0f} s step {course.step}"
            course.log(f"{progress} pixels {pixels:.4f} critic {judged:.3f} matching {matched:.3f}")
        course.save_when_due(write)
    course.end(write)


if __name__ == "__main__":
    main()
