import { type EaselError, type ErrorCode, RequestError } from '../engine/errors.js';
import { MACHINE_REMEDIES } from '../machine-remedies.js';

/** What to do about each of the engine's errors, on the command line. */
const REMEDIES: Record<ErrorCode, string> = {
  ...MACHINE_REMEDIES,
  autoencoderBlack: 'Pass another autoencoder with --vae, or use another model.',
  deviceRefused: 'Try --precision full, or else --device cpu.',
  deviceUnavailable: 'Use --device auto or cpu; `easel devices` lists what works here.',
  int8Device: 'Use --device cpu, or leave --precision out.',
  int8Folder: 'Leave --precision out.',
  isAutoencoder: 'Pass it with --vae, together with a checkpoint.',
  isControlNet: 'Pass it with --control_net, and a picture with --control_image, together with a checkpoint.',
  isEmbedding: 'Pass it with --embedding, together with a checkpoint.',
  isLora: 'Put it into models/lora/ and name it in the prompt as <lora:name:1>, with --weighted.',
  isUpscaler: 'Use it with: easel upscale --with',
  noAutoencoder: 'Or pass one with --vae.',
  noSafetyChecker: 'Get it with: npx easel pull safety-checker',
  wrongConfig: 'Pass the YAML of a single file with --config.',
};

/** The same for rejected requests, by the code of their meaning. */
const OF_REQUESTS = {
  clipSkip: 'Use a smaller --clip_skip, or leave it out.',
  loraNone: 'Put its file into models/lora/.',
  memory: 'Use a smaller --W and --H, or a smaller --n_samples.',
  tooLargeForMemory: 'Pass it with --W and --H, or free some memory.',
  needsPicture: 'Use img2img with --init-img.',
  noEncoder: 'Use txt2img, another model, or a whole autoencoder with --vae.',
  notFinite: 'Try another --scale or --sampler, smaller weights in the prompt, or no LoRA and no --embedding.',
} as const;

/** The error's message, with what to do about it where the engine cannot know. */
export function withRemedy(error: EaselError): string {
  const remedy = error instanceof RequestError ? remedyOfRequest(error) : error.code && remedyFor(error.code);
  return remedy ? `${error.message} ${remedy}` : error.message;
}

export function remedyFor(code: ErrorCode): string {
  return REMEDIES[code];
}

function remedyOfRequest({ meaning: { code } }: RequestError): string | undefined {
  return Object.hasOwn(OF_REQUESTS, code) ? OF_REQUESTS[code as keyof typeof OF_REQUESTS] : undefined;
}
