// The members of the cluster as cards: role, status and load. A node that leaves stays for a moment, marked as gone.

import { useEffect, useState } from 'preact/hooks';
import type { NodeView } from '../../../src/http/views.ts';
import { counted, megabytes, percent, rate, shortAddress } from '../format.ts';
import { grid } from '../live.ts';

const goneMs = 6000;

interface Card {
  readonly node: NodeView;
  readonly goneAtMs: number | undefined;
}

/** Keeps cards of removed nodes for a few seconds, so that a death can be seen and not only a gap. */
function useCards(nodes: readonly NodeView[]): readonly Card[] {
  const [cards, setCards] = useState<readonly Card[]>([]);
  useEffect(() => {
    const nowMs = Date.now();
    const present = new Set(nodes.map((node) => node.address));
    setCards((before) => {
      const gone = before
        .filter((card) => !present.has(card.node.address))
        .map((card) => ({ node: card.node, goneAtMs: card.goneAtMs ?? nowMs }))
        .filter((card) => nowMs - card.goneAtMs < goneMs);
      const here = nodes.map((node): Card => ({ node, goneAtMs: undefined }));
      return [...here, ...gone].sort((a, b) => order(a.node).localeCompare(order(b.node)));
    });
  }, [nodes]);
  return cards;
}

const isUp = ({ node, goneAtMs }: Card): boolean =>
  goneAtMs === undefined && node.reachable && node.status === 'Up';

const order = (node: NodeView): string => `${node.roles.join()} ${node.address}`;

export function ClusterPanel() {
  const cards = useCards(grid.value?.nodes ?? []);
  const up = cards.filter((card) => isUp(card));
  return (
    <section class="cluster" aria-labelledby="cluster-title">
      <h2 id="cluster-title">
        Cluster <span class="quiet">{up.length} up</span>
      </h2>
      {cards.length === 0 && <p class="quiet">No members are known yet.</p>}
      <ul class="nodes">
        {cards.map((card) => (
          <NodeCard key={card.node.address} card={card} />
        ))}
      </ul>
    </section>
  );
}

function NodeCard({ card }: { readonly card: Card }) {
  const { node } = card;
  const hasThreads = node.threads !== undefined && node.threads > 0;
  const gone = card.goneAtMs !== undefined;
  const status = gone ? 'Removed' : node.reachable ? node.status : `${node.status}, unreachable`;
  const state = gone || !node.reachable ? 'bad' : node.status === 'Up' ? 'good' : 'changing';
  const roles = node.roles.filter((role) => !role.startsWith('dc-'));
  return (
    <li class={`node ${state}`} data-address={node.address}>
      <p class="address">{shortAddress(node.address)}</p>
      <p class="line">
        <span class="role">{roles.join(', ') || 'no role'}</span>
        <span class={`status ${state}`}>{status}</span>
      </p>
      {node.load !== undefined && !gone && node.reachable && (
        <>
          {hasThreads && (
            <div class="load">
              <meter
                min={0}
                max={1}
                value={node.load.busyShare}
                aria-label={`Busy share of ${shortAddress(node.address)}`}
              />
              <span>{percent(node.load.busyShare)} busy</span>
              <span>{rate(node.load.tradesPerSecond)}</span>
            </div>
          )}
          <p class="small quiet">
            {hasThreads && `${counted(node.threads ?? 0, 'thread')} · `}
            loop p99 {node.load.loopDelayP99Ms.toFixed(1)} ms · {megabytes(node.load.rssBytes)}
          </p>
        </>
      )}
    </li>
  );
}
