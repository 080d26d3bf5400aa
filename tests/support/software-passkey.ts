import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

/** What a browser does with a page and a device, without either (Web Authentication, 6 and 7). */
export interface SoftwarePasskey {
  /** What the device signs next: change them, and it lies. */
  readonly device: Device;
  /** The answer to a challenge for a registration, as `toJSON()` gives it. */
  register(options: unknown): Record<string, unknown>;
  /** The answer to a challenge for an assertion. */
  assert(options: unknown): Record<string, unknown>;
}

interface Device {
  origin: string;
  rpId: string;
  counter: number;
  isVerified: boolean;
  isPresent: boolean;
  userHandle: string | undefined;
  readonly credentialId: Buffer;
}

const PRESENT = 0x01;
const VERIFIED = 0x04;
const HAS_CREDENTIAL = 0x40;

/** A device with one key (ES256), which counts its signatures. */
export function createSoftwarePasskey({
  origin,
  rpId,
}: {
  readonly origin: string;
  readonly rpId: string;
}): SoftwarePasskey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const device: Device = {
    ...{ origin, rpId, counter: 0, isVerified: true, isPresent: true, userHandle: undefined },
    credentialId: randomBytes(32),
  };
  const id = device.credentialId.toString('base64url');

  const clientData = (type: string, options: unknown): Buffer => {
    const { challenge } = options as { challenge: string };
    return Buffer.from(
      JSON.stringify({ type, challenge, origin: device.origin, crossOrigin: false }),
    );
  };
  const authenticatorData = (credential = Buffer.alloc(0)): Buffer => {
    const flags =
      (device.isPresent ? PRESENT : 0) |
      (device.isVerified ? VERIFIED : 0) |
      (credential.length > 0 ? HAS_CREDENTIAL : 0);
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(device.counter);
    return Buffer.concat([sha256(device.rpId), Buffer.from([flags]), counter, credential]);
  };

  return {
    device,
    register(options) {
      device.userHandle = (options as { user: { id: string } }).user.id;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(device.credentialId.length);
      const aaguid = Buffer.alloc(16);
      const key = coseKey(publicKey);
      const data = authenticatorData(Buffer.concat([aaguid, length, device.credentialId, key]));
      const attestation = { fmt: text('none'), attStmt: map([]), authData: bytes(data) };
      const attestationObject = map(
        Object.entries(attestation).map(([name, value]) => [text(name), value]),
      );
      return {
        ...{ id, rawId: id, type: 'public-key', clientExtensionResults: {} },
        response: {
          clientDataJSON: clientData('webauthn.create', options).toString('base64url'),
          attestationObject: attestationObject.toString('base64url'),
          transports: ['internal', 'made-up'],
        },
      };
    },
    assert(options) {
      device.counter += 1;
      const client = clientData('webauthn.get', options);
      const data = authenticatorData();
      const signed = Buffer.concat([data, sha256(client)]);
      return {
        ...{ id, rawId: id, type: 'public-key', clientExtensionResults: {} },
        response: {
          clientDataJSON: client.toString('base64url'),
          authenticatorData: data.toString('base64url'),
          signature: sign('sha256', signed, privateKey).toString('base64url'),
          userHandle: device.userHandle,
        },
      };
    },
  };
}

const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest();

/** A public key as COSE has it (RFC 9053, 7.1): EC2, ES256, P-256, x and y. */
function coseKey(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  return map([
    [integer(1), integer(2)],
    [integer(3), integer(-7)],
    [integer(-1), integer(1)],
    [integer(-2), bytes(Buffer.from(x, 'base64url'))],
    [integer(-3), bytes(Buffer.from(y, 'base64url'))],
  ]);
}

/* CBOR (RFC 8949, 3), as much of it as a device needs. */

function head(majorType: number, value: number): Buffer {
  const type = majorType << 5;
  if (value < 24) return Buffer.from([type | value]);
  if (value < 256) return Buffer.from([type | 24, value]);
  return Buffer.from([type | 25, value >> 8, value & 0xff]);
}

const integer = (value: number): Buffer => (value < 0 ? head(1, -1 - value) : head(0, value));
const bytes = (value: Buffer): Buffer => Buffer.concat([head(2, value.length), value]);
const text = (value: string): Buffer =>
  Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
const map = (entries: readonly (readonly [Buffer, Buffer])[]): Buffer =>
  Buffer.concat([head(5, entries.length), ...entries.flat()]);
