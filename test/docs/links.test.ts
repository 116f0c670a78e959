import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { PermissionsBitField } from 'discord.js';
import { describe, expect, test } from 'vitest';
import { PERMISSIONS } from '../../src/bot/gateway/client.js';
import { VARIABLES } from '../../src/config.js';
import { packageRoot } from '../../src/package-root.js';
import { recipesIn } from './recipes.js';

const docs = readdirSync(join(packageRoot, 'docs')).filter((name) => name.endsWith('.md'));
const pages = ['README.md', 'CONTRIBUTING.md', ...docs.map((name) => `docs/${name}`)];
const read = (page: string) => readFileSync(join(packageRoot, page), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

describe.each(pages)('%s', (page) => {
  test('leads to files, headings and pictures that there are', () => {
    const broken = linksOf(read(page)).filter((link) => !leadsSomewhere(page, link));
    expect(broken).toEqual([]);
  });

  test('names scripts of package.json that there are', () => {
    const named = [...read(page).matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, script]) => script!);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });

  test('names files of this repository that there are', () => {
    const named = [
      ...read(page).matchAll(
        /(?<![\w/.:-])(?:src|commands|scripts|test|bench|models|docs)\/[\w./-]*[\w/](?![\w.]*[<*{])/g,
      ),
    ];
    // Examples make files.
    const made = recipesIn(read(page)).flatMap(({ blocks }) => blocks.map(({ path }) => path));
    const missing = named
      .map(([path]) => path)
      .filter((path) => !made.includes(path) && !isThere(path) && !OUTSIDE.some((place) => path.startsWith(place)));
    expect(missing).toEqual([]);
  });
});

test('every page of docs/ is in its index', () => {
  const listed = linksOf(read('docs/README.md'));
  expect(docs.filter((name) => name !== 'README.md' && !listed.includes(name))).toEqual([]);
});

test('every picture of docs/images is shown somewhere', () => {
  const shown = pages.flatMap((page) => linksOf(read(page)).map((link) => normalize(join(dirname(page), link))));
  const pictures = readdirSync(join(packageRoot, 'docs/images')).map((name) => join('docs/images', name));
  expect(pictures.filter((picture) => !shown.includes(picture))).toEqual([]);
});

test('every variable of the environment is explained to operators', () => {
  const explained = read('docs/operating.md') + read('.env.example');
  expect(Object.keys(VARIABLES).filter((name) => !new RegExp(`\\b${name}\\b`).test(explained))).toEqual([]);
});

test("the operator's guide has the number of the permissions that the invite link asks for", () => {
  expect(read('docs/operating.md')).toContain(`permissions=${PermissionsBitField.resolve(PERMISSIONS)}`);
});

/** What the reader puts there, and what the reference's own repository has. */
const OUTSIDE = [
  'models/clip/',
  'models/controlnet',
  'models/ldm',
  'models/lora',
  'models/safety_checker',
  'models/taesd',
  'models/upscalers',
  'models/v1-5-pruned-emaonly.safetensors',
  'scripts/txt2img.py',
  'scripts/img2img.py',
];

/** A path, or one without its ending as prose has it. */
function isThere(path: string): boolean {
  return [path, `${path}.ts`].some((name) => existsSync(join(packageRoot, name)));
}

/** Targets of links and pictures; what is in code is no link. */
function linksOf(markdown: string): string[] {
  const prose = markdown.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
  const links = prose.matchAll(/\]\(<?([^)\s>]+)>?\)|<(?:img|a)\b[^>]*?(?:src|href)="([^"]+)"/g);
  return [...links].map(([, markdown, html]) => markdown ?? html!);
}

function leadsSomewhere(page: string, link: string): boolean {
  if (/^https?:/.test(link)) return URL.canParse(link);
  const [path, anchor] = link.split('#') as [string, string?];
  const target = path === '' ? page : normalize(join(dirname(page), path));
  if (!existsSync(join(packageRoot, target))) return false;
  return anchor === undefined || anchorsOf(read(target)).has(anchor);
}

/** Anchors as GitHub makes them of headings: lower case, punctuation gone, spaces to hyphens, a number when there were such. */
function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  const headings = markdown.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#{1,6} +(.+?) *$/gm);
  for (const [, heading] of headings) {
    const text = heading!.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = text.replace(/[^\p{L}\p{N}\p{M} _-]/gu, '').replaceAll(' ', '-');
    let anchor = slug;
    for (let k = 1; anchors.has(anchor); k++) anchor = `${slug}-${k}`;
    anchors.add(anchor);
  }
  return anchors;
}
