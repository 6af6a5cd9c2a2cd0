// What `helm test` runs in a pod of the grid's image: asks the Service who is there, and has a trade priced.
const base = process.env.SERVICE_URL;
const ask = async (path, init = {}) => {
  const answer = await fetch(base + path, { ...init, signal: AbortSignal.timeout(30_000) });
  const body = await answer.json();
  if (!answer.ok) throw new Error(`${path} answers ${answer.status}: ${JSON.stringify(body)}`);
  return body;
};
const { nodes } = await ask('/v1/grid');
const up = nodes.filter(({ status, reachable }) => status === 'Up' && reachable);
const controllers = up.filter(({ roles }) => roles.includes('ctrl'));
if (controllers.length < Number(process.env.CONTROLLERS)) {
  throw new Error(`Only ${controllers.length} of ${process.env.CONTROLLERS} controllers are Up`);
}
const trade = {
  id: 'fra-1',
  instrument: 'fra',
  notional: 1_000_000,
  strike: 0.03,
  startDate: '2026-06-01',
  maturityDate: '2026-09-01',
};
const priced = await ask('/v1/value', {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ metric: 'NPV', trades: [trade] }),
});
process.stdout.write(`${up.length} members; a trade is priced: ${JSON.stringify(priced)}\n`);
