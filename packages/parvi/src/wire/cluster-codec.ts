// Membership messages to bytes and back (serializer 5). Source: Pekko `ClusterMessageSerializer`.

import { assert } from '../runtime/index.ts';
import { isAppVersion } from './app-version.ts';
import type { ClusterMessage, ConfigCheck, InitJoinAck } from './cluster-messages.ts';
import { shortText, WireError } from './errors.ts';
import {
  clockInit,
  clockOf,
  gossipBytes,
  gossipInit,
  gossipOf,
  readGossip,
  withDataCenter,
} from './gossip-codec.ts';
import { HeaderText } from './header-text.ts';
import { copyBytes } from './internal/copy-bytes.ts';
import { gunzip, gzip } from './internal/gzip.ts';
import { malformed, readProto, tryProto } from './internal/proto.ts';
import {
  addressInit,
  addressOf,
  clusterNodeInit,
  clusterNodeOf,
} from './internal/proto-addresses.ts';
import { protoBytes } from './internal/proto-message.ts';
import { wireLimitsDefaults } from './options.ts';
import {
  AddressSchema,
  ConfigCheck_Type,
  type ConfigCheck as ConfigCheckFields,
  GossipEnvelopeSchema,
  GossipStatusSchema,
  HeartBeatResponseSchema,
  HeartbeatSchema,
  InitJoinAckSchema,
  InitJoinSchema,
  JoinSchema,
  UniqueAddressSchema,
  WelcomeSchema,
} from './proto/cluster.ts';

export const clusterSerializerId = 5;

const manifests: Readonly<Record<ClusterMessage['kind'], HeaderText>> = {
  initJoin: new HeaderText('IJ'),
  initJoinAck: new HeaderText('IJA'),
  initJoinNack: new HeaderText('IJN'),
  join: new HeaderText('J'),
  welcome: new HeaderText('W'),
  leave: new HeaderText('L'),
  down: new HeaderText('D'),
  exitingConfirmed: new HeaderText('EC'),
  heartbeat: new HeaderText('HB'),
  heartbeatRsp: new HeaderText('HBR'),
  gossipStatus: new HeaderText('GS'),
  gossipEnvelope: new HeaderText('GE'),
};

export function clusterManifest(message: ClusterMessage): HeaderText {
  return manifests[message.kind];
}

export function clusterBytes(message: ClusterMessage): Uint8Array {
  switch (message.kind) {
    case 'initJoin':
      // Without this key the contacted Pekko node shuts itself down.
      assert(
        message.config?.includes('"downing-provider-class":') === true,
        'an InitJoin names the downing provider class',
      );
      return protoBytes(InitJoinSchema, { currentConfig: message.config });
    case 'initJoinAck':
      return initJoinAckBytes(message);
    case 'initJoinNack':
    case 'leave':
    case 'down':
      return protoBytes(AddressSchema, addressInit(message.address));
    case 'join': {
      const { node, roles, appVersion } = message;
      assert(
        isAppVersion(appVersion),
        `no app version "${appVersion}" is sent: a Pekko node that cannot read it ends itself`,
      );
      return protoBytes(JoinSchema, { node: clusterNodeInit(node), roles: [...roles], appVersion });
    }
    case 'welcome': {
      const { from, gossip } = message;
      const fields = { from: clusterNodeInit(from), gossip: gossipInit(gossip) };
      return gzip(protoBytes(WelcomeSchema, fields));
    }
    case 'exitingConfirmed':
      return protoBytes(UniqueAddressSchema, clusterNodeInit(message.node));
    case 'heartbeat': {
      const { from, sequenceNr, creationTimeNs: creationTime } = message;
      return protoBytes(HeartbeatSchema, { from: addressInit(from), sequenceNr, creationTime });
    }
    case 'heartbeatRsp': {
      const { from, sequenceNr, creationTimeNs: creationTime } = message;
      const fields = { from: clusterNodeInit(from), sequenceNr, creationTime };
      return protoBytes(HeartBeatResponseSchema, fields);
    }
    case 'gossipStatus': {
      const { from, version, seenDigest } = message;
      return protoBytes(GossipStatusSchema, {
        from: clusterNodeInit(from),
        ...clockInit(version),
        ...(seenDigest === undefined ? {} : { seenDigest }),
      });
    }
    case 'gossipEnvelope':
      return protoBytes(GossipEnvelopeSchema, {
        from: clusterNodeInit(message.from),
        to: clusterNodeInit(message.to),
        serializedGossip: gzip(gossipBytes(message.gossip)),
      });
  }
}

const classPrefix = 'org.apache.pekko.cluster.';
/** Class names that old nodes send instead of the short manifests; heartbeats had another form then. */
const oldManifests: Readonly<Record<string, string>> = {
  [`${classPrefix}InternalClusterAction$InitJoin$`]: 'IJ',
  [`${classPrefix}InternalClusterAction$InitJoinAck`]: 'IJA',
  [`${classPrefix}InternalClusterAction$InitJoinNack`]: 'IJN',
  [`${classPrefix}InternalClusterAction$Join`]: 'J',
  [`${classPrefix}InternalClusterAction$Welcome`]: 'W',
  [`${classPrefix}ClusterUserAction$Leave`]: 'L',
  [`${classPrefix}ClusterUserAction$Down`]: 'D',
  [`${classPrefix}InternalClusterAction$ExitingConfirmed`]: 'EC',
  [`${classPrefix}ClusterHeartbeatSender$Heartbeat`]: 'oldHB',
  [`${classPrefix}ClusterHeartbeatSender$HeartbeatRsp`]: 'oldHBR',
  [`${classPrefix}GossipStatus`]: 'GS',
  [`${classPrefix}GossipEnvelope`]: 'GE',
};

type Reader = (bytes: Uint8Array, inflatedBytesMax: number) => ClusterMessage;

const readers: Readonly<Record<string, Reader>> = {
  IJ: (bytes) => {
    return { kind: 'initJoin', config: readProto(InitJoinSchema, bytes).currentConfig };
  },
  IJA: readInitJoinAck,
  IJN: (bytes) => ({ kind: 'initJoinNack', address: readAddress(bytes) }),
  J: (bytes) => {
    const { node, roles, appVersion = '0.0.0' } = readProto(JoinSchema, bytes);
    if (!isAppVersion(appVersion)) {
      throw malformed(
        'Join',
        `"${shortText(appVersion)}" is not an app version such as "1.2.3-rc1"`,
      );
    }
    return {
      kind: 'join',
      node: clusterNodeOf(node),
      roles: withDataCenter(roles),
      appVersion,
    };
  },
  W: (bytes, inflatedBytesMax) => {
    const { from, gossip } = readProto(WelcomeSchema, gunzip(bytes, inflatedBytesMax, 'Welcome'));
    return { kind: 'welcome', from: clusterNodeOf(from), gossip: gossipOf(gossip) };
  },
  L: (bytes) => ({ kind: 'leave', address: readAddress(bytes) }),
  D: (bytes) => ({ kind: 'down', address: readAddress(bytes) }),
  EC: (bytes) => ({
    kind: 'exitingConfirmed',
    node: clusterNodeOf(readProto(UniqueAddressSchema, bytes)),
  }),
  HB: (bytes) => {
    const { from, sequenceNr = -1n, creationTime = -1n } = readProto(HeartbeatSchema, bytes);
    return {
      kind: 'heartbeat',
      from: addressOf(from),
      sequenceNr,
      creationTimeNs: creationTime,
    };
  },
  HBR: (bytes) => {
    const fields = readProto(HeartBeatResponseSchema, bytes);
    const { from, sequenceNr = -1n, creationTime = -1n } = fields;
    return {
      kind: 'heartbeatRsp',
      from: clusterNodeOf(from),
      sequenceNr,
      creationTimeNs: creationTime,
    };
  },
  oldHB: (bytes) => ({
    kind: 'heartbeat',
    from: readAddress(bytes),
    sequenceNr: -1n,
    creationTimeNs: -1n,
  }),
  oldHBR: (bytes) => ({
    kind: 'heartbeatRsp',
    from: clusterNodeOf(readProto(UniqueAddressSchema, bytes)),
    sequenceNr: -1n,
    creationTimeNs: -1n,
  }),
  GS: (bytes) => {
    const { from, version, allHashes, seenDigest } = readProto(GossipStatusSchema, bytes);
    return {
      kind: 'gossipStatus',
      from: clusterNodeOf(from),
      version: clockOf(version, allHashes, 'GossipStatus'),
      seenDigest: seenDigest === undefined ? undefined : copyBytes(seenDigest),
    };
  },
  GE: (bytes, inflatedBytesMax) => {
    const fields = readProto(GossipEnvelopeSchema, bytes);
    return {
      kind: 'gossipEnvelope',
      from: clusterNodeOf(fields.from),
      to: clusterNodeOf(fields.to),
      gossip: readGossip(gunzip(fields.serializedGossip, inflatedBytesMax, 'Gossip')),
    };
  },
};

/** @throws WireError `MANIFEST_UNKNOWN`, `PAYLOAD_MALFORMED`, `PAYLOAD_TOO_LARGE` */
export function readCluster(
  manifest: string,
  bytes: Uint8Array,
  inflatedBytesMax = wireLimitsDefaults.inflatedGossipBytesMax,
): ClusterMessage {
  const short = Object.hasOwn(oldManifests, manifest) ? oldManifests[manifest] : manifest;
  const known = short !== undefined && Object.hasOwn(readers, short) && !manifest.startsWith('old');
  const read = known ? readers[short] : undefined;
  if (read === undefined) {
    const shown = shortText(manifest);
    throw new WireError(
      'MANIFEST_UNKNOWN',
      `Cannot read a cluster message: its manifest "${shown}" is not known`,
      { fields: { serializerId: clusterSerializerId, manifest: shown } },
    );
  }
  return read(bytes, inflatedBytesMax);
}

function readAddress(bytes: Uint8Array): ReturnType<typeof addressOf> {
  return addressOf(readProto(AddressSchema, bytes));
}

function initJoinAckBytes(message: InitJoinAck): Uint8Array {
  const { address, configCheck } = message;
  switch (configCheck.kind) {
    case 'unchecked':
      return protoBytes(AddressSchema, addressInit(address));
    case 'incompatible':
      return protoBytes(InitJoinAckSchema, {
        address: addressInit(address),
        configCheck: { type: ConfigCheck_Type.INCOMPATIBLE_CONFIG },
      });
    case 'compatible':
      return protoBytes(InitJoinAckSchema, {
        address: addressInit(address),
        configCheck: {
          type: ConfigCheck_Type.COMPATIBLE_CONFIG,
          clusterConfig: configCheck.config,
        },
      });
  }
}

/** Nodes that check nothing answer with their bare address. */
function readInitJoinAck(bytes: Uint8Array): InitJoinAck {
  const fields = tryProto(InitJoinAckSchema, bytes);
  if (fields instanceof WireError) {
    return { kind: 'initJoinAck', address: readAddress(bytes), configCheck: { kind: 'unchecked' } };
  }
  const configCheck = configCheckOf(fields.configCheck);
  return { kind: 'initJoinAck', address: addressOf(fields.address), configCheck };
}

function configCheckOf(fields: ConfigCheckFields): ConfigCheck {
  switch (fields.type) {
    case ConfigCheck_Type.UNCHECKED_CONFIG:
      return { kind: 'unchecked' };
    case ConfigCheck_Type.INCOMPATIBLE_CONFIG:
      return { kind: 'incompatible' };
    case ConfigCheck_Type.COMPATIBLE_CONFIG:
      if (fields.clusterConfig === undefined) {
        throw malformed('InitJoinAck', 'the configuration is missing');
      }
      return { kind: 'compatible', config: fields.clusterConfig };
  }
}
