"""What torch makes of the four things that a masked part can begin as (AUTOMATIC1111's "masked content"), with the model that ships.

The masked part of a picture is filled by Pillow's blurs, or its latents are noise or 0; then CompVis's DDIM from a picture, and after
each step what is kept becomes the picture's latents at that step's noise level. Embeddings, the posterior's noise and the noise are
torch.randn of seeds, which the test draws again; kept is every 3rd number of the latents.

  python fill.py   writes test/fixtures/fill.json   (torch 2, diffusers 0.42, Pillow 13)
"""
import json
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from PIL import Image, ImageFilter

ROOT = Path(__file__).parent.parent.parent
[MODEL] = (ROOT / "models").glob("easel-*")
SIDE, STEPS, STRENGTH, SCALE = 64, 5, 0.4, 2.5


def noise(generator, *shape):
    return torch.randn(shape, generator=generator)


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def picture():
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    return np.stack([4 * x, (3 * y + x) % 256, 255 - 2 * (x + y)], -1).astype(np.uint8)


def filled(image, mask):
    kept = Image.new("RGBa", image.size)
    kept.paste(image.convert("RGBA").convert("RGBa"), mask=mask.point(lambda value: 255 - value))
    result = Image.new("RGBA", image.size)
    for radius, times in ((256, 1), (64, 1), (16, 2), (4, 4), (2, 2), (0, 1)):
        layer = kept.filter(ImageFilter.GaussianBlur(radius)).convert("RGBA")
        for _ in range(times):
            result.alpha_composite(layer)
    return result.convert("RGB")


@torch.no_grad()
def main():
    vae = AutoencoderKL.from_pretrained(MODEL / "vae").float().eval()
    unet = UNet2DConditionModel.from_pretrained(MODEL / "unet").float().eval()
    scheduler = DDIMScheduler.from_pretrained(MODEL / "scheduler")
    alphas = scheduler.alphas_cumprod.double()
    width = unet.config.cross_attention_dim
    tokens = 32
    context = torch.cat([noise(seeded(2), 1, tokens, width), noise(seeded(1), 1, tokens, width)])
    image = Image.fromarray(picture())
    white = np.zeros((SIDE, SIDE), np.uint8)
    white[16:48, 16:48] = 255
    mask = Image.fromarray(white)

    def predict(x, t):
        without, with_ = unet(torch.cat([x, x]), torch.tensor([t]), context).sample.chunk(2)
        guided = without + SCALE * (with_ - without)
        return alphas[t].sqrt() * guided + (1 - alphas[t]).sqrt() * x if scheduler.config.prediction_type == "v_prediction" else guided

    times = [1 + k * (1000 // STEPS) for k in range(STEPS)]
    levels = [alphas[t] for t in times]
    first = int(STRENGTH * STEPS)
    found = {"tokens": tokens, "width": width}
    for fill in ("original", "surroundings", "noise", "nothing"):
        start = image if fill == "original" else filled(image, mask)
        generator = seeded(7)
        pixels = torch.tensor(np.array(start)).permute(2, 0, 1)[None] / 127.5 - 1
        posterior = vae.encode(pixels).latent_dist
        latents = (posterior.mean + posterior.std * noise(generator, *posterior.mean.shape)) * vae.config.scaling_factor
        drawn = noise(generator, *latents.shape)
        factor = SIDE // latents.shape[-1]
        m = torch.tensor(white[::factor, ::factor] / 255).float()
        if fill in ("noise", "nothing"):
            latents = latents * (1 - m) + m * (drawn if fill == "noise" else 0)
        at = lambda level: (level.sqrt() * latents + (1 - level).sqrt() * drawn).float()
        x = at(levels[first])
        for index in reversed(range(first)):
            e = predict(x, times[index])
            level, before = levels[index], levels[index - 1] if index else alphas[0]
            x0 = (x - (1 - level).sqrt() * e) / level.sqrt()
            x = (before.sqrt() * x0 + (1 - before).sqrt() * e).float()
            x = m * x + (1 - m) * at(before)
        found[fill] = [round(float(value), 4) for value in x.flatten()[::3]]
    (ROOT / "test/fixtures/fill.json").write_text(json.dumps(found, separators=(",", ":")) + "\n")


main()
