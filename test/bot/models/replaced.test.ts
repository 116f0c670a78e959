import { expect, test } from 'vitest';
import type { OfferedControl } from '../../../src/bot/models/controls.js';
import type { OfferedModel } from '../../../src/bot/models/models.js';
import { asOffered } from '../../../src/bot/models/replaced.js';
import type { PaintRequest } from '../../../src/bot/request/paint-request.js';

// A model of 256x256 in steps of 64 paints what one of 128x128 in steps of 32 was asked for.

const card = { nativeSize: 256, steps: 20, scale: 4, sampler: 'ddim', upscaleStrength: 0.2 };
const model = { card, downsampling: 16, latentMultiple: 4 };
const newer = { name: 'newer', model } as unknown as OfferedModel;
const net = (name: string, model: string) =>
  ({ name, kind: 'canny', fits: new Set([model]) }) as unknown as OfferedControl;
const controls = [net('old-canny', 'another'), net('new-canny', 'newer')];
const offer = { models: new Map([['newer', newer]]), config: { model: 'newer' }, controls };
/** It paints nothing anew when it enlarges, as easel-256. */
const plain = {
  ...offer,
  models: new Map([['newer', { ...newer, model: { ...model, card: { ...card, upscaleStrength: 0 } } }]]),
} as typeof offer;
const settings = { model: null, steps: 0, scale: 0 };

const words = {
  prompt: 'a fox',
  negative: '',
  width: 160,
  height: 96,
  count: 1,
  steps: 8,
  scale: 2.5,
  sampler: 'plms',
  seed: 7,
};
const asked = (request: object) =>
  asOffered(offer, settings, { kind: 'txt2img', ...words, model: 'gone', ...request } as PaintRequest);

test('a request whose model is here stays as it is', () => {
  const request = { kind: 'txt2img', ...words, model: 'newer' } as const;
  expect(asOffered(offer, settings, request)).toEqual({ request, notices: [] });
});

test('another model paints at its own size, with its own settings, the same words and seed, and says so', () => {
  const { request, notices } = asked({});
  expect(request).toMatchObject({
    ...words,
    model: 'newer',
    steps: 20,
    scale: 4,
    sampler: 'ddim',
    width: 320,
    height: 192,
  });
  expect(notices).toMatchObject([{ meaning: { code: 'modelReplaced', values: { gone: 'gone', model: 'newer' } } }]);
  expect(asOffered(offer, { ...settings, steps: 9 }, { ...request, model: 'gone' }).request.steps).toBe(9);
});

test("a server's own choice comes before the operator's", () => {
  const models = new Map([...offer.models, ['chosen', { ...newer, name: 'chosen' }]]);
  const { request } = asOffered({ ...offer, models }, { ...settings, model: 'chosen' }, asked({}).request);
  expect(request.model).toBe('newer');
  const gone = { ...request, model: 'gone' };
  expect(asOffered({ ...offer, models }, { ...settings, model: 'chosen' }, gone).request.model).toBe('chosen');
});

test('the canvas around a picture grows along with it', () => {
  const at = { left: 32, top: 0, width: 128, height: 128 };
  const { request } = asked({ kind: 'outpaint', source: 'key', width: 192, height: 128, at });
  expect(request).toMatchObject({ width: 384, height: 256, at: { left: 64, top: 0, width: 256, height: 256 } });
});

test('a part of a picture is painted in the size of the model, and the picture keeps its own', () => {
  const masked = { pixels: 128 ** 2, padding: 32 };
  const { request } = asked({
    kind: 'inpaint',
    source: 'key',
    mask: 'mask',
    strength: 0.8,
    width: 301,
    height: 203,
    masked,
  });
  expect(request).toMatchObject({ width: 301, height: 203, masked: { pixels: 256 ** 2, padding: 32 } });
});

test('what only an upscaler enlarges is no other picture, so nothing is said', () => {
  const upscale = { kind: 'upscale', source: 'key', upscaler: 'x4', width: 512, height: 512, factor: 4 };
  const { request, notices } = asked(upscale);
  expect([request, notices]).toEqual([expect.objectContaining({ ...upscale, steps: 8, model: 'newer' }), []]);
});

test('details of an enlargement are painted at the strength of the model that paints them', () => {
  const upscale = { kind: 'upscale', source: 'key', strength: 0.3, width: 512, height: 512 };
  expect(asked(upscale).request).toMatchObject({ strength: 0.2 });
  expect(asked({ ...upscale, upscaler: 'x4' }).request).toMatchObject({ strength: 0.2, upscaler: 'x4' });
  const again = { ...words, ...upscale, model: 'gone' } as PaintRequest;
  expect(asOffered(plain, settings, again).request).toMatchObject({ strength: 0 });
});

test('where that model paints no details, the upscaler enlarges, and nothing more', () => {
  const upscale = {
    kind: 'upscale',
    source: 'key',
    strength: 0.3,
    upscaler: 'x4',
    factor: 4,
    width: 1024,
    height: 1024,
  };
  const again = { ...words, ...upscale, model: 'gone' } as PaintRequest;
  const { request, notices } = asOffered(plain, settings, again);
  expect(request).toEqual({ ...again, strength: undefined, model: 'newer' });
  expect(notices).toEqual([]);
  // It makes one picture, and counts as one, however many were painted.
  const four = { ...again, prompt: '{a|b|c|d}', dynamic: true, count: 4 } as PaintRequest;
  expect(asOffered(plain, settings, four).request).toMatchObject({ dynamic: undefined, count: 1 });
});

test('what a model that edits was to change is painted from the picture all the same', () => {
  const varied = { kind: 'img2img', source: 'key' };
  expect(asked({ ...varied, strength: 1 }).request).toMatchObject({ strength: 0.6 });
  expect(asked({ ...varied, strength: 0.4 }).request).toMatchObject({ strength: 0.4 });
  const unet = { inChannels: 8, outChannels: 4 };
  const edits = { ...newer, model: { ...model, kind: 'weights', unet } } as unknown as OfferedModel;
  const again = { ...words, ...varied, strength: 0.4, model: 'gone' } as PaintRequest;
  const editing = { ...offer, models: new Map([['newer', edits]]) };
  expect(asOffered(editing, settings, again).request).toMatchObject({ strength: 1 });
});

test('the ControlNet of its kind that was made for the model steers it', () => {
  const control = { kind: 'canny', net: 'old-canny', image: 'key', weight: 0.8 };
  expect(asked({ control }).request.control).toEqual({ ...control, net: 'new-canny' });
  const depth = { ...control, kind: 'depth' };
  expect(asked({ control: depth }).request.control).toEqual(depth);
});

test('a ControlNet that is gone gives way to another of its kind that fits, and is refused by name where there is none', () => {
  const control = { kind: 'canny', net: 'gone-canny', image: 'key', weight: 0.8 };
  const here = (control: object) => asked({ model: 'newer', control });
  expect(here(control)).toMatchObject({ request: { control: { ...control, net: 'new-canny' } }, notices: [] });
  const depth = { ...control, kind: 'depth' };
  expect(here(depth).request.control).toEqual(depth);
});

test('a ControlNet that is here and fits stays, though another of its kind comes before it', () => {
  const control = { kind: 'canny', net: 'third-canny', image: 'key', weight: 0.8 };
  const more = { ...offer, controls: [...controls, net('third-canny', 'newer')] };
  for (const model of ['newer', 'gone']) {
    const { request } = asOffered(more, settings, { kind: 'txt2img', ...words, model, control } as PaintRequest);
    expect(request.control).toEqual(control);
  }
});
