// A package that an image has, whoever installed it.
// https://github.com/package-url/purl-spec

/** The type of a package URL. */
export type PackageType = "deb" | "rpm" | "apk" | "npm" | "pypi" | "golang";

export interface InstalledPackage {
  readonly type: PackageType;
  /** As its ecosystem spells it: `@scope/name`, `golang.org/x/sys`. */
  readonly name: string;
  readonly version: string;
  /** The file that says so, without a leading "/". */
  readonly from: string;
  readonly architecture?: string;
  /** As the package states it: an SPDX expression, or a name of its own. */
  readonly license?: string;
  /** Whom it is from. */
  readonly supplier?: string;
  /** Installed bytes, when the package says so. */
  readonly size?: number;
  /** The source package, when it has another name. */
  readonly source?: string;
}

/** What the image says of its system, from /etc/os-release. */
export interface OsRelease {
  /** `debian` */
  readonly id: string;
  /** `12` */
  readonly version?: string;
}

/** `pkg:deb/debian/bash@5.2-1?arch=amd64&distro=debian-12` */
export function packageUrl(found: InstalledPackage, os?: OsRelease): string {
  const { type, name, version, architecture } = found;
  const isOfSystem = type === "deb" || type === "apk" || type === "rpm";
  const path = isOfSystem ? [os?.id ?? "linux", name] : urlName(type, name).split("/");
  const qualifiers = [
    ...(architecture !== undefined ? [`arch=${encodeURIComponent(architecture)}`] : []),
    ...(isOfSystem && os ? [`distro=${encodeURIComponent(distro(os))}`] : []),
  ];
  const query = qualifiers.length > 0 ? `?${qualifiers.join("&")}` : "";
  return `pkg:${type}/${path.map(encodeURIComponent).join("/")}@${encodeURIComponent(version)}${query}`;
}

function distro({ id, version }: OsRelease): string {
  return version === undefined ? id : `${id}-${version}`;
}

function urlName(type: PackageType, name: string): string {
  return type === "pypi" ? name.toLowerCase().replaceAll(/[-_.]+/g, "-") : name;
}
