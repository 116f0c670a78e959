import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { DiscordWindow, violationsOf } from './discord-window.js';
import { CHROMIUM, launchBrowser, Product } from './product.js';

/** What has the focus, in whatever shadow tree, and whether a person sees that. */
interface Focus {
  name: string;
  /** Inside the window, and nothing lies over it. */
  visible: boolean;
  /** It, or the frame around it, has an outline, or it has a caret. */
  outlined: boolean;
}

const FOCUS = `(() => {
  let node = document.activeElement;
  while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
  if (!node || node === document.body) return null;
  const text = (one) => one?.getAttribute?.('aria-label') ?? one?.textContent ?? '';
  const name = text(node).trim().replace(/\\s+/g, ' ') || node.localName;
  const { left, top, width, height } = node.getBoundingClientRect();
  const [x, y] = [left + width / 2, top + Math.min(height / 2, 10)];
  let hit = document.elementFromPoint(x, y);
  while (hit?.shadowRoot?.elementFromPoint(x, y) && hit.shadowRoot.elementFromPoint(x, y) !== hit) hit = hit.shadowRoot.elementFromPoint(x, y);
  let inside = false;
  for (let one = hit; one; one = one.parentNode ?? one.host) if (one === node) inside = true;
  // In ordinary colours, a caret shows where one types.
  let outlined = node.matches('input, textarea') && !matchMedia('(forced-colors: active)').matches;
  for (let one = node, k = 0; one && k < 6; one = one.parentNode ?? one.host, k++)
    if (one instanceof Element && getComputedStyle(one).outlineStyle !== 'none') outlined = true;
  return { name, visible: inside, outlined };
})()`;

/** Animations of all shadow trees that take time. */
const MOVING = `(() => {
  const names = [];
  const look = (root) => {
    for (const one of root.getAnimations()) if (one.effect?.getComputedTiming().activeDuration > 50) names.push(one.animationName ?? one.transitionProperty);
    for (const node of root.querySelectorAll('*')) if (node.shadowRoot) look(node.shadowRoot);
  };
  look(document);
  return names;
})()`;

const WIDER = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

const WAYS: [string, BrowserContextOptions][] = [
  ['1280 pixels wide', { viewport: { width: 1280, height: 800 } }],
  ['320 pixels wide', { viewport: { width: 320, height: 640 } }],
  ['at 200 %', { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 }],
  ['with forced colours and reduced motion', { forcedColors: 'active', reducedMotion: 'reduce' }],
];

describe.skipIf(!CHROMIUM)('with the keyboard alone (needs Chromium)', () => {
  let folder: string;
  let product: Product;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'easel-page-'));
    product = await Product.start(folder);
    browser = await launchBrowser();
  });

  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
  });
  afterAll(async () => {
    await browser?.close();
    await product?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test.each(WAYS)('a picture is asked for, looked at, enlarged, edited and deleted (%s)', async (_, options) => {
    const window = await DiscordWindow.open(browser, product.url, options);
    const { page } = window;
    const narrow = (options.viewport?.width ?? 1280) < 800;
    page.setDefaultTimeout(60_000);
    const sees = (what: string) => check(page, what, options);
    await page.locator('easel-greeting .prompt').nth(2).waitFor({ state: 'attached' });
    const before = await window.results.count();
    await sees('the start');

    await page.keyboard.press('Tab');
    expect(await focus(page)).toMatchObject({ name: 'To the message box', visible: true });
    await page.keyboard.press('Enter');
    expect(await focus(page)).toMatchObject({ name: 'Message #general' });
    await page.keyboard.type('/im');
    await page.getByRole('option', { name: /^\/imagine/ }).waitFor();
    await sees('the picker');
    await page.keyboard.press('Enter');
    await page.keyboard.type('a red apple count: 2 steps: 4');
    await sees('the options');
    await page.keyboard.press('Enter');
    await window.result(before + 1);
    expect(await focus(page)).toMatchObject({ name: 'Message #general', visible: true });
    await sees('the result');

    await tabTo(page, /^Open picture/, 'back');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Picture' }).waitFor();
    await sees('the picture');
    await page.keyboard.press('Escape');
    expect((await focus(page))?.name).toMatch(/^Open picture/);

    await tabTo(page, /^U1$/);
    await page.keyboard.press('Enter');
    await window.message('Picture 1, enlarged').getByRole('button', { name: 'V1' }).waitFor();
    expect((await focus(page))?.name).toBe('U1');

    await tabTo(page, /Edit/);
    await page.keyboard.press('Enter');
    const modal = page.getByRole('dialog', { name: 'Edit and paint again' });
    await modal.waitFor();
    expect(await focus(page)).toMatchObject({ visible: true });
    await sees('the form');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('a blue bird');
    await tabTo(page, /^Submit$/);
    await page.keyboard.press('Enter');
    await modal.waitFor({ state: 'hidden' });
    expect((await focus(page))?.name).toMatch(/Edit/);
    await (await window.result(before + 3)).getByText('a blue bird').first().waitFor();

    await tabTo(page, /^Message #general$/);
    await page.keyboard.type('not to stay');
    await page.keyboard.press('Enter');
    const own = window.message('not to stay');
    await own.waitFor();
    await tabTo(page, /not to stay/, 'back');
    await page.keyboard.press('Enter');
    await page.getByRole('menu', { name: 'Message actions' }).waitFor();
    await sees('the menu');
    await page.keyboard.press('End');
    expect(await focus(page)).toMatchObject({ name: 'Delete Message', visible: true });
    await page.keyboard.press('Enter');
    await own.waitFor({ state: 'detached' });
    // On to what is now the last.
    expect((await focus(page))?.name).toMatch(/a blue bird/);

    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    expect((await focus(page))?.name).toMatch(/a red apple/);
    await tabTo(page, /Delete|🗑/);
    await page.keyboard.press('Enter');
    await expect.poll(() => window.results.count()).toBe(before + 2);
    // And here to what stands in its place.
    expect((await focus(page))?.name).toMatch(/a red apple/);
    await sees('the end');

    if (!narrow) return;
    await tabTo(page, /^Servers and channels$/, 'back');
    await page.keyboard.press('Enter');
    expect((await focus(page))?.name).toBe('general');
    await sees('the lists');
    await page.keyboard.press('Escape');
    expect((await focus(page))?.name).toBe('Servers and channels');
    await page.keyboard.press('Enter');
    await tabTo(page, /^Members$/);
    expect(await page.getByRole('button', { name: 'Servers and channels' }).getAttribute('aria-expanded')).toBe(
      'false',
    );
    await tabTo(page, /^Servers and channels$/, 'back');
    await page.keyboard.press('Enter');
    await tabTo(page, /^paintings$/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Welcome to #paintings!' }).waitFor();
    expect((await focus(page))?.name).toBe('Servers and channels');
  });
});

function focus(page: Page): Promise<Focus | null> {
  return page.evaluate(FOCUS) as Promise<Focus | null>;
}

/** Presses Tab until something has the focus. @throws with all that had it, if nothing of the name ever does. */
async function tabTo(page: Page, name: RegExp, way: 'on' | 'back' = 'on'): Promise<void> {
  const seen: string[] = [];
  while (seen.length < 150) {
    await page.keyboard.press(way === 'on' ? 'Tab' : 'Shift+Tab');
    const now = await focus(page);
    seen.push(now?.name.slice(0, 40) ?? '-');
    if (now && name.test(now.name)) {
      // Once what slides away is gone.
      await expect.poll(() => focus(page), { message: now.name }).toMatchObject({ visible: true, outlined: true });
      return;
    }
  }
  throw new Error(`Tab does not lead to ${name}, but to: ${seen.join(', ')}`);
}

async function check(page: Page, what: string, { reducedMotion }: BrowserContextOptions): Promise<void> {
  expect(await violationsOf(page), `axe, at ${what}`).toEqual([]);
  expect(await page.evaluate(WIDER), `pixels too wide, at ${what}`).toBe(0);
  if (reducedMotion) expect(await page.evaluate(MOVING), `moves, at ${what}`).toEqual([]);
}
