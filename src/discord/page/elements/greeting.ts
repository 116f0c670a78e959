import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { PageChannel } from '../../page-protocol.js';
import { Option } from '../numbers.js';
import { store } from '../session.js';
import { Watch } from '../watch.js';
import { pieces, t } from '../words.js';
import { icon } from './icon.js';
import { shared } from './shared.js';

const EXAMPLES = 3;

/** The start of a channel: its name, and example prompts that paint with one click. */
@customElement('easel-greeting')
export class Greeting extends LitElement {
  @property({ attribute: false }) channel!: PageChannel;

  static override styles = [
    shared,
    css`
      :host {
        display: block;
        padding: 16px;
      }
      .sign {
        display: grid;
        place-items: center;
        width: 68px;
        height: 68px;
        border-radius: 50%;
        color: #fff;
        background: var(--secondary);
      }
      h2 {
        margin: 8px 0;
        font-size: 28px;
        line-height: 1.2;
        color: var(--strong);
      }
      p {
        margin: 0;
        color: var(--quiet);
      }
      .demonstration {
        margin-top: 12px;
      }
      .prompts {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        margin-top: 12px;
      }
      .prompt {
        display: flex;
        align-items: center;
        gap: 8px;
        padding: 10px 16px;
        border-radius: 8px;
        color: #fff;
        background: var(--accent);
        font-weight: 500;
      }
      .prompt:hover {
        background: var(--accent-hover);
      }
    `,
  ];

  constructor() {
    super();
    new Watch(this, store, () => [...store.named, store.ready?.examples, store.ready?.demonstration]);
  }

  #imagine() {
    return store.commandsIn(this.channel, 1).find(({ command }) => command.name === 'imagine');
  }

  async #paint(prompt: string): Promise<void> {
    const found = this.#imagine();
    if (!found) return;
    const options = [{ type: Option.String, name: 'prompt', value: prompt }];
    await store.command(this.channel.id, store.labelOf('imagine'), {
      type: 2,
      application_id: found.application.id,
      data: { id: found.command.id, type: 1, options },
    });
  }

  protected override render() {
    const { channel } = this;
    const examples = this.#imagine() ? (store.ready?.examples.slice(0, EXAMPLES) ?? []) : [];
    return html`
      <span class="sign">${icon(channel.guild_id ? 'hash' : 'at', 42)}</span>
      ${
        channel.guild_id
          ? html`<h2>${t('greeting.welcome', { channel: channel.name })}</h2>
              <p>${t('greeting.start', { channel: channel.name })} ${channel.topic ?? ''}</p>`
          : html`<h2>${channel.name}</h2>
              <p>${pieces('greeting.direct', { name: html`<strong>${channel.name}</strong>` })}</p>`
      }
      ${
        examples.length > 0
          ? html`<p style="margin-top:12px">${pieces('greeting.try', { command: html`<strong>/${store.labelOf('imagine')}</strong>` })}</p>
              <div class="prompts">
                ${examples.map((prompt) => html`<button class="prompt" @click=${() => this.#paint(prompt)}>${icon('brush', 18)}${prompt}</button>`)}
              </div>`
          : nothing
      }
      ${
        examples.length > 0 && store.ready?.demonstration
          ? html`<p class="demonstration">${pieces('greeting.demonstration', { command: html`<code>npx easel pull sd-v1-5</code>` })}</p>`
          : nothing
      }
    `;
  }
}
