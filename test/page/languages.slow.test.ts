import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { DiscordWindow } from './discord-window.js';
import { CHROMIUM, launchBrowser, Product } from './product.js';

vi.setConfig({ testTimeout: 120_000 });

const textsOf = (language: string): Record<string, string> =>
  JSON.parse(readFileSync(`src/discord/page/locales/${language}.json`, 'utf8'));
const english = textsOf('en');

/** Everything that is read or heard on the page, through all shadow roots. */
const SAID = `(() => {
  const said = [];
  const visit = (node) => {
    if (node.nodeType === 3) said.push(node.data.trim());
    if (node.nodeType === 1) {
      if (['STYLE', 'SCRIPT', 'NOSCRIPT'].includes(node.tagName)) return;
      for (const name of ['aria-label', 'title', 'placeholder', 'alt']) said.push(node.getAttribute(name) ?? '');
      if (node.shadowRoot) visit(node.shadowRoot);
    }
    for (const child of node.childNodes ?? []) visit(child);
  };
  visit(document.body);
  return said.filter(Boolean);
})()`;

describe.skipIf(!CHROMIUM)('the page in the account’s language (needs Chromium)', () => {
  let folder: string;
  let product: Product;
  let browser: Browser;
  let ada: DiscordWindow;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'easel-page-'));
    product = await Product.start(folder);
    browser = await launchBrowser();
    ada = await DiscordWindow.open(browser, product.url);
    await ada.page.locator('easel-greeting .prompt').first().click();
    await ada.result(1);
  });

  afterAll(async () => {
    await browser?.close();
    await product?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test.each(['de', 'fr', 'es-ES', 'ja'])(
    '%s: nothing is left in English, on a page that was open before',
    async (locale) => {
      const { page } = ada;
      const texts = textsOf(locale.split('-')[0]!);
      const differing = Object.keys(english).filter((key) => texts[key] && texts[key] !== english[key]);
      const foreign = new Set(differing.map((key) => english[key]!));
      // What has the same words in another place of the language, such as a name.
      for (const text of Object.values(texts)) foreign.delete(text);
      await ada.speak(locale);
      await ada.box.and(page.getByPlaceholder(texts['composer.message']!.replace('{{where}}', '#general'))).waitFor();
      const said = (await page.evaluate(SAID)) as string[];
      await (await ada.result(1)).locator('.name').first().click({ button: 'right' });
      await page.getByRole('menuitem', { name: texts['menu.copyText']! }).waitFor();
      said.push(...((await page.evaluate(SAID)) as string[]));
      await page.keyboard.press('Escape');
      await ada.type('/imagine ');
      await page.locator('easel-command-form').waitFor();
      said.push(...((await page.evaluate(SAID)) as string[]));
      await page.keyboard.press('Escape');
      expect(said.filter((text) => foreign.has(text))).toEqual([]);
      expect(said).toContain(texts['members.online']);
      expect(await page.evaluate('document.documentElement.lang')).toBe(locale);
      expect(await ada.barriers()).toEqual([]);
    },
  );
});
