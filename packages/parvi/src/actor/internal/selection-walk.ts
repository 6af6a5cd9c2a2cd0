// Follows the elements of a selection through the tree of this system and delivers the message at every actor that
// they lead to. Source: Pekko `ActorSelection.deliverSelection`; unlike there, an actor that several ways lead to gets the
// message once, so that the work is bounded by the actors there are and not by the ways through them.

import type { SelectionElement } from '../../wire/index.ts';
import type { DeadLetters } from '../dead-letters.ts';
import { ActorError } from '../errors.ts';
import { readIdentify, type SelectedMessage } from '../protocol.ts';
import type { ActorRef } from '../ref.ts';
import { answerIdentify } from './auto-receive.ts';
import type { Cell } from './cell.ts';

/** Elements that a selection may have. */
export const selectionElementsMax = 1000;
/** Actors that the elements of one selection may be compared with or lead over, all together. */
export const selectionActorsMax = 100_000;
/** Actors looked at in one piece of work. */
const pieceOfWork = 64;

export interface Tree {
  readonly root: ActorRef<unknown>;
  readonly guardians: readonly Cell[];
  readonly deadLetters: DeadLetters;
  readonly deadLetterRef: ActorRef<unknown>;
}

/** Where the walk stands: at an actor, or at the root. */
export type Place = Cell | undefined;

/** Hands the message to one of those that a selection leads to. */
export type Deliver = (
  recipient: ActorRef<unknown>,
  message: unknown,
  sender: ActorRef<never> | undefined,
) => void;

/** A message and the place from which its elements lead on. */
export interface Walk {
  readonly from: Place;
  readonly selected: SelectedMessage;
  readonly sender: ActorRef<never> | undefined;
  readonly deliver: Deliver;
}

export const deliverDirectly: Deliver = (recipient, message, sender) =>
  recipient.tell(message, sender);

export function hasWildcards({ elements }: SelectedMessage): boolean {
  return elements.some(({ kind }) => kind === 'pattern');
}

/** Follows a selection to its end, now. */
export function deliverSelected(tree: Tree, walk: Walk): void {
  if (!hasWildcards(walk.selected)) {
    followNames(tree, walk);
    return;
  }
  const pieces = followPatterns(tree, walk);
  while (pieces.next().done !== true);
}

/** The usual way: names and `..` lead to one place at most. */
export function followNames(tree: Tree, walk: Walk): void {
  const { from, selected, sender, deliver } = walk;
  const { elements, message } = selected;
  if (isTooLong(tree, walk)) return;
  let place = from;
  for (let i = 0; i < elements.length; i++) {
    const element = elements[i] as SelectionElement;
    if (element.kind === 'parent') {
      place = place?.parent;
      continue;
    }
    const name = element.kind === 'name' ? element.name : element.pattern;
    const leaf = i === elements.length - 1 ? leafOf(tree, place, name) : undefined;
    if (leaf !== undefined) {
      deliver(leaf, message, sender);
      return;
    }
    const child = childOf(tree, place, name);
    if (child === undefined) {
      const way = `${place?.localPath ?? ''}/${selectionText(elements.slice(i))}`;
      noMatch(tree, walk, { way, silent: selected.wildcardFanOut });
      return;
    }
    place = child;
  }
  deliver(place?.ref ?? tree.root, message, sender);
}

/**
 * Any selection, piece by piece: the caller goes on when it likes. Each element leads from the places found so far to the
 * set of those behind them, and nobody is told before the last one.
 */
export function* followPatterns(tree: Tree, walk: Walk): Generator<undefined, void> {
  const { from, selected, sender, deliver } = walk;
  const { elements, message } = selected;
  if (isTooLong(tree, walk)) return;
  let places: ReadonlySet<Place> = new Set([from]);
  const leaves = new Set<ActorRef<unknown>>();
  let fanOut = selected.wildcardFanOut;
  let looked = 0;
  for (const [i, element] of elements.entries()) {
    const found = new Set<Place>();
    for (const place of places) {
      for (const candidate of candidatesOf(tree, place, element)) {
        if (candidate === undefined || fits(element, candidate)) found.add(candidate);
        if (++looked > selectionActorsMax) {
          const why = `it leads over more than ${selectionActorsMax} actors`;
          tooLarge(tree, walk, why);
          return;
        }
        if (looked % pieceOfWork === 0) yield;
      }
      const leaf =
        element.kind === 'name' && i === elements.length - 1
          ? leafOf(tree, place, element.name)
          : undefined;
      if (leaf !== undefined) leaves.add(leaf);
    }
    if (found.size + leaves.size === 0) {
      const [only] = places;
      const way =
        places.size === 1
          ? `${only?.localPath ?? ''}/${selectionText(elements.slice(i))}`
          : `${from?.localPath ?? ''}/${selectionText(elements)}`;
      noMatch(tree, walk, { way, silent: fanOut });
      return;
    }
    fanOut ||= found.size > 1;
    places = found;
  }
  for (const leaf of leaves) deliver(leaf, message, sender);
  let told = 0;
  for (const place of places) {
    deliver(place?.ref ?? tree.root, message, sender);
    if (++told % pieceOfWork === 0) yield;
  }
}

/** What has a path but no cell: converting refs and the dead letters. */
function leafOf(tree: Tree, place: Place, name: string): ActorRef<unknown> | undefined {
  if (place !== undefined) return place.functionRefs.get(name);
  return name === 'deadLetters' ? tree.deadLetterRef : undefined;
}

function childOf(tree: Tree, place: Place, name: string): Cell | undefined {
  return place === undefined
    ? tree.guardians.find((guardian) => guardian.name === name)
    : place.children.get(name);
}

/** Where the element may lead from there; only a pattern has to look at all children. */
function candidatesOf(tree: Tree, place: Place, element: SelectionElement): Iterable<Place> {
  if (element.kind === 'parent') return [place?.parent];
  if (element.kind === 'pattern') return place === undefined ? tree.guardians : place.children;
  const child = childOf(tree, place, element.name);
  return child === undefined ? [] : [child];
}

function fits(element: SelectionElement, { name }: Cell): boolean {
  return element.kind !== 'pattern' || matchesPattern(element.pattern, name);
}

/** `*` stands for any characters, `?` for one. Linear in practice: each star is tried from left to right once. */
export function matchesPattern(pattern: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  let i = 0;
  while (i < name.length) {
    const wanted = pattern[at];
    if (wanted === '*') {
      star = at++;
      resume = i;
    } else if (wanted === '?' || wanted === name[i]) {
      at++;
      i++;
    } else if (star >= 0) {
      at = star + 1;
      i = ++resume;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}

function isTooLong(tree: Tree, walk: Walk): boolean {
  const { length } = walk.selected.elements;
  if (length <= selectionElementsMax) return false;
  tooLarge(tree, walk, `it has ${length} elements, and ${selectionElementsMax} are the most`);
  return true;
}

function tooLarge({ deadLetters }: Tree, walk: Walk, why: string): void {
  const { from, selected, sender } = walk;
  const { message, elements } = selected;
  const recipient = `selection ${from?.localPath ?? ''}/${selectionText(elements)}`;
  const cause = selectionTooLarge(recipient, why);
  deadLetters.publish({ message, recipient, sender, reason: 'selectionTooLarge', cause });
}

export function selectionTooLarge(selection: string, why: string): ActorError {
  return new ActorError(
    'SELECTION_TOO_LARGE',
    `Cannot follow "${selection}": ${why}; name the actors more closely, or tell them by a router`,
    { fields: { selection } },
  );
}

/** Nobody was reached. Who only asked who is there is answered so, unless others on the way may have answered. */
function noMatch(
  { deadLetters }: Tree,
  { selected: { message }, sender }: Walk,
  { way, silent }: { readonly way: string; readonly silent: boolean },
): void {
  const identify = readIdentify(message);
  if (identify !== undefined) {
    if (!silent) answerIdentify(identify, undefined, sender);
    return;
  }
  const recipient = `selection ${way}`;
  deadLetters.publish({ message, recipient, sender, reason: 'selectionWithoutMatch' });
}

/** More elements than anybody reads are counted instead. */
const elementsShownMax = 32;

/** The elements as a person would write them. */
export function selectionText(elements: readonly SelectionElement[]): string {
  const shown = elements.slice(0, elementsShownMax).map((element) => {
    if (element.kind === 'parent') return '..';
    return element.kind === 'name' ? element.name : element.pattern;
  });
  const more = elements.length - shown.length;
  return more === 0 ? shown.join('/') : `${shown.join('/')}/… (${more} more)`;
}
