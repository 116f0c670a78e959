import type { APIMessage } from 'discord-api-types/v10';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { type Entry, entriesOf, find, parseTyped, type Typed } from '../command-options.js';
import { withEmojis, withMentions } from '../markdown.js';
import { nameOf } from '../names.js';
import { FILE_LIMIT, Permission } from '../numbers.js';
import { store } from '../session.js';
import { formatBytes } from '../shown-picture.js';
import { Watch } from '../watch.js';
import './avatar.js';
import type { CommandForm } from './command-form.js';
import './command-form.js';
import { composerStyles } from './composer-styles.js';
import './file-picture.js';
import { icon } from './icon.js';
import { fields, shared } from './shared.js';
import './typing.js';
import { pieces, t } from '../words.js';

const MOST_FILES = 10;
/** Of a message (documentation, "Create Message"). */
const MOST_CHARACTERS = 2000;
/** So near the limit, the message box counts down. */
const COUNTED = 200;
const TELL_TYPING = 8000;

/** The message box: text, files, a reply, or a command that begins with a slash. */
@customElement('easel-composer')
export class Composer extends LitElement {
  @state() private text = '';
  @state() private files: readonly File[] = [];
  @state() private replyTo: APIMessage | null = null;
  @state() private entry: Entry | null = null;
  @state() private active = 0;
  @query('textarea') private box!: HTMLTextAreaElement | null;
  @query('easel-command-form') private form!: CommandForm | null;
  #prefilled: ReadonlyMap<string, Typed> = new Map();
  #drafts = new Map<string, string>();
  #channel: string | null = null;
  /** Whose text and command they are: nobody goes on with another's. */
  #account = store.api.account;
  #toldTyping = 0;

  static override styles = [shared, fields, composerStyles];

  constructor() {
    super();
    new Watch(this, store, () => [...store.named, store.place.channel, store.api]);
  }

  protected override willUpdate(): void {
    const { channel } = store.place;
    const { account } = store.api;
    if (channel === this.#channel && account === this.#account) return;
    if (account !== this.#account) this.#drafts.clear();
    else if (this.#channel) this.#drafts.set(this.#channel, this.text);
    this.#channel = channel;
    this.#account = account;
    this.text = this.#drafts.get(channel ?? '') ?? '';
    this.files = [];
    this.replyTo = null;
    this.entry = null;
  }

  override focus(): void {
    (this.box ?? this.form)?.focus();
  }

  reply(message: APIMessage): void {
    this.replyTo = message;
    void this.updateComplete.then(() => this.focus());
  }

  /** Files that were dropped or pasted: into the command's options, else onto the message. */
  attach(files: readonly File[]): void {
    for (const file of files) {
      if (this.form?.attach(file)) continue;
      if (!store.may(Permission.AttachFiles)) store.tell(t('composer.noFiles'), true);
      else if (file.size > FILE_LIMIT)
        store.tell(
          t('composer.tooLarge', { name: file.name, size: formatBytes(file.size), limit: formatBytes(FILE_LIMIT) }),
          true,
        );
      else if (this.files.length < MOST_FILES) this.files = [...this.files, file];
      else store.tell(t('composer.tooMany', { count: MOST_FILES }), true);
    }
  }

  /** Puts an emoji where the caret is: a character, or name:id of a custom one. */
  insert(emoji: string): void {
    const [name, id] = emoji.split(':');
    const { selectionStart: start, selectionEnd: end } = this.box ?? { selectionStart: 0, selectionEnd: 0 };
    const unique = store.guild?.emojis.find((one) => one.name === name)?.id === id;
    const written = id ? `${unique ? `:${name}:` : `<:${name}:${id}>`} ` : emoji;
    this.text = this.text.slice(0, start) + written + this.text.slice(end);
    void this.updateComplete.then(() => {
      this.focus();
      this.box?.setSelectionRange(start + written.length, start + written.length);
    });
  }

  /** Sends a sticker by itself; what is being written stays. */
  async sticker(id: string): Promise<void> {
    const { replyTo } = this;
    this.replyTo = null;
    await store.attempt(
      store.api.send(store.place.channel!, { content: '', sticker_ids: [id], ...reference(replyTo) }, []),
    );
    this.focus();
  }

  /** Begins a command by its name, with values. @returns whether the account may use it here. */
  begin(name: string, values: ReadonlyMap<string, Typed> = new Map()): boolean {
    const entry = this.#entries().find((one) => one.name === name);
    if (entry) this.#choose(entry, values);
    return entry !== undefined;
  }

  #entries(): Entry[] {
    const { channel } = store;
    if (!channel) return [];
    return store
      .commandsIn(channel, 1)
      .flatMap(({ application, command }) => entriesOf(command, application.id, application.bot.id, store.locale));
  }

  #choose(entry: Entry, values: ReadonlyMap<string, Typed> = new Map()): void {
    this.#prefilled = values;
    // Another command gets a form of its own.
    this.entry = null;
    void this.updateComplete.then(() => {
      this.entry = entry;
      this.text = '';
    });
  }

  #found(): Entry[] {
    return this.text.startsWith('/') && !this.text.includes('\n')
      ? find(this.#entries(), this.text.slice(1).trimEnd())
      : [];
  }

  /** `/name ` begins the command; a whole line of it fills its options. */
  #typed(): void {
    this.text = this.box!.value;
    this.active = 0;
    const match = this.#entries()
      .flatMap((entry) => [entry.name, entry.label].map((typed) => ({ entry, typed })))
      .filter(({ typed }) => this.text.startsWith(`/${typed} `))
      .sort((one, other) => other.typed.length - one.typed.length)[0];
    if (match) this.#choose(match.entry, parseTyped(match.entry, this.text.slice(match.typed.length + 2)));
    else if (this.text && !this.text.startsWith('/') && Date.now() - this.#toldTyping > TELL_TYPING) {
      this.#toldTyping = Date.now();
      void store.api.typing(store.place.channel!).catch(() => {});
    }
  }

  #key(event: KeyboardEvent): void {
    const found = this.#found();
    const { key } = event;
    if (found.length > 0 && (key === 'ArrowDown' || key === 'ArrowUp')) {
      this.active = (this.active + (key === 'ArrowDown' ? 1 : -1) + found.length) % found.length;
      void this.updateComplete.then(() =>
        this.renderRoot.querySelector('.active')?.scrollIntoView({ block: 'nearest' }),
      );
    } else if (found.length > 0 && (key === 'Enter' || key === 'Tab')) this.#choose(found[this.active] ?? found[0]!);
    else if (key === 'Enter' && !event.shiftKey && !event.isComposing) void this.#send();
    else if (key === 'Escape' && this.replyTo) this.replyTo = null;
    else if (key === 'Escape' && found.length > 0) this.text = '';
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  async #send(): Promise<void> {
    const content = this.text.trim();
    if (!content && this.files.length === 0) return;
    const users = store.guild?.members.map(({ user }) => ({ id: user.id, name: nameOf(user) })) ?? [];
    const written = withMentions(withEmojis(content, store.guild?.emojis ?? []), users);
    if (written.length > MOST_CHARACTERS) {
      store.tell(t('composer.tooLong', { most: MOST_CHARACTERS, length: written.length }), true);
      return;
    }
    const { files, replyTo } = this;
    this.text = '';
    this.files = [];
    this.replyTo = null;
    this.#toldTyping = 0;
    const draft = { content: written, ...reference(replyTo) };
    const sent = await store.attempt(store.api.send(store.place.channel!, draft, files));
    // What was refused is not lost.
    if (!sent && !this.text) Object.assign(this, { text: content, files, replyTo });
  }

  #leave(): void {
    this.entry = null;
    void this.updateComplete.then(() => this.focus());
  }

  protected override render() {
    const { channel } = store;
    if (!channel) return nothing;
    const may = store.may(Permission.SendMessages, channel);
    return html`
      ${this.entry ? nothing : this.#picker()}
      ${this.replyTo ? this.#replying(this.replyTo) : nothing}
      <div class="frame ${this.entry ? 'form' : ''}">
        ${this.files.length > 0 ? this.#attached() : nothing}
        ${
          this.entry
            ? html`<easel-command-form .entry=${this.entry} .prefilled=${this.#prefilled} @left=${this.#leave} @sent=${this.#leave}></easel-command-form>`
            : this.#line(may, channel.guild_id ? `#${channel.name}` : `@${channel.name}`)
        }
      </div>
      <easel-typing></easel-typing>
    `;
  }

  #line(may: boolean, where: string): TemplateResult {
    const found = this.#found();
    const left = MOST_CHARACTERS - this.text.length;
    const choose = (event: Event) => {
      const input = event.target as HTMLInputElement;
      this.attach([...(input.files ?? [])]);
      input.value = '';
    };
    return html`<div class="line">
      <label class="plus" title=${t('composer.upload')}>
        ${icon('plus', 24)}<input type="file" class="unseen" multiple aria-label=${t('composer.upload')} ?disabled=${!may || !store.may(Permission.AttachFiles)} @change=${choose} />
      </label>
      <textarea
        rows="1"
        aria-label=${t('composer.message', { where })}
        placeholder=${may ? t('composer.message', { where }) : t('composer.forbidden')}
        ?disabled=${!may}
        .value=${this.text}
        aria-haspopup="listbox"
        aria-controls=${found.length > 0 ? 'commands' : nothing}
        aria-autocomplete="list"
        aria-activedescendant=${found.length > 0 ? `command-${this.active}` : nothing}
        @input=${this.#typed}
        @keydown=${this.#key}
      ></textarea>
      ${left < COUNTED && !this.text.startsWith('/') ? html`<span class="left ${left < 0 ? 'over' : ''}">${left}</span>` : nothing}
      <button class="tool" aria-label=${t('composer.emoji')} title=${t('composer.express')} ?disabled=${!may} @click=${this.#express}>${icon('smile', 24)}</button>
      <button class="tool" aria-label=${t('composer.commands')} title=${t('composer.commands')} @click=${this.#slash}>${icon('slash', 24)}</button>
    </div>`;
  }

  #express(event: Event): void {
    const at = (event.currentTarget as HTMLElement).getBoundingClientRect();
    this.dispatchEvent(new CustomEvent('express', { bubbles: true, composed: true, detail: at }));
  }

  #slash(): void {
    this.text = '/';
    this.active = 0;
    this.focus();
  }

  #picker(): TemplateResult | typeof nothing {
    const found = this.#found();
    if (found.length === 0) return nothing;
    return html`<ul id="commands" role="listbox" tabindex="0" class="picker scroll" aria-label=${t('composer.commands')} @mousedown=${(event: Event) => event.preventDefault()}>
      ${found.map((entry, place) => {
        const bot = store.applicationOf(entry.application)?.bot;
        return html`<li
          id="command-${place}"
          role="option"
          aria-selected=${place === this.active}
          class=${place === this.active ? 'active' : ''}
          @click=${() => this.#choose(entry)}
        >
          ${bot ? html`<easel-avatar .user=${bot} .size=${32}></easel-avatar>` : nothing}
          <span class="what">
            <strong>/${entry.label}</strong>
            ${entry.options.filter(({ required }) => required).map(({ label }) => html`<code>${label}</code>`)}
            <small>${entry.description}</small>
          </span>
          <span class="whose">${nameOf(bot)}</span>
        </li>`;
      })}
    </ul>`;
  }

  #replying(message: APIMessage): TemplateResult {
    return html`<div class="replying">
      <span>${pieces('composer.replying', { name: html`<strong>${nameOf(message.author)}</strong>` })}</span>
      <button aria-label=${t('composer.noReply')} @click=${() => {
        this.replyTo = null;
      }}>${icon('close', 16)}</button>
    </div>`;
  }

  #attached(): TemplateResult {
    return html`<ul class="files" aria-label=${t('composer.files')}>
      ${this.files.map(
        (file) => html`<li>
          ${file.type.startsWith('image/') ? html`<easel-file-picture .file=${file}></easel-file-picture>` : icon('file', 64)}
          <span>${file.name}</span>
          <button aria-label=${t('composer.remove', { name: file.name })} @click=${() => {
            this.files = this.files.filter((other) => other !== file);
          }}>${icon('trash', 18)}</button>
        </li>`,
      )}
    </ul>`;
  }
}

function reference(replyTo: APIMessage | null) {
  return replyTo && { message_reference: { message_id: replyTo.id } };
}
