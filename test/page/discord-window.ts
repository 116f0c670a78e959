import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';

/** A window of the page, and what a person does in it. */
export class DiscordWindow {
  private constructor(readonly page: Page) {}

  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<DiscordWindow> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      colorScheme: 'dark',
      ...options,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(40_000);
    const window = new DiscordWindow(page);
    await page.goto(url);
    await window.box.waitFor();
    return window;
  }

  get box(): Locator {
    // Whatever language the account speaks.
    return this.page.locator('easel-composer .line > textarea');
  }

  get messages(): Locator {
    return this.page.locator('easel-message');
  }

  get last(): Locator {
    return this.messages.last();
  }

  /** A message with some text in it. */
  message(text: string | RegExp): Locator {
    return this.messages.filter({ hasText: text }).last();
  }

  /** A result: a message with a picture and its buttons. */
  get results(): Locator {
    return this.messages.filter({ has: this.page.getByRole('button', { name: 'V1' }) });
  }

  /** Waits until there are so many results. */
  async result(count: number): Promise<Locator> {
    const result = this.results.nth(count - 1);
    await result.locator('img').first().waitFor();
    return result;
  }

  async type(line: string): Promise<void> {
    await this.box.focus();
    await this.page.keyboard.type(line);
  }

  /** Types a command as one line and sends it. */
  async command(line: string): Promise<void> {
    await this.type(line);
    await this.page.locator('easel-command-form').waitFor();
    await this.page.keyboard.press('Enter');
  }

  async become(name: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Switch accounts', exact: true }).click();
    await this.page
      .getByRole('dialog', { name: 'Switch accounts' })
      .getByRole('button', { name: new RegExp(`^${name}`) })
      .click();
    await this.page.getByRole('button', { name: `Switch accounts, currently ${name}` }).waitFor();
  }

  /** Chooses the language of the account's client. */
  async speak(locale: string): Promise<void> {
    await this.page.locator('easel-account > .tool').first().click();
    const saved = this.page.waitForResponse((response) => response.url().endsWith('/page/api/me'));
    await this.page.locator('easel-account select').selectOption(locale);
    await saved;
    await this.page.locator(`html[lang="${locale}"]`).waitFor();
    await this.page.keyboard.press('Escape');
  }

  /** The bytes of a message's first picture, and its size. */
  async picture(message: Locator): Promise<{ bytes: Buffer; width: number; height: number }> {
    const image = message.locator('img[src*="/attachments/"]').first();
    await image.waitFor();
    const { src, width, height } = await image.evaluate((node) => {
      const { src, naturalWidth, naturalHeight } = node as unknown as {
        src: string;
        naturalWidth: number;
        naturalHeight: number;
      };
      return { src, width: naturalWidth, height: naturalHeight };
    });
    const response = await this.page.request.get(src);
    return { bytes: await response.body(), width, height };
  }

  /** Accessibility problems that axe calls serious or critical, in words. */
  barriers(): Promise<string[]> {
    return violationsOf(this.page, ['serious', 'critical']);
  }
}

/** What axe finds, in words. @param impacts only what is as bad as that; without them, everything. */
export async function violationsOf(page: Page, impacts?: readonly string[]): Promise<string[]> {
  // Otherwise it opens another window each time, for frames of other origins, of which there are none: most of the work.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  return violations
    .filter(({ impact }) => !impacts || impacts.includes(impact!))
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}
