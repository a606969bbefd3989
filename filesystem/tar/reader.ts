// Reads an archive as it streams by: ustar, PAX and GNU, sparse files with their holes filled.
// https://www.gnu.org/software/tar/manual/html_node/Standard.html

import { decodeName } from "../path-bytes.js";
import { Pace } from "../pace.js";
import { badArchive } from "./error.js";
import { BLOCK, type Header, parseHeader } from "./header.js";
import { TarInput } from "./input.js";
import { dataSize, type Extensions, lastOf, memberOf, type TarMember } from "./member.js";
import { parsePax, type PaxRecord } from "./pax.js";
import { hasInlineMap, paxSparse, readInlineMap, readOldSparse, type SparseMap, storedSize } from "./sparse.js";

/** What becomes of the members. For each: `member`, its content in pieces that sum up to `size`, then `end`. */
export interface TarVisitor {
  member(member: TarMember): void;
  /** The bytes are valid only during the call. */
  content(bytes: Uint8Array): void;
  end(): void;
}

const MAX_EXTENSION = 8 * 1024 * 1024;
const ZERO_BLOCK = Buffer.alloc(BLOCK);
const HOLE = Buffer.alloc(256 * 1024);

/**
 * Reads the archive to its end, and the source to its own.
 * @throws bad_archive; interrupted when `signal` is aborted. The source is then closed.
 */
export async function readTar(
  source: AsyncIterable<Uint8Array>,
  visitor: TarVisitor,
  options: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  const input = new TarInput(source);
  const reader = new TarReader(input, visitor, new Pace(options.signal));
  try {
    while (await reader.readMember());
    await input.drain();
  } catch (error) {
    await input.close();
    throw error;
  }
}

class TarReader {
  readonly #input: TarInput;
  readonly #visitor: TarVisitor;
  readonly #pace: Pace;
  #global: readonly PaxRecord[] = [];

  constructor(input: TarInput, visitor: TarVisitor, pace: Pace) {
    this.#input = input;
    this.#visitor = visitor;
    this.#pace = pace;
  }

  /** False at the end of the archive. */
  async readMember(): Promise<boolean> {
    let extensions: Extensions = { records: [] };
    for (;;) {
      const block = await this.#headerBlock();
      if (!block) return this.#ended(extensions);
      const header = parseHeader(block);
      const extended = await this.#extend(header, extensions);
      if (!extended) {
        await this.#visit(header, block, { ...extensions, records: [...this.#global, ...extensions.records] });
        return true;
      }
      extensions = extended;
    }
  }

  async #headerBlock(): Promise<Buffer | undefined> {
    if (this.#pace.isDue()) await this.#pace.rest();
    const block = await this.#input.take(BLOCK);
    if (block.length === 0) return undefined;
    if (block.length < BLOCK)
      throw badArchive(`the archive ends in the middle of a header, at byte ${this.#input.position}`);
    if (block[0] !== 0 || !block.equals(ZERO_BLOCK)) return block;
    const next = await this.#input.take(BLOCK);
    if (next.length > 0 && !next.equals(ZERO_BLOCK.subarray(0, next.length)))
      throw badArchive("a zero block stands in the middle of the archive");
    return undefined;
  }

  #ended(extensions: Extensions): false {
    const dangling =
      extensions.records.length > 0 || extensions.longName !== undefined || extensions.longLink !== undefined;
    if (dangling) throw badArchive("the archive ends after an extended header");
    return false;
  }

  /** The extensions with what this header adds; undefined when it is a member's own. */
  async #extend(header: Header, extensions: Extensions): Promise<Extensions | undefined> {
    switch (header.type) {
      case "x":
      case "X":
        return { ...extensions, records: [...extensions.records, ...parsePax(await this.#body(header))] };
      case "g":
        this.#global = [...this.#global, ...parsePax(await this.#body(header))];
        return extensions;
      case "L":
        return { ...extensions, longName: longName(await this.#body(header)) };
      case "K":
        return { ...extensions, longLink: longName(await this.#body(header)) };
      case "V":
        await this.#body(header);
        return extensions;
      default:
        return undefined;
    }
  }

  async #body({ size, type }: Header): Promise<Buffer> {
    if (size < 0 || size > MAX_EXTENSION)
      throw badArchive(`expected at most ${MAX_EXTENSION} bytes in an extended header "${type}", found ${size}`);
    const bytes = await this.#input.take(size);
    if (bytes.length < size) throw badArchive("the archive ends in the middle of an extended header");
    const copy = Buffer.from(bytes);
    await this.#input.skip(padding(size));
    return copy;
  }

  async #visit(header: Header, block: Buffer, extensions: Extensions): Promise<void> {
    const member = memberOf(header, extensions);
    const stored = dataSize(header, extensions.records);
    if (member.type !== "file" || member.hardlink !== undefined) {
      this.#visitor.member(member);
      await this.#input.skip(stored);
      await this.#skipPadding(stored);
    } else if (header.type === "S") {
      await this.#sparse(member, await readOldSparse(Buffer.from(block), this.#input), stored);
    } else if (hasInlineMap(extensions.records)) {
      const map = await readInlineMap(realSize(extensions.records), this.#input);
      await this.#sparse(member, map, stored - map.bytes);
    } else {
      const map = paxSparse(extensions.records);
      if (map) await this.#sparse(member, map, stored);
      else await this.#plain(member);
    }
    this.#visitor.end();
  }

  async #plain(member: TarMember): Promise<void> {
    this.#visitor.member({ ...member, offset: this.#input.position });
    await this.#pieces(member.size);
    await this.#skipPadding(member.size);
  }

  async #sparse(member: TarMember, map: SparseMap, stored: number): Promise<void> {
    if (storedSize(map) !== stored)
      throw badArchive(`expected ${storedSize(map)} bytes of the sparse file "${member.path}", found ${stored}`);
    this.#visitor.member({ ...member, size: map.size });
    let at = 0;
    for (const { offset, length } of map.parts) {
      await this.#hole(offset - at);
      await this.#pieces(length);
      at = offset + length;
    }
    await this.#hole(map.size - at);
    await this.#skipPadding(stored);
  }

  /** Some writers leave it out after the last member, with the blocks that end an archive. */
  async #skipPadding(size: number): Promise<void> {
    await this.#input.take(padding(size));
  }

  async #pieces(length: number): Promise<void> {
    for (let rest = length; rest > 0;) {
      const piece = await this.#input.some(rest);
      this.#visitor.content(piece);
      rest -= piece.length;
    }
  }

  async #hole(length: number): Promise<void> {
    for (let rest = length; rest > 0; rest -= HOLE.length) {
      this.#visitor.content(HOLE.subarray(0, Math.min(rest, HOLE.length)));
      if (this.#pace.isDue()) await this.#pace.rest();
    }
  }
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

function longName(body: Buffer): string {
  const end = body.indexOf(0);
  return decodeName(end < 0 ? body : body.subarray(0, end));
}

function realSize(records: readonly PaxRecord[]): number {
  const text = lastOf(records, "GNU.sparse.realsize") ?? "";
  if (!/^\d{1,15}$/.test(text)) throw badArchive("a sparse file has no size");
  return Number(text);
}
