import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { VARIABLES } from '../../src/config.js';
import { packageRoot } from '../../src/package-root.js';

const read = (name: string) => readFileSync(join(packageRoot, name), 'utf8');
const [build, image] = read('Dockerfile').split(/^FROM \$\{BASE\}$/m) as [string, string];
const covers = (folder: string, path: string) => path === folder || path.startsWith(`${folder}/`);

/** What a stage copies: from the repository, or from the stage before it. */
const copied = (stage: string, { fromStage }: { fromStage: boolean }) =>
  [...stage.matchAll(/^COPY (--from=build )?(.+) \S+$/gm)]
    .filter(([, from]) => Boolean(from) === fromStage)
    .flatMap(([, , sources]) => sources!.split(' '));

const fromRepository = [build, image].flatMap((stage) => copied(stage, { fromStage: false }));

test('what the image copies exists, and .dockerignore lets it in', () => {
  const letIn = [...read('.dockerignore').matchAll(/^!(.+)$/gm)].map(([, path]) => path!);
  expect(fromRepository).toContain('package.json');
  expect(fromRepository.filter((path) => !existsSync(join(packageRoot, path)))).toEqual([]);
  expect(fromRepository.filter((path) => !letIn.some((entry) => covers(entry, path)))).toEqual([]);
});

test('.dockerignore keeps out everything else: secrets, data, own checkpoints', () => {
  const [first, ...entries] = read('.dockerignore')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'));
  expect(first).toBe('*');
  expect(entries.filter((entry) => !fromRepository.some((path) => covers(`!${path}`, entry)))).toEqual([]);
});

test('the image has every file that Easel looks up beside its package.json', () => {
  const inImage = [
    ...copied(image, { fromStage: false }),
    ...copied(image, { fromStage: true }).map((path) => path.replace('/easel/', '')),
  ];
  const lookedUp = readdirSync(join(packageRoot, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => [...read(join('src', name)).matchAll(/join\(packageRoot, '([^']+)'/g)].map(([, path]) => path!));
  // Folders of the owner's: models, into which the image puts what ships, and LoRAs.
  const fixed = lookedUp.filter((path) => path !== 'models' && path !== 'models/lora');
  expect(fixed).toContain('src/bot/text/locales');
  expect(fixed.filter((path) => !inImage.some((folder) => covers(folder, path)))).toEqual([]);
});

test('the image has every model that ships', () => {
  const tracked = execFileSync('git', ['ls-files', 'models'], { cwd: packageRoot, encoding: 'utf8' })
    .trim()
    .split('\n');
  expect(tracked.filter((path) => !fromRepository.some((folder) => covers(folder, path)))).toEqual([]);
});

test('what compose.yaml and the image set are variables that Easel reads', () => {
  const { easel, painter, postgres } = parse(read('compose.yaml')).services;
  const ofServices = [easel, painter].flatMap(({ environment }) => Object.keys(environment));
  const set = [...ofServices, ...image.match(/^ENV (.+)$/m)![1]!.split(' ')].map((name) => name.split('=')[0]!);
  expect(set).toContain('DATA_DIR');
  // MALLOC_ARENA_MAX is glibc's.
  const others = ['MALLOC_ARENA_MAX', ...Object.keys(postgres.environment)];
  expect(set.filter((name) => !(name in VARIABLES) && !others.includes(name))).toEqual([]);
});

test('a painter gets no secret but the address of its Redis, which keeps what it is given', () => {
  const { painter, redis } = parse(read('compose.yaml')).services;
  const secrets = Object.entries(VARIABLES).flatMap(([name, { secret }]) => (secret ? [name] : []));
  expect(painter.env_file).toBeUndefined();
  expect(Object.keys(painter.environment).filter((name) => secrets.includes(name))).toEqual(['PAINTERS']);
  expect(redis.profiles).toEqual(expect.arrayContaining(painter.profiles));
  expect(redis.command.join(' ')).toMatch(/--appendonly yes .*--maxmemory-policy noeviction/);
});

test('the units start files that there are, and write where they may', () => {
  for (const unit of ['easel.service', 'easel-painter.service']) {
    const text = read(`deploy/${unit}`);
    const [, script] = /^ExecStart=\/usr\/bin\/node dist\/(\S+)\.js/m.exec(text)!;
    expect(existsSync(join(packageRoot, `${script}.ts`))).toBe(true);
    const [, state] = /^StateDirectory=(.+)$/m.exec(text)!;
    expect(text).toContain(`DATA_DIR=/var/lib/${state}\n`);
  }
});
