// European and American options by finite differences in the log price: Crank–Nicolson, which is the Douglas scheme in one
// dimension, from averaged payoffs at maturity back to today, as QuantLib's FdBlackScholesVanillaEngine goes. Rates and
// volatility are constant, so the tridiagonal system of a step is factored once. One step is cut in two at 0.99 days: the
// prices there give theta.

import { type StatusCode, statusCodes } from '../../status.ts';
import { layMesh } from './log-price-mesh.ts';
import { readSpline } from './monotonic-spline.ts';
import type { EngineSettings, OptionPoint, PricePoint } from './option-point.ts';
import { averagePayoff } from './payoff-average.ts';
import { TridiagonalStep } from './tridiagonal-step.ts';

const thetaTimeMax = 0.99 / 365;
/** Times this close to today are today. */
const timeEpsilon = 1.4901161193847656e-8;

let mesh = new Float64Array(0);
let prices = new Float64Array(0);
let exercise = new Float64Array(0);
let atThetaTime = new Float64Array(0);
/** How one option is walked back from maturity to today. */
interface Walk {
  timeSteps: number;
  size: number;
  /** Below this no price may stay: the value of exercising at once. */
  floor: Float64Array | undefined;
  /** The time whose prices give theta. */
  thetaTime: number;
}

const walk: Walk = { timeSteps: 0, size: 0, floor: undefined, thetaTime: 0 };
const wholeStep = new TridiagonalStep();
const partStep = new TridiagonalStep();

/** Gives value, delta, gamma and theta. */
export function europeanFiniteDifferences(
  option: OptionPoint,
  settings: EngineSettings,
  price: PricePoint,
): StatusCode {
  return solve(option, settings, price, false);
}

/** Gives value, delta, gamma and theta. */
export function americanFiniteDifferences(
  option: OptionPoint,
  settings: EngineSettings,
  price: PricePoint,
): StatusCode {
  return solve(option, settings, price, true);
}

function solve(
  option: OptionPoint,
  { timeSteps, spaceSteps }: EngineSettings,
  price: PricePoint,
  american: boolean,
): StatusCode {
  makeRoom(spaceSteps);
  layMesh(option, mesh, spaceSteps);
  for (let i = 0; i < spaceSteps; i++) {
    prices[i] = averagePayoff(option, mesh, spaceSteps, i);
    exercise[i] = option.sign * (Math.exp(mesh[i] as number) - option.strike);
  }
  const thetaTime = Math.min(thetaTimeMax, 0.99 * option.time);
  walk.timeSteps = timeSteps;
  walk.size = spaceSteps;
  walk.floor = american ? exercise : undefined;
  walk.thetaTime = thetaTime;
  rollBack(option);
  const logSpot = Math.log(option.spot);
  const before = readSpline(mesh, atThetaTime, spaceSteps, logSpot).value;
  const now = readSpline(mesh, prices, spaceSteps, logSpot);
  price.value = now.value;
  price.delta = now.first / option.spot;
  price.gamma = (now.second - now.first) / (option.spot * option.spot);
  price.theta = (before - now.value) / thetaTime;
  return statusCodes.PRICED;
}

function makeRoom(size: number): void {
  if (mesh.length >= size) return;
  mesh = new Float64Array(size);
  prices = new Float64Array(size);
  exercise = new Float64Array(size);
  atThetaTime = new Float64Array(size);
}

function rollBack(option: OptionPoint): void {
  const { timeSteps, size, floor, thetaTime } = walk;
  const dt = option.time / timeSteps;
  wholeStep.prepare(option, mesh, size, dt);
  let now = option.time;
  for (let i = 0; i < timeSteps; i++, now -= dt) {
    const reached = i < timeSteps - 1 ? now - dt : 0;
    const next = Math.abs(reached) < timeEpsilon ? 0 : reached;
    if (!(next <= thetaTime && thetaTime < now)) {
      wholeStep.apply(prices, floor);
      continue;
    }
    partStep.prepare(option, mesh, size, now - thetaTime);
    partStep.apply(prices, floor);
    atThetaTime.set(prices.subarray(0, size));
    if (thetaTime > next) {
      partStep.prepare(option, mesh, size, thetaTime - next);
      partStep.apply(prices, floor);
    }
  }
}
