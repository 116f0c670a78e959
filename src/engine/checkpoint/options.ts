import type { EmbeddingFile } from './embedding.js';

export interface OpenModelOptions {
  /** Folder where the hash of a checkpoint is remembered; the user's cache folder by default. */
  cache?: string | undefined;
  /** Path of the reference's YAML: the architecture of a CompVis checkpoint, if its shapes do not determine it. */
  config?: string | undefined;
  /** Which of a full checkpoint's two sets of UNet weights; otherwise as the YAML says, otherwise the trained ones. */
  useEma?: boolean | undefined;
  /**
   * An autoencoder to use instead of the model's own, or where it has none: a file or a diffusers `vae` folder.
   * Otherwise `NAME.vae.safetensors` (or .pt, .ckpt) next to a checkpoint file, if there is one.
   */
  vae?: string | undefined;
  /** Textual-inversion files, each with its word for prompts: by default the file's name. */
  embeddings?: readonly EmbeddingFile[] | undefined;
  /** A `safety_checker` folder, or false for none; otherwise the one in the model's folder or next to the checkpoint, if there is one. */
  safetyChecker?: string | boolean | undefined;
}

export interface ScanModelOptions extends OpenModelOptions {
  /** Say what the pickles in it name, as `scan` of the model. A file is read once for both. */
  scan?: boolean;
}
