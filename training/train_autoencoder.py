"""Train the autoencoder, or only its decoder: `python train_autoencoder.py --work WORK [--decoder-only]`.

Reads pictures.npy, writes the averaged weights to WORK/vae (diffusers folder) with the scaling_factor that gives
latents a standard deviation of one. --decoder-only, with --resume-from, leaves the encoder as it is, and so the cached
latents and the UNet.

What was learnt the hard way: whole pictures, since a decoder's group norms look at the whole picture and crops of its
latents decode wrongly; the posterior's mode first and noise later, or the latents collapse; the edge term only after
the first steps, for the same reason; smooth losses, since the sign of a tiny error is only rounding in bfloat16; eager
mode, since torch.compile (2.13, CPU) lost the encoder's gradients.
"""

from __future__ import annotations

import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL
from torch import Tensor, nn

import config
import fast_cpu
from average import Average
from checkpoint import Checkpoint
from networks import autoencoder
from runlog import Log

WARM_UP = 100  # steps
RAMP = 400  # steps over which the noise and the edge term come in
NOISE = 0.05  # of the latents' own standard deviation
SAVE_EVERY = 300.0  # seconds


def smooth(difference: Tensor) -> Tensor:
    """Charbonnier loss: absolute error with a round foot of 0.03."""
    return (difference.square() + 9e-4).sqrt().mean()


def edges(painted: Tensor, wanted: Tensor) -> Tensor:
    """Difference of the gradients at three scales."""
    total = painted.new_zeros(())
    for _ in range(3):
        apart = painted - wanted
        total = total + smooth(apart[..., 1:] - apart[..., :-1]) + smooth(apart[..., 1:, :] - apart[..., :-1, :])
        painted, wanted = F.avg_pool2d(painted, 2), F.avg_pool2d(wanted, 2)
    return total


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


def main() -> None:
    options = config.parser(__doc__)
    options.add_argument("--resume-from", type=Path, help="diffusers folder of an autoencoder to start from")
    options.add_argument("--decoder-only", action="store_true")
    options.add_argument("--batch", type=int, default=8)
    options.add_argument("--rate", type=float, default=2e-4, help="peak learning rate")
    run = config.settings(options)
    fast_cpu.enable()
    log = Log(run.path("logs/autoencoder.log"))
    decoder_only, seconds = run.options.decoder_only, run.seconds or run.budget.autoencoder_seconds
    pictures = np.load(run.path("pictures.npy"), mmap_mode="r")
    held_out = pictures[: run.budget.held_out]
    fresh = run.options.resume_from is None
    vae = autoencoder() if fresh else AutoencoderKL.from_pretrained(run.options.resume_from, torch_dtype=torch.float32)
    vae.to(run.device, memory_format=torch.channels_last)
    if decoder_only:
        vae.encoder.requires_grad_(False)
        vae.quant_conv.requires_grad_(False)
    trained = [weight for weight in vae.parameters() if weight.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=0, betas=(0.9, 0.995), weight_decay=1e-4, fused=True)
    average, step, passed = Average(vae, 0.998), 0, 0.0
    checkpoint = Checkpoint(run.path("checkpoints/autoencoder.pt"), vae, optimiser, average)
    if saved := checkpoint.restore(run.device):
        step, passed = saved["step"], saved["seconds"]
        log(f"continuing from step {step}, {passed:.0f} s")

    def save() -> None:
        checkpoint.save(step=step, seconds=passed)

    random = np.random.default_rng()
    begun, before = time.monotonic(), passed
    last_save = begun
    while passed < seconds:
        for group in optimiser.param_groups:
            falling = 0.5 + 0.5 * math.cos(math.pi * passed / seconds)
            group["lr"] = run.options.rate * min(1, (step + 1) / WARM_UP) * falling
        ramp = 1.0 if not fresh else min(1.0, max(0.0, (step - RAMP) / RAMP))
        chosen = np.sort(random.integers(run.budget.held_out, len(pictures), run.options.batch))
        wanted = as_tensor(pictures[chosen], run.device)
        with torch.autocast(run.device, torch.bfloat16):
            with torch.set_grad_enabled(not decoder_only):
                latents = vae.encode(wanted).latent_dist.mode()
            noise = torch.randn_like(latents) * latents.detach().std() * NOISE * ramp
            painted = vae.decode(latents + noise).sample
        painted = painted.float()
        loss = 10 * F.mse_loss(painted, wanted) + 0.3 * smooth(painted - wanted) + 0.15 * ramp * edges(painted, wanted)
        if not decoder_only:
            loss = loss + 1e-3 * ramp * latents.float().square().mean()  # keeps the latents' scale in bounds
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        average.update(vae, step)
        step, passed = step + 1, before + time.monotonic() - begun
        if step % 50 == 0:
            pace = step * run.options.batch / passed
            log(f"{passed:.0f} s step {step} ({pace:.1f} pictures/s) loss {loss.item():.4f}")
        if time.monotonic() - last_save > SAVE_EVERY:
            save()
            last_save = time.monotonic()
    save()
    average.copy_to(vae)
    quality, deviation = psnr(vae.eval(), held_out, run.device)
    if not decoder_only:
        vae.register_to_config(scaling_factor=1 / deviation)
    vae.save_pretrained(run.path("vae"))
    log(f"done: {step} steps, {quality:.2f} dB on held-out pictures, latents' standard deviation {deviation:.3f}")


if __name__ == "__main__":
    main()
