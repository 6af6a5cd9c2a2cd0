// What went wrong, as the controller said it, with the trades it names.

import type { ProblemView } from '../../../src/http/views.ts';

/** The controller's own hint names a parameter of the request; here it is a box to tick. */
const rejectedHint =
  'Correct them, or tick “Price the good trades even when others are bad” and submit again';

export function Problem({ problem }: { readonly problem: ProblemView }) {
  const errors = problem.errors ?? [];
  const hint = problem.code === 'TRADES_REJECTED' ? rejectedHint : problem.hint;
  return (
    <div class="problem" role="alert">
      <p>
        <b>{problem.title}</b> <code>{problem.code}</code>
      </p>
      {errors.length === 0 && <p>{problem.detail}</p>}
      {errors.length > 0 && (
        <ul>
          {errors.slice(0, 10).map((error) => (
            <li key={`${error.row} ${error.field} ${error.code}`}>
              {error.row !== undefined && `Row ${error.row}: `}
              {error.field !== undefined && !error.message.includes(`"${error.field}"`) && (
                <code>{error.field} </code>
              )}
              {error.message}
            </li>
          ))}
          {errors.length > 10 && <li>and {errors.length - 10} more</li>}
        </ul>
      )}
      {hint !== undefined && <p class="quiet">{hint}</p>}
    </div>
  );
}
