"""Faster attention and group normalisation for training on a CPU in bfloat16: `enable()` puts them in place.

PyTorch 2.13's own CPU kernels take most of a step here: the fused attention's backward is written for long sequences
(ours have 16 to 64 tokens), and GroupNorm has no fast path for bfloat16 in channels-last order. Both are derived anew
from their definitions below, with explicit gradients: attention from Vaswani et al. 2017, group normalisation from Wu
and He 2018. On CUDA nothing changes.
"""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd import Function

_stock_attention = F.scaled_dot_product_attention


class _Attention(Function):
    """softmax(q k' scale + mask) v over [batch x heads, tokens, width]."""

    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, scale: float) -> Tensor:
        scores = torch.bmm(q, k.transpose(1, 2)) * scale
        weights = torch.softmax(scores if mask is None else scores + mask, -1)
        ctx.save_for_backward(q, k, v, weights)
        ctx.scale = scale
        return torch.bmm(weights, v)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None]:  # type: ignore[override]
        q, k, v, weights = ctx.saved_tensors
        gradient = gradient.to(weights.dtype)
        of_weights = torch.bmm(gradient, v.transpose(1, 2))
        of_scores = torch._softmax_backward_data(of_weights, weights, -1, weights.dtype) * ctx.scale
        of_v = torch.bmm(weights.transpose(1, 2), gradient)
        return torch.bmm(of_scores, k), torch.bmm(of_scores.transpose(1, 2), q), of_v, None, None


def _attention(
    query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None, dropout_p: float = 0.0,
    is_causal: bool = False, scale: float | None = None, **others: Any,
) -> Tensor:  # fmt: skip
    """Takes the place of F.scaled_dot_product_attention, for [batch, heads, tokens, width] on the CPU."""
    usual = query.device.type != "cpu" or query.dim() != 4 or dropout_p or not torch.is_grad_enabled()
    # A mask that differs between the batch's prompts does not occur here: padding is not masked (as in SD v1).
    if usual or (attn_mask is not None and attn_mask.dim() == 4 and attn_mask.stride(0) != 0 and len(attn_mask) > 1):
        return _stock_attention(query, key, value, attn_mask, dropout_p, is_causal, scale=scale, **others)
    dtype = torch.bfloat16 if torch.is_autocast_enabled("cpu") else query.dtype
    batch, heads, length, width = query.shape
    flat = [part.to(dtype).reshape(batch * heads, -1, width) for part in (query, key, value)]
    mask = None
    if is_causal:
        mask = torch.full((length, key.shape[2]), -math.inf, dtype=dtype).triu(1)
    elif attn_mask is not None:
        plane = attn_mask[0, 0] if attn_mask.dim() == 4 else attn_mask
        allowed = plane.dtype == torch.bool
        mask = (torch.zeros(plane.shape).masked_fill(~plane, -math.inf) if allowed else plane).to(dtype)
    return _Attention.apply(*flat, mask, scale or width**-0.5).view(batch, heads, length, width)


class _CompiledGroupNorm(Function):
    """Group normalisation of bfloat16 [n, pixels, channels] by group_norm.cpp: two passes forward, two backward."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, groups: int, eps: float) -> Tensor:
        y, mean, inverse = _compiled().forward(x, weight, bias, groups, eps)
        ctx.save_for_backward(x, weight, mean, inverse)
        ctx.groups = groups
        return y

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None]:  # type: ignore[override]
        x, weight, mean, inverse = ctx.saved_tensors
        gradient = gradient.to(x.dtype).contiguous()
        return *_compiled().backward(gradient, x, weight, mean, inverse, ctx.groups), None, None


@cache
def _compiled() -> Any:
    """group_norm.cpp as a module, or None where it cannot be compiled (PyTorch keeps it for the next time)."""
    from torch.utils.cpp_extension import load

    source = str(Path(__file__).with_name("group_norm.cpp"))
    try:
        return load("easel_group_norm", [source], extra_cflags=["-O3", "-march=native", "-ffast-math"])
    except (OSError, RuntimeError) as error:
        print(f"group_norm.cpp is not used ({str(error).splitlines()[0]}): training takes up to twice as long.")
        return None


class _GroupNorm(Function):
    """The same in PyTorch, for floats of other types and where there is no compiler; sums are kept in float32."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, groups: int, eps: float) -> Tensor:
        n, pixels, channels = x.shape
        each = channels // groups
        count = pixels * each
        total = x.sum(1, dtype=torch.float32).view(n, groups, each).sum(2)
        squares = torch.linalg.vector_norm(x, 2, 1, dtype=torch.float32).square().view(n, groups, each).sum(2)
        mean = total / count
        inverse = ((squares / count - mean * mean).clamp_min(0) + eps).rsqrt().repeat_interleave(each, 1)
        mean = mean.repeat_interleave(each, 1)
        slope = inverse * weight.float()
        ctx.save_for_backward(x, weight, mean, inverse)
        ctx.groups = groups
        offset = bias.float() - mean * slope
        return torch.addcmul(offset.to(x.dtype).unsqueeze(1), x, slope.to(x.dtype).unsqueeze(1))

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None]:  # type: ignore[override]
        x, weight, mean, inverse = ctx.saved_tensors
        n, pixels, channels = x.shape
        each = channels // ctx.groups
        gradient = gradient.to(x.dtype)
        of_bias = gradient.sum(1, dtype=torch.float32)
        # The sum of gradient x normalised, per picture and channel.
        of_weight = ((gradient * x).sum(1, dtype=torch.float32) - mean * of_bias) * inverse

        def group_mean(parts: Tensor) -> Tensor:
            means = (parts * weight.float()).view(n, ctx.groups, each).sum(2) / (pixels * each)
            return means.repeat_interleave(each, 1)

        # dx = inverse (weight dy - mean(weight dy) - normalised mean(weight dy normalised))
        by_x = -inverse * inverse * group_mean(of_weight)
        constant = -inverse * group_mean(of_bias) - by_x * mean
        by_gradient = (inverse * weight.float()).to(x.dtype)
        of_x = torch.addcmul(constant.to(x.dtype).unsqueeze(1), gradient, by_gradient.unsqueeze(1))
        return of_x.addcmul_(x, by_x.to(x.dtype).unsqueeze(1)), of_weight.sum(0), of_bias.sum(0), None, None


def _group_norm(self: torch.nn.GroupNorm, x: Tensor) -> Tensor:
    if x.device.type != "cpu":
        return F.group_norm(x, self.num_groups, self.weight, self.bias, self.eps)
    if torch.is_autocast_enabled("cpu"):
        x = x.to(torch.bfloat16)
    last = x.movedim(1, -1)  # free for channels-last pictures
    rows = last.reshape(len(x), -1, x.shape[1])
    usual = rows.dtype != torch.bfloat16 or rows.shape[2] % 16 or self.weight.dtype != torch.float32
    normalised = _GroupNorm if usual or not _compiled() else _CompiledGroupNorm
    y = normalised.apply(rows, self.weight, self.bias, self.num_groups, self.eps)
    return y.view(last.shape).movedim(-1, 1)


def enable() -> None:
    """Replace both for the rest of this process."""
    F.scaled_dot_product_attention = _attention
    torch.nn.GroupNorm.forward = _group_norm  # type: ignore[method-assign]
