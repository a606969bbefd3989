// Extended attributes of files on the host, never following a symlink.
// https://man7.org/linux/man-pages/man7/xattr.7.html

import { decodeName } from "./path-bytes.js";
import { cPath, cString, type Libc, libc, runTool } from "./sys.js";

export type Xattrs = ReadonlyMap<string, Uint8Array>;

/**
 * Gives the attributes of files whose paths are relative to one root; undefined for a file that has none. What overlayfs notes for
 * itself may be left out.
 */
export type XattrReader = (path: string) => Xattrs | undefined;

/** The largest that Linux allows, for a list and for a value. */
const MAX_BYTES = 65536;
const GETFATTR = ["-h", "-d", "-m", "-", "-e", "hex", "--absolute-names"];
/** The exit status of getfattr when there are directories that it cannot enter. */
const SOME_UNREADABLE = 1;
const UNSUPPORTED = ["ENOTSUP", "EOPNOTSUPP"];

/** Without koffi, this runs getfattr once over all that is below `root`. */
export function xattrReader(root: string): XattrReader {
  const c = libc();
  if (c) return (path) => read(c, path === "" ? root : `${root}/${path}`);
  const { stdout } = runTool("getfattr", ["-R", "-P", ...GETFATTR, root], { expected: SOME_UNREADABLE });
  const all = parseGetfattr(decodeName(stdout));
  return (path) => all.get(path === "" ? root : `${root}/${path}`);
}

/** The attributes of one file; undefined when it has none, or when its filesystem knows none. */
export function readXattrs(path: string): Xattrs | undefined {
  const c = libc();
  if (c) return read(c, path);
  const { stdout } = runTool("getfattr", [...GETFATTR, path]);
  return parseGetfattr(decodeName(stdout)).get(path);
}

/** The attributes of one file that are part of a layer. Without koffi none are known: a program for each file is too dear. */
export function contextXattrs(path: string): Xattrs | undefined {
  const c = libc();
  return c && portableXattrs(read(c, path));
}

/** @throws an error whose `code` is that of lsetxattr(2), or an `Error` with the words of setfattr. */
export function setXattr(path: string, name: string, value: Uint8Array): void {
  const c = libc();
  if (c) c.call("lsetxattr", path, cPath(path), cString(name), value, value.length, 0);
  else runTool("setfattr", ["-h", "-n", name, "-v", `0x${Buffer.from(value).toString("hex")}`, path]);
}

/** Whether a filesystem told that it knows no such attributes. */
export function isUnsupported(error: unknown): boolean {
  return UNSUPPORTED.includes((error as NodeJS.ErrnoException).code ?? "");
}

/**
 * Whether an attribute of a file is part of a layer or of a context: not what belongs to overlayfs, to tsbuild, to the host's
 * security modules, or to its access control lists (S-161, S-189).
 */
export function isPortableXattr(name: string): boolean {
  if (name.startsWith("security.")) return name === "security.capability";
  return !name.startsWith("system.") && !isStorageXattr(name);
}

export function isOverlayXattr(name: string): boolean {
  return /^(?:trusted\.overlay|user\.overlay|user\.fuseoverlayfs)\./.test(name);
}

/** What says how layers are on disk, and is no attribute of their files: overlayfs's own, and `user.tsbuild.owner`. */
export function isStorageXattr(name: string): boolean {
  return isOverlayXattr(name) || name.startsWith("user.tsbuild.");
}

/** The attributes that are part of a layer; undefined when there are none. */
export function portableXattrs(xattrs: Xattrs | undefined): Xattrs | undefined {
  if (!xattrs) return undefined;
  const names = [...xattrs.keys()].filter(isPortableXattr).sort();
  return names.length === 0 ? undefined : new Map(names.map((name) => [name, xattrs.get(name)!]));
}

/** What `getfattr -d -e hex` prints: `# file: PATH`, then lines `NAME=0xHEX`, then an empty line. */
export function parseGetfattr(text: string): Map<string, Map<string, Uint8Array>> {
  const files = new Map<string, Map<string, Uint8Array>>();
  let current = new Map<string, Uint8Array>();
  for (const line of text.split("\n")) {
    if (line === "") continue;
    if (line.startsWith("# file: ")) {
      current = new Map();
      files.set(unquote(line.slice("# file: ".length)), current);
      continue;
    }
    const [name = "", value = ""] = line.split("=0x");
    current.set(unquote(name), Uint8Array.from(Buffer.from(value, "hex")));
  }
  return files;
}

const buffer = Buffer.alloc(MAX_BYTES);

function read(c: Libc, path: string): Xattrs | undefined {
  const place = cPath(path);
  try {
    const length = c.call("llistxattr", path, place, buffer, MAX_BYTES);
    if (length === 0) return undefined;
    const names = decodeName(buffer.subarray(0, Math.max(length - 1, 0))).split("\0");
    return new Map(names.filter(isWanted).map((name) => [name, valueOf(c, path, place, name)]));
  } catch (error) {
    if (isUnsupported(error)) return undefined;
    throw error;
  }
}

/** Of overlayfs's own, only marks of opaque directories mean something to anybody else. */
const isWanted = (name: string): boolean => name !== "" && (!isOverlayXattr(name) || name.endsWith(".opaque"));

function valueOf(c: Libc, path: string, place: Buffer, name: string): Uint8Array {
  const length = c.call("lgetxattr", path, place, cString(name), buffer, MAX_BYTES);
  return Uint8Array.from(buffer.subarray(0, length));
}

function unquote(text: string): string {
  return text.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}
