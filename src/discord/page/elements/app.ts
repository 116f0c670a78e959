import type { APIMessage } from 'discord-api-types/v10';
import { html, LitElement, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { Permission } from '../numbers.js';
import { pictureFile } from '../picture-file.js';
import { store } from '../session.js';
import type { ShownPicture } from '../shown-picture.js';
import { Watch } from '../watch.js';
import './account.js';
import { appStyles } from './app-styles.js';
import type { ChannelList } from './channel-list.js';
import './channel-list.js';
import type { Composer } from './composer.js';
import './composer.js';
import type { EmojiPicker } from './emoji-picker.js';
import './emoji-picker.js';
import { icon } from './icon.js';
import type { Lightbox } from './lightbox.js';
import './lightbox.js';
import type { MaskBrush, Masked } from './mask-brush.js';
import './members.js';
import type { MessageMenu } from './message-menu.js';
import './message-menu.js';
import './message-list.js';
import type { Modal, OpenModal } from './modal.js';
import './modal.js';
import type { Picture } from './picture.js';
import './rail.js';
import { t } from '../words.js';
import { shared } from './shared.js';

/** Wide enough for the list of members beside the messages. */
const WIDE = matchMedia('(width > 1100px)');
/** So narrow that the lists of servers and channels lie over the messages, as in app-styles.ts. */
const NARROW = matchMedia('(width < 800px)');

type At = { message: APIMessage; at: DOMRect };

/** The whole window: servers, channels, messages, members; and what opens above them. */
@customElement('easel-app')
export class App extends LitElement {
  /** On a narrow screen: the lists are over the messages. */
  @state() private drawer = false;
  @state() private members = WIDE.matches;
  @state() private dropping = false;
  @query('header .narrow') private opener!: HTMLElement;
  @query('easel-channel-list') private channels!: ChannelList;
  @query('easel-composer') private composer!: Composer;
  @query('easel-emoji-picker') private emojis!: EmojiPicker;
  @query('easel-message-menu') private menu!: MessageMenu;
  @query('easel-modal') private modal!: Modal;
  @query('easel-lightbox') private lightbox!: Lightbox;
  @query('easel-mask-brush') private brush!: MaskBrush;
  #reactingTo: APIMessage | null = null;

  static override styles = [shared, appStyles];

  constructor() {
    super();
    new Watch(this, store, () => [store.ready, store.online, store.place, store.toast]);
    this.#on<At>('pick-emoji', ({ message, at }) => {
      this.#reactingTo = message;
      this.emojis.open(at);
    });
    this.#on<DOMRect>('express', (at) => {
      this.#reactingTo = null;
      this.emojis.open(at, true);
    });
    this.#on<At>('message-menu', ({ message, at }) => void this.menu.open(message, at));
    this.#on<At>('reply-to', ({ message }) => this.composer.reply(message));
    this.#on<OpenModal>('open-modal', (open) => void this.modal.show(open));
    this.addEventListener('open-picture', (event) => {
      const [opened] = event.composedPath() as [Picture];
      const beside = picturesBeside(opened);
      void this.lightbox.show(beside, Math.max(0, beside.indexOf(opened.picture)), this.#inpaint());
    });
    this.#on<ShownPicture>('paint-mask', (picture) => void this.#paint(picture));
    this.#on<{ file: File; set: (image: File, mask: File) => void }>('paint', async ({ file, set }) => {
      const masked = await this.#maskOn(file);
      if (masked) set(masked.image, masked.mask);
    });
    this.#on<string>('use-command', (name) => this.composer.begin(name));
    store.addEventListener('modal', (event) => void this.modal.show((event as CustomEvent<OpenModal>).detail));
    store.addEventListener('arrive', () => this.#closeLists());
    WIDE.addEventListener('change', ({ matches }) => {
      this.members = matches;
    });
    NARROW.addEventListener('change', () => this.#closeLists());
    window.addEventListener('keydown', (event) => this.#key(event));
    window.addEventListener('paste', (event) => this.#paste(event));
  }

  async #openLists(): Promise<void> {
    this.drawer = true;
    await this.updateComplete;
    this.channels.focus();
  }

  /** What had the focus is hidden with the lists. */
  async #closeLists(): Promise<void> {
    if (!this.drawer) return;
    this.drawer = false;
    await this.updateComplete;
    this.opener.focus();
  }

  /** Whoever tabs out of them would go on under them. */
  #leaveLists({ currentTarget, relatedTarget }: FocusEvent): void {
    if (relatedTarget && !(currentTarget as Node).contains(relatedTarget as Node)) this.drawer = false;
  }

  #on<T>(name: string, run: (detail: T) => void): void {
    this.addEventListener(name, (event) => run((event as CustomEvent<T>).detail));
  }

  /** Typing anywhere goes into the message box. */
  #key(event: KeyboardEvent): void {
    const path = event.composedPath() as HTMLElement[];
    if (event.key === 'Escape' && !path.some((one) => one.matches?.('dialog'))) this.#closeLists();
    const free = !path.some((one) => one.matches?.('input, textarea, select, [role=combobox], dialog'));
    if (free && event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.metaKey && !event.altKey)
      this.composer.focus();
  }

  #paste(event: ClipboardEvent): void {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0 || this.renderRoot.querySelector('dialog[open]')) return;
    event.preventDefault();
    this.composer.attach(files);
  }

  #inpaint(): boolean {
    const { channel } = store;
    return channel !== undefined && store.commandsIn(channel, 1).some(({ command }) => command.name === 'inpaint');
  }

  async #paint(picture: ShownPicture): Promise<void> {
    const file = await pictureFile(picture);
    const masked = file && (await this.#maskOn(file));
    if (masked) this.composer.begin('inpaint', new Map(Object.entries({ image: masked.image, mask: masked.mask })));
  }

  #drop(event: DragEvent): void {
    this.dropping = false;
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    this.composer.attach(files);
  }

  /** The brush is only loaded when it is first needed. */
  async #maskOn(file: File): Promise<Masked | null> {
    await import('./mask-brush.js');
    await this.brush.updateComplete;
    return this.brush.paint(file);
  }

  #over(event: DragEvent): void {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.dropping = true;
  }

  protected override render() {
    const { channel, toast } = store;
    const mayDrop = channel && store.may(Permission.AttachFiles, channel);
    return html`
      <nav class="shortcut" aria-label=${t('app.shortcut')}><a class="skip" href="#chat" @click=${(event: Event) => {
        event.preventDefault();
        this.composer.focus();
      }}>${t('app.skip')}</a></nav>
      <div class="lists ${this.drawer ? 'open' : ''}" @focusout=${this.#leaveLists}>
        <easel-rail></easel-rail>
        <div class="side">
          <easel-channel-list></easel-channel-list>
          <easel-account></easel-account>
        </div>
      </div>
      ${this.drawer ? html`<div class="shade" @click=${this.#closeLists}></div>` : nothing}
      <main @dragover=${this.#over} @dragleave=${this.#leave} @drop=${this.#drop}>
        ${this.#header()}
        ${store.online || !store.ready ? nothing : html`<div class="away" role="status">${t('app.away')}</div>`}
        <div class="middle">
          <div class="chat">
            <easel-message-list></easel-message-list>
            <easel-composer></easel-composer>
          </div>
          ${this.members && store.guild ? html`<easel-members class="scroll"></easel-members>` : nothing}
        </div>
        ${this.dropping && mayDrop ? html`<div class="drop"><strong>${t('app.drop')}</strong></div>` : nothing}
      </main>
      <easel-emoji-picker
        @emoji=${({ detail }: CustomEvent<string>) => (this.#reactingTo ? store.toggle(this.#reactingTo, detail) : this.composer.insert(detail))}
        @sticker=${({ detail }: CustomEvent<string>) => this.composer.sticker(detail)}
      ></easel-emoji-picker>
      <easel-message-menu></easel-message-menu>
      <easel-modal></easel-modal>
      <easel-lightbox></easel-lightbox>
      <easel-mask-brush></easel-mask-brush>
      <div class="toasts" role="status">${toast ? html`<div class="toast ${toast.bad ? 'bad' : ''}">${toast.text}</div>` : nothing}</div>
    `;
  }

  #leave(event: DragEvent): void {
    if (!(event.currentTarget as Node).contains(event.relatedTarget as Node | null)) this.dropping = false;
  }

  #header() {
    const { channel, guild } = store;
    document.title = channel ? `${channel.guild_id ? '#' : '@'}${channel.name} | ${guild?.name ?? 'Easel'}` : 'Easel';
    return html`<header>
      <button class="tool narrow" aria-label=${t('app.lists')} aria-expanded=${this.drawer} @click=${this.#openLists}>${icon('menu', 24)}</button>
      ${channel ? html`${icon(channel.thread ? 'thread' : channel.guild_id ? 'hash' : 'at', 24)}<h1>${channel.name}</h1>` : nothing}
      ${channel?.topic ? html`<span class="topic">${channel.topic}</span>` : nothing}
      <span class="space"></span>
      ${
        guild
          ? html`<button class="tool" aria-label=${t('members.members')} aria-pressed=${this.members} title=${t('members.members')} @click=${() => {
              this.members = !this.members;
            }}>${icon('people', 24)}</button>`
          : nothing
      }
    </header>`;
  }
}

/** The pictures that are shown together with one, itself included: not those behind a spoiler. */
function picturesBeside(opened: Picture): ShownPicture[] {
  const together = (opened.getRootNode() as ShadowRoot).querySelectorAll<Picture>('easel-picture');
  return [...together].filter(({ veiled }) => !veiled).map(({ picture }) => picture);
}
