// The same Dockerfile gives the same image as root, as an ordinary user with subordinate ids, and as one with a single id.

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { baseImage } from "../../helpers/images.js";

const USER = { name: "tsbuild-test", uid: 54_330 };
const EPOCH = 1_000_000_000;
const place = mkdtempSync(join(tmpdir(), "tsbuild-rootless-"));
const at = (name: string): string => join(place, name);

beforeAll(async () => {
  for (const name of ["bin", "dist", "package.json"]) cpSync(name, join(at("package"), name), { recursive: true });
  for (const name of ["koffi", "@koromix"])
    if (existsSync(`node_modules/${name}`))
      cpSync(`node_modules/${name}`, at(`package/node_modules/${name}`), { recursive: true });
  cpSync(await baseImage("busybox"), at("busybox"), { recursive: true });
  mkdirSync(at("context"));
  writeFileSync(at("context/f"), "f");
  for (const file of ["passwd", "group"]) writeFileSync(at(file), readFileSync(`/etc/${file}`));
  writeFileSync(at("passwd"), `${USER.name}:x:${USER.uid}:${USER.uid}::/:/bin/sh\n`, { flag: "a" });
  writeFileSync(at("group"), `${USER.name}:x:${USER.uid}:\n`, { flag: "a" });
  writeFileSync(at("subid"), `${USER.name}:3000000:65536\n`);
  writeFileSync(at("empty"), "");
  execFileSync("chmod", ["-R", "a+rX", place]);
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

type Kind = "root" | "mapped" | "single";

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The user is known in a mount namespace of this one call only. */
function tsbuild(kind: Kind, words: readonly string[]): Ended {
  const home = at(`home-${kind}`);
  mkdirSync(home, { recursive: true });
  const env = {
    PATH: process.env["PATH"],
    HOME: home,
    TSBUILD_HOME: join(home, "store"),
    SOURCE_DATE_EPOCH: String(EPOCH),
    TOKEN: "secret-value",
  };
  const program = [at("package/bin/tsbuild"), ...words];
  const options = { cwd: place, env, encoding: "utf8" } as const;
  if (kind === "root") return spawnSync(program[0]!, program.slice(1), options);
  execFileSync("chown", [String(USER.uid), home]);
  const subid = kind === "mapped" ? "subid" : "empty";
  const binds = [
    ["passwd", "passwd"],
    ["group", "group"],
    [subid, "subuid"],
    [subid, "subgid"],
  ].map(([from, to]) => `touch /etc/${to}; mount --bind ${at(from!)} /etc/${to}`);
  const script = `${binds.join(" && ")} && exec setpriv --reuid ${USER.uid} --regid ${USER.uid} --clear-groups "$@"`;
  return spawnSync("unshare", ["--mount", "sh", "-c", script, "sh", ...program], options);
}

function build(kind: Kind, text: string, ...flags: readonly string[]): Ended & { readonly id: string } {
  writeFileSync(at("context/Dockerfile"), `FROM busybox\n${text}`);
  const ended = tsbuild(kind, [
    "build",
    "--progress=plain",
    "--build-context",
    `busybox=oci-layout://${at("busybox")}`,
    "-t",
    "app:1",
    ...flags,
    "context",
  ]);
  const id = /writing image (sha256:\w+)/.exec(ended.stderr)?.[1] ?? "";
  return { ...ended, id };
}

/** Times that only tell when a step ran. */
const still = (...paths: readonly string[]): string => `touch -h -d @${EPOCH} ${paths.join(" ")}`;

const ANY_USER = [
  "WORKDIR /w",
  "COPY f /w/",
  "COPY --chown=1000:1000 f /w/g",
  `RUN echo x >/w/h; chmod 4755 /w/h; ln /w/h /w/hard; ln -s h /w/soft; mkfifo /w/fifo; rm -rf /home; mkdir /home; ${still("/w/*", "/w", "/home")}`,
  "USER 1000:1001",
  `RUN mkdir /tmp/own; echo y >/tmp/own/y; ${still("/tmp/own/y", "/tmp/own")}`,
  "USER root",
  `RUN --mount=type=secret,id=t,env=T --mount=type=cache,target=/c --mount=type=tmpfs,target=/t test -n "$T"; touch /c/x /t/x; chmod 700 /w/g; rm -rf /tmp/own/y; mkdir /tmp/own/y; ${still("/w/g", "/w", "/tmp/own/y", "/tmp/own", "/tmp")}`,
].join("\n");
const MANY_OWNERS = `RUN adduser -D -u 1234 someone; mkdir /o; echo a >/o/a; chown 1234:55 /o/a; ${still("/o/a", "/o", "/etc/passwd*", "/etc/group*", "/etc/shadow*", "/etc", "/home/someone", "/home")}; rm -f /etc/*-; ${still("/etc")}`;

describe("an image", () => {
  test("is the same, whoever builds it", () => {
    const builds = (["root", "mapped", "single"] as const).map((kind) =>
      build(kind, ANY_USER, "--secret", "id=t,env=TOKEN"),
    );
    for (const { status, stderr } of builds) expect(status, stderr).toBe(0);
    expect(normalized("mapped")).toEqual(normalized("root"));
    expect(normalized("single")).toEqual(normalized("root"));
  });

  test("with files of many owners is the same with subordinate ids", () => {
    for (const kind of ["root", "mapped"] as const) expect(build(kind, MANY_OWNERS).status).toBe(0);
    expect(normalized("mapped")).toEqual(normalized("root"));
  });

  test("with files of many owners fails with one id, as chown does", () => {
    const { status, stderr } = build("single", "RUN touch /x && chown 1234 /x");
    expect(stderr).toContain("chown: /x: Invalid argument");
    expect(status).toBe(1);
  });

  test("that is built again is cached", () => {
    for (const kind of ["mapped", "single"] as const) {
      build(kind, "RUN echo again");
      expect(build(kind, "RUN echo again").stderr).toMatch(/RUN echo again\n#\d+ CACHED/);
    }
  });

  /** All that its layers say, but for times of directories that a step of another user could not set. */
  function normalized(kind: Kind): string[] {
    const { stdout, stderr, status } = tsbuild(kind, ["inspect", "app:1"]);
    expect(status, stderr).toBe(0);
    const { config } = JSON.parse(stdout) as { config: { rootfs: { diff_ids: string[] } } };
    return config.rootfs.diff_ids.flatMap((digest) => {
      const tar = join(at(`home-${kind}`), "store/blobs/sha256", digest.slice("sha256:".length));
      if (!existsSync(tar)) return [digest];
      const list = execFileSync("tar", ["-tvf", tar, "--numeric-owner", "--full-time", "--xattrs"], {
        encoding: "utf8",
      });
      return list
        .split("\n")
        .map((line) => (line.startsWith("d") && !line.includes("2001-") ? line.replace(/\d{4}-\S+ \S+/, "") : line));
    });
  }
});

describe("doctor", () => {
  test.each<[Kind, RegExp]>([
    ["root", /ok {3}owners +any: root can give files to anybody/],
    ["mapped", /ok {3}owners +those of the user namespace: newuidmap maps your subordinate ids/],
    [
      "single",
      /no {3}owners +one: .*\/etc\/subuid has no ids for tsbuild-test[^]*hint: Add some, as root: usermod --add-subuids/,
    ],
  ])("tells what %s has", (kind, expected) => {
    const { stdout, status } = tsbuild(kind, ["doctor"]);
    expect(stdout).toMatch(expected);
    expect(stdout).toMatch(/ok {3}snapshots +overlay/);
    expect(status).toBe(0);
  });
});

test.each<Kind>(["mapped", "single"])("the store of an ordinary user (%s) is theirs alone to write", (kind) => {
  const modes = execFileSync("find", [at(`home-${kind}/store`), "-maxdepth", "1", "-perm", "/022"], {
    encoding: "utf8",
  });
  expect(modes).toBe("");
});
