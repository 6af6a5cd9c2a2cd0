// Certificates in texts of PEM. Node.js takes a text without any as authorities, and then trusts nobody without a word, so
// who reads such a file looks into it first.

import { X509Certificate } from 'node:crypto';

/** The labels that OpenSSL takes for certificates. */
const blocksOfPem =
  /-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----[^-]*-----END (TRUSTED |X509 )?CERTIFICATE-----/g;

/** All that stand in a text, at least one. @throws Error that says why, to be told after the name of the file */
export function certificatesIn(pem: string): X509Certificate[] {
  const blocks = pem.match(blocksOfPem) ?? [];
  if (blocks.length === 0) throw new Error('it holds no certificate in PEM');
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch (cause) {
      const which = blocks.length === 1 ? 'its certificate' : `its certificate ${index + 1}`;
      throw new Error(`${which} is broken (${(cause as Error).message})`, { cause });
    }
  });
}
