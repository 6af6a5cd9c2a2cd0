// Which methods there are on a path, so that a wrong method is told apart from a path that is not there.

import type { FastifyInstance } from 'fastify';

interface KnownPath {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

export class KnownMethods {
  readonly #paths = new Map<string, KnownPath>();

  /** Of the routes that are added to the server from now on; those that stand for any path do not count. */
  constructor(server: FastifyInstance) {
    server.addHook('onRoute', ({ url, method }) => {
      if (url.includes('*')) return;
      const known = this.#paths.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() };
      this.#paths.set(url, known);
      for (const name of [method].flat()) known.methods.add(name);
    });
  }

  /** The methods of the path in a request's address; none where there is no such path. */
  of(address: string): readonly string[] {
    const [path = ''] = address.split('?');
    const found = [...this.#paths.values()].filter(({ pattern }) => pattern.test(path));
    return [...new Set(found.flatMap(({ methods }) => [...methods]))].sort();
  }
}

/** Of the path of a route, whose parameters are written like `:id`. */
function patternOf(url: string): RegExp {
  const parts = url.split('/').map((part) => {
    return part.startsWith(':') ? '[^/]+' : part.replaceAll('.', '\\.');
  });
  return new RegExp(`^${parts.join('/')}$`);
}
