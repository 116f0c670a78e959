import { css } from 'lit';
import { dots } from './shared.js';

export const messageStyles = [
  dots,
  css`
  :host {
    position: relative;
    display: block;
    margin-top: 17px;
    padding: 2px 48px 2px 16px;
  }
  :host([compact]) {
    margin-top: 0;
  }
  :host(:hover),
  :host(:focus-within) {
    background: var(--row-hover);
  }
  :host([ephemeral]) {
    background: var(--ephemeral);
  }
  :host([mentioned]) {
    background: rgb(240 178 50 / 10%);
    box-shadow: inset 2px 0 var(--warn);
  }
  .row {
    display: grid;
    grid-template-columns: 40px minmax(0, 1fr);
    gap: 16px;
  }
  .side {
    margin-top: 2px;
  }
  time.side {
    visibility: hidden;
    font-size: 11px;
    line-height: 22px;
    text-align: right;
    white-space: nowrap;
  }
  :host(:hover) time.side {
    visibility: visible;
  }
  .head {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 6px;
  }
  .name {
    font-weight: 500;
    color: var(--strong);
  }
  .app {
    align-self: center;
    padding: 0 5px;
    border-radius: 4px;
    font-size: 10px;
    font-weight: 600;
    line-height: 15px;
    color: #fff;
    background: var(--accent);
  }
  time,
  .edited {
    font-size: 12px;
    color: var(--muted);
  }
  .text > .lines:last-of-type,
  .text > .subtext:last-of-type {
    display: inline;
  }
  .edited {
    margin-left: 4px;
    font-size: 10px;
  }
  .sticker {
    display: block;
    width: 160px;
    height: 160px;
    margin-top: 4px;
    object-fit: contain;
  }
  .above {
    display: flex;
    align-items: center;
    gap: 4px;
    margin: 0 0 4px 56px;
    font-size: 14px;
    line-height: 18px;
    color: var(--quiet);
    position: relative;
    white-space: nowrap;
    min-width: 0;
  }
  .above strong {
    font-weight: 500;
    color: var(--text);
  }
  .spine {
    position: absolute;
    left: -37px;
    top: 8px;
    width: 32px;
    height: 12px;
    border: solid var(--secondary);
    border-width: 2px 0 0 2px;
    border-top-left-radius: 6px;
  }
  .command {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    vertical-align: bottom;
    color: var(--accent-text);
    font-weight: 500;
  }
  .answered {
    overflow: hidden;
    text-overflow: ellipsis;
    min-width: 0;
  }
  .answered:hover {
    color: var(--strong);
  }
  .thinking,
  .only-you,
  .failed {
    display: flex;
    align-items: center;
    gap: 6px;
    font-size: 14px;
    color: var(--muted);
    min-height: 22px;
  }
  .thinking {
    font-size: 16px;
  }
  .failed {
    margin-top: 4px;
    color: var(--danger-text);
  }
  .only-you {
    margin-top: 4px;
    font-size: 12px;
  }
  .only-you button {
    color: var(--link);
  }
  .only-you button:hover {
    text-decoration: underline;
  }
  .dots {
    display: inline-flex;
    gap: 4px;
    --dot: 7px;
  }
  .toolbar {
    position: absolute;
    top: -16px;
    right: 14px;
    display: flex;
    border: 1px solid var(--line);
    border-radius: 8px;
    background: var(--main);
    opacity: 0;
    pointer-events: none;
    z-index: 2;
  }
  :host(:hover) .toolbar,
  .toolbar:focus-within {
    opacity: 1;
    pointer-events: auto;
  }
  .toolbar button {
    display: grid;
    place-items: center;
    width: 32px;
    height: 32px;
    border-radius: 8px;
    color: var(--quiet);
  }
  .toolbar button:hover {
    color: var(--strong);
    background: var(--hover);
  }
  @media (width < 640px) {
    :host {
      padding-right: 16px;
    }
    .row {
      gap: 12px;
    }
    .above {
      margin-left: 52px;
    }
  }
`,
];
