// Looks for secrets in what a build is about to give away: the layers that it made and the image config.

import { open } from "node:fs/promises";
import { TsbuildError } from "../errors.js";
import type { LayerIndex } from "../filesystem/index.js";
import { type Pattern, searchPatterns, type SecretValues } from "./patterns.js";

export interface SearchedImage {
  /** The config, as it is parsed. */
  readonly config: unknown;
  /** Asked for only when there is something to look for. */
  readonly layers: Iterable<SearchedLayer>;
}

export interface SearchedLayer {
  /** The path of its uncompressed tar. */
  readonly tar: string;
  readonly index: () => LayerIndex | undefined;
}

/** @throws secret_leaked with the secret and the first place where it is */
export async function refuseSecrets(image: SearchedImage, values: SecretValues): Promise<void> {
  const patterns = searchPatterns(values);
  if (patterns.length === 0) return;
  const inConfig = findInConfig(image.config, patterns, []);
  if (inConfig) throw leaked(inConfig.pattern, `${inConfig.place} of the image config`);
  for (const layer of image.layers) {
    const hit = await findInFile(layer.tar, patterns);
    if (hit) throw leaked(hit.pattern, placeIn(layer.index(), hit.offset));
  }
}

function leaked({ id, form }: Pattern, place: string): TsbuildError {
  const written = form === "" ? "" : `${form} `;
  return new TsbuildError("secret_leaked", `the value of the secret "${id}" is ${written}in ${place}`, {
    hint: "Read it from its mount only and leave no copy, or allow it with --allow-secret-in-layer.",
  });
}

function findInConfig(
  value: unknown,
  patterns: readonly Pattern[],
  path: readonly string[],
): { readonly pattern: Pattern; readonly place: string } | undefined {
  if (typeof value === "string") {
    const pattern = patterns.find(({ bytes }) => Buffer.from(value).includes(bytes));
    return pattern && { pattern, place: `"${path.join(".")}"` };
  }
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, field] of Object.entries(value)) {
    const hit = findInConfig(key, patterns, path) ?? findInConfig(field, patterns, [...path, key]);
    if (hit) return hit;
  }
  return undefined;
}

interface FileHit {
  readonly pattern: Pattern;
  readonly offset: number;
}

const CHUNK = 4 << 20;

/** Reads the file once, piece by piece; each piece begins with the end of the one before. */
export async function findInFile(path: string, patterns: readonly Pattern[]): Promise<FileHit | undefined> {
  const overlap = Math.max(...patterns.map(({ bytes }) => bytes.length)) - 1;
  const buffer = Buffer.alloc(CHUNK + overlap);
  const file = await open(path);
  try {
    for (let at = 0, kept = 0; ;) {
      const { bytesRead } = await file.read(buffer, kept, CHUNK, at);
      if (bytesRead === 0) return undefined;
      const piece = buffer.subarray(0, kept + bytesRead);
      for (const pattern of patterns) {
        const found = piece.indexOf(pattern.bytes);
        if (found >= 0) return { pattern, offset: at - kept + found };
      }
      at += bytesRead;
      kept = Math.min(overlap, piece.length);
      piece.copy(buffer, 0, piece.length - kept);
    }
  } finally {
    await file.close();
  }
}

/** Content is told by its file; what is outside of any content is the name or an attribute of a file. */
function placeIn(index: LayerIndex | undefined, offset: number): string {
  for (const change of index?.changes ?? []) {
    if (change.type !== "file" || change.offset === undefined || change.hardlink !== undefined) continue;
    if (offset < change.offset) return `the name or the attributes of a file next to "/${change.path}"`;
    if (offset < change.offset + change.size) return `the file "/${change.path}"`;
  }
  return "the name or the attributes of a file of a new layer";
}
