import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/package-root.js';

const page = readFileSync(join(packageRoot, 'docs/troubleshooting.md'), 'utf8');

/** What Node, Discord's clients and the drivers say. */
const SAID_BY_OTHERS = [
  "Cannot find module '",
  '/dist/src/main.js',
  'The application did not respond',
  "Couldn't load Vulkan",
];

/** What is put together from parts, as it reads with them. */
const PUT_TOGETHER = [
  'Port 8400 is not available',
  '". Set it to',
  'DISCORD_TOKEN is not valid',
  ': there is no such file or folder',
  'this is a LoRA',
  'this is a Stable Diffusion XL checkpoint',
];

test('what the page says that Easel says is in the source', () => {
  const said = everythingSaid();
  const quoted = page
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .flatMap((line) => [...line.split(' | ')[0]!.matchAll(/`([^`]+)`/g)].map(([, text]) => text!));
  expect(quoted.length).toBeGreaterThan(50);
  const fragments = quoted.flatMap((text) => text.split(/…|\(\w+\)/)).map((text) => text.trim());
  const known = [...SAID_BY_OTHERS, ...PUT_TOGETHER];
  const words = fragments.filter((text) => text.includes(' ') && !known.includes(text));
  expect(words.filter((text) => !said.includes(text))).toEqual([]);
});

/** Code and texts of src, with the marks of string literals and what they fill in taken out. */
function everythingSaid(): string {
  const files = readdirSync(join(packageRoot, 'src'), { recursive: true, encoding: 'utf8' });
  const texts = files
    .filter((name) => name.endsWith('.ts') || name.endsWith('locales/en.json'))
    .map((name) => readFileSync(join(packageRoot, 'src', name), 'utf8'));
  return texts
    .join('\n')
    .replaceAll('\\"', '"')
    .replace(/\$\{[^}]*\}|\{\{\w+\}\}/g, '…');
}
