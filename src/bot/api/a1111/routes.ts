import type { Context, Hono } from 'hono';
import { ZodError } from 'zod';
import { newJobId } from '../../request/job-id.js';
import type { PaintRequest } from '../../request/paint-request.js';
import type { ApiError } from '../api-error.js';
import { Interrupted, type PaintedOutcome } from '../desk.js';
import { infotextOf } from '../encoded.js';
import { jsonOf, NotJson } from '../json-body.js';
import type { Served } from '../needs.js';
import { Uploads } from '../uploads.js';
import { enlarged } from './extras.js';
import { type Common, detailsOf, extras, img2img, pngInfo, txt2img } from './fields.js';
import { infoOf, type Sent } from './info.js';
import { listRoutes } from './lists.js';
import { Options } from './options.js';
import { blackPng, pictureIn } from './pictures.js';
import { pngInfoOf } from './png-info.js';
import { progressOf } from './progress.js';
import { fromPicture, fromWords, secondPass } from './request.js';

/** As AUTOMATIC1111 answers (modules/api/api.py, api_middleware), and FastAPI to fields that do not fit. */
export function a1111Error(error: unknown, told: ApiError): { body: object; status: ApiError['status'] } {
  if (error instanceof ZodError) return { body: { detail: detailsOf(error) }, status: 422 };
  if (error instanceof NotJson) {
    return { body: { detail: [{ loc: ['body'], msg: told.message, type: 'value_error.jsondecode' }] }, status: 422 };
  }
  return { body: { error: 'HTTPException', detail: told.message, body: '', errors: '' }, status: told.status };
}

/** AUTOMATIC1111's `/sdapi/v1`. */
export function a1111Routes(app: Hono, served: Served): void {
  const { desk, inspectors, upscalers } = served;
  const options = new Options(served);
  options.routes(app);
  listRoutes(app, served);

  app.post('/sdapi/v1/txt2img', async (c) => {
    const fields = txt2img.parse(await jsonOf(c));
    const request = fromWords(options.chosen(fields.override_settings), fields);
    const pictures = await unlessInterrupted(async () => {
      const first = await sentOf(await desk.paint(request, signalOf(c)));
      if (!fields.enable_hr) return first;
      await using uploads = new Uploads(served);
      const larger: Sent[] = [];
      for (const [k, { png }] of first.entries()) {
        const again = secondPass(request, fields, await uploads.keep(png), k, upscalers);
        larger.push(...(await sentOf(await desk.paint(again, signalOf(c)))));
      }
      return larger;
    });
    return c.json(answerOf(request, fields, pictures, fields));
  });

  app.post('/sdapi/v1/img2img', async (c) => {
    const fields = img2img.parse(await jsonOf(c));
    await using uploads = new Uploads(served);
    const request = await fromPicture(uploads, options.chosen(fields.override_settings), fields);
    const pictures = await unlessInterrupted(async () => sentOf(await desk.paint(request, signalOf(c))));
    const told = fields.include_init_images ? fields : { ...fields, init_images: null, mask: null };
    return c.json(answerOf(request, fields, pictures, told));
  });

  app.post('/sdapi/v1/extra-single-image', async (c) => {
    const fields = extras.parse(await jsonOf(c));
    await using uploads = new Uploads(served);
    const png = await enlarged(served, uploads, options.chosen().offered, fields, signalOf(c));
    return c.json({ html_info: '', image: Buffer.from(png).toString('base64') });
  });

  app.post('/sdapi/v1/png-info', async (c) => {
    const { image } = pngInfo.parse(await jsonOf(c));
    return c.json(pngInfoOf(await inspectors.inspect(pictureIn(image.trim()), newJobId())));
  });

  app.get('/sdapi/v1/progress', (c) => c.json(progressOf(desk.held, c.req.query('skip_current_image') !== 'true')));

  for (const name of ['interrupt', 'skip']) {
    app.post(`/sdapi/v1/${name}`, async (c) => {
      await desk.interrupt();
      return c.json(name === 'interrupt' ? {} : null);
    });
  }
  for (const name of [
    'refresh-checkpoints',
    'refresh-loras',
    'refresh-vae',
    'unload-checkpoint',
    'reload-checkpoint',
  ]) {
    app.post(`/sdapi/v1/${name}`, (c) => c.json(name.startsWith('refresh') ? null : {}));
  }
}

function signalOf(c: Context): AbortSignal {
  return c.req.raw.signal;
}

/** There, too, an interrupted request is answered: with what is finished, which is nothing here. */
async function unlessInterrupted(paint: () => Promise<Sent[]>): Promise<Sent[]> {
  try {
    return await paint();
  } catch (error) {
    if (error instanceof Interrupted) return [];
    throw error;
  }
}

function sentOf({ pictures }: PaintedOutcome): Promise<Sent[]> {
  return Promise.all(
    pictures.map(async ({ png, flagged, width, height, seed }) => {
      if (!png || flagged) return { png: await blackPng(width, height), seed, infotext: '' };
      return { png, seed, infotext: infotextOf(png) };
    }),
  );
}

function answerOf(request: PaintRequest, fields: Common, pictures: readonly Sent[], parameters: object): object {
  const images = fields.send_images ? pictures.map(({ png }) => Buffer.from(png).toString('base64')) : [];
  return { images, parameters, info: infoOf(request, fields, pictures) };
}
