// What went wrong, as the controller said it, with the trades it names.

import type { ProblemView } from '../../../src/http/views.ts';

export function Problem({ problem }: { readonly problem: ProblemView }) {
  const errors = problem.errors ?? [];
  return (
    <div class="problem" role="alert">
      <p>
        <b>{problem.title}</b> <code>{problem.code}</code>
      </p>
      <p>{problem.detail}</p>
      {problem.hint !== undefined && <p class="quiet">{problem.hint}</p>}
      {errors.length > 0 && (
        <ul>
          {errors.slice(0, 10).map((error) => (
            <li key={`${error.row} ${error.field} ${error.code}`}>
              {error.row !== undefined && `Row ${error.row}: `}
              {error.field !== undefined && <code>{error.field}</code>} {error.message}
            </li>
          ))}
          {errors.length > 10 && <li>and {errors.length - 10} more</li>}
        </ul>
      )}
    </div>
  );
}
