// The normal distribution: density, cumulative and inverse.
// Cumulative: rational approximation 5666 of J. F. Hart, "Computer Approximations" (1968), absolute error below
// 1e-16 down to −7, then Laplace's continued fraction. Inverse: P. J. Acklam's approximation, relative error 1.15e-9, without
// a refining step, because QuantLib's InverseCumulativeNormal has none and Monte Carlo values must agree with it.

const inverseSqrtTwoPi = 0.3989422804014327;

/** exp(−x²/2)/√(2π). */
export function normalDensity(x: number): number {
  return inverseSqrtTwoPi * Math.exp(-0.5 * x * x);
}

/**
 * The upper tail P(Z > x) for x ≥ 0, given exp(−x²/2), which callers mostly have at hand already.
 * The fraction exists only to be multiplied by that exponential: it is the Mills ratio times 1/√(2π).
 */
export function upperTail(x: number, exponential: number): number {
  if (x < 7.071067811865475) {
    const top =
      (((((0.0352624965998911 * x + 0.700383064443688) * x + 6.37396220353165) * x +
        33.912866078383) *
        x +
        112.079291497871) *
        x +
        221.213596169931) *
        x +
      220.206867912376;
    const bottom =
      ((((((0.0883883476483184 * x + 1.75566716318264) * x + 16.064177579207) * x +
        86.7807322029461) *
        x +
        296.564248779674) *
        x +
        637.333633378831) *
        x +
        793.826512519948) *
        x +
      440.413735824752;
    return (exponential * top) / bottom;
  }
  // Also where exponential has underflowed to 0 and x is infinite.
  if (exponential === 0) return 0;
  const fraction = x + 1 / (x + 2 / (x + 3 / (x + 4 / (x + 0.65))));
  return (exponential / fraction) * inverseSqrtTwoPi;
}

/** P(Z ≤ x). */
export function cumulativeNormal(x: number): number {
  const exponential = Math.exp(-0.5 * x * x);
  return x > 0 ? 1 - upperTail(x, exponential) : upperTail(-x, exponential);
}

/** The x with P(Z ≤ x) = p, for p strictly between 0 and 1. */
export function inverseCumulativeNormal(p: number): number {
  if (p < 0.02425) return inverseTail(Math.sqrt(-2 * Math.log(p)));
  if (p > 1 - 0.02425) return -inverseTail(Math.sqrt(-2 * Math.log(1 - p)));
  const centred = p - 0.5;
  const r = centred * centred;
  const top =
    ((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r +
      138.357751867269) *
      r -
      30.66479806614716) *
      r +
    2.506628277459239;
  const bottom =
    ((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r +
      66.80131188771972) *
      r -
      13.28068155288572) *
      r +
    1;
  return (top * centred) / bottom;
}

function inverseTail(z: number): number {
  const top =
    ((((-0.007784894002430293 * z - 0.3223964580411365) * z - 2.400758277161838) * z -
      2.549732539343734) *
      z +
      4.374664141464968) *
      z +
    2.938163982698783;
  const bottom =
    (((0.007784695709041462 * z + 0.3224671290700398) * z + 2.445134137142996) * z +
      3.754408661907416) *
      z +
    1;
  return top / bottom;
}
