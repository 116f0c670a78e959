import { type Pixels, pixelsOf, toUnit } from '../image/pixels.js';
import type { Tensor } from '../networks.js';
import type { Denoised } from './denoise.js';
import type { Engine } from './engine.js';
import { type Labels, labelled } from './label.js';
import { decoded } from './latents.js';
import type { Picture, PictureWithTensor } from './picture.js';
import { previewsOf } from './previews.js';
import type { PaintOptions, PaintPhase } from './progress.js';
import { report } from './report.js';
import type { Plan } from './request.js';
import { pixelCount, secondsAfter, secondsOfCheck } from './seconds-left.js';

/** What a pipeline adds to the plan. */
export interface Extras extends Labels {
  /** Changes the decoded picture before anyone sees it: inpainting puts the kept pixels back. */
  retouch?: (pixels: Pixels) => Pixels;
}

/** Decodes, checks and labels: latents [rows, c, h, w] to pictures. Where a request wants latents, it gets those, labelled. */
export async function finish(
  engine: Engine,
  plan: Plan,
  latents: Denoised,
  options: PaintOptions,
  extras: Extras = {},
): Promise<Picture[]> {
  // The methods of StableDiffusion tell the types of the two apart by the request.
  if (plan.output === 'latents') return (await labelled(engine, plan, latents, extras)) as Picture[];
  const { pixels, tensors } = await decodedBy(engine, plan, latents, options, extras);
  const flags = await checked(engine, plan, pixels, latents, options);
  const labels = await labelled(engine, plan, latents, extras);
  return labels.map((own, row): Picture | PictureWithTensor => {
    const picture = pixels[row]!;
    const hidden = flags[row]! && !plan.keepFlagged;
    const { width, height } = picture;
    const tensor = tensors[row];
    return {
      ...own,
      pixels: hidden ? { ...picture, data: new Uint8Array(picture.data.length) } : picture,
      ...(tensor && { tensor: hidden ? { ...tensor, data: new Float32Array(tensor.data.length) } : tensor }),
      flagged: flags[row]!,
      parameters: { ...own.parameters, width, height, ...extras.parameters },
    };
  });
}

async function decodedBy(
  engine: Engine,
  plan: Plan,
  latents: Denoised,
  { signal, onProgress, onNotice }: PaintOptions,
  { retouch = (pixels) => pixels }: Extras,
): Promise<{ pixels: Pixels[]; tensors: Tensor[] }> {
  const [rows, ...shape] = latents.shape as [number, number, number, number];
  const pixels: Pixels[] = [];
  const tensors: Tensor[] = [];
  let black = false;
  let began = performance.now();
  for await (const tensor of decoded(engine, latents, signal)) {
    const [picture] = pixelsOf(tensor);
    black ||= picture!.data.every((byte) => byte === 0);
    pixels.push(retouch(picture!));
    if (plan.output === 'tensor') tensors.push(toUnit(tensor));
    engine.pace?.learn('decode', (performance.now() - began) / 1000, pixelCount(engine, [1, ...shape]));
    const left = [rows - pixels.length, ...shape] as const;
    const decoding = left[0] && secondsAfter(engine, plan, left, (latents.secondsPerStep ?? 0) / rows);
    await tell(
      engine,
      latents,
      onProgress,
      'decode',
      decoding || secondsOfCheck(engine, pixelCount(engine, [rows, ...shape])),
    );
    began = performance.now();
  }
  if (black) {
    onNotice?.('A picture came out completely black. If you did not ask for that, try another seed or prompt.', {
      code: 'black',
      values: {},
    });
  }
  return { pixels, tensors };
}

/** Which of them are flagged. */
async function checked(
  engine: Engine,
  { keepFlagged }: Plan,
  pixels: readonly Pixels[],
  latents: Denoised,
  { onProgress, onNotice }: PaintOptions,
): Promise<boolean[]> {
  if (!engine.safety) return pixels.map(() => false);
  const began = performance.now();
  const flags = await engine.safety.check(pixels);
  const count = pixelCount(engine, latents.shape as [number, number, number, number]);
  engine.pace?.learn('check', (performance.now() - began) / 1000, count);
  await tell(engine, latents, onProgress, 'check', 0);
  if (flags.includes(true) && !keepFlagged) {
    onNotice?.('The safety checker hid a picture that may not be safe for work. Try another prompt or seed.', {
      code: 'hidden',
      values: {},
    });
  }
  return flags;
}

async function tell(
  engine: Engine,
  { data, shape, steps, secondsPerStep }: Denoised,
  onProgress: PaintOptions['onProgress'],
  phase: PaintPhase,
  secondsLeft: number,
): Promise<void> {
  const look = () => previewsOf(engine, data, shape as [number, number, number, number]);
  await report(onProgress, { phase, step: steps, total: steps, secondsLeft, secondsPerStep }, look);
}
