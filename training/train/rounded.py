"""Weights as the exported model keeps them, while a step computes: `with Rounded(unet):` around both its passes."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from networks.export import KEPT_AS, kept_small


class Rounded:
    """Rounds matrices and convolutions to 8-bit floats, and gives them back whole before the optimiser's step.

    So gradients are those of the rounded weights and what they change are the whole ones (straight-through, Bengio et
    al. 2013): the network learns to be right with the weights that ship.
    """

    def __init__(self, network: nn.Module) -> None:
        self._small = [weight for weight in network.parameters() if kept_small(weight)]
        self._whole: list[torch.Tensor] = []

    def __enter__(self) -> None:
        self._whole = [weight.data for weight in self._small]
        for weight in self._small:
            weight.data = weight.data.to(KEPT_AS).to(weight.dtype)

    def __exit__(self, *_: Any) -> None:
        for weight, whole in zip(self._small, self._whole, strict=True):
            weight.data = whole
        self._whole = []
