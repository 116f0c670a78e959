"""An autoencoder of factor 16 that begins where easel-128's of factor 8 stands: `inherit(folder)`."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import AutoencoderKL
from torch import Tensor, nn

from .networks import autoencoder

NEW = 0.3  # of the usual first size: weights of latent channels that the old one did not have


def inherit(folder: Path) -> AutoencoderKL:
    """Its levels become the inner four of five; the outer one begins as a mean of 2x2 and as nearest neighbours."""
    old = AutoencoderKL.from_pretrained(folder, torch_dtype=torch.float32).state_dict()
    vae = autoencoder(16)
    new = vae.state_dict()
    for name, weights in old.items():
        parts = name.split(".")
        if parts[:2] == ["encoder", "down_blocks"]:
            parts[2] = str(int(parts[2]) + 1)
        name = ".".join(parts)
        if name in new:
            _put(new[name], weights, paired=name.startswith(("encoder.conv_out", "quant_conv")))
    outer = (vae.encoder.down_blocks[0].resnets, vae.decoder.up_blocks[-1].resnets)
    for resnet in (resnet for blocks in outer for resnet in blocks):
        nn.init.zeros_(resnet.conv2.weight)
        nn.init.zeros_(resnet.conv2.bias)
    _diagonal(vae.encoder.down_blocks[0].downsamplers[0].conv, slice(0, 2))
    _diagonal(vae.decoder.up_blocks[-2].upsamplers[0].conv, slice(1, 2))
    return vae


def _put(new: Tensor, old: Tensor, paired: bool) -> None:
    """The old numbers in the corner of the new tensor; `paired`, in each half of it (means and variances)."""
    if new.shape == old.shape:
        new.copy_(old)
        return
    new.mul_(NEW)
    halves = 2 if paired else 1
    out = [(h * (new.shape[0] // halves), h * (old.shape[0] // halves)) for h in range(halves)]
    rows = old.shape[0] // halves
    if new.dim() == 1:
        for to, of in out:
            new[to : to + rows] = old[of : of + rows]
        return
    square = new.shape[0] == new.shape[1] and new.shape[-1] == 1
    if square:
        new.copy_(torch.eye(new.shape[0])[..., None, None])
    inner = halves if square else 1
    into = [(h * (new.shape[1] // inner), h * (old.shape[1] // inner)) for h in range(inner)]
    columns = old.shape[1] // inner
    for to, of in out:
        for right, left in into:
            new[to : to + rows, right : right + columns] = old[of : of + rows, left : left + columns]


def _diagonal(conv: nn.Conv2d, taps: slice) -> None:
    """Each channel from itself, by the mean of the taps of the kernel in both directions."""
    nn.init.zeros_(conv.bias)
    with torch.no_grad():
        conv.weight.zero_()
        share = 1 / (taps.stop - taps.start) ** 2
        for channel in range(conv.out_channels):
            conv.weight[channel, channel, taps, taps] = share
