// From a request to its answer: guards first, then the route by its path, then the handler by the method. Knows no sockets.

import { failed, methodRefused, notFound, textAnswer } from './answers.ts';
import { RequestRefused } from './errors.ts';
import type { Answer, Handler, ManagementRequest, Route, RouteGroup } from './protocol.ts';

/** Answers what must not reach a route. The group is that of the route asked for; `other` where there is none. */
export type Guard = (request: ManagementRequest, group: RouteGroup) => Answer | undefined;

export interface RouterOptions {
  readonly routes: readonly Route[];
  readonly guards: readonly Guard[];
  /** Prefix of all paths, such as `/management`; empty for none. */
  readonly basePath: string;
  /** Told of handlers that throw; the client gets 500. */
  readonly onError: (error: unknown, request: ManagementRequest) => void;
}

interface Found {
  readonly route: Route;
  readonly rest: string;
}

export class Router {
  readonly #options: RouterOptions;

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async answer(request: ManagementRequest): Promise<Answer> {
    try {
      return await this.#answer(request);
    } catch (error) {
      if (error instanceof RequestRefused) return error.answer;
      this.#options.onError(error, request);
      return failed;
    }
  }

  async #answer(request: ManagementRequest): Promise<Answer> {
    const { guards, basePath } = this.#options;
    const path = withoutBase(request.path, basePath);
    const found = path === undefined ? undefined : this.#find(path);
    for (const guard of guards) {
      const refused = guard(request, found?.route.group ?? 'other');
      if (refused !== undefined) return refused;
    }
    if (found === undefined) return notFound;
    const rest = decoded(found.rest);
    if (rest === undefined) return badTarget;
    const { methods, otherwise } = found.route;
    const handler = methodOf(methods, request.method) ?? otherwise;
    if (handler === undefined) return methodRefused(Object.keys(methods));
    return handler(request, rest);
  }

  #find(path: string): Found | undefined {
    for (const route of this.#options.routes) {
      const rest = restOf(route, path);
      if (rest !== undefined) return { route, rest };
    }
    return undefined;
  }
}

const badTarget = textAnswer(400, 'Illegal request-target: a "%" without two digits, or no UTF-8');

/** Slashes included, so that an address may stand there raw or encoded. */
function decoded(rest: string): string | undefined {
  try {
    return decodeURIComponent(rest);
  } catch {
    return undefined;
  }
}

function methodOf(methods: Readonly<Record<string, Handler>>, name: string): Handler | undefined {
  return Object.hasOwn(methods, name) ? methods[name] : undefined;
}

function withoutBase(path: string, basePath: string): string | undefined {
  if (basePath === '') return path;
  return path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : undefined;
}

/** What follows the path of the route, or nothing when it is not meant. */
function restOf(route: Route, path: string): string | undefined {
  if (route.match === 'below') {
    const below = `${route.path}/`;
    return path.startsWith(below) ? path.slice(below.length) : undefined;
  }
  const isMeant = path === route.path || (route.match === 'slash' && path === `${route.path}/`);
  return isMeant ? '' : undefined;
}
