"""Train the UNet and the text encoder on cached latents: `python train.py --work WORK [--resume-from FOLDER]`.

Epsilon prediction with weights by noise (min-SNR, Hang et al. 2023), prompts dropped for one sample in ten so that
classifier-free guidance works (Ho and Salimans 2022), weights averaged over the run (EMA). The time budget sets the
learning rate: constant for its first part, then to zero along a cosine, so a run always ends finished.

Continues from WORK/checkpoints/unet.pt where that exists (stop it when you like: it saves every few minutes), else from
an exported model (--resume-from, its weights as they are and fresh optimiser state), else from nothing. Ctrl-C or
SIGTERM saves and stops. WORK/logs/train.log keeps what is printed.
"""

from __future__ import annotations

import math
import signal
import threading
import time
from pathlib import Path

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from torch import nn
from transformers import CLIPTextModel, CLIPTokenizer

import config
import fast_cpu
from average import Average
from checkpoint import Checkpoint
from networks import alphas_cumprod, text_encoder, tokens, unet
from runlog import Log

GAMMA = 5.0
NOISY = 8.0  # most that a noisy timestep weighs, see weights()
DROPPED = 0.1
WARM_UP = 100  # steps
SAVE_EVERY = 300.0  # seconds


def learning_rate(peak: float, step: int, done: float, constant: float) -> float:
    """Warm-up by steps, then by `done`, the part of the time budget that has passed."""
    falling = max(0.0, (done - constant) / (1 - constant))
    return peak * min(1.0, (step + 1) / WARM_UP) * (0.5 + 0.5 * math.cos(math.pi * min(1.0, falling)))


def weights(snr: torch.Tensor) -> torch.Tensor:
    """Of the squared error in epsilon, by signal-to-noise ratio.

    Less for timesteps that are nearly clean (min-SNR), more for noisy ones, as if the network predicted v (Salimans and
    Ho 2022): there the words alone decide the picture, and an error in epsilon is a much larger one in the picture.
    """
    return snr.clamp(max=GAMMA) / snr * (1 + 1 / snr).clamp(max=NOISY)


class Data:
    """Latents and tokens in random order, each picture once an epoch, each time in one of its wordings."""

    def __init__(self, run: config.Settings) -> None:
        self._latents = np.load(run.path("latents.npy"), mmap_mode="r")
        self._tokens = np.load(run.path("tokens.npy"))
        self._order = np.empty(0, int)
        self._random = np.random.default_rng()

    def batch(self, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Latents [size, 4, 16, 16] and token ids [size, 32]."""
        while len(self._order) < size:
            self._order = np.concatenate([self._order, self._random.permutation(len(self._latents))])
        chosen, self._order = self._order[:size], self._order[size:]
        wording = self._random.integers(self._tokens.shape[1], size=size)
        return (
            torch.from_numpy(self._latents[chosen].astype(np.float32)),
            torch.from_numpy(self._tokens[chosen, wording].astype(np.int64)),
        )


def networks_of(run: config.Settings, tokenizer: CLIPTokenizer) -> nn.ModuleDict:
    folder: Path | None = run.options.resume_from
    if folder is None:
        return nn.ModuleDict({"unet": unet(), "text_encoder": text_encoder(tokenizer)})
    painted = UNet2DConditionModel.from_pretrained(folder / "unet", torch_dtype=torch.float32)
    text = CLIPTextModel.from_pretrained(folder / "text_encoder", torch_dtype=torch.float32)
    return nn.ModuleDict({"unet": painted.to(memory_format=torch.channels_last), "text_encoder": text})


def main() -> None:
    options = config.parser(__doc__)
    options.add_argument("--resume-from", type=Path, help="diffusers folder to start from")
    options.add_argument("--batch", type=int, default=32)
    options.add_argument("--rate", type=float, default=4e-4, help="peak learning rate")
    options.add_argument("--constant", type=float, default=0.3, help="part of the budget before the rate falls")
    run = config.settings(options)
    seconds, size = run.seconds or run.budget.unet_seconds, run.options.batch
    fast_cpu.enable()
    log = Log(run.path("logs/train.log"))
    data = Data(run)
    tokenizer = CLIPTokenizer.from_pretrained(run.path("tokenizer"))
    both = networks_of(run, tokenizer).to(run.device)
    optimiser = torch.optim.AdamW(both.parameters(), lr=0, betas=(0.9, 0.99), weight_decay=1e-2, fused=True)
    average = Average(both, 0.9995)
    step, seen, passed = 0, 0, 0.0
    checkpoint = Checkpoint(run.path("checkpoints/unet.pt"), both, optimiser, average)
    if saved := checkpoint.restore(run.device):
        step, seen, passed = saved["step"], saved["seen"], saved["seconds"]
        log(f"continuing from step {step}, {seen} samples, {passed:.0f} s")

    def save() -> None:
        checkpoint.save(step=step, seen=seen, seconds=passed)

    kept = alphas_cumprod().to(run.device)
    snr = kept / (1 - kept)
    nothing = tokens(tokenizer, [""]).to(run.device)
    start, before = time.monotonic(), passed
    last_save, first, losses = start, seen, []
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    while passed < seconds and not stopping.is_set():
        rate = learning_rate(run.options.rate, step, passed / seconds, run.options.constant)
        for group in optimiser.param_groups:
            group["lr"] = rate
        latents, ids = (part.to(run.device) for part in data.batch(size))
        latents = latents.contiguous(memory_format=torch.channels_last)
        ids = torch.where(torch.rand(size, 1, device=run.device) < DROPPED, nothing, ids)
        # One timestep from each of `size` equal parts: every batch sees all noise levels, so the loss varies less.
        t = ((torch.randperm(size, device=run.device) + torch.rand(size, device=run.device)) / size * 1000).long()
        noise = torch.randn_like(latents)
        a = kept[t].view(-1, 1, 1, 1)
        noisy = a.sqrt() * latents + (1 - a).sqrt() * noise
        with torch.autocast(run.device, torch.bfloat16):
            predicted = both["unet"](noisy, t, both["text_encoder"](ids).last_hidden_state).sample
        loss = ((predicted.float() - noise).square().mean((1, 2, 3)) * weights(snr[t])).mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(both.parameters(), 1.0)
        optimiser.step()
        average.update(both, step)
        step, seen, passed = step + 1, seen + size, before + time.monotonic() - start
        losses.append(loss.item())
        if step % 50 == 0:
            pace = (seen - first) / (passed - before)
            progress = f"{passed:.0f} s step {step} samples {seen} ({pace:.1f}/s)"
            log(f"{progress} loss {np.mean(losses[-200:]):.4f} gradient {norm:.2f} rate {rate:.1e}")
        if time.monotonic() - last_save > SAVE_EVERY:
            save()
            last_save = time.monotonic()
    save()
    log(f"{'stopped' if stopping.is_set() else 'done'}: {step} steps, {seen} samples, {passed:.0f} s")


if __name__ == "__main__":
    main()
