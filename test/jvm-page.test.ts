// What the guide says a JVM node depends on is what the nodes of our own tests are built from.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const textOf = (path: string): string =>
  readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const page = textOf('docs/guide/jvm-cluster.md');
const peer = textOf('interop/peer/pom.xml');

describe('the page on JVM nodes', () => {
  it('names artifacts and a version of Pekko that the tests run', () => {
    const version = /<pekko\.version>(.*)<\/pekko\.version>/.exec(peer)?.[1];
    const scala = /<scala\.binary>(.*)<\/scala\.binary>/.exec(peer)?.[1];
    const ours = peer.replaceAll('$' + '{scala.binary}', String(scala));
    const named = [...page.matchAll(/<artifactId>(pekko-.*)<\/artifactId>\n\s*<version>(.*)</g)];
    expect(named.length).toBe(2);
    for (const [, artifact, at] of named) {
      expect(ours).toContain(`<artifactId>${artifact}</artifactId>`);
      expect(at).toBe(version);
    }
  });
});
