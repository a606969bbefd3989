// Numbers, strings and messages of the ssh agent protocol.
// https://www.rfc-editor.org/rfc/rfc4251#section-5 and https://datatracker.ietf.org/doc/html/draft-ietf-sshm-ssh-agent

/** Types of messages. */
export const FAILURE = 5;
export const REQUEST_IDENTITIES = 11;
export const IDENTITIES_ANSWER = 12;
export const SIGN_REQUEST = 13;
export const SIGN_RESPONSE = 14;

/** OpenSSH's limit for one message. */
const LONGEST_MESSAGE = 256 << 10;

export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** @throws RangeError at the end */
  number(): number {
    const value = this.#bytes.readUInt32BE(this.#at);
    this.#at += 4;
    return value;
  }

  string(): Buffer {
    const length = this.number();
    if (length > this.#bytes.length - this.#at) throw new RangeError("a string is longer than its message");
    return this.take(length);
  }

  take(length: number): Buffer {
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }
}

export function wireNumber(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function wireString(value: Uint8Array | string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([wireNumber(bytes.length), bytes]);
}

/** A positive number of any size. */
export function wireInteger(bytes: Uint8Array): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = start < 0 ? Buffer.alloc(0) : Buffer.from(bytes.subarray(start));
  return wireString(digits.length > 0 && digits[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits);
}

export function message(type: number, ...parts: readonly Uint8Array[]): Buffer {
  return wireString(Buffer.concat([Buffer.of(type), ...parts]));
}

/** Collects bytes as they come and gives each message, without its length, once it is whole. */
export class MessageReader {
  #bytes: Buffer = Buffer.alloc(0);

  /** @throws RangeError for a message that is too long */
  read(data: Uint8Array): Buffer[] {
    this.#bytes = Buffer.concat([this.#bytes, data]);
    const messages: Buffer[] = [];
    while (this.#bytes.length >= 4) {
      const length = this.#bytes.readUInt32BE(0);
      if (length === 0 || length > LONGEST_MESSAGE) throw new RangeError(`a message of ${length} bytes`);
      if (this.#bytes.length < 4 + length) break;
      messages.push(this.#bytes.subarray(4, 4 + length));
      this.#bytes = this.#bytes.subarray(4 + length);
    }
    return messages;
  }
}
