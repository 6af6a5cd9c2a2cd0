// Follows the elements of a selection through the tree of this system and delivers the message at every actor that
// they lead to. Source: Pekko `ActorSelection.deliverSelection`.

import type { SelectionElement } from '../../wire/index.ts';
import type { Asks } from '../ask.ts';
import type { DeadLetters } from '../dead-letters.ts';
import { readIdentify, SelectedMessage } from '../protocol.ts';
import type { ActorRef } from '../ref.ts';
import { answerIdentify } from './auto-receive.ts';
import type { Cell } from './cell.ts';

export interface Tree {
  readonly root: ActorRef<unknown>;
  readonly guardians: readonly Cell[];
  readonly asks: Asks;
  readonly deadLetters: DeadLetters;
  readonly deadLetterRef: ActorRef<unknown>;
}

/** Where the walk stands: at an actor, or at the root. */
export type Place = Cell | undefined;

export function deliverSelected(
  tree: Tree,
  place: Place,
  selected: SelectedMessage,
  sender: ActorRef<never> | undefined,
): void {
  const [element, ...rest] = selected.elements;
  const { message, wildcardFanOut } = selected;
  if (element === undefined) {
    (place?.ref ?? tree.root).tell(message, sender);
    return;
  }
  if (element.kind === 'parent') {
    deliverSelected(
      tree,
      place?.parent,
      new SelectedMessage(rest, message, wildcardFanOut),
      sender,
    );
    return;
  }
  const leaf =
    element.kind === 'name' && rest.length === 0 ? leafOf(tree, place, element.name) : undefined;
  if (leaf !== undefined) {
    leaf.tell(message, sender);
    return;
  }
  const matches = childrenAt(tree, place).filter((child) => fits(element, child.name));
  if (matches.length === 0) noMatch(tree, place, selected, sender);
  const further = new SelectedMessage(rest, message, wildcardFanOut || matches.length > 1);
  for (const child of matches) deliverSelected(tree, child, further, sender);
}

/** What has a path but no cell: converting refs, pending asks and the dead letters. */
function leafOf(tree: Tree, place: Place, name: string): ActorRef<unknown> | undefined {
  if (place !== undefined) return place.functionRefs.get(name);
  return name === 'deadLetters' ? tree.deadLetterRef : undefined;
}

function childrenAt(tree: Tree, place: Place): readonly Cell[] {
  return place === undefined ? tree.guardians : Array.from(place.children);
}

function fits(element: Exclude<SelectionElement, { kind: 'parent' }>, name: string): boolean {
  return element.kind === 'name' ? element.name === name : matchesPattern(element.pattern, name);
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

function noMatch(
  { deadLetters }: Tree,
  place: Place,
  { message, elements, wildcardFanOut }: SelectedMessage,
  sender: ActorRef<never> | undefined,
): void {
  const identify = readIdentify(message);
  if (identify !== undefined) {
    if (!wildcardFanOut) answerIdentify(identify, undefined, sender);
    return;
  }
  const recipient = `selection ${place?.localPath ?? ''}/${selectionText(elements)}`;
  deadLetters.publish({ message, recipient, sender, reason: 'selectionWithoutMatch' });
}

/** The elements as a person would write them. */
export function selectionText(elements: readonly SelectionElement[]): string {
  return elements
    .map((element) => {
      if (element.kind === 'parent') return '..';
      return element.kind === 'name' ? element.name : element.pattern;
    })
    .join('/');
}
