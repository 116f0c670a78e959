import type { APIMessage } from 'discord-api-types/v10';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { QUICK_EMOJIS } from '../emojis.js';
import { localised } from '../localised.js';
import { Flag, Permission } from '../numbers.js';
import { pathOf } from '../place.js';
import { store } from '../session.js';
import { Watch } from '../watch.js';
import { t } from '../words.js';
import { type IconName, icon } from './icon.js';
import { shared } from './shared.js';

/** A message's actions: reactions, the apps' commands, reply, copy, delete. */
@customElement('easel-message-menu')
export class MessageMenu extends LitElement {
  @state() private message: APIMessage | null = null;
  @query('dialog') private dialog!: HTMLDialogElement;

  static override styles = [
    shared,
    css`
      dialog {
        position: fixed;
        margin: 0;
        width: 220px;
        padding: 6px 8px;
        border: 1px solid var(--line);
        border-radius: 8px;
        color: var(--text);
        background: var(--float);
        box-shadow: var(--shadow);
      }
      dialog::backdrop {
        background: none;
      }
      .quick {
        display: flex;
        justify-content: space-between;
        margin-bottom: 4px;
      }
      .quick button {
        display: grid;
        place-items: center;
        width: 44px;
        height: 44px;
        border-radius: 50%;
        font-size: 20px;
        background: var(--hover);
      }
      [role='menuitem'] {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 8px;
        width: 100%;
        min-height: 32px;
        padding: 6px 8px;
        border-radius: 4px;
        font-size: 14px;
        text-align: left;
      }
      [role='menuitem']:hover,
      [role='menuitem']:focus {
        color: #fff;
        background: var(--accent-hover);
        outline: none;
      }
      .quick [role='menuitem'] {
        justify-content: center;
        width: 44px;
        padding: 0;
        border-radius: 50%;
        font-size: 20px;
      }
      .danger {
        color: var(--danger-text);
      }
      .danger:hover,
      .danger:focus {
        background: var(--danger) !important;
      }
      .title {
        padding: 6px 8px 2px;
        font-size: 12px;
        font-weight: 600;
        color: var(--muted);
      }
      hr {
        margin: 4px;
        border: 0;
        border-top: 1px solid var(--line);
      }
    `,
  ];

  constructor() {
    super();
    new Watch(this, store);
  }

  async open(message: APIMessage, at: DOMRect): Promise<void> {
    this.message = message;
    await this.updateComplete;
    this.dialog.showModal();
    const { offsetWidth: width, offsetHeight: height } = this.dialog;
    const left = at.width > 0 && at.width < 60 ? at.right - width : at.left;
    this.dialog.style.left = `${Math.max(8, Math.min(left, window.innerWidth - width - 8))}px`;
    this.dialog.style.top = `${Math.max(8, Math.min(at.bottom, window.innerHeight - height - 8))}px`;
    this.#focus(this.#items()[0]);
  }

  #items(): HTMLElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLElement>('[role=menuitem]')];
  }

  #key(event: KeyboardEvent): void {
    const items = this.#items();
    const at = items.indexOf(this.shadowRoot!.activeElement as HTMLElement);
    const steps: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: -1,
    };
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    this.#focus(items.at(next % items.length));
  }

  /** The one that has the focus is the one that Tab finds, so that a menu that scrolls can be reached. */
  #focus(item: HTMLElement | undefined): void {
    for (const each of this.#items()) each.tabIndex = each === item ? 0 : -1;
    item?.focus();
  }

  #fire(name: string): void {
    const at = this.dialog.getBoundingClientRect();
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, detail: { message: this.message, at } }));
  }

  async #copy(text: string): Promise<void> {
    await navigator.clipboard.writeText(text).then(
      () => store.tell(t('menu.copied')),
      () => store.tell(t('menu.copyRefused'), true),
    );
  }

  async #run(id: string, application: string, name: string): Promise<void> {
    const message = this.message!;
    const interaction = { type: 2, application_id: application, data: { id, type: 3, target_id: message.id } } as const;
    const answer = await store.command(message.channel_id, name, interaction);
    if (answer?.kind !== 'modal') return;
    const detail = { modal: answer.modal, application, channel: message.channel_id, message: null };
    this.dispatchEvent(new CustomEvent('open-modal', { bubbles: true, composed: true, detail }));
  }

  #item(label: string, name: IconName, run: () => unknown, kind = ''): TemplateResult {
    const click = () => {
      this.dialog.close();
      run();
    };
    return html`<button role="menuitem" tabindex="-1" class=${kind} @click=${click}>${label}${icon(name, 18)}</button>`;
  }

  protected override render() {
    const close = (event: Event) => event.target === this.dialog && this.dialog.close();
    return html`<dialog aria-label=${t('message.actions')} @click=${close} @keydown=${this.#key}>
      ${this.message ? this.#menu(this.message) : nothing}
    </dialog>`;
  }

  #menu(message: APIMessage): TemplateResult {
    const channel = store.channelOf(message.channel_id)!;
    const ephemeral = ((message.flags ?? 0) & Flag.Ephemeral) !== 0;
    const own = message.author.id === store.api.account;
    const mayDelete = own || ephemeral || (channel.guild_id !== null && store.may(Permission.ManageMessages, channel));
    const link = location.origin + pathOf({ guild: channel.guild_id, channel: channel.id, message: message.id });
    const apps = ephemeral ? [] : store.commandsIn(channel, 3);
    const react = (emoji: string) => html`<button
      role="menuitem"
      tabindex="-1"
      aria-label=${t('menu.react', { emoji })}
      @click=${() => {
        this.dialog.close();
        void store.toggle(message, emoji);
      }}
    >
      ${emoji}
    </button>`;
    return html`<div role="menu" aria-label=${t('message.actions')}>
      ${
        ephemeral
          ? nothing
          : html`<div class="quick" role="group" aria-label=${t('menu.quick')}>${QUICK_EMOJIS.map(react)}</div>
              ${this.#item(t('message.react'), 'smile', () => this.#fire('pick-emoji'))}
              ${this.#item(t('message.reply'), 'reply', () => this.#fire('reply-to'))}`
      }
      ${
        apps.length > 0
          ? html`<hr role="separator" />
              <div role="group" aria-label=${t('menu.apps')}>
                <div class="title" aria-hidden="true">${t('menu.apps')}</div>
                ${apps.map(({ application, command }) => {
                  const label = localised(command.name, command.name_localizations, store.locale);
                  return this.#item(label, 'apps', () => this.#run(command.id, application.id, label));
                })}
              </div>
              <hr role="separator" />`
          : nothing
      }
      ${message.content ? this.#item(t('menu.copyText'), 'copy', () => this.#copy(message.content)) : nothing}
      ${ephemeral ? nothing : this.#item(t('menu.copyLink'), 'link', () => this.#copy(link))}
      ${
        mayDelete
          ? this.#item(
              t(ephemeral ? 'message.dismiss' : 'menu.delete'),
              'trash',
              () => store.attempt(store.api.delete(message.channel_id, message.id)),
              'danger',
            )
          : nothing
      }
    </div>`;
  }
}
