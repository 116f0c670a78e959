import type { UNetConfig } from '../../../src/engine/model.js';

const COMMON: UNetConfig = {
  inChannels: 4,
  outChannels: 4,
  blockOutChannels: [8, 16],
  layersPerBlock: 1,
  attention: [true, false],
  heads: [2, 2],
  transformerLayers: 1,
  crossAttentionDim: 12,
  normGroups: 4,
  normEps: 1e-5,
  linearProjection: false,
};

/** Architectures beside SD 1.x's; weights and numbers by diffusers (test/fixtures/unets/make.py). */
export const UNETS: { name: string; what: string; config: UNetConfig }[] = [
  {
    name: 'linear-inpaint',
    what: 'SD 2.x inpainting: matrices as projections, heads by level, 9 channels',
    config: { ...COMMON, inChannels: 9, heads: [2, 4], linearProjection: true },
  },
  { name: 'guidance', what: 'a latent consistency model: guidance embedded', config: { ...COMMON, timeCondDim: 16 } },
  {
    name: 'distilled',
    what: 'distilled as BK-SDM tiny: no middle, attention at every level',
    config: { ...COMMON, attention: [true, true], midBlock: false },
  },
  {
    name: 'distilled-outer',
    what: 'distilled as SDXS: no middle, no attention at the outer level',
    config: { ...COMMON, attention: [false, true], midBlock: false },
  },
  { name: 'deep', what: 'two transformer blocks in each attention', config: { ...COMMON, transformerLayers: 2 } },
];
