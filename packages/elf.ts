// The little of ELF that it takes to find what a linker left in a program.
// man 5 elf

import type { Entry } from "../filesystem/index.js";
import type { PackageFiles } from "./files.js";

const MAGIC = 0x7f454c46;
const LOADED = 1;
const WRITABLE = 2;
/** Tables of honest programs are a few KiB. */
const LIMIT = 1 << 20;

export interface Piece {
  readonly start: number;
  readonly length: number;
}

/** Numbers at an offset; `word` is as wide as the program's addresses. */
interface Numbers {
  u16(at: number): number;
  u32(at: number): number;
  word(at: number): number;
}

/** Where fields are, in programs of 64 bits and of 32. */
const WIDE = { table: 40, size: 58, names: 62, offset: 24, length: 32 };
const NARROW = { table: 32, size: 46, names: 50, offset: 16, length: 20 };
const WIDE_SEGMENTS = { table: 32, size: 54, flags: 4, offset: 8, length: 32 };
const NARROW_SEGMENTS = { table: 28, size: 42, flags: 24, offset: 4, length: 16 };

/** Where the section `name` is in a program's file, else the first writable part; undefined for what is no program. */
export async function sectionOrData(files: PackageFiles, entry: Entry, name: string): Promise<Piece | undefined> {
  const header = await bytesAt(files, entry, { start: 0, length: 64 });
  if (header.length < 64 || header.readUInt32BE(0) !== MAGIC) return undefined;
  const program = { header, isWide: header[4] === 2, isBig: header[5] === 2 };
  return (await section(files, entry, program, name)) ?? dataSegment(files, entry, program);
}

interface Program {
  readonly header: Buffer;
  readonly isWide: boolean;
  readonly isBig: boolean;
}

async function section(files: PackageFiles, entry: Entry, program: Program, name: string): Promise<Piece | undefined> {
  const fields = program.isWide ? WIDE : NARROW;
  const rows = await rowsOf(files, entry, program, fields);
  const places = rows.map((row) => ({
    name: row.u32(0),
    piece: { start: row.word(fields.offset), length: row.word(fields.length) },
  }));
  const strings = places[numbersOf(program.header, program).u16(fields.names)];
  if (!strings) return undefined;
  const names = await bytesAt(files, entry, strings.piece);
  return places.find((place) => names.subarray(place.name).indexOf(`${name}\0`, 0, "latin1") === 0)?.piece;
}

async function dataSegment(files: PackageFiles, entry: Entry, program: Program): Promise<Piece | undefined> {
  const fields = program.isWide ? WIDE_SEGMENTS : NARROW_SEGMENTS;
  const rows = await rowsOf(files, entry, program, fields);
  const data = rows.find((row) => row.u32(0) === LOADED && (row.u32(fields.flags) & WRITABLE) !== 0);
  return data && { start: data.word(fields.offset), length: data.word(fields.length) };
}

/** The rows of a table of which the header says where it is, how large a row, and how many. */
async function rowsOf(
  files: PackageFiles,
  entry: Entry,
  program: Program,
  fields: { readonly table: number; readonly size: number },
): Promise<Numbers[]> {
  const header = numbersOf(program.header, program);
  const [start, size, count] = [header.word(fields.table), header.u16(fields.size), header.u16(fields.size + 2)];
  const table = await bytesAt(files, entry, { start, length: size * count });
  const whole = size < 32 ? 0 : Math.floor(table.length / size);
  return Array.from({ length: whole }, (_, row) => numbersOf(table.subarray(row * size, (row + 1) * size), program));
}

function numbersOf(bytes: Buffer, { isWide, isBig }: Program): Numbers {
  const u32 = (at: number) => (isBig ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  return {
    u32,
    u16: (at) => (isBig ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at)),
    word: (at) => (isWide ? Number(isBig ? bytes.readBigUInt64BE(at) : bytes.readBigUInt64LE(at)) : u32(at)),
  };
}

async function bytesAt(files: PackageFiles, entry: Entry, { start, length }: Piece): Promise<Buffer> {
  if (start >= entry.size || length > LIMIT) return Buffer.alloc(0);
  return Buffer.from(await files.read(entry, { start, length }));
}
