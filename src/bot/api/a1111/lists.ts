import { freemem, totalmem } from 'node:os';
import type { Hono } from 'hono';
import { availableLoras } from '../../../engine/lora/find.js';
import type { Served } from '../needs.js';
import { modelItem } from './models.js';
import { SAMPLER_ITEMS, SCHEDULER_ITEMS } from './samplers.js';

/** What front ends ask for when they connect, where nothing here is like it. */
const NOTHING: Readonly<Record<string, unknown>> = {
  'sd-vae': [],
  'sd-modules': [],
  hypernetworks: [],
  'face-restorers': [],
  'realesrgan-models': [],
  'prompt-styles': [],
  'latent-upscale-modes': [],
  embeddings: { loaded: {}, skipped: {} },
  extensions: [],
  scripts: { txt2img: [], img2img: [] },
  'script-info': [],
  'cmd-flags': {},
};

/** The lists of `/sdapi/v1` (modules/api/models.py). */
export function listRoutes(app: Hono, { models, upscalers }: Served): void {
  const list = (name: string, answer: () => unknown) => app.get(`/sdapi/v1/${name}`, (c) => c.json(answer() as object));
  for (const [name, answer] of Object.entries(NOTHING)) list(name, () => answer);
  list('samplers', () => SAMPLER_ITEMS);
  list('schedulers', () => SCHEDULER_ITEMS);
  list('sd-models', () => [...models.values()].filter(({ allowed }) => allowed).map(modelItem));
  list('upscalers', () => [
    { name: 'None', model_name: null, model_path: null, model_url: null, scale: 4 },
    ...upscalers.map(({ name, scale }) => ({ name, model_name: name, model_path: null, model_url: null, scale })),
  ]);
  app.get('/sdapi/v1/loras', async (c) => {
    const loras = await availableLoras();
    return c.json(loras.map(({ name, path }) => ({ name, alias: name, path, metadata: {} })));
  });
  list('memory', () => ({
    ram: { free: freemem(), used: process.memoryUsage.rss(), total: totalmem() },
    cuda: { error: 'painters are processes of their own' },
  }));
}
