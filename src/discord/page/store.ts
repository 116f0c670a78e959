import type { APIMessage } from 'discord-api-types/v10';
import type { PageEvent, PageInteraction, PageReady } from '../page-protocol.js';
import { Api, Refused } from './api.js';
import { Directory } from './directory.js';
import { FreshLinks } from './fresh-links.js';
import { History } from './history.js';
import { Interactions } from './interactions.js';
import { connect } from './live.js';
import { emojiKey, isNews, type News } from './news.js';
import { type Place, pathOf, placeOf } from './place.js';
import { Typists } from './typists.js';
import { keepUnchanged } from './unchanged.js';
import { speak, spoken } from './words.js';

/**
 * The window's state, fed by live events. Elements watch it (watch.ts) and only change it through its methods. Messages
 * are replaced, never mutated, so that only changes are rendered. Its events: `change` for anything, `message` for each
 * new one, `edit` for each changed one, `own` for the account's own actions, `arrive` for another place, `modal` for
 * one to open.
 */
export class Store extends Directory {
  online = false;
  readonly unread = new Set<string>();
  readonly typists = new Typists(() => this.#changed());
  /** The last short notice to the user. */
  toast: { text: string; bad: boolean } | null = null;
  // Replaced when the account changes.
  api!: Api;
  history!: History;
  freshLinks!: FreshLinks;
  interactions!: Interactions;
  #disconnect = () => {};
  /** The connection is new: earlier events may have been missed. */
  #connected = false;
  #toastTimer = 0;

  constructor(account: string) {
    super();
    this.#be(account);
    window.addEventListener('popstate', () => this.#arrive(placeOf(location.pathname)));
  }

  #be(account: string): void {
    const changed = () => this.#changed();
    const attempt = <T>(asked: Promise<T>) => this.attempt(asked);
    this.api = new Api(account);
    this.history = new History(this.api, attempt, changed);
    this.freshLinks = new FreshLinks(this.api, this.history, changed);
    this.interactions = new Interactions(this.api, attempt, changed);
  }

  start(): void {
    this.#disconnect();
    this.#disconnect = connect(
      this.api.account,
      (event) => this.#take(event),
      (online) => {
        this.online = online;
        if (online) this.#connected = true;
        this.#changed();
      },
    );
  }

  /** Switches to another account and loads everything again. */
  become(account: string): void {
    sessionStorage.setItem('account', account);
    this.#be(account);
    this.unread.clear();
    this.ready = null;
    this.#changed();
    this.start();
  }

  go(place: Place): void {
    const path = pathOf(place);
    if (path !== location.pathname) history.pushState(null, '', path);
    this.#arrive(place);
  }

  /** Goes to the last visited channel of a server or the direct messages, otherwise to the first. */
  goTo(guild: string | null): void {
    const last = sessionStorage.getItem(`last:${guild ?? '@me'}`);
    const channels = guild ? this.ready?.guilds.find(({ id }) => id === guild)?.channels : this.ready?.directMessages;
    const channel = channels?.find(({ id }) => id === last) ?? channels?.[0];
    this.go({ guild, channel: channel?.id ?? null, message: null });
  }

  #arrive(place: Place): void {
    this.place = place;
    if (place.channel) {
      sessionStorage.setItem(`last:${place.guild ?? '@me'}`, place.channel);
      this.unread.delete(place.channel);
      void this.#show(place.channel, place.message);
    }
    this.#changed();
    this.dispatchEvent(new Event('arrive'));
  }

  /** Loads what is missing: the newest messages, and those up to a linked one. */
  async #show(channel: string, message: string | null): Promise<void> {
    const { place, history } = this;
    const here = () => this.place === place && this.history === history;
    if (!history.messages.has(channel)) await history.load(channel);
    if (!message || (await history.loadUpTo(channel, message, here)) || !here()) return;
    // It no longer exists: shows the newest.
    this.place = { ...place, message: null };
    this.#changed();
  }

  /** Uses a command. @returns the modal, if that is the answer. */
  command(channel: string, name: string, interaction: PageInteraction, files: readonly File[] = []) {
    const answer = this.interactions.command(channel, name, interaction, files);
    this.dispatchEvent(new Event('own'));
    return answer;
  }

  /** Uses a component of a message. */
  use(message: APIMessage, custom_id: string, component_type: number, values?: string[]) {
    const application = message.application_id ?? this.applicationOf(message.author.id)?.id ?? '';
    return this.interactions.use(message, application, { custom_id, component_type, ...(values && { values }) });
  }

  /** Adds or removes the account's reaction. */
  toggle(message: APIMessage, emoji: string): Promise<unknown> {
    const mine = message.reactions?.some((one) => one.me && emojiKey(one.emoji) === emoji) ?? false;
    return this.attempt(this.api.react(message.channel_id, message.id, emoji, !mine));
  }

  /** Shows a refusal as a short notice; then returns null. */
  async attempt<T>(asked: Promise<T>): Promise<T | null> {
    try {
      return await asked;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.tell(error.message, true);
      return null;
    }
  }

  tell(text: string, bad = false): void {
    this.toast = { text, bad };
    clearTimeout(this.#toastTimer);
    this.#toastTimer = window.setTimeout(() => {
      this.toast = null;
      this.#changed();
    }, 5000);
    this.#changed();
  }

  #take(event: PageEvent): void {
    if (event.t === 'READY') this.#begin(event.d);
    else if (event.t === 'TYPING_START') {
      const { channel_id, user_id } = event.d;
      if (user_id !== this.api.account) this.typists.begin(channel_id, user_id);
    } else if (isNews(event)) this.#hear(event);
    this.#changed();
  }

  #hear(event: News): void {
    this.history.hear(event);
    if (event.t === 'MESSAGE_CREATE') this.#greet(event.d);
    if (event.t === 'MESSAGE_UPDATE') this.dispatchEvent(new CustomEvent('edit', { detail: event.d }));
  }

  #begin(ready: PageReady): void {
    const again = this.ready !== null && this.ready.me.user.id === ready.me.user.id;
    this.ready = keepUnchanged(this.ready, ready);
    this.#speak(ready.me.locale);
    if (!this.channel) {
      const [guild] = ready.guilds;
      this.goTo(this.guild?.id ?? guild?.id ?? null);
    } else if (!again || !this.history.messages.has(this.channel.id)) this.#arrive(this.place);
    // After a lost connection, loads what was missed.
    if (again && this.#connected && this.channel) void this.history.catchUp(this.channel.id);
    this.#connected = false;
  }

  #speak(locale: string): void {
    speak(locale);
    document.documentElement.lang = spoken();
  }

  #greet(message: APIMessage): void {
    const { channel_id } = message;
    this.typists.end(channel_id, message.author.id);
    if (channel_id !== this.place.channel) this.unread.add(channel_id);
    if (message.author.id === this.api.account) this.dispatchEvent(new Event('own'));
    this.dispatchEvent(new CustomEvent('message', { detail: message }));
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}
