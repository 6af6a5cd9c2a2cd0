// Joins, leaves and deaths in the order they happened, read out by screen readers as they come.

import { clockTime, shortAddress } from '../format.ts';
import { memberEvents } from '../live.ts';

const wording = {
  joined: 'is joining',
  'weakly-up': 'is weakly up',
  up: 'is up',
  leaving: 'is leaving',
  exiting: 'is exiting',
  down: 'was marked down',
  removed: 'was removed',
  unreachable: 'is unreachable',
  reachable: 'is reachable again',
} as const;

const tone = (change: keyof typeof wording): string => {
  if (change === 'up' || change === 'reachable') return 'good';
  return change === 'down' || change === 'removed' || change === 'unreachable' ? 'bad' : 'changing';
};

export function MemberLog() {
  return (
    <section
      class={memberEvents.value.length === 0 ? 'log calm' : 'log'}
      aria-labelledby="log-title"
    >
      <h2 id="log-title">Members come and go</h2>
      <ol aria-live="polite" aria-relevant="additions">
        {memberEvents.value.slice(0, 12).map((event) => (
          <li key={`${event.at} ${event.address} ${event.change}`}>
            <time dateTime={event.at}>{clockTime(event.at)}</time>
            <span class={`dot ${tone(event.change)}`} aria-hidden="true" />
            <span>
              {event.roles.filter((role) => !role.startsWith('dc-')).join(', ')}{' '}
              <b>{shortAddress(event.address)}</b> {wording[event.change]}
            </span>
          </li>
        ))}
      </ol>
      {memberEvents.value.length === 0 && <p class="quiet">Nothing since this page opened.</p>}
    </section>
  );
}
