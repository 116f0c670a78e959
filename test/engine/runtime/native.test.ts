import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { packageRoot } from '../../../src/package-root.js';

test('ONNX Runtime reports nothing to its makers, and leaves nothing in the home and temporary folders', () => {
  const folder = mkdtempSync(join(tmpdir(), 'easel-native-'));
  const [home, temporary] = [join(folder, 'home'), join(folder, 'tmp')];
  for (const each of [home, temporary]) mkdirSync(each);
  const { ORT_DISABLE_TELEMETRY: _, XDG_CACHE_HOME: __, ...env } = process.env;
  try {
    const native = pathToFileURL(join(packageRoot, 'dist/src/engine/runtime/native.js'));
    // It starts up with the first session, whatever comes of that.
    const script = `import('${native}')
      .then(({ onnxRuntime }) => onnxRuntime())
      .then(({ InferenceSession }) => InferenceSession.create(new Uint8Array(8)).catch(() => {}))`;
    const { status } = spawnSync(process.execPath, ['-e', script], {
      env: { ...env, HOME: home, TMPDIR: temporary },
    });
    expect(status).toBe(0);
    expect([home, temporary].flatMap((each) => readdirSync(each))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
