import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { controlFor, kindsOf, offeredControls } from '../../../src/bot/models/controls.js';
import { offeredModels } from '../../../src/bot/models/models.js';
import { translateFor } from '../../../src/bot/text/i18n.js';
import type { Refusal } from '../../../src/bot/text/refusal.js';
import { DEFAULT_MODEL } from '../../../src/config.js';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import { oracle, secondOracle } from '../../oracle.js';
import { temporaryFolder } from '../servers.js';

const NET = secondOracle('controlnet/ckpt/control_nano_diffusers');
const BARE = secondOracle('controlnet/ckpt/control_nano_cldm_noprefix.safetensors');

test('ControlNets are offered by what they are for, where they fit a model; the operator is told of the others', async () => {
  using folder = temporaryFolder();
  const models = folder.path;
  cpSync(oracle('ckpt/nano/nano-ema-only.safetensors'), join(models, 'nano.safetensors'));
  cpSync(EMBEDDED_MODEL, join(models, DEFAULT_MODEL), { recursive: true });
  mkdirSync(join(models, 'controlnet'));
  cpSync(NET, join(models, 'controlnet/control_v11p_sd15_canny'), { recursive: true });
  cpSync(BARE, join(models, 'controlnet/control_depth.safetensors'));
  cpSync(BARE, join(models, 'controlnet/what.safetensors'));
  cpSync(oracle('ckpt/nano/nano-ema-only.safetensors'), join(models, 'controlnet/control_tile.safetensors'));
  const unusable: string[] = [];
  const offered = await offeredModels(models, false, () => {});
  expect([...offered.keys()].sort()).toEqual([DEFAULT_MODEL, 'nano.safetensors']);
  const controls = await offeredControls(models, offered, (name, { message }) => unusable.push(`${name}: ${message}`));
  expect(controls.map(({ kind, name, fits }) => [kind, name, [...fits]])).toEqual([
    ['depth', 'control_depth', ['nano.safetensors']],
    ['canny', 'control_v11p_sd15_canny', ['nano.safetensors']],
  ]);
  expect(unusable.sort()).toEqual([
    expect.stringMatching(/^control_tile: .*no ControlNet in it/),
    expect.stringMatching(/^what: .*its name says none of canny.*\{"control": "canny"\}/),
  ]);
  const offer = { controls };
  expect(kindsOf(offer)).toEqual(['canny', 'depth']);
  expect(kindsOf(offer, true)).toEqual(['canny']);
  expect(controlFor(offer, 'canny', 'nano.safetensors').name).toBe('control_v11p_sd15_canny');

  const told = (kind: 'canny' | 'pose', model: string) => {
    try {
      controlFor(offer, kind, model);
    } catch (error) {
      return (error as Refusal).text(translateFor('en'));
    }
    return '';
  };
  expect(told('canny', DEFAULT_MODEL)).toContain(`another kind of model than "${DEFAULT_MODEL}": Edges`);
  expect(told('pose', 'nano.safetensors')).toMatch(/no ControlNet for this: Pose.*easel pull controlnet-canny/);
});
