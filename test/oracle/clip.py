"""What transformers' CLIPModel gives for a small CLIP with random weights, the words and picture of test/engine/interrogate.

Each tensor is torch.randn of a seed that follows from its name, which test/engine/interrogate/small-clip.ts draws again; rows of
the token table that nothing reads stay 0.

  python clip.py   writes test/fixtures/clip.json   (torch 2, transformers 4.46)
"""
import json
import math
import zlib
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPTokenizer

ROOT = Path(__file__).parent.parent.parent
TABLE = "text_model.embeddings.token_embedding.weight"
TEXTS = ["a red apple", "a photograph", "a scene in a forest, with children's books", ""]
TEXT = dict(hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2, projection_dim=16)
VISION = dict(hidden_size=48, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4, patch_size=56, projection_dim=16)


def main():
    tokenizer = CLIPTokenizer.from_pretrained(str(ROOT / "test/fixtures/oracle/unpacked/ckpt/tiny/diffusers/tokenizer"))
    read = tokenizer(TEXTS, padding=True, return_tensors="pt")
    ids = sorted({int(id) for id in read.input_ids.flatten()})
    config = CLIPConfig(text_config=TEXT, vision_config=VISION, projection_dim=16)
    model = CLIPModel(config).eval()
    state = model.state_dict()
    for name, tensor in state.items():
        if not tensor.is_floating_point():
            continue
        generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
        if name == TABLE:
            tensor.zero_()
            tensor[ids] = torch.randn(len(ids), tensor.shape[1], generator=generator)
            continue
        drawn = torch.randn(tensor.shape, generator=generator)
        if tensor.ndim > 1:
            tensor.copy_(drawn / math.sqrt(math.prod(tensor.shape[1:])))
        else:
            tensor.copy_((1 if name.endswith("weight") else 0) + 0.1 * drawn)
    model.load_state_dict(state)
    y, x = np.mgrid[:300, :420]
    picture = np.stack([(3 * x + 5 * y * (c + 1) + x * y // 8) % 256 for c in range(3)], -1).astype(np.uint8)
    pixels = CLIPImageProcessor()(Image.fromarray(picture), return_tensors="pt").pixel_values
    with torch.no_grad():
        out = model(input_ids=read.input_ids, attention_mask=read.attention_mask, pixel_values=pixels)
    rounded = lambda tensor: [round(float(value), 6) for value in tensor.flatten()]
    shapes = {name: list(tensor.shape) for name, tensor in state.items() if tensor.is_floating_point()}
    found = dict(ids=ids, texts=TEXTS, text=TEXT, vision=VISION, shapes=shapes, image_embeds=rounded(out.image_embeds),
                 text_embeds=rounded(out.text_embeds), logits=rounded(out.logits_per_image))
    (ROOT / "test/fixtures/clip.json").write_text(json.dumps(found, separators=(",", ":")) + "\n")


main()
