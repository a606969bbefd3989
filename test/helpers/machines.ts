// Machines that share nothing but a registry, which is behind a proxy that counts: how caches go from one to another.

import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { type CliResult, Workspace } from "./cli.js";
import { type CountingProxy, startCountingProxy } from "./counting-proxy.js";
import { baseImageFlags } from "./images.js";
import { type Registry, startRegistry } from "./registry.js";

export interface Machines {
  /** The flags of a build that name the base image. */
  readonly busybox: readonly string[];
  readonly proxy: CountingProxy;
  /** A machine whose store is empty. It is gone after the test. */
  machine(): Workspace;
}

/** To be called once in a file. What it gives is there while tests run. */
export function useMachines(): Machines {
  let busybox: readonly string[];
  let registry: Registry;
  let proxy: CountingProxy;
  const workspaces: Workspace[] = [];
  beforeAll(async () => {
    [busybox, registry] = await Promise.all([baseImageFlags("busybox"), startRegistry()]);
    proxy = await startCountingProxy(registry.host);
  });
  afterAll(() => Promise.all([proxy.stop(), registry.stop()]));
  afterEach(() => workspaces.splice(0).forEach((workspace) => workspace.remove()));
  return {
    get busybox() {
      return busybox;
    },
    get proxy() {
      return proxy;
    },
    machine() {
      const workspace = new Workspace();
      workspaces.push(workspace);
      return workspace;
    },
  };
}

/** Steps of an image and of a stage beside it; what is random or a time says whether a step ran again. */
export const TWO_STAGES = `FROM busybox AS build
WORKDIR /src
COPY a.txt .
RUN head -c 300000 /dev/urandom >big && cat a.txt >out
RUN date +%s%N >when
FROM busybox
WORKDIR /app
COPY --from=build /src/out /src/when ./
RUN cat out when >both
LABEL made=here
`;

export interface TwoStages extends Machines {
  /** A folder with the Dockerfile and `a.txt`, anew for each test. */
  readonly context: string;
  /** A repository that no other test uses, behind the proxy. */
  readonly repository: string;
  build(workspace: Workspace, flags: readonly string[], options?: object): Promise<CliResult>;
  /** The requests that change something. */
  uploads(): CountingProxy["requests"];
}

/** Machines that build the same two stages. To be called once in a file. */
export function useTwoStages(): TwoStages {
  const machines = useMachines();
  let context: string;
  let count = 0;
  beforeEach(() => {
    context = machines.machine().files("context", { Dockerfile: TWO_STAGES, "a.txt": "hello\n" });
    count++;
    machines.proxy.requests.length = 0;
  });
  return {
    get busybox() {
      return machines.busybox;
    },
    get proxy() {
      return machines.proxy;
    },
    get context() {
      return context;
    },
    get repository() {
      return `${machines.proxy.host}/app${count}`;
    },
    machine: machines.machine,
    build: (workspace, flags, options = {}) =>
      workspace.expectSuccess(["build", "--progress=plain", ...machines.busybox, ...flags, context], options),
    uploads: () => machines.proxy.requests.filter(({ method }) => method !== "GET" && method !== "HEAD"),
  };
}
