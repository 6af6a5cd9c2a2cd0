import { describe, expect, it } from 'vitest';
import { AssertionFailedError, assert, unreachable } from './assert.ts';
import { errorLine, ParviError, toError } from './errors.ts';

class LayerError extends ParviError {}

function fails(): never {
  throw new Error('not readable');
}

function throwingProxy(target: object): object {
  return new Proxy(target, { get: fails, has: fails, getPrototypeOf: fails, ownKeys: fails });
}

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function withGetter(name: 'message' | 'cause'): Error {
  return Object.defineProperty(new Error('a'), name, { get: fails });
}

describe('an error of Parvi', () => {
  it('has its code, fields, cause and the name of its class', () => {
    const cause = new Error('below');
    const error = new LayerError('A_CODE', 'Cannot do it', { fields: { a: 1 }, cause });
    expect(error).toMatchObject({ code: 'A_CODE', fields: { a: 1 }, cause, name: 'LayerError' });
    expect(error).toBeInstanceOf(Error);
    expect(`${error}`).toBe('LayerError: Cannot do it');
  });

  it('has no cause of its own accord', () => {
    const error = new ParviError('A_CODE', 'Cannot do it');
    expect('cause' in error).toBe(false);
    expect(error.fields).toEqual({});
  });
});

describe('something thrown', () => {
  it('stays itself when it is an error and becomes one otherwise', () => {
    const error = new TypeError('a');
    expect(toError(error)).toBe(error);
    expect(toError('text').message).toBe('text');
    expect(toError(42).message).toBe('Non-error value thrown: 42');
    expect(toError(undefined).message).toBe('Non-error value thrown: undefined');
  });

  it.each([
    ['an object without a prototype', () => Object.create(null)],
    ['an object whose text throws', () => ({ toString: () => fails() })],
    ['a proxy that throws at everything', () => throwingProxy({})],
    ['an error behind such a proxy', () => throwingProxy(new Error('a'))],
    ['a revoked proxy', () => revokedProxy()],
    ['an error whose message throws', () => withGetter('message')],
    ['an error whose cause throws', () => withGetter('cause')],
    ['an error whose message is a symbol', () => Object.assign(new Error(), { message: Symbol() })],
  ])('becomes an error also as %s', (_, make) => {
    const error = toError(make());
    expect(error.message).toMatch(
      /^Value thrown that cannot be read as text \((object|function)\)$/,
    );
    expect(errorLine(make())).toBe(error.message);
    expect(errorLine(new Error('a', { cause: make() }))).toBe(`a: ${error.message}`);
  });

  it('reads as one line with its causes', () => {
    const error = new Error('a', { cause: new Error('b', { cause: 'c' }) });
    expect(errorLine(error)).toBe('a: b: c');
  });

  it('reads as one line even when it is its own cause', () => {
    const error = new Error('a');
    error.cause = error;
    expect(errorLine(error)).toBe('a');
  });

  it('reads as one line that says nothing twice', () => {
    const refused = new Error('list is refused; add a right', { cause: new Error('status 403') });
    const error = new Error('Cannot list pods: list is refused; add a right', { cause: refused });
    expect(errorLine(error)).toBe('Cannot list pods: list is refused; add a right: status 403');
  });
});

describe('an assertion', () => {
  it('says what must be true', () => {
    expect(() => assert(true, 'never said')).not.toThrow();
    expect(() => assert(0, 'a count is positive')).toThrow(
      new AssertionFailedError('a count is positive'),
    );
  });

  it('names the value that reached an unreachable place', () => {
    const value: unknown = { kind: 'odd' };
    expect(() => unreachable(value as never)).toThrow(
      /unreachable place reached with \{"kind":"odd"\}/,
    );
  });
});
