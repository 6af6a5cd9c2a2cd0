// The jobs of the other controllers, as they told of them. When a controller is gone, its jobs that had not ended are
// lost, and so are the results of those that had; both are said, never forgotten.

import type { JobNews } from '../protocol.ts';
import { hasJobEnded, type JobView } from '../views.ts';

interface Entry extends JobNews {
  readonly controller: string;
  /** The controller is gone, and the results with it. */
  readonly gone: boolean;
}

/** Jobs of others that are remembered; the oldest go first. */
const entriesMax = 1000;

export class JobDirectory {
  readonly #entries = new Map<string, Entry>();

  /** Takes the news of a controller; the views that changed. */
  learn(controller: string, jobs: readonly JobNews[]): JobView[] {
    const changed: JobView[] = [];
    for (const news of jobs) {
      const known = this.#entries.get(news.view.id);
      if (known !== undefined && isOlder(news, known)) continue;
      this.#entries.set(news.view.id, { ...news, controller, gone: false });
      changed.push(news.view);
    }
    this.#forgetOldest();
    return changed;
  }

  /** Takes another's word on jobs of a controller that is gone, where nothing is known of them here. */
  inherit(controller: string, jobs: readonly JobNews[]): JobView[] {
    const added = jobs.filter(({ view }) => !this.#entries.has(view.id));
    for (const news of added) this.#entries.set(news.view.id, { ...news, controller, gone: true });
    this.#forgetOldest();
    return added.map(({ view }) => view);
  }

  /** The jobs whose controller is gone, by its address. */
  goneJobs(): Map<string, JobNews[]> {
    const found = new Map<string, JobNews[]>();
    for (const { controller, gone, ...news } of this.#entries.values()) {
      if (!gone) continue;
      const jobs = found.get(controller);
      if (jobs === undefined) found.set(controller, [news]);
      else jobs.push(news);
    }
    return found;
  }

  /** The controller is gone for good; the views of its jobs that are lost by that. */
  lose(controller: string, at: string): JobView[] {
    const lost: JobView[] = [];
    for (const [id, entry] of this.#entries) {
      if (entry.controller !== controller || entry.gone) continue;
      const view = hasJobEnded(entry.view) ? entry.view : lostView(entry.view, controller, at);
      this.#entries.set(id, { ...entry, view, gone: true });
      if (view !== entry.view) lost.push(view);
    }
    return lost;
  }

  /** The job is kept here now. */
  forget(id: string): void {
    this.#entries.delete(id);
  }

  find(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  /** A lost job may be sent again under its key, and so may one whose results are gone: the one that was is found. */
  findKey(key: string): Entry | undefined {
    for (const entry of this.#entries.values()) {
      if (entry.idempotencyKey === key && !entry.gone && entry.view.state !== 'lost') return entry;
    }
    return undefined;
  }

  views(): JobView[] {
    return [...this.#entries.values()].map(({ view }) => view);
  }

  #forgetOldest(): void {
    for (const id of this.#entries.keys()) {
      if (this.#entries.size <= entriesMax) break;
      this.#entries.delete(id);
    }
  }
}

/** News that were under way for long: the job has gone to another controller since, or its end is known already. */
function isOlder(news: JobNews, known: Entry): boolean {
  const movesSince = (known.moves ?? 0) - (news.moves ?? 0);
  if (movesSince !== 0) return movesSince > 0;
  return known.gone || (hasJobEnded(known.view) && !hasJobEnded(news.view));
}

export function lostView(view: JobView, controller: string, at: string): JobView {
  const reason = `The controller ${controller} died with the job: submit it again`;
  return { ...view, state: 'lost', reason, endedAt: at };
}
