"""What diffusers' own pipelines paint with small models of Stable Diffusion's kin: 2.x, inpainting, InstructPix2Pix.

The weights are random and nowhere stored: each tensor is torch.randn of a seed that follows from its name, which
test/engine/kin.ts draws again. Kept are the pictures, and for 2.x what the text encoder gives.

  python kin.py make OUT [TOKENIZER]   writes OUT/*.npy and OUT/index.json (test/fixtures/kin)
  python kin.py check MODEL FILE       whether FILE, in CompVis' and OpenCLIP's names, is MODEL, by diffusers' own conversion
                                       (torch, diffusers 0.30, transformers 4.46, safetensors)
"""
import json
import math
import sys
import zlib
from pathlib import Path

import numpy as np
import torch
from diffusers import (AutoencoderKL, DDIMScheduler, StableDiffusionInpaintPipeline,
                       StableDiffusionInstructPix2PixPipeline, StableDiffusionPipeline, UNet2DConditionModel)
from PIL import Image
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

ROOT = Path(__file__).parent.parent
TABLE = "text_model.embeddings.token_embedding.weight"
SIDE = 64
WIDTH = 32
PROMPT, NEGATIVE = "a red apple on a table", "blurry, dark"
INSTRUCTION = "make it winter"

UNET = dict(sample_size=16, out_channels=4, layers_per_block=1, norm_num_groups=32, cross_attention_dim=WIDTH,
            down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"))
V1 = UNET | dict(block_out_channels=(32, 64), attention_head_dim=8)
# Heads of 64 channels, and matrices as projections.
V2 = UNET | dict(block_out_channels=(32, 128), attention_head_dim=(1, 2), use_linear_projection=True)
MODELS = {
    "sd2": dict(unet=V2 | dict(in_channels=4), v2=True),
    "sd2-inpaint": dict(unet=V2 | dict(in_channels=9), v2=True),
    "inpaint": dict(unet=V1 | dict(in_channels=9), v2=False),
    "edit": dict(unet=V1 | dict(in_channels=8), v2=False),
}


def text_config(v2):
    return CLIPTextConfig(hidden_size=WIDTH, intermediate_size=4 * WIDTH, num_hidden_layers=2, num_attention_heads=1,
                          projection_dim=WIDTH, hidden_act="gelu" if v2 else "quick_gelu")


def fill(module, model, network, ids):
    """Weights that keep numbers near 1: rows of the token table that nothing reads stay 0."""
    state = module.state_dict()
    for name, tensor in state.items():
        if not tensor.is_floating_point():
            continue
        generator = torch.Generator().manual_seed(zlib.crc32(f"{model}/{network}/{name}".encode()))
        if name == TABLE:
            tensor.zero_()
            tensor[ids] = torch.randn(len(ids), tensor.shape[1], generator=generator)
            continue
        drawn = torch.randn(tensor.shape, generator=generator)
        if tensor.ndim > 1:
            tensor.copy_(drawn / math.sqrt(math.prod(tensor.shape[1:])))
        else:
            tensor.copy_((1 if name.endswith("weight") else 0) + 0.1 * drawn)
    module.load_state_dict(state)
    return module.eval()


def tokenizer_of(folder, v2):
    return CLIPTokenizer.from_pretrained(folder, pad_token="!" if v2 else "<|endoftext|>")


def parts(name, ids, tokenizer, prediction_type="epsilon"):
    model = MODELS[name]
    vae = AutoencoderKL(block_out_channels=(32, 32, 32), layers_per_block=1, latent_channels=4, norm_num_groups=32,
                        down_block_types=("DownEncoderBlock2D",) * 3, up_block_types=("UpDecoderBlock2D",) * 3)
    return dict(
        text_encoder=fill(CLIPTextModel(text_config(model["v2"])), name, "text", ids),
        unet=fill(UNet2DConditionModel(**model["unet"]), name, "unet", ids),
        vae=fill(vae, name, "vae", ids),
        tokenizer=tokenizer,
        scheduler=DDIMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False,
                                set_alpha_to_one=False, steps_offset=1, prediction_type=prediction_type),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False)


def picture():
    y, x = np.mgrid[:SIDE, :SIDE]
    return Image.fromarray(np.stack([(3 * x + 5 * y * (c + 1) + x * y // 8) % 256 for c in range(3)], -1).astype(np.uint8))


def mask():
    """White in the middle, with an edge of two greys that does not lie on the latents' grid."""
    y, x = np.mgrid[:SIDE, :SIDE]
    inside = lambda by: (x >= 18 - by) & (x < 45 + by) & (y >= 21 - by) & (y < 50 + by)
    return Image.fromarray(np.where(inside(0), 255, np.where(inside(1), 200, np.where(inside(2), 100, 0))).astype(np.uint8))


def make(out, tokenizers):
    out.mkdir(parents=True, exist_ok=True)
    ids, tokenizer = {}, {v2: tokenizer_of(tokenizers, v2) for v2 in (False, True)}
    for v2, made in tokenizer.items():
        texts = [PROMPT, NEGATIVE, INSTRUCTION, ""]
        read = made(texts, padding="max_length", max_length=77, truncation=True).input_ids
        ids[v2] = sorted({id for row in read for id in row})
    cases = []

    def case(id, model, **params):
        pipeline, call = params.pop("pipeline"), params.pop("call")
        prediction_type = params.get("prediction_type", "epsilon")
        v2 = MODELS[model]["v2"]
        pipe = pipeline(**parts(model, ids[v2], tokenizer[v2], prediction_type))
        pipe.set_progress_bar_config(disable=True)
        with torch.no_grad():
            latents = pipe(**call, num_inference_steps=params["steps"], guidance_scale=params["scale"],
                           negative_prompt=NEGATIVE, generator=torch.Generator().manual_seed(params["seed"]),
                           output_type="latent").images
            decoded = pipe.vae.decode(latents / pipe.vae.config.scaling_factor).sample
        bytes_ = (((decoded[0].permute(1, 2, 0) + 1) / 2).clamp(0, 1) * 255).to(torch.uint8).numpy()
        np.save(out / f"{id}.npy", bytes_)
        print(id, "latents", latents.std().item(), "clipped", ((bytes_ == 0) | (bytes_ == 255)).mean())
        cases.append(dict(id=id, model=model, **params))

    painted = dict(pipeline=StableDiffusionPipeline, call=dict(prompt=PROMPT, width=SIDE, height=SIDE))
    case("sd2-eps", "sd2", **painted, steps=5, scale=4, seed=1, prediction_type="epsilon")
    case("sd2-v", "sd2", **painted, steps=5, scale=4, seed=2, prediction_type="v_prediction")
    for model in ("inpaint", "sd2-inpaint"):
        for strength in (1.0, 0.6):
            call = dict(prompt=PROMPT, image=picture(), mask_image=mask(), strength=strength, width=SIDE, height=SIDE)
            case(f"{model}-{strength}", model, pipeline=StableDiffusionInpaintPipeline, call=call, steps=5, scale=4,
                 seed=3, strength=strength)
    for image_scale in (1.5, 1.0):
        call = dict(prompt=INSTRUCTION, image=picture(), image_guidance_scale=image_scale)
        case(f"edit-{image_scale}", "edit", pipeline=StableDiffusionInstructPix2PixPipeline, call=call, steps=5,
             scale=5, seed=4, image_scale=image_scale)

    with torch.no_grad():
        text = parts("sd2", ids[True], tokenizer[True])["text_encoder"]
        read = tokenizer[True]([PROMPT], padding="max_length", max_length=77, return_tensors="pt").input_ids
        np.save(out / "sd2-context.npy", text(read).last_hidden_state.numpy())
    texts = dict(prompt=PROMPT, negative=NEGATIVE, instruction=INSTRUCTION)
    index = dict(texts=texts, ids=dict(v1=ids[False], v2=ids[True]), cases=cases)
    (out / "index.json").write_text(json.dumps(index, indent=1) + "\n")


def check(name, file):
    from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint, convert_open_clip_checkpoint
    from safetensors.torch import load_file
    ids = json.loads((ROOT / "fixtures/kin/index.json").read_text())["ids"]["v2" if MODELS[name]["v2"] else "v1"]
    want = parts(name, ids, None)
    given = load_file(file)
    unet = convert_ldm_unet_checkpoint(dict(given), want["unet"].config)
    same(want["unet"].state_dict(), unet, exactly=True)
    if MODELS[name]["v2"]:
        same(want["text_encoder"].state_dict(), convert_open_clip_checkpoint(want["text_encoder"], given), exactly=False)
    print("the same")


def same(want, got, exactly):
    """Not exactly: the last layer of OpenCLIP's encoder, which 2.x does not use, is in the file as well."""
    missing, more = set(want) - set(got) - {"text_model.embeddings.position_ids"}, set(got) - set(want)
    assert not missing and not (exactly and more), (missing, more)
    for name in set(want) & set(got):
        torch.testing.assert_close(got[name].reshape(want[name].shape), want[name], rtol=0, atol=1e-5, msg=name)


if sys.argv[1] == "make":
    make(Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else ROOT / "fixtures/oracle/unpacked/ckpt/tiny/diffusers/tokenizer")
else:
    check(sys.argv[2], sys.argv[3])
