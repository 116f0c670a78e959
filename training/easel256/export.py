"""Write the model as it stands: `python -m easel256.export --work WORK --out FOLDER [--name unet] [--vae vae]`."""

from __future__ import annotations

import argparse
from pathlib import Path

from torch import nn
from transformers import CLIPTokenizer

from export import export

from .cache import TOKENS
from .networks import text_encoder, unet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--name", default="unet", help="of the checkpoint, in WORK/checkpoints")
    parser.add_argument("--vae", default="vae", help="folder of the autoencoder, in WORK")
    run = parser.parse_args()
    tokenizer = CLIPTokenizer.from_pretrained(run.work / "tokenizer", model_max_length=TOKENS)
    both = nn.ModuleDict({"unet": unet(), "text_encoder": text_encoder(tokenizer)})
    export(run.work / "checkpoints" / f"{run.name}.pt", run.work / run.vae, both, tokenizer, run.out)


if __name__ == "__main__":
    main()
