// How a node itself fares: how late its event loop is, and its memory.

import { monitorLoopDelay, systemProcess } from 'parvi/runtime';

export interface NodeMeter {
  /** Figures since the last sample. */
  sample(): { readonly loopDelayP99Ms: number; readonly rssBytes: number };
  stop(): void;
}

export function systemMeter(): NodeMeter {
  const delay = monitorLoopDelay();
  return {
    sample() {
      const loopDelayP99Ms = Math.round(delay.quantileMs(0.99) * 1000) / 1000;
      delay.reset();
      return { loopDelayP99Ms, rssBytes: systemProcess.residentBytes() };
    },
    stop: () => delay.stop(),
  };
}
