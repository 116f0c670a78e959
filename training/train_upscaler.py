"""Train the upscaler: `python train_upscaler.py --work WORK`, after `node render.mjs WORK --large`.

SRVGGNetCompact (Real-ESRGAN, realesrgan/archs/srvgg_arch.py), four times larger: 32 features, 12 convolutions between
the first and the last. Its inputs are what it will see: most have gone through the autoencoder that ships, with some
noise on their latents, so that it learns to undo that decoder's blur; the others are plain reductions, blurred, noisy
or JPEG. Its targets are the same scenes, drawn from the SVGs at four times the side. Writes
WORK/upscaler/easel-x4.safetensors (half precision) and a sheet beside Lanczos, and continues from
WORK/checkpoints/upscaler.pt when started again.

What was learnt the hard way: begin as plain interpolation (Compact._begin), or it learns to add nothing; and losses
round at their foot, since most of a picture is flat.
"""

from __future__ import annotations

import math
import random
import time

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor, nn

import config
import fast_cpu
from art import Art
from average import Average
from checkpoint import Checkpoint
from compose import Composer
from runlog import Log
from words import CONCEPTS

SCALE, WIDTH, LAYERS = 4, 32, 12
LARGE = config.SIZE * SCALE
CROP = 40  # pixels of an input's side in training
HELD_OUT = 32
LATENT_NOISE = 0.12  # at most, of the latents' own standard deviation
THROUGH_AUTOENCODER = 0.7  # of the inputs
WARM_UP = 100  # steps
SAVE_EVERY = 200.0  # seconds


class Compact(nn.Module):
    """Pictures [n, 3, h, w] in 0..1 to [n, 3, 4h, 4w]. The names of its tensors are Real-ESRGAN's."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for k in range(LAYERS + 1):
            layers += [nn.Conv2d(WIDTH if k else 3, WIDTH, 3, padding=1), nn.PReLU(WIDTH, 0.1)]
        self.body = nn.ModuleList([*layers, nn.Conv2d(WIDTH, 3 * SCALE**2, 3, padding=1)])
        self._begin()

    @torch.no_grad()
    def _begin(self) -> None:
        """Begin as bilinear interpolation: the first three features are the picture itself, less white, in all layers.

        From random weights alone, a plain stack of convolutions learns for thousands of steps only to add nothing.
        """
        *convolutions, last = [layer for layer in self.body if isinstance(layer, nn.Conv2d)]
        for layer in convolutions:
            nn.init.kaiming_normal_(layer.weight, 0.1)
            nn.init.zeros_(layer.bias)
        first = convolutions[0]
        first.weight *= 0.7
        first.bias.copy_(first.weight.sum((1, 2, 3)) * -0.5)
        for layer in convolutions:
            layer.weight[:3] = 0
            layer.weight[:3, :3, 1, 1] = torch.eye(3)
        first.bias[:3] = -1
        for layer in self.body:
            if isinstance(layer, nn.PReLU):
                layer.weight[:3] = 1
        taps = F.pad(torch.eye(9).view(9, 1, 3, 3), (1, 1, 1, 1))
        ways = [F.interpolate(taps, scale_factor=SCALE, mode=mode) for mode in ("bilinear", "nearest")]
        middle = (ways[0] - ways[1])[:, 0, 2 * SCALE : 3 * SCALE, 2 * SCALE : 3 * SCALE]
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
        for colour in range(3):
            block = slice(colour * SCALE**2, (colour + 1) * SCALE**2)
            last.weight[block, colour] = middle.reshape(9, -1).T.reshape(-1, 3, 3)

    def forward(self, picture: Tensor) -> Tensor:
        x = picture
        for layer in self.body:
            x = layer(x)
        return F.pixel_shuffle(x.float(), SCALE) + F.interpolate(picture, scale_factor=SCALE, mode="nearest")


def as_tensor(pictures: np.ndarray) -> Tensor:
    """uint8 [n, h, w, 3] to [n, 3, h, w] in 0..1."""
    return torch.from_numpy(np.array(pictures)).permute(0, 3, 1, 2).float() / 255


def as_bytes(pictures: Tensor) -> np.ndarray:
    return (pictures.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).cpu().numpy()


def compose(run: config.Settings, count: int) -> None:
    """upscaler/large.npy, and small.npy: the same through the autoencoder."""
    art = Art(run.work, LARGE)
    labels = [label for label in CONCEPTS if label in art.by_label]
    composer = Composer(art, labels[: 2 * run.budget.concepts_evaluated] if run.smoke else labels, random.Random(11))
    vae = AutoencoderKL.from_pretrained(config.SHIPPED / "vae", torch_dtype=torch.float32).eval().to(run.device)
    shape = (count, LARGE, LARGE, 3)
    large = np.lib.format.open_memmap(run.path("upscaler/large.partial.npy"), "w+", np.uint8, shape)
    small = np.empty((count, config.SIZE, config.SIZE, 3), np.uint8)
    for at in range(0, count, 8):
        scenes = [
            composer.for_autoencoder() if k % 4 == 3 else composer.compose() for k in range(at, min(at + 8, count))
        ]
        large[at : at + 8] = np.stack([np.asarray(picture) for picture, _ in scenes])
        reduced = np.stack([np.asarray(picture.reduce(SCALE)) for picture, _ in scenes])
        with torch.inference_mode(), torch.autocast(run.device, torch.bfloat16):
            latents = vae.encode(as_tensor(reduced).to(run.device) * 2 - 1).latent_dist.mode()
            amount = torch.rand(len(latents), 1, 1, 1, device=run.device) * LATENT_NOISE * (at >= HELD_OUT)
            latents = latents + torch.randn_like(latents) * latents.std() * amount
            small[at : at + 8] = as_bytes(vae.decode(latents).sample.float() / 2 + 0.5)
    np.save(run.path("upscaler/small.npy"), small)
    large.flush()
    run.path("upscaler/large.partial.npy").replace(run.path("upscaler/large.npy"))


def reduced(large: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A quarter of the side in one of several ways, at times blurred, noisy, or through JPEG."""
    side = large.shape[0] // SCALE
    picture = large
    if rng.random() < 0.5:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 3.0))
    how = rng.choice([cv2.INTER_AREA, cv2.INTER_AREA, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4])
    if how != cv2.INTER_AREA:
        picture = cv2.GaussianBlur(picture, (0, 0), 1.2)
    picture = cv2.resize(picture, (side, side), interpolation=int(how))
    if rng.random() < 0.3:
        noise = rng.normal(0, rng.uniform(0.5, 3), picture.shape)
        picture = (picture + noise).round().clip(0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(75, 97))]
        picture = cv2.imdecode(cv2.imencode(".jpg", picture[..., ::-1], quality)[1], cv2.IMREAD_COLOR)[..., ::-1]
    return picture


def batch(large: np.ndarray, small: np.ndarray, size: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Crops and their targets, turned and mirrored. Most crops of one colour are passed over."""
    inputs, targets = [], []
    while len(inputs) < size:
        k = rng.integers(HELD_OUT, len(large))
        top, left = rng.integers(0, config.SIZE - CROP + 1, 2)
        target = large[k, top * SCALE : (top + CROP) * SCALE, left * SCALE : (left + CROP) * SCALE]
        if target[::4, ::4].std() < 12 and rng.random() < 0.9:
            continue
        through = rng.random() < THROUGH_AUTOENCODER
        given = small[k, top : top + CROP, left : left + CROP] if through else reduced(np.asarray(target), rng)
        turns, mirrored = rng.integers(4), rng.random() < 0.5
        pair = [np.rot90(part, turns)[:, :: -1 if mirrored else 1] for part in (given, target)]
        inputs.append(pair[0])
        targets.append(pair[1])
    return as_tensor(np.stack(inputs)), as_tensor(np.stack(targets))


def loss_of(painted: Tensor, wanted: Tensor) -> Tensor:
    """Charbonnier with a foot of 0.01, of the pixels and of the differences to their neighbours: edges as steep."""

    def smooth(apart: Tensor) -> Tensor:
        return (apart.square() + 1e-4).sqrt().mean() - 0.01

    apart = painted - wanted
    return smooth(apart) + smooth(apart[..., 1:] - apart[..., :-1]) + smooth(apart[..., 1:, :] - apart[..., :-1, :])


def lanczos(small: np.ndarray) -> np.ndarray:
    sides = (small.shape[1] * SCALE, small.shape[0] * SCALE)
    return np.asarray(Image.fromarray(small).resize(sides, Image.Resampling.LANCZOS))


def psnr(painted: np.ndarray, wanted: np.ndarray) -> float:
    return -10 * math.log10(max(1e-9, float(np.square(painted / 255 - wanted / 255.0).mean())))


@torch.inference_mode()
def enlarged(network: Compact, small: np.ndarray) -> np.ndarray:
    device = next(network.parameters()).device
    return as_bytes(torch.cat([network(as_tensor(one[None]).to(device)).cpu() for one in small]))


def judge(network: Compact, run: config.Settings, large: np.ndarray, small: np.ndarray) -> str:
    """PSNR on held-out scenes through the autoencoder; writes the sheet: Lanczos, the network, the target."""
    painted = enlarged(network, small[:HELD_OUT])
    plain = np.stack([lanczos(one) for one in small[:HELD_OUT]])
    figures = [np.mean([psnr(a, b) for a, b in zip(way, large[:HELD_OUT], strict=True)]) for way in (plain, painted)]
    rows = [np.concatenate([way[k] for way in (plain, painted, large)], 1) for k in range(6)]
    Image.fromarray(np.concatenate(rows)).save(run.path("upscaler/sheet.png"))
    return f"Lanczos {figures[0]:.2f} dB, the network {figures[1]:.2f} dB on held-out pictures"


def main() -> None:
    options = config.parser(__doc__)
    options.add_argument("--pictures", type=int, help="scenes to compose")
    options.add_argument("--batch", type=int, default=8)
    options.add_argument("--rate", type=float, default=8e-4, help="peak learning rate")
    run = config.settings(options)
    fast_cpu.enable()
    cv2.setNumThreads(1)
    log = Log(run.path("logs/upscaler.log"))
    seconds = run.seconds or (60 if run.smoke else 3_600)
    if not run.path("upscaler/large.npy").exists():
        compose(run, run.options.pictures or (96 if run.smoke else 2_000))
    large, small = np.load(run.path("upscaler/large.npy"), mmap_mode="r"), np.load(run.path("upscaler/small.npy"))
    network = Compact().to(run.device, memory_format=torch.channels_last)
    optimiser = torch.optim.Adam(network.parameters(), lr=0, betas=(0.9, 0.99), fused=True)
    average, step, passed = Average(network, 0.998), 0, 0.0
    checkpoint = Checkpoint(run.path("checkpoints/upscaler.pt"), network, optimiser, average)
    if saved := checkpoint.restore(run.device):
        step, passed = saved["step"], saved["seconds"]
        log(f"continuing from step {step}, {passed:.0f} s")

    def save() -> None:
        checkpoint.save(step=step, seconds=passed)
        best = Compact()
        average.copy_to(best)
        tensors = {name: weight.half().contiguous() for name, weight in best.state_dict().items()}
        save_file(tensors, run.path("upscaler/easel-x4.safetensors"), metadata={"format": "pt"})
        log(f"{passed:.0f} s step {step}: {judge(best.eval(), run, large, small)}")

    rng = np.random.default_rng()
    begun, before = time.monotonic(), passed
    last_save = begun
    while passed < seconds:
        for group in optimiser.param_groups:
            falling = 0.5 + 0.5 * math.cos(math.pi * passed / seconds)
            group["lr"] = run.options.rate * min(1, (step + 1) / WARM_UP) * falling
        given, wanted = (part.to(run.device) for part in batch(large, small, run.options.batch, rng))
        with torch.autocast(run.device, torch.bfloat16):
            painted = network(given.contiguous(memory_format=torch.channels_last))
        loss = loss_of(painted, wanted)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        average.update(network, step)
        step, passed = step + 1, before + time.monotonic() - begun
        if step % 100 == 0:
            log(f"{passed:.0f} s step {step} loss {loss.item():.4f}")
        if time.monotonic() - last_save > SAVE_EVERY:
            save()
            last_save = time.monotonic()
    save()


if __name__ == "__main__":
    main()
