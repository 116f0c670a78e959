"""Several processes that train one network, each on its own examples; gradients or, now and then, weights are shared.

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
        self._mean([weight.grad for weight in weights if weight.grad is not None])

    def mean_weights(self, weights: Sequence[Tensor]) -> None:
        """For processes that take a few steps apart: local SGD (Stich 2019), which spends less time on messages."""
        self._mean([weight.data for weight in weights])

    def _mean(self, tensors: Sequence[Tensor]) -> None:
        """The mean over all processes, in place and in one message."""
        if self.world == 1:
            return
        flat = torch.cat([tensor.flatten() for tensor in tensors])
        dist.all_reduce(flat)
        parts = flat.div_(self.world).split([tensor.numel() for tensor in tensors])
        for tensor, part in zip(tensors, parts, strict=True):
            tensor.copy_(part.view_as(tensor))

    def largest(self, *values: float) -> list[float]:
        """The largest of all processes' values, each by itself: they must agree on when to stop."""
        found = torch.tensor(values, dtype=torch.float64)
        if self.world > 1:
            dist.all_reduce(found, dist.ReduceOp.MAX)
        return found.tolist()
