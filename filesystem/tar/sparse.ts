// Sparse files as GNU tar stores them: only the parts that hold data, and a map of where they go.
// https://www.gnu.org/software/tar/manual/html_node/Sparse-Formats.html

import { badArchive } from "./error.js";
import { BLOCK } from "./header.js";
import type { TarInput } from "./input.js";
import { readNumber } from "./number.js";
import type { PaxRecord } from "./pax.js";

export interface SparseMap {
  /** Bytes of the file with its holes. */
  readonly size: number;
  readonly parts: readonly SparsePart[];
}

/** `length` bytes of data at `offset`; parts are in order. */
export interface SparsePart {
  readonly offset: number;
  readonly length: number;
}

const OLD_PARTS = { at: 386, count: 4, more: 482, size: 483 };
const NEXT_PARTS = { at: 0, count: 21, more: 504 };
const NUMBER = 12;
const MAX_PARTS = 1_000_000;

/** The map of a member of type `S`, whose header is `block`; extension blocks are taken from `input`. */
export async function readOldSparse(block: Buffer, input: TarInput): Promise<SparseMap> {
  const size = field(block, OLD_PARTS.size);
  const parts = partsIn(block, OLD_PARTS);
  for (let more = block[OLD_PARTS.more] !== 0; more;) {
    const next = await input.take(BLOCK);
    if (next.length < BLOCK) throw badArchive("the archive ends in the middle of a sparse map");
    parts.push(...partsIn(next, NEXT_PARTS));
    more = next[NEXT_PARTS.more] !== 0;
  }
  return checked({ size, parts });
}

/** The map that PAX records give (formats 0.0 and 0.1), if they give one. */
export function paxSparse(records: readonly PaxRecord[]): SparseMap | undefined {
  const last = new Map(records.map(([key, value]) => [key, value.toString("latin1")]));
  const size = last.get("GNU.sparse.size");
  if (size === undefined) return undefined;
  const map = last.get("GNU.sparse.map")?.split(",") ?? listOfRecords(records);
  return checked({ size: decimal(size), parts: pairs(map.filter((text) => text !== "").map(decimal)) });
}

/** True for format 1.0, where the map stands at the start of the member's data. */
export function hasInlineMap(records: readonly PaxRecord[]): boolean {
  return records.some(([key, value]) => key === "GNU.sparse.major" && value.toString("latin1") === "1");
}

/** The map of format 1.0: decimal lines, filled up to a block. Returns also how many bytes it took. */
export async function readInlineMap(size: number, input: TarInput): Promise<SparseMap & { readonly bytes: number }> {
  const start = input.position;
  const lines = new MapLines(input);
  const count = await lines.next();
  if (count > MAX_PARTS) throw badArchive(`a sparse map has ${count} parts, more than ${MAX_PARTS}`);
  const numbers: number[] = [];
  while (numbers.length < 2 * count) numbers.push(await lines.next());
  return { ...checked({ size, parts: pairs(numbers) }), bytes: input.position - start };
}

/** Bytes of data in all parts. */
export function storedSize(map: SparseMap): number {
  return map.parts.reduce((sum, part) => sum + part.length, 0);
}

class MapLines {
  readonly #input: TarInput;
  #text = "";

  constructor(input: TarInput) {
    this.#input = input;
  }

  async next(): Promise<number> {
    while (!this.#text.includes("\n")) {
      const block = await this.#input.take(BLOCK);
      if (block.length < BLOCK || this.#text.length > BLOCK) throw badArchive("a sparse map is not complete");
      this.#text += block.toString("latin1");
    }
    const end = this.#text.indexOf("\n");
    const line = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + 1);
    return decimal(line);
  }
}

function partsIn(block: Buffer, { at, count }: { readonly at: number; readonly count: number }): SparsePart[] {
  const parts: SparsePart[] = [];
  for (let index = 0; index < count; index++) {
    const place = at + index * 2 * NUMBER;
    if (block[place] === 0 && block[place + NUMBER] === 0) break;
    parts.push({ offset: field(block, place), length: field(block, place + NUMBER) });
  }
  return parts;
}

function field(block: Buffer, at: number): number {
  const value = readNumber(block, at, NUMBER);
  if (value === undefined) throw badArchive("a number of a sparse map cannot be read");
  return value;
}

function listOfRecords(records: readonly PaxRecord[]): string[] {
  const numbers = records.filter(([key]) => key === "GNU.sparse.offset" || key === "GNU.sparse.numbytes");
  return numbers.map(([, value]) => value.toString("latin1"));
}

function pairs(numbers: readonly number[]): SparsePart[] {
  if (numbers.length % 2 !== 0) throw badArchive("a sparse map has an offset without a length");
  return Array.from({ length: numbers.length / 2 }, (_, index) => ({
    offset: numbers[2 * index]!,
    length: numbers[2 * index + 1]!,
  }));
}

function decimal(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw badArchive(`expected a number in a sparse map, found "${text}"`);
  return Number(text);
}

/** @throws bad_archive unless parts are in order, apart, and inside the file. */
function checked(map: SparseMap): SparseMap {
  let end = 0;
  for (const { offset, length } of map.parts) {
    if (offset < end || length < 0) throw badArchive("the parts of a sparse map overlap");
    end = offset + length;
  }
  if (end > map.size) throw badArchive(`a sparse map ends at ${end}, after the file's end at ${map.size}`);
  return map;
}
