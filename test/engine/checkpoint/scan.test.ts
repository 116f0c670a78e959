import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { ByteSource } from '../../../src/engine/checkpoint/source.js';
import { isDangerous } from '../../../src/engine/checkpoint/torch/imports.js';
import { scanPickles } from '../../../src/engine/checkpoint/torch/scan.js';
import { runEasel } from '../../cli/run.js';
import { oracle } from '../../oracle.js';
import { zip } from './write-zip.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'easel-scan-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, bytes: Buffer): string {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}

const raw = (text: string) => Buffer.from(text, 'latin1');
const short = (text: string) => `\x8c${String.fromCharCode(text.length)}${text}`;

/** Pickles that call os.system, in each way that a pickle can name something. */
const ATTACKS: Readonly<Record<string, Buffer>> = {
  'protocol 0, GLOBAL': raw("cos\nsystem\n(S'true'\ntR."),
  'protocol 0, INST': raw("(S'true'\nios\nsystem\n."),
  'protocol 1, GLOBAL': raw('cos\nsystem\n(U\x04truetR.'),
  'protocol 2': raw('\x80\x02cos\nsystem\nX\x04\0\0\0true\x85R.'),
  'protocol 3': raw('\x80\x03cposix\nsystem\nX\x04\0\0\0true\x85R.'),
  'protocol 4, STACK_GLOBAL': raw(
    `\x80\x04\x95\x1e\0\0\0\0\0\0\0${short('os')}${short('system')}\x93${short('true')}\x85R.`,
  ),
  'protocol 5, memoised names': raw(
    `\x80\x05${short('system')}\x94${short('os')}\x940h\x010h\x01h\x00\x93${short('true')}\x85R.`,
  ),
  'names from PUT and GET': raw('(Vos\np7\n0Vsystem\np8\n0g7\ng8\n\x93Vtrue\n\x85R.'),
  'a second pickle behind an honest one': raw('\x80\x02}.\x80\x02cos\nsystem\nX\x04\0\0\0true\x85R.'),
  'no end': raw('\x80\x02cos\nsystem\nX\x04\0\0\0true\x85R'),
  'something that is refused, and then the attack': raw('\x80\x02}K\x01acos\nsystem\nX\x04\0\0\0true\x85R.'),
};

function tar(entries: Readonly<Record<string, Buffer>>): Buffer {
  const blocks = Object.entries(entries).flatMap(([name, bytes]) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
    header.fill(' ', 148, 156);
    header.write(
      `${header
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
    );
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

describe('a pickle that names os.system is found', () => {
  const attack = ATTACKS['protocol 2']!;
  test.each(Object.entries(ATTACKS))('%s', async (_, bytes) => {
    for (const name of ['a.bin', 'a.pt', 'a.pth', 'a.ckpt', 'a.pkl', 'a']) {
      expect((await scanPickles(file(name, bytes))).dangerous).toEqual([expect.stringMatching(/^(os|posix)\.system$/)]);
    }
  });

  test.each<readonly [string, Buffer]>([
    ['in an archive as torch writes it', zip([['archive/data.pkl', attack]])],
    [
      'under any name in an archive',
      zip([
        ['archive/data.pkl', raw('\x80\x02}.')],
        ['archive/data/0', attack],
      ]),
    ],
    ['in protocol 0 in an archive', zip([['archive/data.pkl', ATTACKS['protocol 0, GLOBAL']!]])],
    ['in an archive in an archive', zip([['inner.zip', zip([['x/data.pkl', attack]])]])],
    ['in a tar file, as old torch wrote', tar({ sys_info: raw('\x80\x02}.'), pickle: attack })],
    ['in a tar file in an archive', zip([['inner', tar({ pickle: attack })]])],
  ])('%s', async (_, bytes) => {
    expect((await scanPickles(file('whole.pt', bytes))).dangerous).toEqual(['os.system']);
  });

  test('behind an entry that says it begins after the end of the file', async () => {
    const bytes = zip([
      ['archive/data/0', Buffer.alloc(8)],
      ['archive/data/1', attack],
    ]);
    bytes.writeUInt16LE(0xffff, 26);
    expect((await scanPickles(file('hidden.pt', bytes))).dangerous).toEqual(['os.system']);
  });

  test('in a part of a folder', async () => {
    const model = mkdtempSync(join(folder, 'model-'));
    writeFileSync(join(model, 'readme.md'), 'x');
    writeFileSync(join(model, 'diffusion_pytorch_model.bin'), attack);
    expect((await scanPickles(model)).dangerous).toEqual(['os.system']);
  });
});

test.each(['nano-ema-only.ckpt', 'nano-non-ema-legacy-fp16.ckpt'])(
  '%s is not opened again for what its pickle names',
  async (name) => {
    const path = oracle(`ckpt/nano/${name}`);
    const opened = vi.spyOn(ByteSource, 'use');
    await openModel(path);
    const alone = opened.mock.calls.length;
    const { scan } = await openModel(path, { scan: true });
    expect(opened.mock.calls.length).toBe(2 * alone);
    opened.mockRestore();
    expect(scan).toEqual(await scanPickles(path));
  },
);

test('easel inspect names it and ends with 3, also if the file is nothing else', async () => {
  const { code, out, err } = await runEasel(['inspect', file('evil.pt', ATTACKS['protocol 4, STACK_GLOBAL']!)]);
  expect([code, err.trim().split('\n').length]).toEqual([3, 1]);
  expect(out).toContain('names os.system: this file could run a command in other programs; Easel runs nothing of it');
});

test('honest checkpoints end with 0, and what they name beyond the usual is listed', async () => {
  const fixture = 'test/fixtures/checkpoints/good-unknown-globals.ckpt';
  const { globals, dangerous } = await scanPickles(fixture);
  expect(dangerous).toEqual([]);
  expect(globals.length).toBeGreaterThan(0);
  const { code, out } = await runEasel(['inspect', fixture]);
  expect(code).toBe(0);
  for (const name of globals) expect(out).toContain(`names ${name}\n`);
  for (const name of ['good.ckpt', 'good-flat.ckpt']) {
    expect(await scanPickles(join('test/fixtures/checkpoints', name))).toEqual({ globals: [], dangerous: [] });
  }
});

test('neither weights taken for a pickle nor damage give an alarm or an error', async () => {
  const noise = Buffer.from(Array.from({ length: 60_000 }, (_, k) => (k * 7919 + (k >> 3) * 104_729) & 0xff));
  for (const start of [raw('\x80\x02'), raw('PK\x03\x04'), raw('c'), raw('\x80\x02cos\n'), raw('')]) {
    expect((await scanPickles(file('noise.bin', Buffer.concat([start, noise])))).dangerous).toEqual([]);
  }
  expect(await scanPickles(file('empty.bin', Buffer.alloc(0)))).toEqual({ globals: [], dangerous: [] });
});

test.each(
  'types.CodeType logging.FileHandler _io.FileIO io.open _operator.attrgetter operator.methodcaller imaplib.IMAP4_stream uuid._get_command_stdout _osx_support._read_output _pyrepl.pager.pipe_pager test.support.script_helper.assert_python_ok cloudpickle.cloudpickle._make_function torch.utils.data.datapipes.utils.decoder.basichandlers numpy.testing._private.utils.runstring functools.partial torch.os.system collections._sys.modules builtins.eval.__call__ marshal.loads'.split(
    ' ',
  ),
)('%s is dangerous, as picklescan judges', (name) => expect(isDangerous(name)).toBe(true));

test.each(
  'pathlib.PosixPath io.BytesIO threading.Lock uuidx.y transformers.models.clip.CLIPModel torch.nn.modules.linear.Linear omegaconf.dictconfig.DictConfig'.split(
    ' ',
  ),
)('%s is not', (name) => expect(isDangerous(name)).toBe(false));
