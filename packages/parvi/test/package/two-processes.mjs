// A cluster of two processes, as one program: the first follows its own events over HTTP while the second joins, asks it
// something and leaves. Prints what was seen, for the test that runs it on each Node.

import { spawn } from 'node:child_process';
import { ActorSystem, actor, clusterOf } from 'parvi';
import { managementOf } from 'parvi/management';

const log = { level: 'silent' };
const remote = { host: '127.0.0.1', port: 0 };
const [seed] = process.argv.slice(2);
const print = (text) => process.stdout.write(`${text}\n`);

if (seed === undefined) await first();
else await second(seed);

async function first() {
  const system = await ActorSystem.start({
    name: 'shop',
    remote,
    cluster: {},
    management: { port: 0 },
    log,
  });
  const { self } = clusterOf(system);
  clusterOf(system).join(self.address);
  await clusterOf(system).whenUp;
  const greeter = actor(() => ({
    greet: ({ name, replyTo }) => replyTo.tell(`hello ${name}`),
  }));
  system.spawn(greeter, 'greeter');
  const { url } = managementOf(system);
  print(`ready ${(await fetch(`${url}/ready`)).status}`);
  const events = await fetch(`${url}/cluster/domain-events?type=MemberEvent`);
  const { port } = self.address;
  spawn(process.execPath, [process.argv[1], `127.0.0.1:${port}`], { stdio: 'inherit' });
  let text = '';
  for await (const part of events.body.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes('event:MemberRemoved\n')) break;
  }
  const seen = [...text.matchAll(/^event:(Member\w+)$/gm)].map(([, type]) => type);
  print(seen.join(' '));
  await system.terminate();
}

async function second(address) {
  const system = await ActorSystem.start({
    name: 'shop',
    remote,
    cluster: { seedNodes: [address] },
    log,
  });
  await clusterOf(system).whenUp;
  const greeter = await system.select('/user/greeter', `pekko://shop@${address}`).resolveOne();
  print(await greeter.ask((replyTo) => ({ type: 'greet', name: 'there', replyTo })));
  await system.terminate();
}
