import { Picker } from 'emoji-picker-element';
import type { CustomEmoji, EmojiClickEvent } from 'emoji-picker-element/shared';
import { css, html, LitElement } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { emojiWords } from '../emoji-words.js';
import { emojiUrl } from '../names.js';
import { store } from '../session.js';
import { Watch } from '../watch.js';
import { spoken, t } from '../words.js';

/**
 * The server's emojis and all of Unicode's, searchable in the page's language: emoji-picker-element, loaded when first
 * opened. Fires `emoji` with the chosen one, a character or name:id.
 */
@customElement('easel-emoji-panel')
export class EmojiPanel extends LitElement {
  @state() private picker: Picker | null = null;
  #locale = '';
  #guildEmojis: unknown;

  static override styles = css`
    emoji-picker {
      width: 100%;
      height: 340px;
      --background: var(--side);
      --border-color: var(--line);
      --border-size: 0;
      --button-active-background: var(--selected);
      --button-hover-background: var(--selected);
      --category-font-color: var(--muted);
      --category-font-size: 12px;
      --emoji-padding: 6px;
      --indicator-color: var(--accent);
      --input-border-color: transparent;
      --input-border-radius: 4px;
      --input-font-color: var(--text);
      --input-placeholder-color: var(--muted);
      --outline-color: var(--link);
    }
  `;

  constructor() {
    super();
    new Watch(this, store, () => [store.guild?.emojis]);
  }

  /** Focuses the empty search field. */
  override focus(): void {
    void this.updateComplete.then(() => {
      const search = this.picker?.shadowRoot?.querySelector('input');
      if (!search) return;
      search.value = '';
      search.dispatchEvent(new Event('input'));
      search.focus();
    });
  }

  protected override willUpdate(): void {
    if (this.#locale !== spoken()) {
      this.#locale = spoken();
      void this.#make(spoken());
    }
    this.#own();
  }

  async #make(locale: string): Promise<void> {
    const { language, data, texts } = emojiWords(locale);
    const i18n = { ...(await texts()), regionLabel: t('emoji.pick'), searchLabel: t('emoji.find') };
    if (locale !== this.#locale) return;
    this.#guildEmojis = undefined;
    this.picker = new Picker({ locale: language, dataSource: data, i18n });
    this.picker.addEventListener('emoji-click', this.#choose);
    this.focus();
  }

  /** The server's own emojis; duplicate names are numbered as in Discord. */
  #own(): void {
    const { guild } = store;
    if (!this.picker || this.#guildEmojis === guild?.emojis) return;
    this.#guildEmojis = guild?.emojis;
    const taken = new Map<string, number>();
    this.picker.customEmoji = (guild?.emojis ?? []).map(({ id, name }): CustomEmoji => {
      const count = taken.get(name) ?? 0;
      taken.set(name, count + 1);
      const shown = count > 0 ? `${name}~${count}` : name;
      return { name: shown, shortcodes: [shown], url: emojiUrl(id), category: guild!.name };
    });
  }

  readonly #choose = ({ detail }: EmojiClickEvent) => {
    const { emoji, unicode } = detail;
    const own = 'url' in emoji && store.guild?.emojis.find(({ id }) => emojiUrl(id) === emoji.url);
    const chosen = own ? `${own.name}:${own.id}` : unicode;
    if (chosen) this.dispatchEvent(new CustomEvent('emoji', { detail: chosen }));
  };

  protected override render() {
    return html`${this.picker}`;
  }
}
