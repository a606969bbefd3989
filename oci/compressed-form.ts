// The forms that a layer's blob can have: how it is compressed, and how hard.
// https://github.com/opencontainers/image-spec/blob/main/layer.md#distributable-format

import { gzip, GZIP_LEVEL } from "./compress.js";
import type { Compression } from "./media-type.js";
import { zstd, ZSTD_LEVEL } from "./zstd-writer.js";

export interface CompressedForm {
  readonly compression: Compression;
  /** gzip: 0 to 9. zstd: 1 to 22, or 0 for its default. @default 4 for gzip, 3 for zstd */
  readonly level?: number;
}

/** The blob of an uncompressed layer. @throws unsupported when this machine cannot compress so */
export function compress(content: AsyncIterable<Uint8Array>, form: CompressedForm): AsyncIterable<Uint8Array> {
  if (form.compression === "gzip") return gzip(content, form.level === undefined ? {} : { level: form.level });
  return form.compression === "zstd" ? zstd(content, form.level) : content;
}

/** Names a form: what was compressed under another name may have another digest. */
export function nameOfForm({ compression, level }: CompressedForm): string {
  if (compression === "gzip") return `zlib-${level ?? GZIP_LEVEL}-1m`;
  return compression === "zstd" ? `zstd-${level || ZSTD_LEVEL}` : "none";
}
