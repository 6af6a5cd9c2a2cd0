// HTTP of the grid: routes, problem documents, OpenAPI, the live page.

export { buildHttpServer, type HttpServerOptions } from './server.ts';
export { type RunningHttp, type StartHttpOptions, startHttp } from './start-http.ts';
