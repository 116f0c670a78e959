import type { Attempt, JobPainter, PaintCall } from '../painter/job-painter.js';
import type { Painted } from '../painter/messages.js';
import type { PaintRequest } from '../request/paint-request.js';
import { jobOf } from './keys.js';
import type { Announcement } from './wire.js';

/** A painter on another machine, as the bot's queue sees it. */
export class Place implements JobPainter {
  constructor(
    /** What it announced last. */
    public announced: Announcement,
    private readonly handOut: (place: Place, request: PaintRequest, call: PaintCall) => Promise<Painted>,
    private readonly hasWeights: (announced: Announcement, name: string) => boolean,
  ) {}

  get name(): string {
    return this.announced.name;
  }

  get host(): string {
    return this.announced.host;
  }

  get model(): string | null {
    return this.announced.model;
  }

  get busyWith(): Attempt | null {
    const { attempt } = this.announced;
    return attempt === null ? null : jobOf(attempt);
  }

  get restarts(): number {
    return this.announced.restarts;
  }

  has(name: string): boolean {
    return this.hasWeights(this.announced, name);
  }

  paint(request: PaintRequest, call: PaintCall): Promise<Painted> {
    return this.handOut(this, request, call);
  }
}
