// How clients of the controller, on the command line and in the page, know its refusals. Stands alone, so that the page
// carries nothing else of the server.

import type { ProblemView } from './views.ts';

/** The problem document in the body of an answer; `undefined` when something else answered, such as a proxy before it. */
export function problemIn(body: string): ProblemView | undefined {
  try {
    const problem = JSON.parse(body) as Partial<ProblemView> | null;
    return typeof problem?.code === 'string' ? (problem as ProblemView) : undefined;
  } catch {
    return undefined;
  }
}
