import { css } from 'lit';

export const appStyles = css`
  :host {
    display: grid;
    grid-template: minmax(0, 1fr) / auto minmax(0, 1fr);
    height: 100dvh;
    overflow: hidden;
  }
  .lists {
    display: flex;
    min-height: 0;
    z-index: 10;
  }
  .side {
    display: flex;
    flex-direction: column;
    width: 240px;
    min-height: 0;
    background: var(--side);
  }
  main {
    position: relative;
    display: flex;
    flex-direction: column;
    min-width: 0;
    min-height: 0;
    background: var(--main);
  }
  header {
    display: flex;
    flex: none;
    align-items: center;
    gap: 8px;
    height: 48px;
    padding: 0 16px;
    color: var(--muted);
    border-bottom: 1px solid var(--rail);
  }
  h1 {
    margin: 0;
    font-size: 16px;
    font-weight: 600;
    white-space: nowrap;
    color: var(--strong);
  }
  .topic {
    padding-left: 12px;
    margin-left: 4px;
    border-left: 1px solid var(--line);
    font-size: 14px;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .space {
    flex: 1;
  }
  .tool {
    display: grid;
    place-items: center;
    width: 36px;
    height: 36px;
    border-radius: 4px;
    color: var(--quiet);
  }
  .tool:hover,
  .tool[aria-pressed='true'] {
    color: var(--strong);
  }
  .narrow {
    display: none;
  }
  .middle {
    display: flex;
    flex: 1;
    min-height: 0;
  }
  .chat {
    display: flex;
    flex-direction: column;
    flex: 1;
    min-width: 0;
  }
  easel-message-list {
    flex: 1;
  }
  .away {
    padding: 6px 16px;
    text-align: center;
    font-size: 14px;
    color: #000;
    background: var(--warn);
  }
  .drop {
    position: absolute;
    inset: 0;
    z-index: 20;
    display: grid;
    place-items: center;
    background: rgb(0 0 0 / 70%);
    pointer-events: none;
  }
  .drop strong {
    padding: 32px 48px;
    border: 2px dashed #fff;
    border-radius: 8px;
    font-size: 20px;
    color: #fff;
    background: var(--accent);
  }
  .toasts {
    position: fixed;
    z-index: 50;
    left: 0;
    right: 0;
    bottom: 84px;
    display: grid;
    justify-items: center;
    pointer-events: none;
  }
  .toast {
    max-width: min(560px, 90vw);
    padding: 10px 16px;
    border-radius: 8px;
    font-size: 14px;
    color: #fff;
    background: #2d5d3f;
    box-shadow: var(--shadow);
  }
  .bad {
    background: #a12828;
  }
  .shortcut {
    position: fixed;
    z-index: 60;
  }
  .skip {
    position: fixed;
    top: -60px;
    left: 8px;
    padding: 8px 16px;
    border-radius: 4px;
    color: #fff;
    background: var(--accent);
  }
  .skip:focus {
    top: 8px;
  }
  .shade {
    display: none;
  }
  @media (width < 800px) {
    :host {
      grid-template-columns: minmax(0, 1fr);
    }
    .lists {
      position: fixed;
      inset: 0 auto 0 0;
      visibility: hidden;
      transform: translateX(-100%);
      transition:
        transform 0.2s,
        visibility 0.2s;
    }
    .lists.open {
      visibility: visible;
      transform: none;
      /* Visible at once: what is hidden cannot be focused. */
      transition: transform 0.2s;
    }
    .shade {
      display: block;
      position: fixed;
      inset: 0;
      z-index: 9;
      background: rgb(0 0 0 / 60%);
    }
    .narrow {
      display: grid;
    }
    header {
      padding: 0 8px;
    }
    .topic {
      display: none;
    }
    easel-members {
      position: absolute;
      right: 0;
      top: 48px;
      bottom: 0;
      z-index: 8;
    }
  }
`;
