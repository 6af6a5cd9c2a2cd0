import { tcpTransport } from '../../src/remote/index.ts';
import { transportConformance } from './transport-conformance.ts';
import { until } from './until.ts';

transportConformance('the TCP transport', () => ({
  transport: tcpTransport(),
  host: '127.0.30.1',
  until,
}));
