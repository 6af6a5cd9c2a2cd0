import { describe, expect, it } from 'vitest';
import { WireError } from './errors.ts';
import { SerializerRegistry } from './serializers.ts';

class Money {
  readonly type = 'sell';
  readonly cents = 1;
}

const registry = new SerializerRegistry({
  messageTypes: [
    { type: 'sell', class: 'shop.Sell' },
    { type: 'told', class: 'shop.Told', format: 'json' },
  ],
});

function faultOf(value: unknown): WireError {
  try {
    registry.payloadOf(value);
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
  throw new Error('The value was written');
}

const trap: object = Object.defineProperty({}, 'price', {
  enumerable: true,
  get: () => {
    throw new RangeError('not now');
  },
});

describe('the error about a value that cannot cross the wire', () => {
  it.each<[string, string, () => unknown]>([
    [
      'order.lines[2].price',
      'an instance of Money',
      () => ({ type: 'order', order: { lines: [1, 'a', { price: new Money() }] } }),
    ],
    ['money', 'an instance of Money', () => ({ type: 'sell', money: new Money() })],
    ['lines[0].who', 'a function', () => ({ type: 'told', lines: [{ who: () => 1 }] })],
    ['["odd key"][0]', 'a symbol', () => ({ 'odd key': [Symbol('s')] })],
    ['rates["EUR"]', 'a function', () => ({ rates: new Map([['EUR', () => 1]]) })],
    ['rates[entry 0].deep', 'a function', () => ({ rates: new Map([[7, { deep: () => 1 }]]) })],
    ['all[1]', 'a function', () => ({ all: new Set(['a', () => 1]) })],
    ['view', 'an instance of DataView', () => ({ view: new DataView(new ArrayBuffer(8)) })],
    ['big[1]', 'a whole number', () => ({ big: [1n, 2n ** 4000n] })],
    ['c.at.price', 'failed to be read', () => ({ a: 1, c: { at: trap } })],
  ])('names the field %s', (path, what, value) => {
    const error = faultOf(value());
    expect(error.code).toBe('VALUE_NOT_SERIALIZABLE');
    expect(error.fields.path).toBe(path);
    expect(error.message).toContain(`field "${path}"`);
    expect(error.message).toContain(what);
  });

  it('keeps what a getter threw as its cause', () => {
    expect(faultOf({ c: trap }).cause).toBeInstanceOf(RangeError);
  });

  it('says where a value contains itself', () => {
    const order: { lines?: unknown } = {};
    order.lines = [{ order }];
    const { fields, message } = faultOf({ order });
    expect(fields.path).toBe('order.lines[0].order');
    expect(message).toContain('contains itself');
  });

  it('says where a value is nested too deeply, in few characters', () => {
    let list: unknown = 1;
    for (let i = 0; i < 2000; i++) list = { next: list };
    const { fields } = faultOf({ list });
    expect(String(fields.path)).toMatch(/^list\.next\.next\..{50,110}…$/);
  });

  it('names no field when the value itself is at fault', () => {
    for (const value of [() => 1, new Map().keys()]) {
      expect(faultOf(value).fields).not.toHaveProperty('path');
    }
  });
});
