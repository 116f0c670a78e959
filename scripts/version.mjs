// Run by `npm version`: gives the engine the version that the whole has just been given, wherever it stands.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const edit = (path, change) => {
  const file = new URL(`../${path}`, import.meta.url);
  writeFileSync(file, change(readFileSync(file, 'utf8')));
};
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
edit('package.json', (text) => text.replace(/("@easel\/engine": ")[^"]+/, `$1${version}`));
edit('src/engine/package.json', (text) => text.replace(/("version": ")[^"]+/, `$1${version}`));
edit('src/engine/version.ts', (text) => text.replace(/(string = ')[^']+/, `$1${version}`));
execFileSync('npm', ['install', '--package-lock-only', '--ignore-scripts'], { stdio: 'inherit', shell: true });
