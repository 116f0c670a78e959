"""The running average of weights that is exported."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Average:
    """Exponential moving average; its memory grows with the run, so that the first steps do not weigh on it."""

    def __init__(self, module: nn.Module, decay: float) -> None:
        self._decay = decay
        self._weights = {name: value.detach().clone() for name, value in module.named_parameters()}

    @torch.no_grad()
    def update(self, module: nn.Module, step: int) -> None:
        decay = min(self._decay, (1 + step) / (10 + step))
        live = [value.detach() for _, value in module.named_parameters()]
        torch._foreach_lerp_(list(self._weights.values()), live, 1 - decay)

    @torch.no_grad()
    def copy_to(self, module: nn.Module) -> None:
        for name, value in module.named_parameters():
            value.copy_(self._weights[name])

    def state_dict(self) -> dict[str, Tensor]:
        return self._weights

    def load_state_dict(self, weights: dict[str, Tensor]) -> None:
        for name, value in weights.items():
            self._weights[name].copy_(value)
