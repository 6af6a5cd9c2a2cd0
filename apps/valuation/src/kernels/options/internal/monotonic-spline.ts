// A natural cubic spline whose slopes are limited by J. Hyman's filter, read at one point with its first two derivatives.
// R. Dougherty, A. Edelman, J. Hyman, "Nonnegativity-, Monotonicity-, or Convexity-Preserving Cubic and Quintic Hermite
// Interpolation", Mathematics of Computation 52 (1989). The filter is local: only the two slopes around the point need it.

let slopes = new Float64Array(1024);
let factors = new Float64Array(1024);

/** What is read from a spline. */
export interface SplinePoint {
  value: number;
  first: number;
  second: number;
}

/** Reads the spline through the first `size` points (x rising) at `at`. */
export function readSpline(
  x: Float64Array,
  y: Float64Array,
  size: number,
  at: number,
): SplinePoint {
  solveSlopes(x, y, size);
  let cell = 0;
  while (cell < size - 2 && (x[cell + 1] as number) <= at) cell++;
  const left = filtered(x, y, size, cell);
  const right = filtered(x, y, size, cell + 1);
  const width = gap(x, cell);
  const secant = slope(x, y, cell);
  const b = (3 * secant - right - 2 * left) / width;
  const c = (right + left - 2 * secant) / (width * width);
  const d = at - (x[cell] as number);
  return {
    value: (y[cell] as number) + d * (left + d * (b + d * c)),
    first: left + (2 * b + 3 * c * d) * d,
    second: 2 * b + 6 * c * d,
  };
}

function gap(x: Float64Array, i: number): number {
  return (x[i + 1] as number) - (x[i] as number);
}

function slope(x: Float64Array, y: Float64Array, i: number): number {
  return ((y[i + 1] as number) - (y[i] as number)) / gap(x, i);
}

/** The slopes of the natural spline: a tridiagonal system, solved forwards and back. */
function solveSlopes(x: Float64Array, y: Float64Array, size: number): void {
  if (slopes.length < size) {
    slopes = new Float64Array(2 * size);
    factors = new Float64Array(2 * size);
  }
  let pivot = 2;
  slopes[0] = (3 * slope(x, y, 0)) / pivot;
  let above = 1;
  for (let i = 1; i < size; i++) {
    const last = i === size - 1;
    const before = gap(x, i - 1);
    const after = last ? 0 : gap(x, i);
    const lower = last ? 1 : after;
    const diagonal = last ? 2 : 2 * (after + before);
    const right = last
      ? 3 * slope(x, y, i - 1)
      : 3 * (after * slope(x, y, i - 1) + before * slope(x, y, i));
    factors[i] = above / pivot;
    pivot = diagonal - lower * (factors[i] as number);
    slopes[i] = (right - lower * (slopes[i - 1] as number)) / pivot;
    above = before;
  }
  for (let i = size - 2; i >= 0; i--) {
    slopes[i] = (slopes[i] as number) - (factors[i + 1] as number) * (slopes[i + 1] as number);
  }
}

/** The slope at point i, cut where it would make the curve leave a monotonic run of the data. */
function filtered(x: Float64Array, y: Float64Array, size: number, i: number): number {
  const raw = slopes[i] as number;
  if (i === 0 || i === size - 1) {
    const secant = slope(x, y, i === 0 ? 0 : size - 2);
    return raw * secant > 0 ? Math.sign(raw) * Math.min(Math.abs(raw), Math.abs(3 * secant)) : 0;
  }
  const before = gap(x, i - 1);
  const after = gap(x, i);
  const left = slope(x, y, i - 1);
  const right = slope(x, y, i);
  const middle = (left * after + right * before) / (before + after);
  let limit = 3 * Math.min(Math.abs(left), Math.abs(right), Math.abs(middle));
  if (i > 1) {
    const further = slope(x, y, i - 2);
    const width = gap(x, i - 2);
    const parabolic = (left * (2 * before + width) - further * before) / (width + before);
    if (
      (left - further) * (right - left) > 0 &&
      middle * parabolic > 0 &&
      middle * (left - further) > 0
    ) {
      limit = Math.max(limit, 1.5 * Math.min(Math.abs(middle), Math.abs(parabolic)));
    }
  }
  if (i < size - 2) {
    const further = slope(x, y, i + 1);
    const width = gap(x, i + 1);
    const parabolic = (right * (2 * after + width) - further * after) / (after + width);
    if (
      (right - left) * (further - right) > 0 &&
      middle * parabolic > 0 &&
      -middle * (right - left) > 0
    ) {
      limit = Math.max(limit, 1.5 * Math.min(Math.abs(middle), Math.abs(parabolic)));
    }
  }
  return raw * middle > 0 ? Math.sign(raw) * Math.min(Math.abs(raw), limit) : 0;
}
