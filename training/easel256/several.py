"""Several processes that train one network: each takes its own examples, gradients are added up.

Started by `torchrun --nproc-per-node N -m ...`; one process alone (`python -m ...`) is the first of one. On a CPU two
processes of one thread each get more done than one of two threads.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor


@dataclass(frozen=True)
class Several:
    rank: int
    world: int

    @classmethod
    def join(cls, device: str) -> Several:
        if int(os.environ.get("WORLD_SIZE", "1")) == 1:
            return cls(0, 1)
        dist.init_process_group("nccl" if device == "cuda" else "gloo")
        return cls(dist.get_rank(), dist.get_world_size())

    def begin_alike(self, weights: Sequence[Tensor]) -> None:
        """The first process's weights for all."""
        if self.world > 1:
            for weight in weights:
                dist.broadcast(weight.data, 0)

    def mean_gradients(self, weights: Sequence[Tensor]) -> None:
        """The mean of all processes' gradients, in one message."""
        if self.world == 1:
            return
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        dist.all_reduce(flat)
        parts = flat.div_(self.world).split([gradient.numel() for gradient in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))

    def largest(self, *values: float) -> list[float]:
        """The largest of all processes' values, each by itself: they must agree on when to stop."""
        found = torch.tensor(values, dtype=torch.float64)
        if self.world > 1:
            dist.all_reduce(found, dist.ReduceOp.MAX)
        return found.tolist()
