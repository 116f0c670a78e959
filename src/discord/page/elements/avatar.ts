import type { APIUser } from 'discord-api-types/v10';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { colourOf, initialsOf, nameOf } from '../names.js';
import { store } from '../session.js';
import { Watch } from '../watch.js';
import { t } from '../words.js';

/** A user's round avatar: initials, or the easel for a bot; with a dot for the presence, if given. */
@customElement('easel-avatar')
export class Avatar extends LitElement {
  @property({ attribute: false }) user!: APIUser;
  @property({ type: Number }) size = 40;
  @property() presence: 'online' | 'offline' | '' = '';

  static override styles = css`
    :host {
      position: relative;
      display: inline-block;
      flex: none;
    }
    .face {
      display: grid;
      place-items: center;
      border-radius: 50%;
      color: #fff;
      font-weight: 600;
      overflow: hidden;
      user-select: none;
    }
    img {
      width: 100%;
      height: 100%;
    }
    .presence {
      position: absolute;
      right: -2px;
      bottom: -2px;
      box-sizing: border-box;
      width: 16px;
      height: 16px;
      border-radius: 50%;
      border: 3px solid var(--around, var(--side));
      background: var(--online);
    }
    .offline {
      background: var(--around, var(--side));
      box-shadow: inset 0 0 0 3px var(--offline);
    }
  `;

  constructor() {
    super();
    new Watch(this, store);
  }

  protected override render() {
    const { size, user, presence } = this;
    const style = `width:${size}px;height:${size}px;font-size:${Math.round(size * 0.4)}px;background:${colourOf(user.id)}`;
    return html`
      <span class="face" style=${style} aria-hidden="true">
        ${user.bot ? html`<img src="/icon.svg" alt="" />` : initialsOf(nameOf(user))}
      </span>
      ${presence ? html`<span class="presence ${presence}" role="img" aria-label=${t(presence === 'online' ? 'members.online' : 'members.offline')}></span>` : nothing}
    `;
  }
}
