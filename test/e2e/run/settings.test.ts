// What `build()` and the command line set for all RUN steps, on every runtime (S-117, S-120, S-140).

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { BuildOptions } from "../../../index.js";
import { RunBench } from "../../helpers/run-bench.js";

const bench = new RunBench({ file: "of the host" });
afterAll(() => bench.close());

/** A process with a network of its own that has a loopback interface only. */
const namespace = spawn("unshare", ["--net", "sh", "-c", "echo; exec cat"], { stdio: "pipe" });
await once(namespace.stdout, "data");
afterAll(() => void namespace.stdin.end());
const netOf = (pid: number): string => readlinkSync(`/proc/${pid}/ns/net`);

/** All is allowed but mkdir, which fails as it never does by itself: EOPNOTSUPP. */
const OWN_PROFILE = join(bench.context, "seccomp.json");
const NO_MKDIR = { names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 95 };
writeFileSync(OWN_PROFILE, JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW", syscalls: [NO_MKDIR] }));

const LIMITS = { memory: 64 << 20, cpus: 0.5, cpuShares: 512, cpusetCpus: "0", cpusetMems: "0", pids: 40 };

describe.each(["built-in", "crun", "runc"])("on %s", (ociRuntime) => {
  const run = (line: string, options: BuildOptions = {}) =>
    bench.build(`RUN ${line}`, { ociRuntime, noCache: true, ...options });

  test.each<[name: string, options: BuildOptions, line: string, output: RegExp]>([
    [
      "addHosts",
      {
        run: {
          addHosts: [
            { name: "db", address: "10.0.0.9" },
            { name: "me", address: "host-gateway" },
          ],
        },
      },
      "tail -2 /etc/hosts",
      /^10\.0\.0\.9\tdb\n127\.0\.0\.1\tme\n$/,
    ],
    [
      "dns",
      { run: { dns: ["192.0.2.7"], dnsSearch: ["a.test", "b.test"], dnsOptions: ["ndots:3"] } },
      "grep -E '^(nameserver|search|options)' /etc/resolv.conf",
      /^nameserver 192\.0\.2\.7\nsearch a\.test b\.test\noptions ndots:3\n$/,
    ],
    ["shmBytes", { run: { shmBytes: 3 << 20 } }, "df -k /dev/shm | tail -1", / 3072 /],
    [
      "ulimits",
      { run: { ulimits: [{ resource: "nofile", soft: 55, hard: 66 }] } },
      "ulimit -Sn; ulimit -Hn",
      /^55\n66\n$/,
    ],
    ["capAdd", { run: { capAdd: ["net_admin"] } }, "grep CapEff /proc/self/status", /00000000a80435fb/],
    [
      "capDrop",
      { run: { capDrop: ["ALL"], capAdd: ["CAP_CHOWN"] } },
      "grep CapEff /proc/self/status",
      /0000000000000001/,
    ],
    ["network none", { network: "none" }, "ls /sys/class/net", /^lo\n$/],
    [
      "mounts of the host",
      { mounts: [{ type: "host", source: bench.context, target: "/vol", readonly: true }] },
      "cat /vol/file; touch /vol/x 2>&1 || true",
      /^of the host.*Read-only/s,
    ],
    [
      "a device (features row 150)",
      { devices: [{ name: "/dev/zero:/dev/nought", required: true }] },
      "head -c 2 /dev/nought | od -An -tx1",
      /^ 00 00\n$/,
    ],
    [
      "no new privileges (features row 158)",
      { run: { noNewPrivileges: true } },
      "grep NoNewPrivs /proc/self/status",
      /:\t1\n$/,
    ],
    [
      "no filter of system calls (features row 158)",
      { run: { seccomp: "unconfined" } },
      "grep Seccomp: /proc/self/status",
      /:\t0\n$/,
    ],
    [
      "an own filter of system calls (features row 158)",
      { run: { seccomp: { profile: OWN_PROFILE } } },
      "mkdir /made 2>&1; touch /made-too && echo goes on",
      /mkdir: can't create directory '\/made': Operation not supported\ngoes on\n$/,
    ],
    [
      "a network namespace that is there (features row 146)",
      { run: { networkNamespace: `/proc/${namespace.pid}/ns/net` } },
      "ls /sys/class/net; readlink /proc/self/ns/net",
      new RegExp(`^lo\n${netOf(namespace.pid!).replace(/[[\]]/g, "\\$&")}\n$`),
    ],
    [
      "mounts of tmpfs with a mode (features row 137)",
      { mounts: [{ type: "tmpfs", target: "/t", mode: 0o1777 }] },
      "stat -c %a /t",
      /^1777\n$/,
    ],
    ["mounts of tmpfs", { mounts: [{ type: "tmpfs", target: "/t", size: 1 << 20 }] }, "df -k /t | tail -1", / 1024 /],
  ])("%s", async (_, options, line, output) => {
    const { error, output: printed } = await run(line, options);
    expect(error).toBeUndefined();
    expect(printed).toMatch(output);
  });

  test("limits of memory, processors and processes hold", async () => {
    const { error, output } = await run(
      `grep Cpus_allowed_list /proc/self/status; (for i in $(seq 60); do sleep 1 & done) || true`,
      { run: { limits: LIMITS } },
    );
    expect(error).toBeUndefined();
    expect(output).toMatch(/Cpus_allowed_list:\t0\n/);
    expect(output).toMatch(/can't fork/);
  });

  test("memory that runs out is said", async () => {
    const { error } = await run("head -c 100m /dev/zero | tail", { run: { limits: { memory: 32 << 20 } } });
    expect(error).toMatchObject({
      code: "run_failed",
      message: expect.stringMatching(/exit code: 137 \(SIGKILL\): the kernel killed a process because memory ran out$/),
    });
  });

  test("a working directory that the base does not have is made, and is in the layer (S-117)", async () => {
    const { error, output } = await bench.build(
      "WORKDIR /a/b\nRUN rmdir /a/b /a && echo gone\nRUN pwd; stat -c %a /a/b\nRUN ls -d /a/b",
      { ociRuntime, noCache: true },
    );
    expect(error).toBeUndefined();
    expect(output).toBe("gone\n/a/b\n755\n/a/b\n");
  });

  test("a step that takes too long is ended, and nothing of it is left", async () => {
    const start = Date.now();
    const { error } = await run("sleep 100 & sleep 100", { run: { timeout: 700 } });
    expect(error).toMatchObject({ code: "timed_out", message: "the step did not end within 0.7 seconds" });
    expect(Date.now() - start).toBeLessThan(10_000);
    expect(bench.leftovers()).toEqual([]);
  });

  test("a step that fails is tried again from a clean root", async () => {
    const line =
      "--mount=type=cache,target=/c,id=tries sh -c 'echo x >>/c/n; ls /made; touch /made; test $(wc -l </c/n) -ge 3'";
    const { error, output, events } = await run(line, { run: { retries: 2 } });
    expect(error).toBeUndefined();
    expect(output.match(/\/made: No such file/g)).toHaveLength(3);
    expect(events.filter(({ type }) => type === "warning")).toHaveLength(2);
  });
});

describe("the cache key (S-140)", () => {
  const isCached = async (options: BuildOptions) => {
    const { events, error } = await bench.build("RUN echo key", options);
    expect(error).toBeUndefined();
    return events
      .filter((event) => event.type === "done" && event.layer)
      .every((event) => event.type === "done" && event.cached);
  };

  test.each<[what: string, first: BuildOptions, second: BuildOptions, cached: boolean]>([
    ["memory and processors", { run: {} }, { run: { limits: LIMITS } }, true],
    [
      "the address of a host",
      { run: { addHosts: [{ name: "a", address: "10.0.0.1" }] } },
      { run: { addHosts: [{ name: "a", address: "10.0.0.2" }] } },
      true,
    ],
    [
      "the name of a host",
      { run: { addHosts: [{ name: "a", address: "10.0.0.1" }] } },
      { run: { addHosts: [{ name: "b", address: "10.0.0.1" }] } },
      false,
    ],
    ["ulimits", { run: {} }, { run: { ulimits: [{ resource: "nproc", soft: 1000, hard: 1000 }] } }, false],
    ["/dev/shm", { run: {} }, { run: { shmBytes: 2 << 20 } }, false],
    ["capabilities", { run: {} }, { run: { capDrop: ["MKNOD"] } }, false],
    ["time and tries", { run: {} }, { run: { timeout: 60_000, retries: 1 } }, true],
    ["name servers", { run: {} }, { run: { dns: ["192.0.2.1"] } }, true],
  ])("%s", async (_, first, second, cached) => {
    await isCached(first);
    expect(await isCached(second)).toBe(cached);
  });
});

test("a capability that is none is refused", async () => {
  const { error } = await bench.build("RUN echo none", { run: { capAdd: ["FLY"] } });
  expect(error).toMatchObject({ code: "usage", message: 'expected a capability such as NET_ADMIN, found "FLY"' });
});

test("host-gateway has no address in a namespace that is not this machine's", async () => {
  const run = {
    networkNamespace: `/proc/${namespace.pid}/ns/net`,
    addHosts: [{ name: "me", address: "host-gateway" }],
  };
  const { error } = await bench.build("RUN echo gateway", { run });
  expect(error).toMatchObject({ code: "unsupported" });
});

test("a seccomp profile that is gone is an error that names it", async () => {
  const { error } = await bench.build("RUN echo gone", { run: { seccomp: { profile: "/no/such.json" } } });
  expect(error).toMatchObject({
    code: "bad_value",
    message: expect.stringContaining('seccomp profile "/no/such.json"'),
  });
});
