import type { EmbeddingFile } from './embedding.js';

export interface OpenModelOptions {
  /** Path of the reference's YAML: the architecture of a CompVis checkpoint, where its shapes do not tell. */
  config?: string;
  /** Which of a full checkpoint's two sets of UNet weights; otherwise as the YAML says, otherwise the trained ones. */
  useEma?: boolean;
  /**
   * An autoencoder that replaces the model's own, or stands for one that it lacks: a file or a diffusers `vae` folder.
   * Otherwise `NAME.vae.safetensors` (or .pt, .ckpt) beside a checkpoint file, if there is one.
   */
  vae?: string;
  /** Textual-inversion files, each with the word that stands for it: its file's name unless it says otherwise. */
  embeddings?: readonly EmbeddingFile[];
  /** A `safety_checker` folder, or false for none; otherwise the one in the model's folder or beside the checkpoint, if there is one. */
  safetyChecker?: string | boolean;
}
