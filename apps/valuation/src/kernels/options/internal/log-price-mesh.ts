// The mesh of log prices for finite differences, as QuantLib's FdmBlackScholesMesher and Concentrating1dMesher lay it: from
// the lowest to the highest forward, 1.5 times the 99.99 % quantile beyond them, dense around the strike by a sinh transform
// (D. Tavella, C. Randall, "Pricing Financial Instruments", 2000).

import { inverseCumulativeNormal } from './normal.ts';
import type { OptionPoint } from './option-point.ts';

const tail = 0.0001;
const stretch = 1.5;
const density = 0.1;

const quantile = inverseCumulativeNormal(1 - tail);

/** Fills `mesh` with `size` rising log prices. */
export function layMesh(option: OptionPoint, mesh: Float64Array, size: number): void {
  const { spot, strike, rate, dividendYield, volatility, time } = option;
  const logSpot = Math.log(spot);
  const logForward = logSpot + (rate - dividendYield) * time;
  const margin = volatility * Math.sqrt(time) * quantile * stretch;
  const start = Math.min(logSpot, logForward) - margin;
  const end = Math.max(logSpot, logForward) + margin;
  const centre = Math.log(strike);
  const pitch = 1 / (size - 1);
  if (centre >= start && centre <= end) {
    const scale = density * (end - start);
    const low = Math.asinh((start - centre) / scale);
    const high = Math.asinh((end - centre) / scale);
    for (let i = 1; i < size - 1; i++) {
      const at = i * pitch;
      mesh[i] = centre + scale * Math.sinh(low * (1 - at) + high * at);
    }
  } else {
    const step = (end - start) / (size - 1);
    for (let i = 1; i < size - 1; i++) mesh[i] = start + i * step;
  }
  mesh[0] = start;
  mesh[size - 1] = end;
}
