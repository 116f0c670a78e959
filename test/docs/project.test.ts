import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { packageRoot } from '../../src/package-root.js';

// What hosts and editors read: a command, script or version there fails only on somebody else's machine.

const read = (file: string) => readFileSync(join(packageRoot, file), 'utf8');
const { scripts, version, engines } = JSON.parse(read('package.json'));
const folder = '.github/workflows';
const workflows = readdirSync(join(packageRoot, folder)).map(
  (name) => [name, parse(read(`${folder}/${name}`))] as const,
);

test.each(workflows)('%s runs scripts and files that there are', (_, { jobs }) => {
  const commands = Object.values<{ steps: { run?: string }[] }>(jobs).flatMap(({ steps }) =>
    steps.flatMap(({ run = '' }) => run.split('\n')),
  );
  const named = commands.flatMap((command) =>
    [...command.matchAll(/^npm (?:run )?([\w:]+)/g)].map(([, name]) => name!),
  );
  expect(named.filter((name) => !(name in scripts) && !['ci', 'pack'].includes(name))).toEqual([]);
  const files = commands.flatMap((command) => [...command.matchAll(/^(?:bash|node) (\S+)/g)].map(([, file]) => file!));
  expect(files.filter((file) => !existsSync(join(packageRoot, file)))).toEqual([]);
});

test('the workflow and the script for one machine test the same versions of Node, from the oldest that works', () => {
  const { jobs } = Object.fromEntries(workflows)['ci.yml'];
  const versions: number[] = jobs.quick.strategy.matrix.node;
  const others = /others=\(([\d ]+)\)$/m.exec(read('.ci/run'))![1]!.split(' ').map(Number);
  expect(versions).toEqual([Number(/\d+/.exec(engines.node)![0]), ...others]);
});

test('a release is made of a version that the changelog tells of, with its date', () => {
  const notes = (tag: string) => spawnSync(process.execPath, ['scripts/release-notes.mjs', tag], { cwd: packageRoot });
  const said = notes('v9.9.9');
  expect([said.status, said.stderr.toString()]).toEqual([1, `The tag is v9.9.9, but package.json says ${version}.\n`]);
  const own = notes(`v${version}`);
  const dated = new RegExp(`^## ${version.replaceAll('.', '\\.')} \\(\\d{4}-\\d{2}-\\d{2}\\)$`, 'm').test(
    read('CHANGELOG.md'),
  );
  expect(own.status).toBe(dated ? 0 : 1);
  expect(own.stderr.toString()).toMatch(dated ? /^$/ : /^CHANGELOG\.md has no date/);
});

const { configurations } = JSON.parse(read('.vscode/launch.json'));

test.each<{ name: string; program: string; args?: string[]; runtimeArgs?: string[]; preLaunchTask?: string }>(
  configurations,
)('$name: the editor starts a program that there is, which waits for a debugger', async (configuration) => {
  const { program, args = [], runtimeArgs = [], preLaunchTask } = configuration;
  const filled = (text: string) =>
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the editor fills these in
    text.replace('${workspaceFolder}', packageRoot).replace('${relativeFile}', 'test/data-dir.test.ts');
  if (preLaunchTask) expect(Object.keys(scripts)).toContain(preLaunchTask.replace('npm: ', ''));
  expect(existsSync(filled(program))).toBe(true);
  const started = spawn(process.execPath, [...runtimeArgs, '--inspect-brk=0', filled(program), ...args.map(filled)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  try {
    const [said] = await once(started.stderr, 'data');
    expect(String(said)).toMatch(/^Debugger listening on ws:/);
  } finally {
    started.kill('SIGKILL');
  }
});
