/** A licence, as whoever pulls must agree to it. */
export interface Licence {
  readonly name: string;
  readonly url: string;
}

/** Files of a repository on the Hub, or one file at an address, under a name that people know. */
export interface Known {
  /** In words, for the list and the licence. */
  readonly title: string;
  readonly from: { readonly repo: string } | { readonly url: string };
  /** Paths in the repository, with the SHA-256 where it is published. Of an address: the one file's name. */
  readonly files: readonly KnownFile[];
  /** Where the files go, relative to the models folder. Paths inside the repository are not kept. */
  readonly into: string;
  /** Of everything, in bytes; "about" where the page only rounds. */
  readonly bytes: number;
  readonly licence: Licence;
  /** True for a whole model, whose pictures have to be checked. */
  readonly model?: true;
  /**
   * Where the facts above are published, and when they were looked up: for some hashes in copies of that page and in other
   * programs' lists, which named the same file.
   */
  readonly source: { readonly pages: readonly string[]; readonly read: string };
}

export interface KnownFile {
  readonly path: string;
  readonly sha256?: string;
}

const OPENRAIL_M: Licence = {
  name: 'CreativeML OpenRAIL-M',
  url: 'https://huggingface.co/spaces/CompVis/stable-diffusion-license',
};

const read = '2026-11-28';

/** The names of `easel pull`. What a repository holds is asked of the Hub; a hash here must agree with what arrives. */
export const CATALOGUE: Readonly<Record<string, Known>> = {
  'sd-v1-4': {
    title: 'Stable Diffusion v1-4, by CompVis',
    from: { repo: 'CompVis/stable-diffusion-v-1-4-original' },
    files: [{ path: 'sd-v1-4.ckpt', sha256: 'fe4efff1e174c627256e44ec2991ba279b3816e364b49f9be2abc0b3ff3f8556' }],
    into: '',
    bytes: 4.27e9,
    licence: OPENRAIL_M,
    model: true,
    source: { pages: ['https://huggingface.co/CompVis/stable-diffusion-v-1-4-original/tree/main'], read },
  },
  'sd-v1-5': {
    title: 'Stable Diffusion v1-5',
    from: { repo: 'stable-diffusion-v1-5/stable-diffusion-v1-5' },
    files: [
      {
        path: 'v1-5-pruned-emaonly.safetensors',
        sha256: '6ce0161689b3853acaa03779ec93eafe75a02f4ced659bee03f50797806fa2fa',
      },
    ],
    into: '',
    bytes: 4_265_146_304,
    licence: OPENRAIL_M,
    model: true,
    source: { pages: ['https://huggingface.co/stable-diffusion-v1-5/stable-diffusion-v1-5'], read },
  },
  dreamlike: {
    title: 'Dreamlike Photoreal 2.0, a fine-tune of v1-5',
    from: { repo: 'dreamlike-art/dreamlike-photoreal-2.0' },
    files: [
      {
        path: 'dreamlike-photoreal-2.0.safetensors',
        sha256: '92970aa785eb76e427847109a8f4ec6abfab36ef941f78d295d323d79f6130c9',
      },
    ],
    into: '',
    bytes: 2.13e9,
    licence: {
      name: 'a modified CreativeML OpenRAIL-M, with limits on commercial use',
      url: 'https://huggingface.co/dreamlike-art/dreamlike-photoreal-2.0/blob/main/LICENSE.md',
    },
    model: true,
    source: {
      pages: [
        'https://huggingface.co/dreamlike-art/dreamlike-photoreal-2.0/blob/main/dreamlike-photoreal-2.0.safetensors',
      ],
      read,
    },
  },
  'safety-checker': {
    title: 'the safety checker of Stable Diffusion v1',
    from: { repo: 'stable-diffusion-v1-5/stable-diffusion-v1-5' },
    files: [
      { path: 'safety_checker/config.json' },
      {
        path: 'safety_checker/model.safetensors',
        sha256: '9d6a233ff6fd5ccb9f76fd99618d73369c52dd3d8222376384d0e601911089e8',
      },
    ],
    into: 'safety_checker',
    bytes: 1_215_986_550,
    licence: OPENRAIL_M,
    source: {
      pages: ['https://huggingface.co/stable-diffusion-v1-5/stable-diffusion-v1-5/tree/main/safety_checker'],
      read,
    },
  },
  lcm: {
    title: 'the LCM LoRA for v1-5: pictures in four steps',
    from: { repo: 'latent-consistency/lcm-lora-sdv1-5' },
    files: [
      {
        path: 'pytorch_lora_weights.safetensors',
        sha256: '8f90d840e075ff588a58e22c6586e2ae9a6f7922996ee6649a7f01072333afe4',
      },
    ],
    into: 'lora/lcm-lora-sdv1-5',
    bytes: 134_621_556,
    licence: { name: 'OpenRAIL++', url: 'https://huggingface.co/latent-consistency/lcm-lora-sdv1-5' },
    source: { pages: ['https://huggingface.co/latent-consistency/lcm-lora-sdv1-5/tree/main'], read },
  },
  taesd: {
    title: 'TAESD, the tiny autoencoder: sharp previews',
    from: { repo: 'madebyollin/taesd' },
    files: [
      { path: 'config.json' },
      {
        path: 'diffusion_pytorch_model.safetensors',
        sha256: 'db169d69145ec4ff064e49d99c95fa05d3eb04ee453de35824a6d0f325513549',
      },
    ],
    into: 'taesd',
    bytes: 9_793_292,
    licence: { name: 'MIT', url: 'https://huggingface.co/madebyollin/taesd' },
    source: { pages: ['https://huggingface.co/madebyollin/taesd/blob/main/diffusion_pytorch_model.safetensors'], read },
  },
  clip: {
    title: 'CLIP ViT-L/14, by OpenAI: words for pictures',
    from: { repo: 'openai/clip-vit-large-patch14' },
    files: [
      { path: 'config.json' },
      {
        path: 'model.safetensors',
        sha256: 'a2bf730a0c7debf160f7a6b50b3aaf3703e7e88ac73de7a314903141db026dcb',
      },
    ],
    into: 'clip/clip-vit-large-patch14',
    bytes: 1.71e9,
    licence: { name: 'MIT', url: 'https://github.com/openai/CLIP/blob/main/LICENSE' },
    source: { pages: ['https://huggingface.co/openai/clip-vit-large-patch14/tree/main'], read },
  },
  'realesrgan-x4': {
    title: 'Real-ESRGAN x4plus, for enlarging four times',
    from: { url: 'https://github.com/xinntao/Real-ESRGAN/releases/download/v0.1.0/RealESRGAN_x4plus.pth' },
    files: [
      {
        path: 'RealESRGAN_x4plus.pth',
        sha256: '4fa0d38905f75ac06eb49a7951b426670021be3018265fd191d2125df9d682f1',
      },
    ],
    into: 'upscalers',
    bytes: 67_040_989,
    licence: { name: 'BSD-3-Clause', url: 'https://github.com/xinntao/Real-ESRGAN/blob/master/LICENSE' },
    source: {
      pages: [
        'https://github.com/xinntao/Real-ESRGAN/releases/tag/v0.1.1',
        'https://huggingface.co/EsteefAi/RealESRGAN-x4plus-mirror',
      ],
      read,
    },
  },
  'controlnet-canny': {
    title: 'ControlNet 1.1 for edges (canny), for v1-5',
    from: { repo: 'lllyasviel/control_v11p_sd15_canny' },
    files: [
      { path: 'config.json' },
      {
        path: 'diffusion_pytorch_model.safetensors',
        sha256: 'be713fb941fc7c625f0c7d816b6a19115783a665f3049a8974f127e0c075d9a9',
      },
    ],
    into: 'controlnet/control_v11p_sd15_canny',
    bytes: 1.45e9,
    licence: { name: 'OpenRAIL', url: 'https://huggingface.co/lllyasviel/control_v11p_sd15_canny' },
    source: {
      pages: [
        'https://huggingface.co/lllyasviel/control_v11p_sd15_canny/blob/main/diffusion_pytorch_model.safetensors',
      ],
      read,
    },
  },
};

/** A name of the catalogue, in any case. */
export function knownAs(name: string): Known | undefined {
  const key = name.toLowerCase();
  return Object.hasOwn(CATALOGUE, key) ? CATALOGUE[key] : undefined;
}
