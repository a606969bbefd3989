// Where the images of a name are: another place, mirrors that are asked first, or nowhere.
// https://github.com/containers/image/blob/main/docs/containers-registries.conf.5.md

import { TsbuildError } from "../errors.js";

export interface MirrorPlace {
  /** `host[:port][/path]`, in place of the route's prefix. */
  readonly location: string;
  readonly insecure?: boolean;
  /** What is asked of it: everything, only what a digest names, or only what a tag names. @default "all" */
  readonly pull?: "all" | "digest-only" | "tag-only";
}

/** What holds for all names that begin with `prefix`. */
export interface Route {
  /** `docker.io`, `docker.io/library`, `*.corp.example`. */
  readonly prefix: string;
  /** Replaces the prefix: what is named is there. */
  readonly location?: string;
  readonly blocked?: boolean;
  readonly insecure?: boolean;
  /** Read first, in order. */
  readonly mirrors?: readonly MirrorPlace[];
}

/** A repository in a registry. */
export interface Spot {
  readonly registry: string;
  readonly repository: string;
}

export interface Routed {
  readonly own: Spot;
  readonly mirrors: readonly (Spot & Pick<MirrorPlace, "pull">)[];
}

/** Where `spot` is by the route with the longest prefix. @throws registry_blocked */
export function findRoute(routes: readonly Route[], spot: Spot): Routed {
  const name = `${spot.registry}/${spot.repository}`;
  const matches = routes.flatMap((route) => {
    const length = matchLength(route.prefix, name);
    return length === undefined ? [] : [{ route, rest: name.slice(length) }];
  });
  const longest = matches.reduce<(typeof matches)[number] | undefined>(
    (best, match) => (best === undefined || match.route.prefix.length > best.route.prefix.length ? match : best),
    undefined,
  );
  if (longest === undefined) return { own: spot, mirrors: [] };
  const { route, rest } = longest;
  if (route.blocked) throw blocked(name, route);
  return {
    own: route.location === undefined ? spot : spotOf(route.location + rest),
    mirrors: (route.mirrors ?? []).map(({ location, pull }) => ({ ...spotOf(location + rest), ...(pull && { pull }) })),
  };
}

/** The hosts that routes declare insecure. */
export function insecureHosts(routes: readonly Route[]): string[] {
  return routes.flatMap(({ prefix, location = prefix, insecure, mirrors = [] }) =>
    [{ location, insecure }, ...mirrors].flatMap((place) => (place.insecure ? [place.location.split("/")[0]!] : [])),
  );
}

/** How much of `name` a prefix stands for; whole parts only. */
function matchLength(prefix: string, name: string): number | undefined {
  if (prefix.startsWith("*.")) {
    const host = name.slice(0, name.indexOf("/"));
    return host.endsWith(prefix.slice(1)) ? host.length : undefined;
  }
  return name === prefix || name.startsWith(`${prefix}/`) ? prefix.length : undefined;
}

/** `host[:port]/path` */
export function spotOf(name: string): Spot {
  const slash = name.indexOf("/");
  return { registry: name.slice(0, slash), repository: name.slice(slash + 1) };
}

function blocked(name: string, { prefix }: Route): TsbuildError {
  return new TsbuildError("registry_blocked", `"${name}" is not to be used: registries.conf blocks "${prefix}"`, {
    hint: "Use an image of another registry, or change registries.conf.",
  });
}
