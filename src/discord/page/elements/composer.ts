import type { APIMessage } from 'discord-api-types/v10';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import type { PageChannel } from '../../page-protocol.js';
import { characters } from '../../rules/fields.js';
import type { Entry, Typed } from '../command-options.js';
import { withFile } from '../files-to-send.js';
import { isComposing } from '../keys.js';
import { Permission } from '../numbers.js';
import { MOST_CHARACTERS, typedEmoji, written } from '../outgoing.js';
import { store } from '../session.js';
import { begunCommand, commandEntries } from '../typed-command.js';
import { TypingSignal } from '../typing-signal.js';
import { Watch } from '../watch.js';
import { t } from '../words.js';
import type { CommandForm } from './command-form.js';
import './command-form.js';
import { composerStyles } from './composer-styles.js';
import { filesList } from './files-list.js';
import { messageLine } from './message-line.js';
import { type Listed, MessageLists } from './message-lists.js';
import { replyBar } from './reply-bar.js';
import { fields, shared } from './shared.js';
import './typing.js';

/** The message box: text, files, a reply, or a slash command. */
@customElement('easel-composer')
export class Composer extends LitElement {
  @state() private text = '';
  @state() private files: readonly File[] = [];
  @state() private replyTo: APIMessage | null = null;
  @state() private entry: Entry | null = null;
  @query('textarea') private box!: HTMLTextAreaElement | null;
  @query('easel-command-form') private form!: CommandForm | null;
  #prefilled: ReadonlyMap<string, Typed> = new Map();
  #drafts = new Map<string, string>();
  #channel: string | null = null;
  /** The account whose text and command these are. */
  #account = store.api.account;
  readonly #typing = new TypingSignal(store);
  readonly #lists = new MessageLists(this, (entry) => this.#choose(entry));

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

  /** Dropped or pasted files: for the command's options, otherwise for the message. */
  attach(files: readonly File[]): void {
    for (const file of files) {
      if (!this.form?.attach(file)) this.files = withFile(this.files, file, store);
    }
  }

  /** Moves the focus to the next file, and from the last one back to the text. */
  #remove(file: File): void {
    const place = this.files.indexOf(file);
    this.files = this.files.filter((other) => other !== file);
    void this.updateComplete.then(() => {
      const buttons = this.renderRoot.querySelectorAll<HTMLElement>('.files button');
      (buttons[Math.min(place, buttons.length - 1)] ?? this).focus();
    });
  }

  /** Inserts an emoji at the caret: a character, or name:id of a custom one. */
  insert(emoji: string): void {
    const { selectionStart: start, selectionEnd: end } = this.box ?? { selectionStart: 0, selectionEnd: 0 };
    const typed = typedEmoji(emoji, store);
    this.text = this.text.slice(0, start) + typed + this.text.slice(end);
    void this.updateComplete.then(() => {
      this.focus();
      this.box?.setSelectionRange(start + typed.length, start + typed.length);
    });
  }

  /** Sends a sticker by itself; the text being written stays. */
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
    const entry = commandEntries(store).find((one) => one.name === name);
    if (entry) this.#choose(entry, values);
    return entry !== undefined;
  }

  #choose(entry: Entry, values: ReadonlyMap<string, Typed> = new Map()): void {
    this.#prefilled = values;
    // Another command gets a new form.
    this.entry = null;
    void this.updateComplete.then(() => {
      this.entry = entry;
      this.text = '';
    });
  }

  get #list(): Listed | null {
    return this.#lists.of(this.text, this.box);
  }

  #typed(event: Event): void {
    this.text = this.box!.value;
    // Not yet text.
    if (isComposing(event)) return;
    this.#lists.anew(this.box!);
    const begun = begunCommand(this.text, () => commandEntries(store));
    if (begun) this.#choose(begun.entry, begun.values);
    else if (this.text && !this.text.startsWith('/')) this.#typing.tell();
  }

  #key(event: KeyboardEvent): void {
    if (isComposing(event)) return;
    const list = this.#list;
    const { key, shiftKey } = event;
    if (list && (key === 'ArrowDown' || key === 'ArrowUp')) this.#move(list, key === 'ArrowDown' ? 1 : -1);
    else if (list && !shiftKey && (key === 'Enter' || key === 'Tab')) list.take();
    else if (key === 'Enter' && !shiftKey) void this.#send();
    else if (key === 'Escape' && list) list.close();
    else if (key === 'Escape' && this.replyTo) this.replyTo = null;
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #move(list: Listed, step: 1 | -1): void {
    list.move(step);
    this.requestUpdate();
    void this.updateComplete.then(() => this.renderRoot.querySelector('.active')?.scrollIntoView({ block: 'nearest' }));
  }

  async #send(): Promise<void> {
    // A name just closed with a colon is first replaced by its emoji.
    await this.#lists.emojis.settled;
    const content = this.text.trim();
    if (!content && this.files.length === 0) return;
    const text = written(content, store);
    const length = characters(text);
    if (length > MOST_CHARACTERS) {
      store.tell(t('composer.tooLong', { most: MOST_CHARACTERS, length }), true);
      return;
    }
    const { files, replyTo } = this;
    this.text = '';
    this.files = [];
    this.replyTo = null;
    this.#typing.done();
    const draft = { content: text, ...reference(replyTo) };
    const sent = await store.attempt(store.api.send(store.place.channel!, draft, files));
    // Refused text is put back.
    if (!sent && !this.text) Object.assign(this, { text: content, files, replyTo });
  }

  #leave(): void {
    this.entry = null;
    void this.updateComplete.then(() => this.focus());
  }

  protected override render() {
    const { channel } = store;
    if (!channel) return nothing;
    return html`
      ${this.entry ? nothing : this.#list?.template}
      ${replyBar(this.replyTo, () => {
        this.replyTo = null;
      })}
      <div class="frame ${this.entry ? 'form' : ''}">
        ${filesList(this.files, (file) => this.#remove(file))}
        ${
          this.entry
            ? html`<easel-command-form .entry=${this.entry} .prefilled=${this.#prefilled} @left=${this.#leave} @sent=${this.#leave}></easel-command-form>`
            : this.#line(channel)
        }
      </div>
      <easel-typing></easel-typing>
    `;
  }

  #line(channel: PageChannel): TemplateResult {
    return messageLine({
      text: this.text,
      where: channel.guild_id ? `#${channel.name}` : `@${channel.name}`,
      may: store.may(Permission.SendMessages, channel),
      left: MOST_CHARACTERS - characters(written(this.text.trim(), store)),
      list: this.#list,
      input: (event) => this.#typed(event),
      key: (event) => this.#key(event),
      files: (files) => this.attach(files),
      express: (at) => this.#express(at),
      slash: () => this.#slash(),
    });
  }

  #express(at: DOMRect): void {
    this.dispatchEvent(new CustomEvent('express', { bubbles: true, composed: true, detail: at }));
  }

  #slash(): void {
    this.text = '/';
    this.#lists.anew();
    this.focus();
  }
}

function reference(replyTo: APIMessage | null) {
  return replyTo && { message_reference: { message_id: replyTo.id } };
}
