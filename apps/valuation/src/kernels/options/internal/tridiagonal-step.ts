// One Crank–Nicolson step of the Black–Scholes equation in the log price x,
//   ∂V/∂τ = ½σ² ∂²V/∂x² + (r − q − ½σ²) ∂V/∂x − r V,
// on an uneven mesh with three-point derivatives inside and one-sided first derivatives at both ends (no diffusion there).

import type { OptionPoint } from './option-point.ts';

/** The operator of one step length, factored so that each step is one pass forwards and one back. */
export class TridiagonalStep {
  #size = 0;
  // The explicit half: I + ½ dt · L.
  #lower = new Float64Array(0);
  #diagonal = new Float64Array(0);
  #upper = new Float64Array(0);
  // The implicit half, I − ½ dt · L, factored: multiplier of the row before, inverse pivot, upper entry over pivot.
  #eliminate = new Float64Array(0);
  #inversePivot = new Float64Array(0);
  #back = new Float64Array(0);

  prepare(option: OptionPoint, mesh: Float64Array, size: number, dt: number): void {
    this.#makeRoom(size);
    const { rate, dividendYield, volatility } = option;
    const diffusion = 0.5 * volatility * volatility;
    const drift = rate - dividendYield - diffusion;
    const half = 0.5 * dt;
    let backBefore = 0;
    for (let i = 0; i < size; i++) {
      const before = i > 0 ? (mesh[i] as number) - (mesh[i - 1] as number) : 0;
      const after = i < size - 1 ? (mesh[i + 1] as number) - (mesh[i] as number) : 0;
      let lower = 0;
      let upper = 0;
      let diagonal = -rate;
      if (i === 0) {
        upper = drift / after;
        diagonal -= upper;
      } else if (i === size - 1) {
        lower = -drift / before;
        diagonal -= lower;
      } else {
        const span = before + after;
        lower = (2 * diffusion - drift * after) / (before * span);
        upper = (2 * diffusion + drift * before) / (after * span);
        diagonal += (drift * (after - before) - 2 * diffusion) / (before * after);
      }
      this.#lower[i] = half * lower;
      this.#upper[i] = half * upper;
      this.#diagonal[i] = 1 + half * diagonal;
      const inverse = 1 / (1 - half * diagonal + half * lower * backBefore);
      this.#inversePivot[i] = inverse;
      this.#eliminate[i] = half * lower * inverse;
      backBefore = -half * upper * inverse;
      this.#back[i] = backBefore;
    }
  }

  /** Moves `values` one step towards today; with a floor, no value stays below it (early exercise). */
  apply(values: Float64Array, floor: Float64Array | undefined): void {
    const size = this.#size;
    const lower = this.#lower;
    const diagonal = this.#diagonal;
    const upper = this.#upper;
    const eliminate = this.#eliminate;
    const inversePivot = this.#inversePivot;
    const back = this.#back;
    let before = 0;
    let solved = 0;
    let here = values[0] as number;
    for (let i = 0; i < size; i++) {
      const after = i < size - 1 ? (values[i + 1] as number) : 0;
      const right =
        (lower[i] as number) * before +
        (diagonal[i] as number) * here +
        (upper[i] as number) * after;
      solved = right * (inversePivot[i] as number) + (eliminate[i] as number) * solved;
      values[i] = solved;
      before = here;
      here = after;
    }
    for (let i = size - 2; i >= 0; i--) {
      solved = (values[i] as number) - (back[i] as number) * solved;
      values[i] = solved;
    }
    if (floor === undefined) return;
    for (let i = 0; i < size; i++) {
      const least = floor[i] as number;
      if (least > (values[i] as number)) values[i] = least;
    }
  }

  #makeRoom(size: number): void {
    this.#size = size;
    if (this.#lower.length >= size) return;
    this.#lower = new Float64Array(size);
    this.#diagonal = new Float64Array(size);
    this.#upper = new Float64Array(size);
    this.#eliminate = new Float64Array(size);
    this.#inversePivot = new Float64Array(size);
    this.#back = new Float64Array(size);
  }
}
