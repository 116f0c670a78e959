/** Whether a file is called as checkpoints are, in small letters or capitals. */
export function isCheckpointName(name: string): boolean {
  return /\.(ckpt|safetensors|gguf)$/i.test(name) && !isAutoencoderName(name);
}

/** `NAME.vae.safetensors` is the autoencoder of the checkpoint NAME (AUTOMATIC1111's modules/sd_models.py); TAESD is called so. */
export function isAutoencoderName(name: string): boolean {
  return /\.vae\.(ckpt|pt|safetensors)$|(^|[\\/])taesd(_(en|de)coder)?\.(pth|safetensors)$/i.test(name);
}

/** Files that hold weights. */
export const WEIGHTS_NAME = /\.(safetensors|ckpt|gguf|bin|pt|pth)$/i;
