// Names of places that images are copied from and to, as skopeo writes them: `docker://`, `oci:`, `oci-archive:`, `docker-archive:`.
// https://github.com/containers/image/blob/main/docs/containers-transports.5.md

import { TsbuildError } from "../errors.js";
import { formatReference, isDigest, parseReference, type Reference } from "../oci/index.js";

export type TransportName =
  | { readonly kind: "registry"; readonly reference: Reference }
  | { readonly kind: "store"; readonly name: string }
  | {
      readonly kind: "layout" | "directory" | "oci-archive" | "docker-archive";
      readonly path: string;
      /** A tag or a digest; the name of an image in an archive for Docker. */
      readonly reference?: string;
    };

const FILES = { oci: "layout", "oci-archive": "oci-archive", "docker-archive": "docker-archive" } as const;

/** What to do in place of a transport of skopeo's that is not here. */
const INSTEAD: Readonly<Record<string, string>> = {
  "docker-daemon": 'Use docker-archive:FILE, with "docker save" or "docker load".',
  "containers-storage": 'Use docker-archive:FILE, with "podman save" or "podman load".',
  ostree: "Use oci:DIRECTORY.",
  sif: "Use oci-archive:FILE.",
  tarball: "Use oci-archive:FILE.",
};

const SCHEME = /^([a-z][a-z-]*):(.*)$/s;

/** Whether a text begins with a transport, supported or not: `docker://app`, `oci:dir`, not `app:1`. */
export function namesTransport(text: string): boolean {
  const [, name = "", rest = ""] = SCHEME.exec(text) ?? [];
  if (name === "docker" || name === "oci-layout") return rest.startsWith("//");
  return name === "store" || name === "dir" || Object.hasOwn(FILES, name) || Object.hasOwn(INSTEAD, name);
}

/** A name without a transport is one in a registry. @throws bad_reference */
export function parseTransport(text: string): TransportName {
  const [, name = "", rest = ""] = SCHEME.exec(text) ?? [];
  if (name === "docker" && rest.startsWith("//")) return registry(rest.slice(2));
  if (name === "oci-layout" && rest.startsWith("//")) return file("layout", rest.slice(2), text);
  if (name === "dir") return directory(rest, text);
  if (name === "store") return { kind: "store", name: formatReference(parseReference(rest)) };
  if (Object.hasOwn(FILES, name)) return file(FILES[name as keyof typeof FILES], rest, text);
  const hint = Object.hasOwn(INSTEAD, name) ? INSTEAD[name] : undefined;
  if (hint === undefined) return registry(text);
  throw new TsbuildError("bad_reference", `"${text}": the transport "${name}" is not supported`, { hint });
}

function registry(name: string): TransportName {
  return { kind: "registry", reference: parseReference(name) };
}

/** All of it is the path: there is one image. */
function directory(path: string, whole: string): TransportName {
  if (path !== "") return { kind: "directory", path };
  throw new TsbuildError("bad_reference", `"${whole}": expected a path, found none`, { hint: "Write dir:PATH." });
}

/** `PATH[:TAG][@DIGEST]`; what Docker's archives have after the path is a name with a tag. */
function file(kind: Exclude<TransportName["kind"], "registry" | "store">, text: string, whole: string): TransportName {
  const [, path = "", named] = /^([^:@]*)(?:[:@](.*))?$/s.exec(text) ?? [];
  if (path === "")
    throw new TsbuildError("bad_reference", `"${whole}": expected a path, found none`, { hint: `Write ${whole}PATH.` });
  if (path === "-")
    throw new TsbuildError("bad_reference", `"${whole}": expected the path of a file, found "-"`, {
      hint: "Name a file; tsbuild save and tsbuild load use standard output and input.",
    });
  if (named === undefined || named === "") return { kind, path };
  if (kind === "docker-archive") return { kind, path, reference: formatReference(parseReference(named)) };
  const digest = named.slice(named.indexOf("@") + 1);
  return { kind, path, reference: isDigest(digest) ? digest : named };
}
