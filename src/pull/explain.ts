import { EaselError } from '../engine/errors.js';
import { pageOf } from './hub.js';
import { type HttpRefusal, nameOf } from './refused.js';

/** Whose answer it is. */
export interface Asked {
  readonly endpoint: URL;
  readonly repo?: string;
  /** The name of the catalogue that led there. */
  readonly known?: string;
}

/** What an answer of the Hub or of another host means, and what to do. */
export function explain(refusal: HttpRefusal, { endpoint, repo, known }: Asked): EaselError {
  const said = (message: string) => new EaselError(message, { cause: refusal });
  const { status, errorCode, authorised } = refusal;
  if (repo === undefined) return said(ofAnyHost(refusal));
  const page = pageOf(endpoint, repo);
  const token = 'Set HF_TOKEN to a token from https://huggingface.co/settings/tokens (in .env or in the environment)';
  if (errorCode === 'GatedRepo' && !authorised) {
    return said(
      `${repo} is only given to people who agree to its terms. Log in and agree at ${page}. ${token}, and give the same command again.`,
    );
  }
  if (errorCode === 'GatedRepo' || (status === 403 && authorised)) {
    return said(
      `The account of HF_TOKEN has no access to ${repo}. Log in with that account and agree at ${page}; some makers answer by hand. A fine-grained token also needs the right to read public gated repositories.`,
    );
  }
  if (errorCode === 'RevisionNotFound')
    return said(`${repo} has no such revision. Leave it out, or see ${page}/commits/main.`);
  if (status === 401 && authorised && errorCode === undefined) {
    return said(
      'The Hub does not accept HF_TOKEN: it is mistyped or was revoked. Make another at https://huggingface.co/settings/tokens.',
    );
  }
  if (status === 404 || status === 401 || status === 410) {
    const moved = known
      ? `"${known}" stands for ${repo}, which is not there any more. If it has moved, give its new place: easel pull OWNER/NAME, with --file PATH for a single file.`
      : `There is no ${repo} on ${endpoint.host}, or it is private.`;
    const look = `Look for it at ${endpoint.origin}/models?search=${encodeURIComponent(repo.split('/')[1]!)}.`;
    return said(`${moved} ${look}${authorised ? '' : ` For a private one: ${token.replace('Set', 'set')}.`}`);
  }
  return said(ofAnyHost(refusal));
}

function ofAnyHost({ url, status, authorised, message }: HttpRefusal): string {
  const isCivitai = /(^|\.)civitai\.(com|red)$/.test(url.hostname);
  if (status === 401 || status === 403) {
    if (isCivitai && !authorised) {
      return `${nameOf(url)} wants you to be logged in. Make a key at https://civitai.com/user/account and set CIVITAI_TOKEN to it.`;
    }
    if (isCivitai)
      return `Civitai does not give this file to the account of CIVITAI_TOKEN, or does not accept the key.`;
    return `${nameOf(url)} is not given to everybody (status ${status}). Fetch it in a browser and put it into the models folder.`;
  }
  if (status === 404 || status === 410) return `There is nothing at ${nameOf(url)} (any more).`;
  return message;
}
