import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readMetadata } from '../../../src/engine/image/metadata.js';
import { exifOf, jpegOf, pngOf } from './picture-file.js';

type Input = Record<string, unknown>;
type Node = Input & { id: number };

const socket = (name: string, link: number | null): Input => ({ name, type: 'X', link });
const field = (name: string): Input => ({ name, type: 'X', widget: { name }, link: null });

/** The graph that ComfyUI opens with, as its editor keeps it: values without names. */
const NODES: readonly Node[] = [
  {
    id: 3,
    type: 'KSampler',
    mode: 0,
    inputs: [socket('model', 1), socket('positive', 4), socket('negative', 6), socket('latent_image', 2)],
    widgets_values: ['@18446744073709551615@', 'randomize', 20, 8, 'dpmpp_2m', 'karras', 1],
  },
  { id: 4, type: 'CheckpointLoaderSimple', mode: 0, widgets_values: ['v1-5.safetensors'] },
  { id: 5, type: 'EmptyLatentImage', mode: 0, widgets_values: [512, 768, 1] },
  { id: 6, type: 'CLIPTextEncode', mode: 0, inputs: [socket('clip', 3)], widgets_values: ['a fox'] },
  { id: 7, type: 'CLIPTextEncode', mode: 0, inputs: [socket('clip', 5)], widgets_values: ['ugly'] },
  { id: 9, type: 'SaveImage', mode: 0, inputs: [socket('images', 9)], widgets_values: ['ComfyUI'] },
  { id: 10, type: 'Note', mode: 0, widgets_values: ['words that no picture is painted from'] },
];
const LINKS: unknown[] = [
  [1, 4, 0, 3, 0, 'MODEL'],
  [2, 5, 0, 3, 3, 'LATENT'],
  [3, 4, 1, 6, 0, 'CLIP'],
  [4, 6, 0, 3, 1, 'CONDITIONING'],
  [5, 4, 1, 7, 0, 'CLIP'],
  [6, 7, 0, 3, 2, 'CONDITIONING'],
];
const READ = {
  prompt: 'a fox',
  negative: 'ugly',
  seed: '18446744073709551615',
  steps: 20,
  scale: 8,
  sampler: 'dpmpp_2m',
  scheduleType: 'karras',
  model: 'v1-5.safetensors',
  width: 512,
  height: 768,
  version: 'ComfyUI',
  other: {},
};
const UNREAD = { prompt: '', negative: '', version: 'ComfyUI', unread: true, other: {} };

/** As Python writes it: seeds of 64 bits. */
const python = (graph: unknown) => JSON.stringify(graph).replaceAll(/"@|@"/g, '');
const workflow = (nodes: readonly unknown[], links: readonly unknown[] = LINKS) =>
  python({ last_node_id: 10, nodes, links, version: 0.4 });
const instead = (...nodes: readonly Node[]) => [
  ...NODES.filter(({ id }) => !nodes.some((node) => node.id === id)),
  ...nodes,
];
const read = async (text: string) => readMetadata(await pngOf({ workflow: text }));

describe("the graph of ComfyUI's editor alone", () => {
  test.each<[string, () => Promise<Buffer>]>([
    ['PNG', () => pngOf({ workflow: workflow(NODES) })],
    ['WebP', () => jpegOf(exifOf({ first: { 271: `workflow:${workflow(NODES)}` } }))],
    ['PNG, where the graph that was run cannot be read', () => pngOf({ workflow: workflow(NODES), prompt: '{' })],
  ])('is read: %s', async (_, file) => {
    expect(await readMetadata(await file())).toEqual(READ);
  });

  test('without what becomes of the seed, as in the first versions', async () => {
    const values = (NODES[0]!.widgets_values as unknown[]).filter((value) => value !== 'randomize');
    expect(await read(workflow(instead({ ...NODES[0]!, widgets_values: values })))).toEqual(READ);
  });

  test('with links as objects', async () => {
    const links = (LINKS as [number, number, number][]).map(([id, origin_id, origin_slot]) => ({
      id,
      origin_id,
      origin_slot,
    }));
    expect(await read(workflow(NODES, links))).toEqual(READ);
  });

  test("with other authors' nodes, whose fields are listed, and words from another node", async () => {
    const nodes = instead(
      { id: 6, type: 'Fancy Text Encode', inputs: [field('weight'), field('text')], widgets_values: [1, 'a fox'] },
      {
        ...NODES[4]!,
        inputs: [socket('clip', 5), { ...field('text'), link: 20 }],
        widgets_values: ['not these'],
      },
      { id: 30, type: 'PrimitiveNode', widgets_values: ['ugly', 'fixed'] },
    );
    expect(await read(workflow(nodes, [...LINKS, [20, 30, 0, 7, 1, 'STRING']]))).toEqual(READ);
  });

  test.each([
    ['muted', 2],
    ['bypassed', 4],
  ])('where a %s sampler does not count', async (_, mode) => {
    expect(await read(workflow([...NODES, { ...NODES[0]!, id: 33, mode }]))).toEqual(READ);
  });

  test.each<[string, string]>([
    ['whose values are not as many as its fields', workflow(instead({ ...NODES[0]!, widgets_values: [1, 2, 3] }))],
    ['of two pictures', workflow([...NODES, { ...NODES[0]!, id: 33 }])],
    [
      'inside another graph',
      workflow([{ id: 1, type: '0b8d4d2a-0000-4000-8000-000000000000', widgets_values: ['x'] }]),
    ],
    ['that leads in a circle', workflow(instead({ ...NODES[3]!, widgets_values: [], inputs: [socket('clip', 4)] }))],
  ])('%s is not guessed at', async (_, text) => {
    expect(await read(text)).toEqual(UNREAD);
  });
});

/** The graph that was run, with the nodes of a custom sampler. */
const CUSTOM = {
  '1': { class_type: 'UNETLoader', inputs: { unet_name: 'x.safetensors' } },
  '2': { class_type: 'CLIPTextEncode', inputs: { text: 'a fox' } },
  '3': { class_type: 'FluxGuidance', inputs: { guidance: 3.5, conditioning: ['2', 0] } },
  '4': { class_type: 'BasicGuider', inputs: { model: ['1', 0], conditioning: ['3', 0] } },
  '5': { class_type: 'RandomNoise', inputs: { noise_seed: 42 } },
  '6': { class_type: 'KSamplerSelect', inputs: { sampler_name: 'euler' } },
  '7': { class_type: 'BasicScheduler', inputs: { scheduler: 'simple', steps: 4, denoise: 1, model: ['1', 0] } },
  '8': { class_type: 'EmptySD3LatentImage', inputs: { width: 512, height: 512, batch_size: 1 } },
  '9': {
    class_type: 'SamplerCustomAdvanced',
    inputs: { noise: ['5', 0], guider: ['4', 0], sampler: ['6', 0], sigmas: ['7', 0], latent_image: ['8', 0] },
  },
};

test('a sampler that is put together from nodes is read', async () => {
  expect(await readMetadata(await pngOf({ prompt: python(CUSTOM) }))).toEqual({
    prompt: 'a fox',
    negative: '',
    seed: 42,
    steps: 4,
    sampler: 'euler',
    scheduleType: 'simple',
    model: 'x.safetensors',
    width: 512,
    height: 512,
    version: 'ComfyUI',
    other: {},
  });
});

test('the largest graph that is read, every node a sampler and all of them in a circle, is done in a blink', async () => {
  const graph = Object.fromEntries(
    Array.from({ length: 700 }, (_, i) => [
      i,
      {
        class_type: 'K',
        inputs: { seed: 1, positive: [`${(i + 1) % 700}`, 0], latent_image: [`${(i + 7) % 700}`, 0] },
      },
    ]),
  );
  const text = JSON.stringify(graph);
  expect(text.length).toBeGreaterThan(2 ** 16 - 10_000);
  expect(await readMetadata(await pngOf({ prompt: text }))).toEqual(UNREAD);
});

test('any graph ends: it is read, or said to be unread, or nothing', async () => {
  const id = fc.integer({ min: 0, max: 6 }).map(String);
  const input = fc.oneof(fc.tuple(id, fc.integer()), fc.jsonValue());
  const names = 'seed positive negative latent_image model text sampler sigmas guider noise steps'.split(' ');
  const inputs = fc.dictionary(fc.constantFrom(...names), input);
  const type = fc.constantFrom('KSampler', 'CLIPTextEncode', 'SamplerCustomAdvanced', '__proto__');
  const graph = fc.dictionary(id, fc.record({ class_type: type, inputs }));
  const node = fc.record(
    {
      id,
      type,
      mode: fc.integer(),
      inputs: fc.array(fc.oneof(fc.record({ name: fc.constantFrom(...names), link: fc.integer() }), fc.jsonValue())),
      widgets_values: fc.jsonValue(),
    },
    { requiredKeys: ['id', 'type'] },
  );
  const link = fc.oneof(fc.tuple(fc.nat(9), id, fc.nat(3)), fc.jsonValue());
  const editor = fc.record({ nodes: fc.array(node), links: fc.array(link) });
  await fc.assert(
    fc.asyncProperty(graph, editor, async (prompt, workflow) => {
      const found = await readMetadata(
        await pngOf({ prompt: JSON.stringify(prompt), workflow: JSON.stringify(workflow) }),
      );
      expect(typeof found?.prompt).toBe('string');
      if (found?.unread) expect(found.prompt + found.negative + Object.keys(found.other).join()).toBe('');
    }),
    { numRuns: 60 },
  );
});
