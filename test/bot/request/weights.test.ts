import { expect, test } from 'vitest';
import { weightsOf } from '../../../src/bot/request/weights.js';
import { DEFAULT_MODEL } from '../../../src/config.js';
import { aRequest, aTable } from '../request.js';

test.each([
  ['none', aRequest(), []],
  [
    'of any spelling, each once',
    aRequest({ prompt: '<lora:ink:0.5> a fox <LYCO: ink.safetensors :1> <lora:a.b>' }),
    ['ink', 'a.b'],
  ],
  ['of every alternative', aRequest({ prompt: 'a fox <lora:{ink|oil}:1>', dynamic: true, count: 2 }), ['ink', 'oil']],
  ['in a table', aTable([{ parameter: 'words', values: ['fox', '<lora:oil:1>'] }], { prompt: 'fox' }), ['oil']],
  ['not in a negative prompt, where they do nothing', aRequest({ negative: '<lora:ink:1>' }), []],
])('a request needs its model and its LoRAs: %s', (_, request, loras) => {
  expect([...weightsOf(request)].sort()).toEqual([DEFAULT_MODEL, ...loras.map((name) => `LoRA ${name}`)].sort());
});
