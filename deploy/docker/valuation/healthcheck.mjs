// What HEALTHCHECK runs inside the container: asks the management server whether the process is alive. Ends with 0 or 1.

const port = process.env.PARVI_MANAGEMENT_PORT ?? '7626';
const host = process.env.PARVI_MANAGEMENT_BIND_HOST ?? process.env.PARVI_MANAGEMENT_HOST;
const asked = host === undefined || host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;

try {
  const answer = await fetch(`http://${asked}:${port}/alive`, {
    signal: AbortSignal.timeout(2500),
  });
  if (!answer.ok) throw new Error(`status ${answer.status}: ${await answer.text()}`);
} catch (error) {
  process.stderr.write(`Not alive: ${error.cause?.message ?? error.message}\n`);
  process.exitCode = 1;
}
