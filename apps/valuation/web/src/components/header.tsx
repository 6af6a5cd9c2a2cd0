// Title, state of the live connection, and the switch between light and dark.

import { count, rate, shortAddress } from '../format.ts';
import { connection, grid } from '../live.ts';
import { setTheme, theme } from '../theme.ts';

const connectionText = {
  connecting: 'Connecting',
  live: 'Live',
  lost: 'Connection lost, trying again',
} as const;

export function Header() {
  const view = grid.value;
  const other = theme.value === 'dark' ? 'light' : 'dark';
  return (
    <header>
      <h1>
        Pricing grid <span class="quiet">{view?.cluster.name ?? ''}</span>
      </h1>
      <dl class="facts">
        <div>
          <dt>Rate</dt>
          <dd id="rate">{rate(view?.rate.tradesPerSecond ?? 0)}</dd>
        </div>
        <div>
          <dt>Waiting trades</dt>
          <dd>{count(view?.queue.trades ?? 0)}</dd>
        </div>
        <div>
          <dt>Priced in all</dt>
          <dd>{count(view?.totals.trades ?? 0)}</dd>
        </div>
        <div>
          <dt>Leader</dt>
          <dd>{view?.cluster.leader === undefined ? 'none' : shortAddress(view.cluster.leader)}</dd>
        </div>
      </dl>
      <p class={`connection ${connection.value}`} role="status">
        {connectionText[connection.value]}
      </p>
      <button
        type="button"
        class="theme"
        onClick={() => setTheme(other, { remember: true })}
        aria-label={`Switch to ${other} colours`}
      >
        {other === 'dark' ? 'Dark' : 'Light'}
      </button>
    </header>
  );
}
