import { describe, expect, it } from 'vitest';
import { Authority } from '../../test/remoting/certificates.ts';
import { certificatesIn } from './certificates.ts';

describe('certificates in PEM', () => {
  const one = new Authority('One').cert;
  const other = new Authority('Other').cert;

  it('are found one after another, with words between them', () => {
    const found = certificatesIn(`# one\n${one}# and another\n${other}`);
    expect(found.map(({ issuer }) => issuer)).toEqual(['CN=One', 'CN=Other']);
  });

  it('are at least one', () => {
    for (const pem of ['', 'garbage', one.slice(0, 100)]) {
      expect(() => certificatesIn(pem)).toThrow('it holds no certificate in PEM');
    }
  });

  it('are refused when one of them is broken, by its place', () => {
    const broken = other.replace(/MII.{20}/, 'MIIB');
    expect(() => certificatesIn(one + broken)).toThrow('its certificate 2 is broken (');
    expect(() => certificatesIn(broken)).toThrow('its certificate is broken (');
  });
});
