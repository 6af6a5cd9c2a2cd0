// What this layer uses of the wire's stock messages and selections.

export type { MiscMessage } from '../../wire/misc-messages.ts';
export { type SelectionElement, selectionElements } from '../../wire/selection.ts';
