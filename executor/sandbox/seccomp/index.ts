export const confinedFilter = (): Uint8Array => Buffer.from([6, 0, 0, 0, 0, 0, 0xff, 0x7f]);
