// cli/flags/run-settings.ts, mount-spec.ts and quantities.ts

import { describe, expect, test } from "vitest";
import { BUILD_FLAGS } from "../../../cli/flags/build-flags.js";
import { parseMount, parseVolume } from "../../../cli/flags/mount-spec.js";
import { parseCommandLine } from "../../../cli/flags/parse.js";
import { parseAge, parseBytes, parseDuration, parseNumber } from "../../../cli/flags/quantities.js";
import { runSettings } from "../../../cli/flags/run-settings.js";

const settings = (...words: string[]) => runSettings(parseCommandLine(words, BUILD_FLAGS).flags);

test("runSettings() is empty without flags", () => {
  expect(settings()).toEqual({});
});

test.each<[words: string[], run: object]>([
  [
    ["--add-host", "db:10.0.0.1", "--add-host=six=::1", "--add-host=b:[fe80::1]", "--add-host=me:host-gateway"],
    {
      addHosts: [
        { name: "db", address: "10.0.0.1" },
        { name: "six", address: "::1" },
        { name: "b", address: "fe80::1" },
        { name: "me", address: "host-gateway" },
      ],
    },
  ],
  [
    ["--dns=1.1.1.1", "--dns-search=a.b", "--dns-option=ndots:2"],
    { dns: ["1.1.1.1"], dnsSearch: ["a.b"], dnsOptions: ["ndots:2"] },
  ],
  [["--shm-size", "1.5g"], { shmBytes: 1.5 * 2 ** 30 }],
  [
    ["--ulimit", "nofile=10:20", "--ulimit=core=-1"],
    {
      ulimits: [
        { resource: "nofile", soft: 10, hard: 20 },
        { resource: "core", soft: -1, hard: -1 },
      ],
    },
  ],
  [["--cap-add=NET_ADMIN,SYS_TIME", "--cap-drop", "ALL"], { capAdd: ["NET_ADMIN", "SYS_TIME"], capDrop: ["ALL"] }],
  [
    [
      "-m",
      "64m",
      "--memory-swap=-1",
      "--cpus",
      "1.5",
      "-c",
      "512",
      "--cpuset-cpus=0-1,3",
      "--cpuset-mems=0",
      "--pids-limit=9",
    ],
    {
      limits: {
        memory: 64 << 20,
        memorySwap: -1,
        cpus: 1.5,
        cpuShares: 512,
        cpusetCpus: "0-1,3",
        cpusetMems: "0",
        pids: 9,
      },
    },
  ],
  [["--cpu-quota=50000", "--cpu-period=100000"], { limits: { cpuQuota: 50_000, cpuPeriod: 100_000 } }],
  [["--cgroup-parent=/builds"], { cgroupParent: "/builds" }],
  [["--run-timeout", "1h30m", "--run-retries=2"], { timeout: 5_400_000, retries: 2 }],
])("runSettings() reads %j", (words, run) => {
  expect(settings(...words)).toEqual({ run });
});

test("runSettings() reads what is allowed", () => {
  expect(settings("--allow=network.host,security.insecure", "--allow", "device=a.b/c=d")).toEqual({
    allow: ["network.host", "security.insecure", "device=a.b/c=d"],
  });
});

test.each([
  ["--add-host=db", "expected NAME:ADDRESS"],
  ["--add-host=db:example.org", "expected an IP address"],
  ["--dns=router", "expected an IP address"],
  ["--shm-size=big", "expected a size such as 64m"],
  ["--ulimit=files=3", "expected one of core, cpu"],
  ["--ulimit=nofile=30:20", "the soft limit is above the hard one"],
  ["--ulimit=nofile=1:2:3", "expected NAME=SOFT[:HARD]"],
  ["--cpus=0", "expected a number from 0.01"],
  ["--memory-swap=1g", "--memory-swap needs --memory"],
  ["--cpuset-cpus=a", "expected a list such as 0-2,7"],
  ["--run-timeout=10", "expected a duration such as 90s"],
  ["--cgroup-parent=../x", 'expected a path without ".."'],
  ["--allow=fly", "expected network.host, security.insecure, device"],
])("%s is refused", (word, message) => {
  expect(() => settings(word)).toThrow(message);
});

test("--memory-swap is not less than --memory, and --cpus excludes --cpu-quota", () => {
  expect(() => settings("--memory=2g", "--memory-swap=1g")).toThrow("expected at least --memory");
  expect(() => settings("--cpus=1", "--cpu-quota=1000")).toThrow("two ways to say one thing");
});

describe("parseVolume()", () => {
  test("takes paths of this machine", () => {
    expect(parseVolume("/a:/b")).toEqual({ type: "host", source: "/a", target: "/b", readonly: false });
    expect(parseVolume("./a:/b/:ro")).toEqual({
      type: "host",
      source: `${process.cwd()}/a`,
      target: "/b",
      readonly: true,
    });
  });

  test.each(["/a", "/a:b", "/a:/", "cache:/b", "/a:/b:U", "/a:/b:ro:x"])("refuses %s", (text) => {
    expect(() => parseVolume(text)).toThrow(expect.objectContaining({ code: "usage" }));
  });
});

describe("parseMount()", () => {
  test.each([
    ["type=bind,src=/a,dst=/b", { type: "host", source: "/a", target: "/b", readonly: true }],
    ["source=/a,target=/b,rw", { type: "host", source: "/a", target: "/b", readonly: false }],
    ["type=tmpfs,target=/t,size=1m", { type: "tmpfs", target: "/t", size: 1 << 20 }],
    [
      "type=cache,target=/c",
      {
        type: "cache",
        target: "/c",
        id: "/c",
        sharing: "shared",
        source: "/",
        readonly: false,
        mode: 0o755,
        uid: 0,
        gid: 0,
      },
    ],
    [
      "type=secret,id=npm",
      { type: "secret", id: "npm", target: "/run/secrets/npm", required: false, mode: 0o400, uid: 0, gid: 0 },
    ],
    [
      "type=secret,id=npm,env=NPM,required",
      { type: "secret", id: "npm", env: "NPM", required: true, mode: 0o400, uid: 0, gid: 0 },
    ],
    [
      "type=ssh,mode=0666",
      {
        type: "ssh",
        id: "default",
        target: "/run/buildkit/ssh_agent.cli",
        required: false,
        mode: 0o666,
        uid: 0,
        gid: 0,
      },
    ],
  ])("reads %s", (text, mount) => {
    expect(parseMount(text)).toEqual(mount);
  });

  test.each([
    "type=nfs,target=/a",
    "type=tmpfs",
    "type=tmpfs,target=/t,mode=9",
    "type=bind,target=/a",
    "type=cache,target=c",
    "type=cache,target=/c,sharing=none",
    "type=ssh,mode=9",
  ])("refuses %s", (text) => {
    expect(() => parseMount(text)).toThrow(expect.objectContaining({ code: "usage" }));
  });
});

test("quantities have their units", () => {
  expect(["0", "10", "10b", "2k", "2KiB", "1.5 MB"].map((text) => parseBytes(text, "--x"))).toEqual([
    0, 10, 10, 2048, 2048, 1_572_864,
  ]);
  expect(["90s", "1.5m", "250ms", "1h2m3s"].map((text) => parseDuration(text, "--x"))).toEqual([
    90_000, 90_000, 250, 3_723_000,
  ]);
  expect(() => parseDuration("600h", "--x")).toThrow("at most 596h");
  expect(["0", "0s", "1d", "720h", "1d12h"].map((text) => parseAge(text, "--x"))).toEqual([
    0, 0, 86_400_000, 2_592_000_000, 129_600_000,
  ]);
  for (const text of ["", "1", "-1d", "1w", "d"]) expect(() => parseAge(text, "--x")).toThrow("expected an age");
  expect(parseNumber("-1", "--x", { least: -1 })).toBe(-1);
  expect(() => parseNumber("1.5", "--x", { least: 0 })).toThrow("whole number");
});
