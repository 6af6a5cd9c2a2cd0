// The dashboard of any Parvi cluster: membership, failure detection, actors, remoting, processes.

import type { DashboardPlan } from './dashboard.ts';
import { instance, query, rate, series, stat } from './panels.ts';

const membership = [
  stat(
    'Members Up',
    'Members that are Up, as the node sees it that sees most of them.',
    'max(parvi_cluster_members{$of,status="Up"})',
  ),
  stat(
    'Unreachable',
    'Members that somebody cannot reach. Above 0, nobody joins or leaves until they are back or downed.',
    'max(parvi_cluster_unreachable_members{$of})',
  ),
  stat(
    'Leaders',
    'Nodes that lead. 1 is right; 0: no cluster or no answer; 2: two clusters.',
    'sum(parvi_cluster_leader{$of})',
  ),
  stat(
    'Converged',
    '1 while all members have seen the same gossip. 0 for a moment is normal at each change.',
    'min(parvi_cluster_converged{$of})',
  ),
  stat(
    'Lost members',
    'Members removed after they were down, within the time shown.',
    'max(sum by (instance) (increase(parvi_cluster_removed_members_total{$of,after="Down"}[$__range])))',
  ),
  stat(
    'Versions',
    'Versions of Parvi that run; 2 during a rolling update.',
    'count(count by (version) (parvi_info{$of}))',
  ),
  series(
    'Members by status',
    'short',
    'Joining and Leaving are short steps on the way. WeaklyUp means that somebody is unreachable.',
    query('max by (status) (parvi_cluster_members{$of})', '{{status}}'),
  ),
  series(
    'Suspicion (phi)',
    'short',
    'What the failure detector thinks of each watched member. Near 0 is healthy, at its threshold (8 by default) a member is unreachable.',
    query('max by (peer) (parvi_cluster_phi{$of})', '{{peer}}'),
  ),
  series(
    'Age of the last heartbeat',
    's',
    'Time since a watched member last answered. One interval (1 s) is healthy.',
    query('max by (peer) (parvi_cluster_heartbeat_age_seconds{$of})', '{{peer}}'),
  ),
  series(
    'Membership messages',
    'ops',
    'Heartbeats, gossip and joining by type. Gossip rises while something changes.',
    query(rate('parvi_cluster_messages_sent_total', 'type'), '{{type}}'),
  ),
];

const actors = [
  series(
    'Actors',
    'short',
    'Actors alive on each node. A line that only rises is a leak.',
    query('parvi_actors{$of}', instance),
  ),
  series(
    'Messages handled',
    'ops',
    'Messages that actors took.',
    query(rate('parvi_actor_messages_handled_total'), instance),
  ),
  series(
    'Waiting messages',
    'short',
    'In all mailboxes of a node, and in the fullest one. What only grows is an actor that falls behind.',
    query('parvi_mailbox_messages{$of}', `${instance} all`),
    query('parvi_mailbox_longest_messages{$of}', `${instance} fullest`),
  ),
  series(
    'Dead letters',
    'cps',
    'Messages that reached nobody, by reason.',
    query(
      `${rate('parvi_dead_letters_total', 'reason')} > 0 or ${rate('parvi_dead_letters_total', 'job')}`,
      '{{reason}}',
    ),
  ),
  series(
    'Failures and restarts',
    'cps',
    'Exceptions in actors, and what supervision made of them.',
    query(rate('parvi_actor_failures_total'), `${instance} failures`),
    query(rate('parvi_actor_restarts_total'), `${instance} restarts`),
  ),
  series(
    'Asks without a reply',
    'cps',
    'Asks that ran into their time limit.',
    query(rate('parvi_ask_timeouts_total'), instance),
  ),
];

const remoting = [
  series(
    'Frames',
    'ops',
    'Messages to and from other nodes.',
    query(rate('parvi_remote_frames_sent_total'), `${instance} sent`),
    query(rate('parvi_remote_frames_received_total'), `${instance} received`),
  ),
  series(
    'Bytes',
    'Bps',
    'What they take on the network.',
    query(rate('parvi_remote_sent_bytes_total'), `${instance} sent`),
    query(rate('parvi_remote_received_bytes_total'), `${instance} received`),
  ),
  series(
    'Waiting for sockets',
    'bytes',
    'Bytes of messages that the network or the peer has not taken yet.',
    query('parvi_remote_outbound_queued_bytes{$of}', instance),
  ),
  series(
    'Connections',
    'short',
    'Peers known, and connections that came in.',
    query('parvi_remote_associations{$of}', `${instance} peers`),
    query('parvi_remote_inbound_connections{$of}', `${instance} inbound`),
  ),
  series(
    'Trouble',
    'cps',
    'Dials that failed, peers that were quarantined, system messages sent again, frames refused.',
    query(rate('parvi_remote_dial_failures_total', 'job'), 'dials failed'),
    query(rate('parvi_remote_quarantines_total', 'job'), 'quarantined'),
    query(rate('parvi_remote_system_messages_resent_total', 'job'), 'resent'),
    query(
      `${rate('parvi_remote_refusals_total', 'job')} or ${rate('parvi_remote_dials_total', 'job')} * 0`,
      'refused',
    ),
  ),
  series(
    'Held back',
    'cps',
    'Times that reading waited because an actor had too many messages.',
    query(rate('parvi_remote_hold_backs_total'), instance),
  ),
];

const processes = [
  series(
    'Lateness of the event loop, 99 %',
    's',
    'How late timers fire. Beyond a second heartbeats suffer: something computes on the event loop.',
    query(
      'histogram_quantile(0.99, sum by (instance, le) (rate(parvi_event_loop_lateness_seconds_bucket{$of}[$__rate_interval])))',
      instance,
    ),
  ),
  series(
    'Event loop at work',
    'percentunit',
    'Share of the time that the event loop does not wait. Near 1 it has no reserve.',
    query(rate('parvi_event_loop_active_seconds_total'), instance),
  ),
  series(
    'Processors',
    'short',
    'Processors that the process keeps busy, pricing threads included.',
    query(rate('process_cpu_seconds_total'), instance),
  ),
  series(
    'Memory',
    'bytes',
    'Resident memory, and the part of the heap that is in use.',
    query('process_resident_memory_bytes{$of}', `${instance} resident`),
    query('nodejs_heap_used_bytes{$of}', `${instance} heap`),
  ),
  series(
    'Age of processes',
    's',
    'Time since each process started; a fall to 0 is a restart.',
    query('time() - process_start_time_seconds{$of}', instance),
  ),
];

export const clusterDashboard: DashboardPlan = {
  id: 'parvi-cluster',
  title: 'Parvi cluster',
  about: 'Membership, failure detection, actors, remoting and processes of a Parvi cluster.',
  chosenBy: 'parvi_info',
  rows: [
    { title: 'Membership', panels: membership },
    { title: 'Actors', panels: actors },
    { title: 'Remoting', panels: remoting },
    { title: 'Processes', panels: processes },
  ],
};
