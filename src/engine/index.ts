/** Easel's engine as a library: text and pictures in, pictures out. */
export { CheckpointError, EaselError, RequestError } from './errors.js';
export { encodeJpeg, encodePng, encodeWebp } from './image/encode.js';
export { grid } from './image/grid.js';
export { fitToModel, loadMask, loadPicture } from './image/load.js';
export { type GenerationParameters, readMetadata } from './image/metadata.js';
export type { Pixels } from './image/pixels.js';
export type { Meaning, OnNotice } from './meaning.js';
export type { Model, ModelCard } from './model.js';
export type { Picture } from './pipeline/finish.js';
export type { PaintOptions, Progress } from './pipeline/progress.js';
export {
  type Img2ImgRequest,
  type InpaintRequest,
  sizeStep,
  type Txt2ImgRequest,
  type UpscaleRequest,
} from './pipeline/request.js';
export { PhiloxGenerator } from './random/philox.js';
export { TorchGenerator } from './random/torch.js';
export { SAMPLERS, type SamplerName } from './samplers/table.js';
export { type OpenOptions, StableDiffusion } from './stable-diffusion.js';
export { version } from './version.js';
