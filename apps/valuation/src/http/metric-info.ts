// What the metrics are, for forms, documentation and the columns of result files.

import type { MetricInfoView } from './views.ts';

const rates = ['fra', 'deposit', 'swap'];
const options = ['europeanOption', 'americanOption'];
const greeks = ['delta', 'gamma', 'vega', 'theta', 'thetaPerDay', 'rho', 'dividendRho'];

interface MetricInfo extends MetricInfoView {
  readonly extras: readonly string[];
}
