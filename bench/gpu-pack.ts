import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { build } from 'vite';
import { version } from '../src/engine/version.js';
import { packageRoot } from '../src/package-root.js';
import { NANO } from './gpu-oracle.js';

/** GPU machines that are cut off take little at a time. */
const PIECE = '16000000';
const MOST = 60e6;

/** What the engine runs in a process and in a thread of its own. */
const ENTRIES = ['runtime/trial-process.js', 'runtime/thread-entry.js'];

/**
 * Joins the pieces and runs the benchmark; needs a shell, tar and one of xz and Python.
 *
 * @param pieces each as `cksum` prints it: sum, bytes, name.
 */
const runScript = (pieces: readonly string[]) => `#!/bin/sh
# Puts the pieces beside this script together and runs the benchmark; its arguments are passed on (--small).
set -e
here=$(cd "$(dirname "$0")" && pwd)
fail() { echo "$1" >&2; exit 1; }
[ "$(uname -sm)" = "Linux x86_64" ] || fail "This bundle is for Linux on x86-64, not for $(uname -sm)."
while read -r sum size name; do
  [ "$(cksum < "$here/$name")" = "$sum $size" ] || fail "$name is missing or damaged: copy it here again."
done << PIECES
${pieces.join('\n')}
PIECES
if command -v xz > /dev/null; then unpack() { xz -dc; }
elif command -v python3 > /dev/null; then unpack() { python3 -c 'import lzma, shutil, sys; shutil.copyfileobj(lzma.open(sys.stdin.buffer), sys.stdout.buffer)'; }
else fail "There is neither xz nor python3 to unpack it with."; fi
rm -rf "$here/easel-gpu" && mkdir "$here/easel-gpu"
(cd "$here" && cat ${pieces.map((piece) => piece.split(' ')[2]).join(' ')}) | unpack | tar xf - -C "$here/easel-gpu"
exec "$here/easel-gpu/node" "$here/easel-gpu/gpu.js" "$@"
`;

/**
 * Node, the built benchmark, the reference's numbers and onnxruntime-node for Linux x64, as pieces of 16 MB and a script that puts them together.
 *
 * @param target a folder that is made, or emptied of an earlier bundle.
 */
export async function pack(target: string): Promise<void> {
  const out = resolve(target);
  const scratch = mkdtempSync(join(tmpdir(), 'easel-pack-'));
  try {
    await bundle('dist/bench/gpu-run.js', scratch, 'gpu.js');
    // Where the engine looks for them: beside the bundle.
    for (const file of ENTRIES) {
      await bundle(join('src/engine/dist', file), join(scratch, 'dist', dirname(file)), basename(file));
    }
    writeFileSync(join(scratch, 'package.json'), JSON.stringify({ name: 'easel', version, type: 'module' }));
    cpSync(join(packageRoot, 'bench/gpu_torch.py'), join(scratch, 'gpu_torch.py'));
    for (const file of [NANO, 'models/clip-tokenizer']) {
      cpSync(join(packageRoot, file), join(scratch, file), { recursive: true });
    }
    cpSync(process.execPath, join(scratch, 'node'));
    const native = 'bin/napi-v6/linux/x64';
    for (const part of ['onnxruntime-node/package.json', 'onnxruntime-node/dist', 'onnxruntime-common', 'yaml']) {
      cpSync(join(packageRoot, 'node_modules', part), join(scratch, 'node_modules', part), { recursive: true });
    }
    for (const name of ['libonnxruntime.so.1', 'onnxruntime_binding.node']) {
      const file = join('onnxruntime-node', native, name);
      cpSync(join(packageRoot, 'node_modules', file), join(scratch, 'node_modules', file));
    }

    mkdirSync(out, { recursive: true });
    for (const name of readdirSync(out)) if (name.startsWith('easel-gpu')) rmSync(join(out, name), { recursive: true });
    const pipe = 'set -o pipefail; tar cf - -C "$1" . | xz -1 -T0 | split -b "$2" - "$3"';
    execFileSync('bash', ['-c', pipe, 'bash', scratch, PIECE, join(out, 'easel-gpu.tar.xz.')]);
    const names = readdirSync(out).filter((name) => name.startsWith('easel-gpu'));
    const sums = execFileSync('cksum', names.sort(), { cwd: out, encoding: 'utf8' });
    writeFileSync(join(out, 'run.sh'), runScript(sums.trim().split('\n')));
    chmodSync(join(out, 'run.sh'), 0o755);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const sizes = readdirSync(out).map((name) => statSync(join(out, name)).size);
  const total = sizes.reduce((a, b) => a + b);
  if (total > MOST) throw new Error(`The bundle has ${total} bytes, more than the ${MOST} that it may.`);
  console.log(`${out}: ${sizes.length - 1} pieces and run.sh, ${(total / 1e6).toFixed(1)} MB. There: sh run.sh`);
}

/** A compiled file with everything that it imports but ONNX Runtime, as one file. */
async function bundle(entry: string, outDir: string, name: string): Promise<void> {
  await build({
    configFile: false,
    root: packageRoot,
    logLevel: 'warn',
    publicDir: false,
    ssr: { noExternal: true, external: ['onnxruntime-node'] },
    build: {
      ssr: join(packageRoot, entry),
      outDir,
      emptyOutDir: false,
      target: 'node20',
      rolldownOptions: { output: { entryFileNames: name, codeSplitting: false } },
    },
  });
}
