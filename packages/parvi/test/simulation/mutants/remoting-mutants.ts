// What may be wrong with remoting as far as membership and watching rest on it, one thing at a time.

import type { Mutant } from './mutant.ts';

export const remotingMutants: readonly Mutant[] = [
  {
    name: 'system messages resent without dedup',
    file: 'remote/system-delivery.ts',
    find: 'return { expected, deliver: false, answer, answerSeqNo: expected - 1 };',
    replace: 'return { expected, deliver: seqNo < expected, answer, answerSeqNo: expected - 1 };',
    seedsMax: 10,
  },
  {
    name: 'system messages never resent',
    file: 'remote/system-delivery.ts',
    find: "effects: entries(state.unacknowledged).map((entry) => ({ type: 'transmit', entry })),",
    replace: 'effects: [],',
    seedsMax: 10,
  },
  {
    name: 'numbering not begun anew for a new incarnation',
    file: 'remote/system-delivery.ts',
    find: "return abandon(state, 'the peer restarted');",
    replace: 'return { state, effects: [] };',
    seedsMax: 10,
  },
  {
    name: 'quarantine ignored: the banned are heard',
    file: 'remote/inbound.ts',
    find: 'else if (inbox.blocked) this.#fromQuarantined(inbox, envelope);\n    else',
    replace: 'else',
    seedsMax: 10,
  },
  {
    name: 'quarantine ignored: the banned are told',
    file: 'remote/remote-sends.ts',
    find: 'if (peer.sendable) return true;',
    replace: 'return true;',
    seedsMax: 100,
  },
  {
    name: 'system messages sent before somebody has answered',
    file: 'remote/peer.ts',
    find: 'if (!this.control.isAnswered) {',
    replace: 'if (false) {',
    seedsMax: 100,
  },
];
