"""What torch's circular convolutions make of the model that ships: the networks of seamless tiles.

AUTOMATIC1111 sets padding_mode='circular' on every Conv2d; for one axis only, each convolution is padded by hand, on that axis
circularly. The encoder's downsampling pads by itself with zeros on the right and at the bottom; here it does so circularly.
Inputs are torch.randn of a seed, which the test draws again; kept is every 97th number of the outputs.

  python tile.py   writes test/fixtures/tile.json   (torch 2, diffusers 0.30)
"""
import json
from pathlib import Path

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.models.downsampling import Downsample2D

ROOT = Path(__file__).parent.parent.parent
HEIGHT, WIDTH = 128, 192
[MODEL] = (ROOT / "models").glob("easel-*")


def padded(x, left, right, top, bottom, tile):
    x = F.pad(x, (left, right, 0, 0), mode="circular" if tile in ("x", "both") else "constant")
    return F.pad(x, (0, 0, top, bottom), mode="circular" if tile in ("y", "both") else "constant")


def tiled(network, tile):
    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d):
            def forward(x, weight, bias, self=module):
                p, q = self.padding
                return F.conv2d(padded(x, q, q, p, p, tile), weight, bias, self.stride)
            module._conv_forward = forward
        if isinstance(module, Downsample2D) and module.padding == 0:
            module.forward = lambda x, self=module: self.conv(padded(x, 0, 1, 0, 1, tile))
    return network


def noise(seed, *shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@torch.no_grad()
def main():
    found = {}
    for tile in ("x", "y", "both"):
        vae = tiled(AutoencoderKL.from_pretrained(MODEL / "vae"), tile).float().eval()
        unet = tiled(UNet2DConditionModel.from_pretrained(MODEL / "unet"), tile).float().eval()
        factor = 2 ** (len(vae.config.block_out_channels) - 1)
        latents = noise(1, 1, vae.config.latent_channels, HEIGHT // factor, WIDTH // factor)
        picture = noise(2, 1, 3, HEIGHT, WIDTH)
        context = noise(3, 1, 32, unet.config.cross_attention_dim)
        outputs = {
            "decoder": vae.decode(latents).sample,
            "encoder": vae.encode(picture).latent_dist.mean,
            "unet": unet(latents, torch.tensor([500]), context).sample,
        }
        found[tile] = {name: [round(float(value), 5) for value in out.flatten()[::97]] for name, out in outputs.items()}
    (ROOT / "test/fixtures/tile.json").write_text(json.dumps(found, separators=(",", ":")) + "\n")


main()
