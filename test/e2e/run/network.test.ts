// --network=isolated: what a step reaches, by both programs that make such networks, and on every runtime (features rows 145 and 146).

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Workspace } from "../../helpers/cli.js";
import { compiled } from "../../helpers/compile.js";
import { baseImageFlags } from "../../helpers/images.js";
import { ADDRESSES, NetworkMachine, PORT } from "../../helpers/network/machine.js";
import { descendants, processesWith, until } from "../../helpers/processes.js";

const workspace = new Workspace();
let machine: NetworkMachine | undefined;
let base: string[];
const started: ChildProcess[] = [];
beforeAll(async () => {
  base = await baseImageFlags("busybox");
  machine = await NetworkMachine.start(workspace.path);
});
afterAll(() => {
  for (const child of started) child.kill("SIGKILL");
  machine?.stop();
  workspace.remove();
});

/** A PATH on which there is only one of the programs that make networks. */
function pathWith(program: string): string {
  const directory = join(workspace.path, `only-${program}`);
  mkdirSync(directory);
  for (const each of ["/bin", "/usr/bin", "/usr/sbin"].flatMap((from) => readdirSync(from).map((name) => [from, name])))
    if (!["slirp4netns", "pasta"].includes(each[1]!) || each[1] === program) link(each.join("/"), directory);
  return directory;
}

function link(target: string, directory: string): void {
  try {
    symlinkSync(target, join(directory, target.split("/").at(-1)!));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

const dockerfile = (...lines: string[]) => ["FROM busybox", "COPY probe /", ...lines, ""].join("\n");

function words(name: string, lines: readonly string[], flags: readonly string[]): string[] {
  const context = workspace.files(name, { Dockerfile: dockerfile(...lines) });
  copyFileSync(compiled("test/helpers/network/probe.c"), join(context, "probe"));
  return ["build", "--progress=plain", ...base, ...flags, context];
}

const environment = (PATH = process.env.PATH) => ({ PATH, TSBUILD_HOME: workspace.home });

/** Builds on the machine. @returns what the steps printed, and all else */
function build(name: string, lines: readonly string[], flags: readonly string[] = [], path?: string) {
  const [program = "", ...args] = [...machine!.enter, resolve("bin/tsbuild"), ...words(name, lines, flags)];
  const { status, stderr } = spawnSync(program, args, { encoding: "utf8", env: environment(path) });
  const output = [...stderr.matchAll(/^#\d+ \d+\.\d+ (.*)$/gm)].map(([, line]) => line!);
  return { code: status, stderr, output };
}

const ISOLATED = "--network=isolated";

describe.each([
  ["slirp4netns", ADDRESSES[0]],
  ["pasta", ADDRESSES[1]],
])("%s", (program, outside) => {
  let path: string;
  beforeAll(() => void (path = pathWith(program)));

  test.each([[], ["--oci-runtime=crun"], ["--oci-runtime=runc"]])(
    "reaches addresses and names of the machine's network, and nothing of its loopback %s",
    (...runtime) => {
      const gateways = ["10.0.2.2", "10.77.0.254", "127.0.0.1"];
      const asked = [
        `/probe tcp ${outside} ${PORT}`,
        "/probe name any.example.test",
        ...gateways.map((address) => `/probe tcp ${address} ${PORT + 1}`),
        "cat /etc/resolv.conf; ls /sys/class/net | grep -c .",
      ];
      const { code, output, stderr } = build(
        "reach",
        [`RUN ${asked.join("; ")}`],
        [ISOLATED, "--no-cache", ...runtime],
        path,
      );
      expect([code, output], stderr).toEqual([
        0,
        [
          "open",
          "10.77.1.1",
          "closed",
          "closed",
          "closed",
          "search example.test",
          expect.stringMatching(/^nameserver (10\.0\.2\.3|169\.254\.1\.1)$/),
          "2",
        ],
      ]);
    },
  );

  test("gives each step a network of its own", () => {
    const stage = (name: string) =>
      `FROM busybox AS ${name}\nCOPY probe /\nRUN /probe listen 7000 >/${name}; cat /${name}`;
    const copies = ["one", "two"].map((name) => `COPY --from=${name} /${name} /`);
    const { code, output, stderr } = build(
      "own",
      [stage("one"), stage("two"), "FROM busybox", ...copies],
      [ISOLATED, "--no-cache"],
      path,
    );
    expect([code, output], stderr).toEqual([0, ["bound", "bound"]]);
  });

  test("ends with its build, however that ends", async () => {
    const marker = `network-${process.pid}-${program}`;
    const home = join(workspace.path, `store-${program}`);
    const args = words(`killed-${program}`, [`RUN sleep 1000; : ${marker}`], [ISOLATED, `--home=${home}`]);
    const [first = "", ...rest] = [...machine!.enter, resolve("bin/tsbuild"), ...args];
    const child = spawn(first, rest, { env: environment(path), stdio: "ignore" });
    started.push(child);
    await until(() => processesWith(marker).length > 0, 20_000);
    const all = [...descendants(child.pid!), ...processesWith(home)].filter((pid) => pid !== child.pid);
    expect(all.length).toBeGreaterThan(3);
    child.kill("SIGKILL");
    await until(() => all.every((pid) => !existsSync(`/proc/${pid}`)));
  });
});

test("is part of the key: a step of another network is another step", () => {
  const run = ["RUN ls /sys/class/net | grep -c ."];
  expect(build("key", run, [ISOLATED]).output).toEqual(["2"]);
  expect(build("key", run, [ISOLATED]).output).toEqual([]);
  expect(build("key", run).output).toEqual(["3"]);
});

test("takes the place of `default` only: RUN --network=none and host are as they say", () => {
  const count = "ls /sys/class/net | grep -c .";
  const lines = ["", "--network=default ", "--network=none ", "--network=host "].map((flag) => `RUN ${flag}${count}`);
  const { output, stderr } = build("steps", lines, [ISOLATED, "--allow=network.host", "--no-cache"]);
  expect(output, stderr).toEqual(["2", "2", "1", "3"]);
});

test("has the name servers that --dns gives, and no host-gateway", () => {
  expect(build("dns", ["RUN cat /etc/resolv.conf"], [ISOLATED, "--dns=192.0.2.9", "--no-cache"]).output).toEqual([
    "search example.test",
    "nameserver 192.0.2.9",
  ]);
  expect(build("gateway", ["RUN true"], [ISOLATED, "--add-host=me:host-gateway", "--no-cache"]).stderr).toContain(
    "ERROR: failed to build: failed to solve: --add-host me:host-gateway has no address in a network that is not this machine's",
  );
});

test("is refused by name where no program for it is installed", () => {
  const { code, stderr } = build("absent", ["RUN true"], [ISOLATED, "--no-cache"], pathWith("neither"));
  expect(code).toBe(1);
  expect(stderr).toContain(
    "ERROR: failed to build: failed to solve: an isolated network needs slirp4netns or pasta, and neither is there",
  );
});
