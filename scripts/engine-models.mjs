// Copies the models that come with the engine into its package's folder while it is packed, or removes them again (`--remove`):
// npm packs nothing from outside, and in a checkout models are looked for in `models/`.
import { cpSync, readFileSync, rmSync } from 'node:fs';

const at = (path) => new URL(`../${path}`, import.meta.url);
rmSync(at('src/engine/models'), { recursive: true, force: true });
if (!process.argv.includes('--remove')) {
  const { files } = JSON.parse(readFileSync(at('src/engine/package.json'), 'utf8'));
  for (const path of files.filter((path) => path.startsWith('models/'))) {
    cpSync(at(path), at(`src/engine/${path}`), { recursive: true });
  }
}
