"""Cut CLIP's tokenizer to its first merges: `python -m networks.tokenizer --work WORK`. Writes WORK/tokenizer.

The merges are those of the open_clip_torch package (MIT), downloaded by pip as a wheel and only unzipped: byte-pair
encoding as in CLIP (Radford et al. 2021), with fewer merges and so a smaller embedding table.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from transformers import CLIPTokenizer
from transformers.models.clip.tokenization_clip import bytes_to_unicode

from .models import TOKENS

MERGES = 7_000
PACKAGE = "open_clip_torch==3.3.0"
VOCABULARY = "open_clip/bpe_simple_vocab_16e6.txt.gz"


def merges() -> list[str]:
    """The first merges, most frequent first, each "left right"."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, PACKAGE], check=True)
        wheel = next(Path(folder).glob("*.whl"))
        lines = gzip.decompress(zipfile.ZipFile(wheel).read(VOCABULARY)).decode().split("\n")
    return lines[1 : 1 + MERGES]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    folder = parser.parse_args().work / "tokenizer"
    folder.mkdir(parents=True, exist_ok=True)
    kept = merges()
    letters = list(bytes_to_unicode().values())
    words = [*letters, *(f"{letter}</w>" for letter in letters), *("".join(merge.split()) for merge in kept)]
    words += ["<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({word: at for at, word in enumerate(words)}, ensure_ascii=False))
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *kept, ""]))
    files = str(folder / "vocab.json"), str(folder / "merges.txt")
    CLIPTokenizer(*files, model_max_length=TOKENS, pad_token="<|endoftext|>").save_pretrained(folder)
    print(f"{len(words)} tokens")


if __name__ == "__main__":
    main()
