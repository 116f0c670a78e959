import { describe, expect, test } from 'vitest';
import { parametersText, parseParameters } from '../../../src/engine/image/metadata/infotext.js';
import type { ControlParameters } from '../../../src/engine/image/metadata/parameters.js';

const control: ControlParameters = {
  module: 'canny',
  model: 'control_v11p_sd15_canny [d14c016b]',
  weight: 0.8,
  thresholds: [100, 200],
  start: 0,
  end: 0.5,
  guess: false,
};
const painted = { prompt: 'a fox', steps: 20, sampler: 'DDIM', scale: 7.5, seed: 1, width: 64, height: 64 };

describe("ControlNets in AUTOMATIC1111's text", () => {
  test("are written as its extension writes them, before the program's version", () => {
    expect(
      parametersText({ ...painted, controls: [control, { ...control, module: 'none', thresholds: undefined }] }),
    ).toMatch(
      /Size: 64x64, ControlNet 0: "Module: canny, Model: control_v11p_sd15_canny \[d14c016b\], Weight: 0.8, Threshold A: 100, Threshold B: 200, Guidance Start: 0, Guidance End: 0.5, Control Mode: Balanced, Resize Mode: Crop and Resize, Pixel Perfect: True", ControlNet 1: "Module: none, Model: [^"]+", Version: easel/,
    );
  });

  test('are read back, in guess mode, too', () => {
    const controls = [control, { ...control, guess: true, thresholds: undefined }];
    const { controls: read, other } = parseParameters(parametersText({ ...painted, controls }));
    expect(read).toMatchObject([control, { guess: true, weight: 0.8 }]);
    expect(read![1]).not.toHaveProperty('thresholds');
    expect(other).toEqual({});
  });

  test('a comma or colon in a name does not break the line', () => {
    const odd = { ...control, model: 'a, b: c [00000000]' };
    const { controls, version } = parseParameters(parametersText({ ...painted, controls: [odd] }));
    expect(controls).toMatchObject([{ model: 'a b c [00000000]', weight: 0.8 }]);
    expect(version).toMatch(/^easel/);
  });

  // Written by sd-webui-controlnet 1.1.4, with fields that Easel has no name for.
  test('of the extension itself are read, and nothing is left out when they are written again', () => {
    const text =
      'a fox\nSteps: 20, Sampler: Euler, CFG scale: 5, Seed: 2, Size: 512x512, ControlNet 0: "Module: scribble_pidinet, Model: control_v11p_sd15_scribble [d4ba51ff], Weight: 1, Resize Mode: Just Resize, Low Vram: False, Processor Res: 512, Guidance Start: 0.23, Guidance End: 1, Pixel Perfect: False, Control Mode: My prompt is more important, Hr Option: Both", Version: 1.8.0-RC';
    const read = parseParameters(text);
    expect(read.controls).toEqual([
      {
        module: 'scribble_pidinet',
        model: 'control_v11p_sd15_scribble [d4ba51ff]',
        weight: 1,
        start: 0.23,
        end: 1,
        other: {
          'Resize Mode': 'Just Resize',
          'Low Vram': 'False',
          'Processor Res': '512',
          'Pixel Perfect': 'False',
          'Control Mode': 'My prompt is more important',
          'Hr Option': 'Both',
        },
      },
    ]);
    const { prompt, ...rest } = read;
    const again = parseParameters(parametersText({ ...painted, ...rest, prompt } as never));
    expect(again.controls).toEqual(read.controls);
  });

  test("another program's words under that label are kept as they are", () => {
    const { controls, other } = parseParameters(
      'a\nSteps: 1, Sampler: x, Seed: 3, ControlNet 0: yes, ControlNet Enabled: True',
    );
    expect(controls).toBeUndefined();
    expect(other).toEqual({ 'ControlNet 0': 'yes', 'ControlNet Enabled': 'True' });
  });
});
