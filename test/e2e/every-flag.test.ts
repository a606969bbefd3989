// Every flag of the Dockerfile reference has its effect in a real build, or is refused by name.

import { execFileSync } from "node:child_process";
import { mkdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sha256 } from "../../oci/index.js";
import { DockerfileError, parse } from "../../parser/index.js";
import { Workspace } from "../helpers/cli.js";
import { FileServer } from "../helpers/file-server.js";
import { GitServer } from "../helpers/git-server.js";
import { baseImageFlags } from "../helpers/images.js";
import { FLAG_ROWS, MOUNT_OPTIONS, REFERENCE, type World } from "../suites/flag-rows.js";

const ALL = [
  ...Object.entries(REFERENCE).flatMap(([instruction, flags]) => flags.map((flag) => `${instruction} --${flag}`)),
  ...Object.entries(MOUNT_OPTIONS).flatMap(([type, options]) =>
    options.map((option) => `--mount=type=${type},${option}`),
  ),
];

test("every flag and option has a row, and every row is about one", () => {
  expect([...new Set(FLAG_ROWS.flatMap(({ flags }) => flags))].toSorted()).toEqual(ALL.toSorted());
});

describe("honoured", () => {
  const workspace = new Workspace();
  const specification = `/var/run/cdi/tsbuild-test-${process.pid}.json`;
  let files: FileServer;
  let repositories: GitServer;
  let agent: Server;
  let world: World;
  let base: string[];
  let context: string;

  beforeAll(async () => {
    [files, repositories, base] = await Promise.all([FileServer.start(), GitServer.start(), baseImageFlags("busybox")]);
    const repository = repositories.repository("one.git");
    repository.commit({ a: "a" });
    repository.push();
    agent = createServer().listen(join(workspace.path, "agent"));
    mkdirSync("/var/run/cdi", { recursive: true });
    writeFileSync(specification, deviceSpecification());
    context = workspace.files("context", { a: "a", "sub/deep/c": "c", "sub/deep/d": "d" });
    execFileSync("tar", ["-cf", join(context, "archive.tar"), "--transform", "s/a/inner/", "-C", context, "a"]);
    const arm = workspace.files("arm", { Dockerfile: "FROM scratch\nCOPY a /\n", a: "" });
    await workspace.expectSuccess(["build", "--platform=linux/arm64", "-t", "arm:1", arm]);
    world = {
      url: files.serve("/text", { content: "text" }),
      checksum: sha256("text"),
      repository: repositories.url("one.git"),
      agent: join(workspace.path, "agent"),
      hostNetwork: readlinkSync("/proc/self/ns/net"),
      armImage: "arm:1",
      device: "example.org/tsbuild-test=one",
    };
  });
  afterAll(async () => {
    rmSync(specification, { force: true });
    agent.close();
    await Promise.all([files.close(), repositories.close()]);
    workspace.remove();
  });

  const rows = FLAG_ROWS.map((row, index) => ({ ...row, index, title: row.flags.join(" ") }));
  test.each(rows)("$title ($index)", async ({ index, lines, prints, config, fails, args = () => [] }) => {
    const text = lines(world);
    const dockerfile = join(workspace.path, `Dockerfile-${index}`);
    writeFileSync(dockerfile, text.startsWith("FROM") ? text : `FROM busybox\n${text}\n`);
    const tag = `row:${index}`;
    const words = ["build", "-t", tag, "-f", dockerfile, ...base, ...args(world), context];
    const { code, stderr } = await workspace.run(words, { env: { WORD: "hush-hush-1" } });
    if (fails !== undefined) {
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(fails) });
      return;
    }
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
    if (prints) expect((await workspace.expectSuccess(["run", tag])).stdout).toBe(prints(world));
    for (const [path, value] of Object.entries(config ?? {})) expect(await configOf(tag)).toHaveProperty(path, value);
  });

  async function configOf(tag: string): Promise<unknown> {
    const { stdout } = await workspace.expectSuccess(["inspect", tag]);
    const [{ Architecture: architecture, Config: config }] = JSON.parse(stdout) as [Record<string, unknown>];
    return { architecture, config };
  }
});

/** https://github.com/cncf-tags/container-device-interface/blob/main/SPEC.md */
function deviceSpecification(): string {
  const containerEdits = { deviceNodes: [{ path: "/dev/tsbuild-test", hostPath: "/dev/null" }] };
  return JSON.stringify({
    cdiVersion: "0.6.0",
    kind: "example.org/tsbuild-test",
    devices: [{ name: "one", containerEdits }],
  });
}

describe("refused by name", () => {
  const ENDINGS: Readonly<Record<string, string>> = {
    FROM: "a",
    RUN: "x",
    COPY: "a b",
    ADD: "a b",
    HEALTHCHECK: "CMD x",
  };
  const flags = [...new Set(Object.values(REFERENCE).flat())];
  const foreign = Object.entries(REFERENCE).flatMap(([instruction, own]) =>
    flags.filter((flag) => !own.includes(flag)).map((flag) => ({ instruction, flag })),
  );

  test.each(foreign)("$instruction --$flag, which others have", ({ instruction, flag }) => {
    const error = failureOf(`FROM a\n${instruction} --${flag}=1 ${ENDINGS[instruction]}`);
    expect(error).toMatchObject({
      code: "unknown_flag",
      message: expect.stringMatching(`^unknown flag: --${flag}(?: |$)`),
    });
  });

  const misspelt = Object.entries(REFERENCE).flatMap(([instruction, own]) =>
    own.map((flag) => ({ instruction, flag })),
  );
  test.each(misspelt)(
    "$instruction --$flag with a letter too many, with the flag that is meant",
    ({ instruction, flag }) => {
      const error = failureOf(`FROM a\n${instruction} --${flag}x=1 ${ENDINGS[instruction]}`);
      expect(error).toMatchObject({ code: "unknown_flag", hint: `Did you mean "--${flag}"?` });
    },
  );

  test.each([
    "ENV",
    "ARG",
    "LABEL",
    "CMD",
    "ENTRYPOINT",
    "WORKDIR",
    "USER",
    "EXPOSE",
    "VOLUME",
    "STOPSIGNAL",
    "SHELL",
    "ONBUILD",
  ])("a flag of %s, which has none", (instruction) => {
    expect(failureOf(`FROM a\n${instruction} --chown=1 ["a"]`)?.code).toBe("unknown_flag");
  });

  test.each(Object.entries(MOUNT_OPTIONS))(
    "an option of a mount of type %s that is misspelt, with what is meant",
    (_, options) => {
      for (const option of options.filter((name) => name.length > 3)) {
        const error = failureOf(`FROM a\nRUN --mount=type=bind,${option}x=1 x`);
        expect(error).toMatchObject({
          message: expect.stringContaining(`"${option}x"`),
          hint: `Did you mean "${option}"?`,
        });
      }
    },
  );
});

function failureOf(text: string): DockerfileError | undefined {
  try {
    parse(text);
    return undefined;
  } catch (error) {
    if (error instanceof DockerfileError) return error;
    throw error;
  }
}
