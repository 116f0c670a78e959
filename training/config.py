"""What every stage shares: sizes, folders, budgets and the command line."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
SIZE = 128  # pixels a side
LATENT = SIZE // 8
TOKENS = 32  # the prompt's length, begin and end tokens included
GUIDANCE, STEPS = 2.5, 20  # what the model card recommends (easel.json)
MERGES = 7_000  # of CLIP's byte-pair merges
SHIPPED = HERE.parent / "models" / "easel-128"


@dataclass(frozen=True)
class Budget:
    """Counts and seconds of one setting. Seconds are wall time and can be overridden by --seconds."""

    composites: int
    held_out: int
    autoencoder_seconds: float
    unet_seconds: float
    classifier_seconds: float
    concepts_evaluated: int
    seeds: int
    combinations: int  # prompts of each kind that combines things: colours, backgrounds, counts, pairs


FULL = Budget(24_576, 256, 3_600, 7_200, 600, 256, 3, 48)
SMOKE = Budget(512, 64, 60, 60, 60, 16, 1, 8)


@dataclass(frozen=True)
class Settings:
    """One run: where it works, how long, on what."""

    work: Path
    smoke: bool
    seconds: float | None
    device: str
    budget: Budget
    options: argparse.Namespace

    def path(self, name: str) -> Path:
        """A file or folder of this run, its parent made."""
        path = self.work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def parser(description: str | None) -> argparse.ArgumentParser:
    """The options that every stage takes."""
    options = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument(
        "--work",
        type=Path,
        default=HERE.parent / "artefacts" / "training",
        help="folder for data, checkpoints and grids",
    )
    options.add_argument("--smoke", action="store_true", help="a few minutes end to end, to see that everything runs")
    options.add_argument("--seconds", type=float, help="time budget of this stage, instead of the setting's own")
    options.add_argument("--threads", type=int, help="CPU threads (default: PyTorch's choice)")
    return options


def settings(options: argparse.ArgumentParser) -> Settings:
    """Parse the command line, choose the device, set threads."""
    parsed = options.parse_args()
    if parsed.threads:
        torch.set_num_threads(parsed.threads)
    budget = SMOKE if parsed.smoke else FULL
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return Settings(parsed.work, parsed.smoke, parsed.seconds, device, budget, parsed)
