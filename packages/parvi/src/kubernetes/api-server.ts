// The API server as the rest of the toolkit sees it: JSON requests with a token that may rotate, and errors that say what
// is missing. Small on purpose: a node needs five kinds of request, and a general client costs it more than all of them.

import type { Runtime } from '../runtime/index.ts';
import { certificatesIn, errorLine } from '../runtime/index.ts';
import type { Environment } from './environment.ts';
import { KubernetesError, type KubernetesErrorCode } from './errors.ts';
import {
  type HttpAnswer,
  type HttpDoor,
  nodeHttpDoor,
  nodeReadFile,
  type ReadFile,
} from './http-door.ts';
import { type ApiSettings, apiSettings, type KubernetesOptions } from './options.ts';
import { rbacRule, ruleText } from './rbac-rule.ts';

export interface ApiRequestOptions {
  /** Of the body. Default `application/json`; patches name theirs, such as `application/merge-patch+json`. */
  readonly contentType?: string;
  /** How long it may take with all that is tried again. Default the setting `requestTimeout`. */
  readonly limitMs?: number;
  readonly signal?: AbortSignal;
}

export interface ApiAnswer {
  /** 200 to 299. */
  readonly status: number;
  /** Parsed JSON. */
  readonly body: unknown;
}

export interface ApiServer {
  /**
   * Resolves with what the API server accepted; everything else is an error, its HTTP status in `fields.status`.
   *
   * @throws KubernetesError `KUBERNETES_UNREACHABLE`, `KUBERNETES_UNAUTHORIZED` (401, after the token was read anew),
   * `KUBERNETES_FORBIDDEN` (403, names the missing rule), `KUBERNETES_NOT_FOUND` (404), `KUBERNETES_CONFLICT` (409),
   * `KUBERNETES_REFUSED` (other statuses), `KUBERNETES_ANSWER_INVALID`, `KUBERNETES_FILE_UNREADABLE`; as rejections
   */
  request(
    method: string,
    path: string,
    body?: unknown,
    options?: ApiRequestOptions,
  ): Promise<ApiAnswer>;
}

export interface KubernetesPorts {
  readonly runtime: Pick<Runtime, 'timers' | 'clock'>;
  readonly environment: Environment;
  readonly http?: HttpDoor;
  readonly readFile?: ReadFile;
}

/** Between attempts while the API server refuses the token: one that has just rotated may be a moment behind. */
const unauthorizedPausesMs = [50, 250] as const;

/**
 * A client of the API server: of the pod's own cluster by its service account, or of another by explicit options. The
 * files of token and authorities are read for each request, so that rotated ones are used at once.
 *
 * @throws KubernetesError `KUBERNETES_OPTION_INVALID`, `KUBERNETES_NOT_IN_CLUSTER`
 */
export function kubernetesApi(options: KubernetesOptions, ports: KubernetesPorts): ApiServer {
  return new HttpApiServer(apiSettings(options, ports.environment), ports);
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
  readonly contentType: string;
  readonly signal: AbortSignal;
}

class HttpApiServer implements ApiServer {
  readonly #settings: ApiSettings;
  readonly #runtime: KubernetesPorts['runtime'];
  readonly #http: HttpDoor;
  readonly #readFile: ReadFile;

  constructor(settings: ApiSettings, ports: KubernetesPorts) {
    this.#settings = settings;
    this.#runtime = ports.runtime;
    this.#http = ports.http ?? nodeHttpDoor;
    this.#readFile = ports.readFile ?? nodeReadFile;
  }

  async request(
    method: string,
    path: string,
    body?: unknown,
    options: ApiRequestOptions = {},
  ): Promise<ApiAnswer> {
    const limitMs = options.limitMs ?? this.#settings.requestTimeoutMs;
    const abort = new AbortController();
    const limit = this.#runtime.timers.after(limitMs, () =>
      abort.abort(new Error(`there was no answer within ${Math.round(limitMs)} ms`)),
    );
    const signals = options.signal === undefined ? [] : [options.signal];
    const asked: Asked = {
      method,
      path,
      body: body === undefined ? undefined : JSON.stringify(body),
      contentType: options.contentType ?? 'application/json',
      signal: AbortSignal.any([abort.signal, ...signals]),
    };
    try {
      return this.#accepted(asked, await this.#authorized(asked));
    } finally {
      limit.cancel();
    }
  }

  /** Asks again with a token read anew while it is refused. */
  async #authorized(asked: Asked): Promise<HttpAnswer> {
    for (const pauseMs of unauthorizedPausesMs) {
      const answer = await this.#send(asked);
      if (answer.status !== 401) return answer;
      await new Promise<void>((resolve) => {
        this.#runtime.timers.after(pauseMs, resolve);
        asked.signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    return this.#send(asked);
  }

  async #send(asked: Asked): Promise<HttpAnswer> {
    const { apiServer, caFile, tokenFile } = this.#settings;
    const isSecure = apiServer.startsWith('https:');
    const [token, ca] = await Promise.all([
      this.#read('token', 'tokenFile', tokenFile),
      isSecure ? this.#authorities(caFile) : undefined,
    ]);
    try {
      asked.signal.throwIfAborted();
      return await this.#http({
        origin: apiServer,
        method: asked.method,
        path: asked.path,
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${token.trim()}`,
          'user-agent': 'parvi',
          ...(asked.body === undefined ? {} : { 'content-type': asked.contentType }),
        },
        body: asked.body,
        ca,
        signal: asked.signal,
      });
    } catch (error) {
      const reason: unknown = asked.signal.aborted ? asked.signal.reason : error;
      throw new KubernetesError(
        'KUBERNETES_UNREACHABLE',
        `Cannot reach the Kubernetes API server at "${apiServer}": ${errorLine(reason)}; check that network policies let this node there`,
        { fields: { apiServer, method: asked.method, path: asked.path }, cause: reason },
      );
    }
  }

  /** Node.js takes a text without any, and then trusts nobody. */
  async #authorities(path: string): Promise<string> {
    const pem = await this.#read('authorities', 'caFile', path);
    try {
      certificatesIn(pem);
      return pem;
    } catch (cause) {
      throw new KubernetesError(
        'KUBERNETES_FILE_UNREADABLE',
        `Cannot use "${path}" as the authorities of the Kubernetes API server: ${errorLine(cause)}; set kubernetes.caFile to the file of those that vouch for it`,
        { fields: { path }, cause },
      );
    }
  }

  async #read(what: string, option: string, path: string): Promise<string> {
    try {
      return await this.#readFile(path);
    } catch (cause) {
      throw new KubernetesError(
        'KUBERNETES_FILE_UNREADABLE',
        `Cannot read the ${what} of the service account from "${path}": ${errorLine(cause)}; set automountServiceAccountToken: true for the pod, or kubernetes.${option}`,
        { fields: { path }, cause },
      );
    }
  }

  #accepted(asked: Asked, { status, body }: HttpAnswer): ApiAnswer {
    const isAccepted = status >= 200 && status < 300;
    try {
      if (isAccepted) return { status, body: JSON.parse(body) };
    } catch (cause) {
      throw new KubernetesError(
        'KUBERNETES_ANSWER_INVALID',
        `Cannot read the answer of "${this.#settings.apiServer}" to ${asked.method} ${asked.path}: it is not JSON; see whether an API server listens there`,
        { fields: { status, path: asked.path }, cause },
      );
    }
    throw refusal(asked, status, messageOf(body));
  }
}

const codes: ReadonlyMap<number, KubernetesErrorCode> = new Map([
  [401, 'KUBERNETES_UNAUTHORIZED'],
  [403, 'KUBERNETES_FORBIDDEN'],
  [404, 'KUBERNETES_NOT_FOUND'],
  [409, 'KUBERNETES_CONFLICT'],
]);

function refusal({ method, path }: Asked, status: number, said: string): KubernetesError {
  const code = codes.get(status) ?? 'KUBERNETES_REFUSED';
  const rule = status === 403 ? rbacRule(method, path) : undefined;
  const advice = rule === undefined ? adviceFor(status) : adviceToGrant(rule);
  return new KubernetesError(
    code,
    `The Kubernetes API server refused ${method} ${path} with status ${status}: ${said}${advice}`,
    { fields: { status, method, path, ...(rule === undefined ? {} : { rule }) } },
  );
}

function adviceToGrant(rule: NonNullable<ReturnType<typeof rbacRule>>): string {
  const where =
    rule.namespace === undefined ? 'a ClusterRole' : `a Role of the namespace "${rule.namespace}"`;
  return `; add ${ruleText(rule)} to ${where} and bind it to the service account of the pod`;
}

function adviceFor(status: number): string {
  if (status === 401)
    return '; the token of the service account is not taken, also after it was read anew';
  return '';
}

/** Refusals are objects of kind `Status` with a message; whatever else answers is quoted. */
function messageOf(body: string): string {
  try {
    const status: unknown = JSON.parse(body);
    const message: unknown = Reflect.get(Object(status), 'message');
    if (typeof message === 'string') return message;
  } catch {
    // Proxies answer with text.
  }
  return body.slice(0, 200).trim() || 'no reason was given';
}
