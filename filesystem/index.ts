export { checkOut, type Checkout, type CheckOutOptions } from "./checkout.js";
export { setAttributes } from "./attributes.js";
export { decompressArchive, looksLikeTar } from "./compressed.js";
export { copyTree, type CopyTreeOptions } from "./copy-tree.js";
export { contentDigest, datesDigest, undated, withDates } from "./content-digest.js";
export type { Entry, EntryType, LayerChange, LayerIndex } from "./entry.js";
export { FileTree, type ResolveOptions } from "./file-tree.js";
export { knownOwners } from "./owner-records.js";
export { recordOwner } from "./recorded-owner.js";
export { hostEntry, namesIn, statOf } from "./host-entry.js";
export { decodeIndex, encodeIndex } from "./index-format.js";
export { indexLayer, type LayerSink, readLayer, type ReadOptions } from "./layer-reader.js";
export { flock, type LockOptions, prepareFlock } from "./lock.js";
export { type Device, deviceOf, makeNode, setTimes } from "./node.js";
export { type LeftOver, removeLeftOver } from "./left-over.js";
export { Pace } from "./pace.js";
export { type OutputOptions, packChanges, packDirectory, type PackDirectoryOptions, type PackOptions } from "./pack.js";
export { compareNames, decodeName, encodeName, hostPath, isLossy, joinPath, nameOf, parentOf } from "./path-bytes.js";
export type { FileRegion } from "./region.js";
export { tarMember } from "./tar/encode.js";
export { readTar, type TarVisitor } from "./tar/reader.js";
export type { TarMember } from "./tar/member.js";
export type { UpperOptions } from "./upper.js";
export { removeDirectories, removeEmpty, removeTree, tryRemoveTree } from "./remove-tree.js";
export { impliedDirectories, unpackArchive, unpackLayer, type UnpackOptions } from "./unpack.js";
export {
  contextXattrs,
  isPortableXattr,
  portableXattrs,
  readXattrs,
  setXattr,
  type XattrReader,
  xattrReader,
  type Xattrs,
} from "./xattr.js";
export { sameMetadata } from "./same-entry.js";
export { isMark, markFile } from "./whiteout.js";
