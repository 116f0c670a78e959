import { sizeStep } from '../../engine/pipeline/request.js';
import { StableDiffusion } from '../../engine/stable-diffusion.js';
import { Upscaler } from '../../engine/upscaler/upscaler.js';
import { translateFor } from '../text/i18n.js';
import type { Notice } from '../text/notice.js';
import { serve } from './child-calls.js';
import { CpuMeter } from './cpu-meter.js';
import type { FromChild, OpenedModel, Painted, PainterOptions, ToChild } from './messages.js';
import { paint, paintedPictures } from './paint.js';
import { encodePreview } from './preview.js';
import { Shelf } from './shelf.js';

/** Milliseconds between two previews; the board shows one every three seconds at most. */
const PREVIEW_INTERVAL = 1500;

/** How much of the time previews may take. */
const PREVIEW_SHARE = 0.1;

/**
 * The painter process: one model, and as many jobs as its batch. The networks compute in a thread of their own, so messages are
 * read at any time.
 */
const options = JSON.parse(process.argv[2]!) as PainterOptions;
let engine: Promise<StableDiffusion> | null = null;
const meter = new CpuMeter();
const controlNets = new Shelf((path) => open().then((sd) => sd.openControlNet(path)));
const upscalers = new Shelf((path) => {
  const { device, threads, cache } = options;
  return Upscaler.open(path, { device: device as never, ...(threads && { threads }), ...(cache && { cache }) });
});

function open(): Promise<StableDiffusion> {
  engine ??= StableDiffusion.open(options.model, {
    device: options.device as never,
    precision: options.precision,
    threads: options.threads,
    cache: options.cache,
    previewVae: options.previewVae,
    batch: options.batch,
    safetyChecker: options.safetyChecker ? undefined : false,
  }).catch((error) => {
    // Opened again for the next job: the operator may have fixed it.
    engine = null;
    throw error;
  });
  return engine;
}

serve({
  async open(): Promise<OpenedModel> {
    const { model, batch } = await open();
    return { sizeStep: sizeStep(model), batch };
  },
  async prepare(): Promise<null> {
    await (await open()).warm();
    return null;
  },
  async paint(call, signal, send): Promise<Painted> {
    const end = meter.begin();
    try {
      const painted = await paintJob(call, signal, send);
      return { ...painted, cpu: end() };
    } catch (error) {
      end();
      throw error;
    }
  },
});

async function paintJob(
  { id, request, locale, source, others, control, upscaler: path }: Extract<ToChild, { type: 'paint' }>,
  signal: AbortSignal,
  send: (word: FromChild) => void,
): Promise<Painted> {
  let previewed = Number.NEGATIVE_INFINITY;
  let interval = PREVIEW_INTERVAL;
  const notices: Notice[] = [];
  const sd = await open();
  // Unchecked pictures are never shown, and the checker only works on finished ones.
  const previewable = sd.model.safetyChecker === undefined;
  await using lent = await controlNets.lend(control?.net);
  await using enlarging = await upscalers.lend(path);
  const steering = lent.item && { ...control!, net: lent.item, weight: request.control!.weight };
  const upscaler = enlarging.item;
  const pictures = await paint(
    sd,
    request,
    { ...source, others, control: steering, upscaler },
    {
      signal,
      onNotice: (text, meaning) => {
        // The speed may be the server's. Who asked for it was told when the request was taken (`unskipped`).
        if (meaning.code === 'everyStepRun') return;
        // For a varied request, every picture reports the same.
        if (!notices.some((told) => told.text === text)) notices.push({ text, meaning });
      },
      onProgress: ({ step, total, secondsLeft, previews }) => {
        // Nothing is painted yet.
        if (step === 0 || secondsLeft === null) return;
        const due = previewable && performance.now() - previewed >= interval;
        if (due) previewed = performance.now();
        const told = { type: 'progress', id, step, total, secondsLeft } as const;
        send({ ...told, preview: null });
        if (due && step < total) {
          // If a preview fails, there is none; the picture goes on.
          const looked = previews().then((looks) => {
            interval = Math.max(PREVIEW_INTERVAL, (performance.now() - previewed) / PREVIEW_SHARE);
            return encodePreview(looks, request, translateFor(locale));
          });
          looked.then(
            (png) => send({ ...told, preview: png }),
            () => {},
          );
        }
      },
    },
  );
  return { pictures: await paintedPictures(pictures, request), notices };
}
