/** The oldest Node that has everything Easel imports. The same as `engines` in package.json. */
const OLDEST = [20, 19] as const;

/** @returns what to do if this Node is too old, otherwise null. */
export function nodeTooOld(version = process.versions.node): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return null;
  return `Node ${version} is too old: install ${OLDEST.join('.')} or newer from https://nodejs.org.`;
}
