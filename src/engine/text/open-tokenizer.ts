import type { TokenizerFiles } from '../model.js';
import { BertTokenizer } from './bert-tokenizer.js';
import { ClipTokenizer } from './clip-tokenizer.js';
import type { Tokenizer } from './tokenizer.js';

/** @throws CheckpointError when a file cannot be read or is not what it should be. */
export function openTokenizer(files: TokenizerFiles): Promise<Tokenizer> {
  return 'wordPieces' in files ? BertTokenizer.open(files) : ClipTokenizer.open(files);
}
