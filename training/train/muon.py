"""Muon (Jordan et al. 2024, kellerjordan.github.io/posts/muon): steps whose singular values are all alike.

A gradient's few large directions drown the many small ones; made orthogonal, all of them are learnt at one pace.
training/README.md (16) says what that brought. torch.optim.Muon (2.13) takes matrices only; this one takes convolutions
too, as [out, in * height * width], and does vectors and embeddings by AdamW at the same rate.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

QUINTIC = (3.4445, -4.7750, 2.0315)  # drives singular values towards one, steepest at nought (Jordan et al. 2024)
ITERATIONS = 5
LIKE_ADAMW = 0.2  # root mean square of AdamW's steps, in learning rates (Liu et al. 2025, section 2.2)
MOMENTUM = 0.95
MEAN, SQUARES = 0.9, 0.99  # of AdamW


def orthogonal(matrix: Tensor) -> Tensor:
    """A matrix [rows, columns] of the same singular vectors, its singular values between about 0.7 and 1.2."""
    a, b, c = QUINTIC
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if tall else matrix).bfloat16()
    x = x / x.norm().clamp(min=1e-7)
    for _ in range(ITERATIONS):
        gram = x @ x.T
        x = torch.addmm(x, torch.addmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return (x.T if tall else x).to(matrix.dtype)


class Muon(torch.optim.Optimizer):
    """Of all of a module's weights; the caller sets `lr` in each of `param_groups`."""

    def __init__(self, module: nn.Module, weight_decay: float) -> None:
        tables = {part.weight for part in module.modules() if isinstance(part, nn.Embedding)}
        weights = list(module.parameters())
        turned = [weight for weight in weights if weight.ndim > 1 and weight not in tables]
        others = [weight for weight in weights if weight.ndim == 1 or weight in tables]
        groups = [{"params": turned, "turned": True}, {"params": others, "turned": False}]
        super().__init__(groups, {"lr": 0.0, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    weight.mul_(1 - group["lr"] * group["weight_decay"])
                    (_turned if group["turned"] else _adamw)(weight, self.state[weight], group["lr"])


def _turned(weight: Tensor, state: dict[str, Any], rate: float) -> None:
    """Nesterov's momentum, made orthogonal."""
    if not state:
        state["mean"] = torch.zeros_like(weight)
    state["mean"].lerp_(weight.grad, 1 - MOMENTUM)
    step = orthogonal(weight.grad.lerp(state["mean"], MOMENTUM).flatten(1))
    weight.sub_(step.reshape(weight.shape), alpha=rate * LIKE_ADAMW * math.sqrt(max(step.shape)))


def _adamw(weight: Tensor, state: dict[str, Any], rate: float) -> None:
    if not state:
        state.update(step=0, mean=torch.zeros_like(weight), squares=torch.zeros_like(weight))
    state["step"] += 1
    state["mean"].lerp_(weight.grad, 1 - MEAN)
    state["squares"].lerp_(weight.grad.square(), 1 - SQUARES)
    spread = (state["squares"] / (1 - SQUARES ** state["step"])).sqrt().add_(1e-8)
    weight.addcdiv_(state["mean"] / (1 - MEAN ** state["step"]), spread, value=-rate)
