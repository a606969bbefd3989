export type { PackageFiles } from "./files.js";
export { type InstalledPackage, type OsRelease, type PackageType, packageUrl } from "./package.js";
export { readOsRelease, readPackages } from "./read-packages.js";
