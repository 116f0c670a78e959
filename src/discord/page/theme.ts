export type Theme = 'dark' | 'light';

const KEY = 'theme';

/** The chosen theme, otherwise the system's. */
export function theme(): Theme {
  const chosen = localStorage.getItem(KEY);
  if (chosen === 'dark' || chosen === 'light') return chosen;
  return matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
}

export function applyTheme(chosen?: Theme): void {
  if (chosen) localStorage.setItem(KEY, chosen);
  document.documentElement.dataset.theme = theme();
}

/** Follows the system's theme until one is chosen. */
export function followTheme(): void {
  applyTheme();
  matchMedia('(prefers-color-scheme: light)').addEventListener('change', () => applyTheme());
}
