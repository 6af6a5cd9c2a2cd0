// IP addresses as bytes, from their text.

/**
 * The bytes as signed numbers, as the JVM has them: 4 of IPv4, 16 of IPv6. An IPv6 address that stands for one of IPv4
 * (`::ffff:10.0.0.1`) has 4, as with `InetAddress`. `undefined` when the text is no address.
 */
export function signedBytesOf(text: string): Int8Array | undefined {
  const plain = text.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  const bytes = plain.includes(':') ? sixteenBytes(plain) : fourBytes(plain);
  return bytes === undefined ? undefined : Int8Array.from(bytes);
}

/** Whether both texts are the same IP address, however it is spelt. */
export function sameAddress(a: string, b: string): boolean {
  const bytes = signedBytesOf(a);
  const others = signedBytesOf(b);
  if (bytes === undefined || others === undefined || bytes.length !== others.length) return false;
  return bytes.every((byte, index) => byte === others[index]);
}

function fourBytes(text: string): number[] | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  const bytes = match?.slice(1).map(Number);
  return bytes?.every((byte) => byte <= 255) === true ? bytes : undefined;
}

/** RFC 4291 section 2.2. */
function sixteenBytes(text: string): number[] | undefined {
  const [head = '', tail, ...more] = text.split('::');
  if (more.length > 0) return undefined;
  const front = groupsOf(head);
  const back = tail === undefined ? [] : groupsOf(tail);
  if (front === undefined || back === undefined) return undefined;
  const missing = 16 - front.length - back.length;
  if (tail === undefined ? missing !== 0 : missing < 2) return undefined;
  const bytes = [...front, ...new Array<number>(missing).fill(0), ...back];
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255;
  return isMapped && bytes[11] === 255 ? bytes.slice(12) : bytes;
}

function groupsOf(text: string): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [index, group] of groups.entries()) {
    const isLast = index === groups.length - 1;
    const four = isLast && group.includes('.') ? fourBytes(group) : undefined;
    if (four !== undefined) {
      bytes.push(...four);
    } else if (/^[0-9a-f]{1,4}$/i.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 255);
    } else {
      return undefined;
    }
  }
  return bytes;
}
