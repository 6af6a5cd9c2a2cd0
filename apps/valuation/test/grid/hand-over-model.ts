// Two controllers around the production scheduling and both sides of a hand-over, a network that loses, doubles and
// swaps messages, workers and a disk that answer when the test says. What happens, and in which order, is the test's.

import { assert } from 'parvi/runtime';
import {
  type ControllerState,
  chunkKey,
  type GridEffect,
  type GridEvent,
  initialState,
} from '../../src/grid/core/controller-state.ts';
import { assertJobAddsUp, hasEnded, type JobState } from '../../src/grid/core/job.ts';
import { repeatedTrade } from '../../src/grid/core/portfolio.ts';
import { step } from '../../src/grid/core/step.ts';
import {
  beginGiving,
  type GivenPart,
  type Giving,
  type GivingEffect,
  type GivingEvent,
  type Piece,
  stepGiving,
} from '../../src/grid/hand-over/giving.ts';
import {
  beginTaking,
  stepTaking,
  type Taking,
  type TakingEffect,
  type TakingEvent,
} from '../../src/grid/hand-over/taking.ts';

type Side = 'giver' | 'taker';
type Range = readonly [from: number, count: number];
type Task = Extract<GridEffect, { kind: 'assign' }> & { readonly side: Side };

interface Controller {
  state: ControllerState;
  alive: boolean;
  /** Ranges with results on the disk, in the order they came there. */
  results: Range[];
  /** Stores that are on their way to the disk. */
  storing: Extract<GridEffect, { kind: 'store' }>[];
}

const job = 'a';
const workers = ['w1', 'w2'];
/** Long, so that a hand-over takes many pieces. */
const resultBytes = 150_000;

export class HandOverModel {
  readonly giver: Controller = fresh();
  readonly taker: Controller = fresh();
  readonly tasks: Task[] = [];
  /** Messages on their way between the two controllers. */
  readonly messages: (() => void)[] = [];
  /** Pieces on their way to the taker's disk. */
  readonly keeping: Piece[] = [];
  giving: Giving;
  ends: string[] = [];
  #taking: Taking | undefined;
  #kept: Piece[] = [];
  /** What the giver told when the job stood still. */
  #told: { readonly job: JobState; readonly results: readonly Range[] } | undefined;
  now = 0;

  constructor(trades: number, untilMs: number) {
    const spec = { id: job, costScope: '', weight: 1, interactive: false, eager: true };
    const portfolio = repeatedTrade('swap', trades);
    this.dispatch('giver', { kind: 'jobAdded', spec: { ...spec, portfolio } });
    this.dispatch('giver', { kind: 'tradesAppended', job, available: trades });
    this.dispatch('giver', { kind: 'inputEnded', job });
    this.status();
    const { state, effects } = beginGiving({ untilMs, now: 0 });
    this.giving = state;
    for (const effect of effects) this.#perform(effect);
  }

  /** The controller at which the job goes on, if there is one. */
  owner(): Controller | undefined {
    const active = [this.giver, this.taker].filter((controller) => {
      const found = controller.state.jobs.get(job);
      return controller.alive && found !== undefined && found.hold !== 'sealed';
    });
    assert(active.length <= 1, 'a job goes on at one controller');
    return active[0];
  }

  get isOver(): boolean {
    return this.giving.phase === 'over';
  }

  /** Each trade of the job has a result once at its owner, and the owner's figures say so. */
  assertPricedOnce(trades: number): void {
    const owner = this.owner();
    const found = owner?.state.jobs.get(job);
    assert(owner !== undefined && found?.phase === 'completed', 'the job has been priced');
    const seen = owner.results.flatMap(([from, count]) =>
      Array.from({ length: count }, (_, i) => from + i),
    );
    const each = seen.toSorted((a, b) => a - b);
    assert(each.length === trades, `${each.length} results for ${trades} trades`);
    assert(
      each.every((trade, i) => trade === i),
      'each trade has one result',
    );
    assert(found.totals.priced === trades, 'each trade counts once');
  }

  /** Workers tell both controllers how they stand. */
  status(): void {
    for (const side of ['giver', 'taker'] as const) {
      for (const worker of workers) {
        const own = this.tasks.filter((task) => task.side === side && task.worker === worker);
        const holding = own.map((task) => chunkKey(job, task.chunk));
        this.dispatch(side, { kind: 'workerStatus', worker, threads: 1, window: 2, holding });
      }
    }
  }

  tick(ms: number): void {
    this.now += ms;
    if (this.giver.alive) {
      const found = this.giver.state.jobs.get(job);
      if (found !== undefined) {
        const bytes = this.giver.results.length * resultBytes;
        const [running, storing] = [found.running.size, found.storing.size];
        this.give({ kind: 'progress', bytes, running, storing });
      }
      this.give({ kind: 'tick' });
    }
    this.take({ kind: 'tick' });
  }

  /** A worker answers whoever asked it. */
  finish(index: number): void {
    const [task] = this.tasks.splice(index, 1);
    if (task === undefined) return;
    const { side, worker, chunk, count } = task;
    const figures = { priced: count, failed: 0, errors: {}, sum: { high: count, low: 0 } };
    const times = { pricingMs: 1, busyMs: 1 };
    const done = {
      kind: 'chunkDone',
      worker,
      job,
      chunk,
      figures: { ...figures, ...times },
    } as const;
    const hold = this.giver.state.jobs.get(job)?.hold;
    if (side === 'giver' && this.giver.alive && (hold === 'sealed' || hold === undefined)) {
      this.messages.push(() => this.dispatch('taker', done));
    }
    this.dispatch(side, done);
  }

  /** Results reach the disk. */
  store(side: Side): void {
    const controller = this[side];
    const effect = controller.storing.shift();
    if (effect === undefined || !controller.alive) return;
    controller.results.push([effect.from, effect.count]);
    this.dispatch(side, { kind: 'chunkStored', job, chunk: effect.chunk });
  }

  keep(): void {
    const piece = this.keeping.shift();
    if (piece === undefined) return;
    this.#kept.push(piece);
    this.take({ kind: 'kept', sequence: piece.sequence });
  }

  kill(side: Side): void {
    if (!this[side].alive) return;
    this[side].alive = false;
    this[side].state = initialState();
    if (side === 'taker') this.give({ kind: 'peerGone' });
    else this.take({ kind: 'giverGone' });
  }

  dispatch(side: Side, event: GridEvent): void {
    const controller = this[side];
    if (!controller.alive) return;
    const { state, effects } = step(controller.state, event, this.now);
    controller.state = state;
    for (const found of state.jobs.values()) assertJobAddsUp(found);
    for (const effect of effects) {
      if (effect.kind === 'assign') this.tasks.push({ ...effect, side });
      else if (effect.kind === 'store') controller.storing.push(effect);
      else if (effect.kind === 'jobEnded' && side === 'giver') {
        const hold = state.jobs.get(job)?.hold;
        assert(hold !== 'sealed', 'a job that another may have does not end here');
        this.give({ kind: 'changed' });
      }
    }
    this.owner();
  }

  give(event: GivingEvent): void {
    if (!this.giver.alive) return;
    const { state, effects } = stepGiving(this.giving, event, this.now);
    this.giving = state;
    for (const effect of effects) this.#perform(effect);
  }

  take(event: TakingEvent, piece?: Piece): void {
    if (this.#taking === undefined || !this.taker.alive) return;
    const { state, effects } = stepTaking(this.#taking, event, this.now);
    this.#taking = state;
    for (const effect of effects) this.#answer(effect, piece);
  }

  #perform(effect: GivingEffect): void {
    switch (effect.kind) {
      case 'offer':
        this.#toTaker(() => {
          this.#taking ??= beginTaking(this.now);
          if (this.#taking.phase === 'dropped') this.#refuse('dropped');
          else this.#toGiver(() => this.give({ kind: 'accepted', parts: this.#parts() }));
        });
        break;
      case 'piece': {
        const { piece } = effect;
        this.#toTaker(() => this.take({ kind: 'piece', sequence: piece.sequence }, piece));
        break;
      }
      case 'freeze':
        this.dispatch('giver', { kind: 'jobFrozen', job });
        break;
      case 'seal': {
        this.dispatch('giver', { kind: 'jobSealed', job });
        const sealed = this.giver.state.jobs.get(job);
        assert(sealed !== undefined, 'a job that is sealed is there');
        this.#told = { job: sealed, results: [...this.giver.results] };
        const document = { name: 'document', bytes: 1000 };
        this.give({ kind: 'sealed', parts: [...this.#parts(), document] });
        break;
      }
      case 'commit':
        this.#toTaker(() => this.take({ kind: 'commit', addsUp: this.#addsUp() }));
        break;
      case 'drop':
        this.#toTaker(() => this.take({ kind: 'drop' }));
        break;
      case 'thaw':
        this.dispatch('giver', { kind: 'jobThawed', job });
        break;
      case 'over':
        this.ends.push(effect.end);
        if (effect.end === 'taken') this.dispatch('giver', { kind: 'jobMoved', job });
        break;
    }
  }

  #answer(effect: TakingEffect, piece: Piece | undefined): void {
    switch (effect.kind) {
      case 'keep':
        if (piece !== undefined) this.keeping.push(piece);
        break;
      case 'acknowledge':
        this.#toGiver(() => this.give({ kind: 'acknowledged', next: effect.next }));
        break;
      case 'adopt':
        assert(this.#told !== undefined, 'a job is taken when it stood still');
        this.taker.results = [...this.#told.results];
        this.dispatch('taker', { kind: 'jobAdopted', job: this.#told.job });
        break;
      case 'sayTaken':
        this.#toGiver(() => this.give({ kind: 'taken' }));
        break;
      case 'refuse':
        this.#refuse(effect.reason);
        break;
      case 'discard':
        this.#kept = [];
        break;
    }
  }

  #refuse(reason: string): void {
    this.#toGiver(() => this.give({ kind: 'refused', reason }));
  }

  #toTaker(deliver: () => void): void {
    this.messages.push(() => this.taker.alive && deliver());
  }

  #toGiver(deliver: () => void): void {
    this.messages.push(() => this.giver.alive && deliver());
  }

  #parts(): GivenPart[] {
    const results = { name: 'results', bytes: this.giver.results.length * resultBytes };
    return [{ name: 'trades', bytes: 700_000 }, results];
  }

  /** Whether the pieces that were kept are all there are, in their order. */
  #addsUp(): boolean {
    const told = this.#told?.results.length ?? 0;
    const whole = new Map([
      ['trades', 700_000],
      ['results', told * resultBytes],
      ['document', 1000],
    ]);
    const kept = new Map<string, number>();
    for (const { part, offset, length } of this.#kept) {
      assert((kept.get(part) ?? 0) === offset, 'pieces are kept in their order');
      kept.set(part, offset + length);
    }
    return [...whole].every(([part, bytes]) => (kept.get(part) ?? 0) === bytes);
  }
}

function fresh(): Controller {
  const state = initialState({ firstChunkTrades: 2, chunkTradesMax: 3 });
  return { state, alive: true, results: [], storing: [] };
}

export const jobEnded = (controller: Controller | undefined): boolean => {
  const found = controller?.state.jobs.get(job);
  return found !== undefined && hasEnded(found);
};
