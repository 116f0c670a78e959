"""SRVGGNetCompact (Real-ESRGAN, realesrgan/archs/srvgg_arch.py), four times larger: the upscaler's network."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SCALE, WIDTH, LAYERS = 4, 32, 12


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
