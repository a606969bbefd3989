// The same Dockerfile gives the same image as root, as a user with subordinate ids, and as one with a single id, on each
// snapshotter and runtime (features 1.14).

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { baseImage } from "../../helpers/images.js";
import { type Ended, PEOPLE, type Person, UserBench } from "../../helpers/users.js";

const EPOCH = 1_000_000_000;
const bench = new UserBench();

beforeAll(async () => {
  cpSync(await baseImage("busybox"), bench.at("busybox"), { recursive: true });
  bench.share();
});
afterAll(() => bench.close());

let contexts = 0;

interface Built extends Ended {
  /** The digest of the image's manifest. */
  readonly digest: string | undefined;
}

/** Files newer than the epoch get its time, as without it no two builds are equal. */
async function build(person: Person, text: string, ...flags: readonly string[]): Promise<Built> {
  const context = bench.at(`context-${contexts++}`);
  mkdirSync(context);
  writeFileSync(`${context}/f`, "f");
  writeFileSync(`${context}/Dockerfile`, `FROM busybox\n${text}`);
  bench.share(context);
  const archive = `${bench.home(person)}/image.tar`;
  const words = [
    "build",
    "--progress=plain",
    "--build-context",
    `busybox=oci-layout://${bench.at("busybox")}`,
    "-o",
    `type=oci,dest=${archive},rewrite-timestamp=true`,
    ...flags,
    context,
  ];
  const ended = await bench.tsbuild(person, words, {
    env: { SOURCE_DATE_EPOCH: String(EPOCH), TOKEN: "secret-value" },
  });
  return { ...ended, digest: ended.code === 0 ? digestIn(archive) : undefined };
}

function digestIn(archive: string): string {
  const index = execFileSync("tar", ["-xOf", archive, "index.json"], { encoding: "utf8" });
  rmSync(archive);
  return (JSON.parse(index) as { manifests: { digest: string }[] }).manifests[0]!.digest;
}

const ANY_USER = [
  "WORKDIR /w",
  "COPY f /w/",
  "COPY --chown=1000:1000 f /w/g",
  "RUN echo x >/w/h; chmod 4755 /w/h; ln /w/h /w/hard; ln -s h /w/soft; mkfifo /w/fifo; rm -rf /home; mkdir /home",
  "RUN chmod 700 /w/g; rm /bin/vi; mv /w/f /w/moved; mkdir -p /usr/share/a/b; rm -r /usr/share/a; echo more >>/etc/passwd",
  "RUN mkdir -p /z/y; echo z >/z/f; ln -s / /z/y/l; chmod 0 /z/f /z/y /z",
  "RUN chmod 700 /z; rm -r /z/y; mkdir -m 0 /z/y",
  "USER 1000:1001",
  "RUN mkdir /tmp/own; echo y >/tmp/own/y",
  "USER root",
  'RUN --mount=type=secret,id=t,env=T --mount=type=cache,target=/c --mount=type=tmpfs,target=/t --mount=type=bind,target=/ctx test -n "$T" -a -f /ctx/f; touch /c/x /t/x; chmod 700 /w/g; rm -rf /tmp/own/y; mkdir /tmp/own/y',
].join("\n");
const MANY_OWNERS = [
  "RUN mkdir /o; echo a >/o/a; ln -s a /o/l; mkfifo /o/p; chown -h 1234:55 /o/a /o/l /o/p; chmod 4755 /o/a; chown 9 /o/a",
  "RUN chown 3:4 /o; rm /o/a; chgrp 55 /etc/group; mkdir -m 2775 /s; chgrp 8 /s",
  "RUN echo bob:x:1000:1000::/:/bin/sh >>/etc/passwd; cp -a /o /p; mv /o/l /p/m; chown -R bob /p; test $(stat -c %U /p/m) = bob",
  "RUN touch /s/f; mkdir /s/d; touch /s/d/g; mv /etc/group /etc/group2; cp -p /etc/group2 /etc/group; tar c -C / p | tar x -C /s",
  "RUN touch /o/n; chown 5:6 /o/n; rm /o/n; echo n >/o/n; chown 0:0 /o; ln -sf b /p/l",
  "USER 1000",
  "RUN echo y >/tmp/y; mkdir -p /tmp/a/b; ! chown 0 /tmp/y && chmod 444 /tmp/y",
  "USER root",
  "RUN mv /tmp/y /y; rm /p/p; mkfifo /p/p; chown -R 0:7 /tmp/a",
].join("\n");
/** fuse-overlayfs loses setgid of a directory that it copies up, and the group of a symlink that is renamed, for root too. */
const withoutFuseFlaws = (text: string): string =>
  text.replace("mkdir -m 2775 /s", "mkdir /s").replace("mv /o/l /p/m", "ln -s a /p/m");
/** Programs of a distribution that give files to others. */
const DEBIAN = [
  "RUN useradd -m bob && install -d -o bob -g mail /srv/d && touch /var/mail/new && mv /etc/shadow /etc/shadow2",
  "RUN cp -p /etc/shadow2 /etc/shadow && chgrp 42 /var/lib && mv /home/bob /home/rob",
  "RUN stat -c %U:%G:%a /home/rob/.profile /srv/d /var/mail/new /etc/shadow /etc/shadow2 /var/lib | tr '\\n' ' '",
].join("\n");
const SECRET = ["--secret", "id=t,env=TOKEN"];
const SNAPSHOTTERS = ["overlay", "fuse-overlayfs", "copy"] as const;
const RUNTIMES = ["built-in", "crun", "runc"] as const;
const EVERYBODY = PEOPLE.flatMap((person) => SNAPSHOTTERS.map((snapshotter) => [person, snapshotter] as const));

describe("an image", () => {
  const expected = new Map<string, Promise<Built>>();
  function asRoot(text: string): Promise<Built> {
    const known = expected.get(text) ?? build("root", text, ...SECRET);
    expected.set(text, known);
    return known;
  }

  test.each(EVERYBODY)("is the same as %s on %s", async (person, snapshotter) => {
    const built = await build(person, ANY_USER, "--no-cache", `--snapshotter=${snapshotter}`, ...SECRET);
    expect(built.code, built.stderr).toBe(0);
    expect(built.digest).toMatch(/^sha256:/);
    expect(built.digest).toBe((await asRoot(ANY_USER)).digest);
  });

  test.each(EVERYBODY)("with files of many owners is the same as %s on %s", async (person, snapshotter) => {
    const text = snapshotter === "fuse-overlayfs" ? withoutFuseFlaws(MANY_OWNERS) : MANY_OWNERS;
    const built = await build(person, text, "--no-cache", `--snapshotter=${snapshotter}`);
    expect(built.code, built.stderr).toBe(0);
    expect(built.digest).toBe((await asRoot(text)).digest);
  });

  test("of a distribution keeps the owners that its programs set as single", async () => {
    const layout = bench.at("debian");
    cpSync(await baseImage("debian"), layout, { recursive: true });
    bench.share(layout);
    const { stderr } = await build("single", DEBIAN, "--build-context", `busybox=oci-layout://${layout}`);
    expect(stderr).toContain("bob:bob:644 bob:mail:755 root:mail:644 root:shadow:640 root:shadow:640 root:shadow:755");
  });

  test.each(PEOPLE.flatMap((person) => RUNTIMES.map((runtime) => [person, runtime] as const)))(
    "is the same as %s on %s",
    async (person, runtime) => {
      // runc wants root in every user namespace: one id can be no other user there
      const text =
        person === "single" && runtime === "runc" ? ANY_USER.replace("USER 1000:1001", "USER root") : ANY_USER;
      const built = await build(person, text, "--no-cache", `--oci-runtime=${runtime}`, ...SECRET);
      expect(built.code, built.stderr).toBe(0);
      expect(built.digest).toBe((await asRoot(text)).digest);
    },
  );

  test.each(["overlay", "copy"])(
    "is the same as root of a container without CAP_SYS_ADMIN on %s",
    async (snapshotter) => {
      for (const text of [ANY_USER, MANY_OWNERS]) {
        const built = await build("contained", text, "--no-cache", `--snapshotter=${snapshotter}`, ...SECRET);
        expect(built.code, built.stderr).toBe(0);
        expect(built.digest).toBe((await asRoot(text)).digest);
      }
    },
  );

  test.each(["mapped", "single"] as const)("that is built again is cached (%s)", async (person) => {
    await build(person, "RUN echo again");
    expect((await build(person, "RUN echo again")).stderr).toMatch(/RUN echo again\n#\d+ CACHED/);
  });
});

describe("what one id cannot", () => {
  test("be another owner on crun: chown fails, and a warning says why", async () => {
    const { code, stderr } = await build("single", "RUN touch /x && chown 1234 /x", "--oci-runtime=crun");
    expect(stderr).toContain("chown: /x: Invalid argument");
    expect(stderr).toContain("files can have one owner only: the built-in runtime alone keeps others");
    expect(code).toBe(1);
  });

  test("be another user on runc: that is said, and what to do", async () => {
    const { code, stderr } = await build("single", "USER 33\nRUN true", "--oci-runtime=runc");
    expect(stderr).toContain(
      "Get subordinate ids (see tsbuild doctor), or run the step of user 33 with --oci-runtime=built-in.",
    );
    expect(code).toBe(1);
  });
});

test.each(["mapped", "single"] as const)("the store of a user (%s) is theirs alone to write", async (person) => {
  await build(person, "RUN true");
  const writable = ["-maxdepth", "1", "-perm", "/022"];
  expect(execFileSync("find", [`${bench.home(person)}/store`, ...writable], { encoding: "utf8" })).toBe("");
});
