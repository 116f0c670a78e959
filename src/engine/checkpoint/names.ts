/** Whether a file is called as checkpoints are, in small letters or capitals. */
export function isCheckpointName(name: string): boolean {
  return /\.(ckpt|safetensors)$/i.test(name) && !isAutoencoderName(name);
}

/** `NAME.vae.safetensors` is the autoencoder of the checkpoint NAME (AUTOMATIC1111's modules/sd_models.py). */
export function isAutoencoderName(name: string): boolean {
  return /\.vae\.(ckpt|pt|safetensors)$/i.test(name);
}

/** Files that hold weights. */
export const WEIGHTS_NAME = /\.(safetensors|ckpt|bin|pt|pth)$/i;
