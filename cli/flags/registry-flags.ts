// Flags that say how registries are spoken to, for every command that may reach one.

import type { Flag } from "./flag.js";
import { INSECURE_REGISTRY } from "./shared-flags.js";

export const AUTHFILE: Flag = {
  name: "authfile",
  kind: "string",
  value: "FILE",
  help: "the file with credentials, and no other",
  details:
    "The default is the file in `$REGISTRY_AUTH_FILE`, then Docker's `config.json` (in `$DOCKER_CONFIG` or `~/.docker`), then Podman's `auth.json` (in `$XDG_RUNTIME_DIR/containers` and `~/.config/containers`), then the JSON in `$DOCKER_AUTH_CONFIG`. Credential helpers that a file names are asked.",
};

/** How a connection is made. */
export const CONNECTION_FLAGS: readonly Flag[] = [
  INSECURE_REGISTRY,
  {
    name: "tls-verify",
    kind: "bool",
    help: "check certificates (default: true)",
    details: "With `--tls-verify=false` every registry is as with `--insecure-registry`.",
  },
  {
    name: "cert-dir",
    kind: "string",
    value: "DIR",
    help: "certificates *.crt, *.cert and *.key for all registries",
    details:
      "Those of one registry are in `/etc/docker/certs.d/HOST:PORT`, `/etc/containers/certs.d/HOST:PORT`, `~/.config/docker/certs.d/HOST:PORT` or `~/.config/containers/certs.d/HOST:PORT`: `*.crt` are authorities, `NAME.cert` with `NAME.key` is who we are.",
  },
  {
    name: "retry",
    other: "retry-times",
    kind: "string",
    value: "N",
    help: "further tries of what may succeed later (default: 4)",
    details:
      "Answers 408, 429, 500, 502, 503 and 504, and connections that break. A broken transfer goes on where it was.",
  },
  {
    name: "retry-delay",
    kind: "string",
    value: "DURATION",
    help: "wait before the second try (default: 300ms)",
    details:
      "Doubled for each further one, at most 10s, varied by a quarter; longer where the server asks for it by Retry-After, up to a minute.",
  },
];

/** Who we are, and where images are. */
const PLACE_FLAGS: readonly Flag[] = [
  AUTHFILE,
  {
    name: "registry-mirror",
    kind: "list",
    value: "[REGISTRY=]PLACE",
    help: "read images of REGISTRY from PLACE first",
    details:
      "REGISTRY is docker.io when there is none. PLACE is `host[:port][/path]`, or a URL; `http://` declares it insecure. May be repeated: mirrors are asked in order, and the registry itself last.",
  },
  {
    name: "registries-conf",
    kind: "string",
    value: "FILE",
    help: "mirrors, rewrites and blocked registries, in Podman's format",
    details:
      "The default is the file in `$CONTAINERS_REGISTRIES_CONF`, else `~/.config/containers/registries.conf`, else `/etc/containers/registries.conf`, and `registries.conf.d` beside them. Of it the `[[registry]]` tables count: `prefix`, `location`, `insecure`, `blocked`, `mirror-by-digest-only`, and `[[registry.mirror]]` with `location`, `insecure`, `pull-from-mirror`. Short names mean those of Docker Hub whatever it says.",
  },
  {
    name: "signature-policy",
    rare: true,
    kind: "string",
    value: "FILE",
    help: "which images may be taken, as containers-policy.json(5)",
    details:
      "The default is the file `~/.config/containers/policy.json`, else `/etc/containers/policy.json`; where neither is, any image is taken. It is asked about base images, `COPY --from`, and all else that takes an image from a registry, a layout or an archive; `tsbuild load` alone does not ask. More in registries.md.",
  },
];

const TRANSFER_FLAGS: readonly Flag[] = [
  { name: "transfers", kind: "int", value: "N", help: "blobs that move at once to or from a registry (default: 6)" },
  {
    name: "limit-rate",
    kind: "string",
    value: "SIZE",
    help: "bytes per second for all transfers together, such as 20m",
  },
  {
    name: "upload-chunk",
    kind: "string",
    value: "SIZE",
    help: "send blobs in requests of this size",
    details: "Without it a blob goes in one request, and in smaller ones where that fails.",
  },
];

/** For commands that look at images and move nothing large. */
export const READING_FLAGS: readonly Flag[] = [...CONNECTION_FLAGS, ...PLACE_FLAGS];

/** All of them, for commands that move images. */
export const REGISTRY_FLAGS: readonly Flag[] = [...READING_FLAGS, ...TRANSFER_FLAGS];

export function credentialsFlag(name: string, whose: string): Flag {
  return {
    name,
    kind: "string",
    value: "USER[:PASSWORD]",
    help: `who we are at ${whose}`,
    details:
      "A password that is not given is asked for. A password on the command line can be seen by others: prefer `tsbuild login`.",
  };
}

export const CREDS = credentialsFlag("creds", "the registry");
