import { createHash, generateKeyPairSync, sign } from 'node:crypto';

/** A certificate of this machine's own names, good for a day, and its key; both as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Signed by itself: whoever trusts it, and nobody else, takes it for `localhost` and 127.0.0.1. */
export function selfSignedCertificate(now = new Date()): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(set(sequence(id('2.5.4.3'), tagged(0x0c, Buffer.from('localhost')))));
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const algorithm = sequence(id('1.2.840.10045.4.3.2'));
  const dayMs = 86_400_000;
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.from([1, ...createHash('sha256').update(spki).digest().subarray(0, 8)])),
    ...[algorithm, name],
    sequence(time(new Date(now.getTime() - dayMs)), time(new Date(now.getTime() + dayMs))),
    ...[name, spki],
    tagged(
      0xa3,
      sequence(
        extension('2.5.29.19', sequence(tagged(0x01, Buffer.from([0xff])))),
        extension(
          '2.5.29.17',
          sequence(
            tagged(0x82, Buffer.from('localhost')),
            tagged(0x87, Buffer.from([127, 0, 0, 1])),
          ),
        ),
      ),
    ),
  );
  const signature = sign('sha256', body, privateKey);
  const der = sequence(body, algorithm, tagged(0x03, Buffer.from([0]), signature));
  const lines = der.toString('base64').replaceAll(/.{1,64}/g, '$&\n');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`,
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
}

// DER (X.690), as much of it as a certificate (RFC 5280) needs.

function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const long = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  const head = [tag, ...(length < 0x80 ? [length] : long)];
  return Buffer.concat([Buffer.from(head), content]);
}

const sequence = (...parts: readonly Buffer[]) => tagged(0x30, ...parts);
const set = (...parts: readonly Buffer[]) => tagged(0x31, ...parts);
const integer = (bytes: Buffer) => tagged(0x02, bytes);

function id(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = rest.flatMap((part) => {
    const digits = [part & 0x7f];
    for (let high = part >> 7; high > 0; high >>= 7) digits.unshift((high & 0x7f) | 0x80);
    return digits;
  });
  return tagged(0x06, Buffer.from([first * 40 + second, ...bytes]));
}

const time = (date: Date) =>
  tagged(0x17, Buffer.from(`${date.toISOString().slice(2, 19).replaceAll(/[-:T]/g, '')}Z`));

const extension = (name: string, value: Buffer) => sequence(id(name), tagged(0x04, value));
