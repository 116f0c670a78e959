import type { CallOptions } from '../company.js';
import { parsePrompt } from '../text/prompt.js';
import { once } from './condition.js';
import { hasFiles } from './open-pictures.js';
import type {
  BlendRequest,
  Img2ImgRequest,
  InpaintRequest,
  OutpaintRequest,
  PipelineRequest,
  SizedRequest,
  UpscaleRequest,
} from './request.js';

/** What any of the pipelines takes; a request has some of it. */
type AnyRequest = PipelineRequest &
  Partial<
    SizedRequest &
      Omit<UpscaleRequest, 'image'> &
      Omit<BlendRequest, never> &
      Pick<Img2ImgRequest, 'image' | 'latents'> &
      Omit<InpaintRequest, 'image'> &
      Omit<OutpaintRequest, 'image'>
  >;

/** Who may be painted along with whom, and how many pictures it takes. */
export function placeOf(request: AnyRequest): CallOptions {
  const prompts = [request.prompt ?? []].flat();
  const loras = request.syntax === 'plain' ? [] : once(prompts.map((prompt) => parsePrompt(prompt).loras));
  const { width, height } = (request.image ?? request.images?.[0] ?? request) as SizedRequest;
  const { factor, tile, left, right, top, bottom, negative, seed } = request;
  // How large a file's picture is, is not known yet; and which part is painted, and so its size, depends on the mask.
  const alone = hasFiles(request) || request.controls?.length || request.area === 'masked';
  const rows = [prompts, negative, seed].map((list) => (Array.isArray(list) ? list.length : 1));
  const embedded = [request.promptEmbeddings, request.negativeEmbeddings].map((tensor) => tensor?.shape?.[0] ?? 1);
  return {
    kind: alone
      ? null
      : JSON.stringify([width, height, factor, left, right, top, bottom, tile, loras, request.latents?.shape]),
    size: Math.max(...rows, ...embedded, request.count ?? 1),
  };
}
