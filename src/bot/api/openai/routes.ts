import type { Context, Hono } from 'hono';
import type { PaintRequest } from '../../request/paint-request.js';
import { ApiError } from '../api-error.js';
import { jsonOf } from '../json-body.js';
import type { Links } from '../links.js';
import type { Served } from '../needs.js';
import { Uploads } from '../uploads.js';
import { answerOf } from './answer.js';
import { changeOf } from './change.js';
import { edit, type Fields, generation, variation } from './fields.js';
import { modelFor } from './model.js';
import { fromPictures, fromWords, type GivenPictures } from './request.js';

/** As OpenAI's clients read it. */
export function openAiError({ status, message, details }: ApiError): object {
  const { param = null, code = null } = details;
  const type = status === 429 ? 'rate_limit_error' : status < 500 ? 'invalid_request_error' : 'server_error';
  return { error: { message, type, param, code } };
}

/** OpenAI's "Images" and "Models" (API reference). */
export function openAiRoutes(app: Hono, served: Served & { readonly links: Links }): void {
  const { desk, links, models } = served;

  app.get('/v1/models', (c) => {
    const data = [...models.values()].filter(({ allowed }) => allowed).map(({ name }) => modelObject(name));
    return c.json({ object: 'list', data });
  });

  app.get('/v1/models/:model{.+}', (c) => c.json(modelObject(modelFor(served, c.req.param('model')).name)));

  app.post('/v1/images/generations', async (c) => {
    const fields = generation.parse(await jsonOf(c));
    return painted(c, fields, await fromWords(modelFor(served, fields.model), fields));
  });

  app.post('/v1/images/edits', async (c) => {
    const { fields, given } = await changeOf(c);
    return changed(c, edit.parse(fields), given);
  });

  app.post('/v1/images/variations', async (c) => {
    const { fields, given } = await changeOf(c);
    if (given.images.length > 1) throw new ApiError(400, 'A variation is of one picture.', { param: 'image' });
    return changed(c, variation.parse(fields), { images: given.images });
  });

  async function changed(c: Context, fields: Fields & { strength?: number | undefined }, given: GivenPictures) {
    await using uploads = new Uploads(served);
    return await painted(c, fields, await fromPictures(uploads, modelFor(served, fields.model), fields, given));
  }

  async function painted(c: Context, fields: Fields, request: PaintRequest) {
    const outcome = await desk.paint(request, c.req.raw.signal);
    return c.json(await answerOf(request, outcome, fields, links, addressOf(c)));
  }
}

function modelObject(id: string): object {
  return { id, object: 'model', created: 0, owned_by: 'easel' };
}

/** As whoever asks sees it. */
function addressOf(c: Context): string {
  return new URL(c.req.url).origin;
}
