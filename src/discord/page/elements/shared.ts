import { css } from 'lit';

/** The base styles of every element: plain buttons, a visible focus, text for screen readers only. */
export const shared = css`
  :host {
    box-sizing: border-box;
  }
  :host([hidden]) {
    display: none;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  button {
    font: inherit;
    color: inherit;
    background: none;
    border: 0;
    padding: 0;
    cursor: pointer;
  }
  button:disabled {
    cursor: not-allowed;
  }
  :focus-visible {
    outline: 2px solid var(--link);
    outline-offset: 2px;
  }
  a {
    color: var(--link);
    text-decoration: none;
  }
  a:hover {
    text-decoration: underline;
  }
  svg {
    display: block;
  }
  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .scroll {
    overflow-y: auto;
    scrollbar-width: thin;
    scrollbar-color: var(--float) transparent;
  }
  .action {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 4px;
    min-height: 32px;
    min-width: 60px;
    padding: 2px 16px;
    border-radius: 4px;
    font-size: 14px;
    font-weight: 500;
    line-height: 16px;
    color: #fff;
    background: var(--secondary);
    transition: background-color 0.15s;
  }
  .action:hover:not(:disabled) {
    background: var(--secondary-hover);
  }
  .action.primary {
    background: var(--accent);
  }
  .action.primary:hover:not(:disabled) {
    background: var(--accent-hover);
  }
  .action.success {
    background: var(--success);
  }
  .action.success:hover:not(:disabled) {
    background: var(--success-hover);
  }
  .action.danger {
    background: var(--danger);
  }
  .action.danger:hover:not(:disabled) {
    background: var(--danger-hover);
  }
  .action.plain {
    background: none;
    color: var(--text);
  }
  .action:disabled {
    opacity: 0.5;
  }
  /* Without the page's own colours, backgrounds and shadows are gone: what they told, lines tell. */
  @media (forced-colors: active) {
    button,
    .frame,
    .pill,
    .action {
      border: 1px solid ButtonBorder;
    }
    .frame:focus-within {
      outline: 2px solid Highlight;
    }
    .pill:focus-within,
    .adder:focus {
      outline: 2px solid Highlight !important;
    }
    .active,
    [aria-selected='true'],
    [aria-pressed='true'],
    [aria-current]:not([aria-current='false']) {
      outline: 2px solid Highlight;
      outline-offset: -2px;
    }
    .bad {
      border-style: dashed;
    }
    .pip,
    .dots i {
      forced-color-adjust: none;
      background: CanvasText;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    * {
      animation: none !important;
      transition: none !important;
    }
  }
`;

/** Three animated dots; the surrounding element places them. */
export const dots = css`
  .dots i {
    width: var(--dot, 6px);
    height: var(--dot, 6px);
    border-radius: 50%;
    background: currentColor;
    animation: wait 1.2s infinite;
  }
  .dots i:nth-child(2) {
    animation-delay: 0.2s;
  }
  .dots i:nth-child(3) {
    animation-delay: 0.4s;
  }
  @keyframes wait {
    0%,
    60%,
    100% {
      opacity: 0.3;
    }
    30% {
      opacity: 1;
    }
  }
`;

/** Inputs of modals, commands and dialogs. */
export const fields = css`
  input,
  textarea,
  select {
    font: inherit;
    color: var(--text);
  }
  input.field,
  textarea.field,
  select.field {
    width: 100%;
    padding: 10px;
    background: var(--rail);
    border: 1px solid transparent;
    border-radius: 4px;
  }
  :host .field::placeholder {
    color: var(--muted);
  }
  .field[aria-invalid='true'] {
    border-color: var(--danger-text);
  }
  .wrong {
    color: var(--danger-text);
    font-size: 14px;
  }
`;
