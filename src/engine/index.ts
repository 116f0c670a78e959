/** Easel's engine as a library: text and pictures in, pictures out. */
export { openWeights } from './checkpoint/container.js';
export type { EmbeddingFile } from './checkpoint/embedding.js';
export type { OpenModelOptions } from './checkpoint/options.js';
export type { StoredTensor, Weights } from './checkpoint/tensor.js';
export { EMBEDDED_MODEL, EMBEDDED_UPSCALER } from './embedded-model.js';
export { CheckpointError, EaselError, type ErrorCode, RequestError } from './errors.js';
export { GraphBuilder, type Value } from './graph/builder.js';
export type { BuiltGraph } from './graph/built-graph.js';
export type { GraphForm } from './graph/form.js';
export type { Attribute, ElementType } from './graph/onnx.js';
export { loadAlpha } from './image/alpha.js';
export { type Margins, type Placed, zoomedOut } from './image/canvas.js';
export { controlPicture, PREPROCESSOR_NAMES, type Preprocessor } from './image/control/preprocess.js';
export { cover } from './image/cover.js';
export { encodeJpeg, encodePng, encodeWebp } from './image/encode.js';
export { grid } from './image/grid.js';
export { fitToModel, type LoadOptions, loadMask, loadPicture } from './image/load.js';
export type {
  ControlParameters,
  GenerationParameters,
  ReadControl,
  ReadParameters,
} from './image/metadata/parameters.js';
export { readMetadata } from './image/metadata.js';
export type { Pixels } from './image/pixels.js';
export type { PictureFile, PictureSource } from './image/source.js';
export { readWatermark, watermark, watermarkLikeness } from './image/watermark.js';
export { type Interrogation, Interrogator, type InterrogatorOptions } from './interrogate/interrogator.js';
export type { Ranked, Ranking } from './interrogate/rank.js';
export type { Meaning, OnNotice } from './meaning.js';
export type { Model, ModelCard } from './model.js';
export type { Tensor } from './networks.js';
export type { OpenOptions } from './open-options.js';
export type { Control } from './pipeline/control.js';
export type { Embeddings, EncodeRequest } from './pipeline/encode-prompt.js';
export type {
  Asks,
  AtLeastOne,
  Output,
  Painted,
  PaintedLatents,
  Picture,
  PictureWithTensor,
} from './pipeline/picture.js';
export type { PaintOptions, PaintPhase, Preview, Progress, StepChange, StepEnd } from './pipeline/progress.js';
export {
  type BlendRequest,
  type FromPictureRequest,
  type Img2ImgRequest,
  type InpaintArea,
  type InpaintFill,
  type InpaintRequest,
  type OutpaintRequest,
  type PipelineRequest,
  type SizedRequest,
  sizeStep,
  type Txt2ImgRequest,
  type UpscaleRequest,
} from './pipeline/request.js';
export type { Variation } from './pipeline/rows.js';
export { type Shortcuts, SPEED_NAMES, type Speed } from './pipeline/speed.js';
export { type Abilities, abilitiesOf, type Purpose, purposeOf, type Task } from './purpose.js';
export type { Generator } from './random/generator.js';
export { PhiloxGenerator } from './random/philox.js';
export { TorchGenerator } from './random/torch.js';
export type { ControlNetworks } from './runtime/control-networks.js';
export { type Graph, type Network, type OpenNetworkOptions, openNetwork, type RunOptions } from './runtime/network.js';
export type { Device, Precision, RuntimeOptions } from './runtime/open.js';
export type { DeviceOptions } from './runtime/runtime.js';
export type { Feed } from './runtime/session.js';
export type { Tiling } from './runtime/tiling.js';
export type { Tuning } from './runtime/tuning.js';
export { beginRun, type Run } from './samplers/k-diffusion.js';
export type { OwnSampler } from './samplers/own.js';
export type { Predict, Prediction, SampleOptions, Sampler, Start, Step } from './samplers/sampler.js';
export { NoiseLevels } from './samplers/sigmas.js';
export type { Spacing } from './samplers/spacing.js';
export { SAMPLERS, type SamplerEntry, type SamplerName } from './samplers/table.js';
export { StableDiffusion } from './stable-diffusion.js';
export { TILES, type Tile } from './tile.js';
export {
  type EnlargeOptions,
  type EnlargeProgress,
  type OpenUpscalerOptions,
  Upscaler,
} from './upscaler/upscaler.js';
export { version } from './version.js';
