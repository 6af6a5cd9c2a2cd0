// What may be wrong with remoting as far as membership and watching rest on it, one thing at a time.

import type { Mutant } from './mutant.ts';

export const remotingMutants: readonly Mutant[] = [
  {
    name: 'system messages resent without dedup',
    file: 'remote/system-delivery.ts',
    find: 'return { expected, deliver: false, answer, answerSeqNo: expected - 1 };',
    replace: 'return { expected, deliver: seqNo < expected, answer, answerSeqNo: expected - 1 };',
    seedsMax: 20,
  },
  {
    name: 'system messages taken out of order',
    file: 'remote/system-delivery.ts',
    find: 'if (seqNo === expected) {',
    replace: 'if (seqNo >= expected) {',
    seedsMax: 20,
  },
  {
    name: 'system messages never resent',
    file: 'remote/system-delivery.ts',
    find: "effects: entries(state.unacknowledged).map((entry) => ({ type: 'transmit', entry })),",
    replace: 'effects: [],',
    seedsMax: 20,
  },
  {
    name: 'acknowledgement drops one too many',
    file: 'remote/system-delivery.ts',
    find: 'dropUpTo(state.unacknowledged, seqNo)',
    replace: 'dropUpTo(state.unacknowledged, seqNo + 1)',
    seedsMax: 20,
  },
  {
    name: 'numbering not begun anew for a new incarnation',
    file: 'remote/system-delivery.ts',
    find: "return abandon(state, 'the peer restarted');",
    replace: 'return { state, effects: [] };',
    seedsMax: 20,
  },
  {
    name: 'quarantine ignored: the banned are heard',
    file: 'remote/inbound.ts',
    find: 'else if (inbox.blocked) this.#fromQuarantined(inbox, envelope);\n    else',
    replace: 'else',
    seedsMax: 20,
  },
  {
    name: 'quarantine ignored: the banned are told',
    file: 'remote/remote-sends.ts',
    find: 'if (peer.sendable) return true;',
    replace: 'return true;',
    seedsMax: 20,
  },
];
