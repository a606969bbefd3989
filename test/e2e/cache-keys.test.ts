// What is in a key and what is not: after each edit, exactly the steps named here run again (S-188 to S-197).

import { chmodSync, mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { outputFileSync } from "fs-extra/esm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { build, type BuildEvent, type BuildOptions } from "../../index.js";
import { baseImage } from "../helpers/images.js";

let base: string;
let directory: string;
beforeAll(async () => {
  base = await baseImage("busybox");
  directory = mkdtempSync(join(tmpdir(), "tsbuild-keys-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Side {
  readonly dockerfile: string;
  readonly files?: Readonly<Record<string, string | { readonly content: string; readonly mode: number }>>;
  readonly options?: BuildOptions;
}

/** Builds what was before and what is after in one store. @returns the steps that ran the second time */
async function rerun(before: Side, after: Partial<Side>): Promise<readonly string[]> {
  const place = mkdtempSync(join(directory, "case-"));
  await stepsOf(place, before);
  return stepsOf(place, { ...before, ...after });
}

async function stepsOf(place: string, { dockerfile, files = {}, options = {} }: Side): Promise<readonly string[]> {
  const context = join(place, "context");
  rmSync(context, { recursive: true, force: true });
  outputFileSync(join(context, "Dockerfile"), dockerfile);
  for (const [name, file] of Object.entries(files)) {
    const { content, mode } = typeof file === "string" ? { content: file, mode: 0o644 } : file;
    outputFileSync(join(context, name), content);
    chmodSync(join(context, name), mode);
    utimesSync(join(context, name), Math.random() * 1e9, Math.random() * 1e9);
  }
  const ran: string[] = [];
  const names = new Map<string, string>();
  const onEvent = (event: BuildEvent) => {
    if (event.type === "vertex") names.set(event.vertex, event.name.replace(/^\[[^\]]*\] /, ""));
    if (event.type === "done" && event.layer && !event.cached) ran.push(names.get(event.vertex)!);
  };
  const buildContexts = { busybox: `oci-layout://${base}` };
  await build({ context, home: join(place, "home"), buildContexts, onEvent, ...options });
  return ran;
}

const lines = (...all: string[]) => `${all.join("\n")}\n`;

describe("not in the key", () => {
  const copied = lines("FROM busybox", "COPY a /a", "RUN cat /a");
  const table: readonly (readonly [string, Side, Partial<Side>])[] = [
    ["times of files (S-189)", { dockerfile: copied, files: { a: "1" } }, {}],
    ["files that COPY does not select", { dockerfile: copied, files: { a: "1" } }, { files: { a: "1", b: "2" } }],
    [
      "files that are ignored (S-188)",
      {
        dockerfile: lines("FROM busybox", "COPY . /x", "RUN ls /x"),
        files: { a: "1", ".dockerignore": "b\nDockerfile" },
      },
      { files: { a: "1", b: "2", ".dockerignore": "b\nDockerfile" } },
    ],
    [
      "the mode of the source, with --chmod",
      { dockerfile: lines("FROM busybox", "COPY --chmod=755 a /a", "RUN cat /a"), files: { a: "1" } },
      { files: { a: { content: "1", mode: 0o600 } } },
    ],
    [
      "the name of a source that a pattern matches, when the result is equal (S-191)",
      { dockerfile: lines("FROM busybox", "COPY a* /x", "RUN cat /x"), files: { a1: "1" } },
      { files: { a2: "1" } },
    ],
    [
      "metadata: LABEL, CMD, ENTRYPOINT, EXPOSE, HEALTHCHECK, STOPSIGNAL, VOLUME (S-194)",
      {
        dockerfile: lines("FROM busybox", "LABEL a=1", "CMD a", "EXPOSE 1", "STOPSIGNAL 9", "VOLUME /v", "RUN echo x"),
      },
      {
        dockerfile: lines(
          "FROM busybox",
          "LABEL a=2",
          'ENTRYPOINT ["b"]',
          "EXPOSE 2",
          "STOPSIGNAL 15",
          "VOLUME /w",
          "HEALTHCHECK CMD true",
          "CMD c",
          "RUN echo x",
        ),
      },
    ],
    [
      "a build argument that no ARG declares before the step (S-195)",
      { dockerfile: lines("FROM busybox", "RUN echo x", "ARG LATER"), options: { buildArgs: { LATER: "1" } } },
      { options: { buildArgs: { LATER: "2", OTHER: "3" } } },
    ],
    [
      "values of secrets (S-196)",
      {
        dockerfile: lines("FROM busybox", "RUN --mount=type=secret,id=s wc -c /run/secrets/s"),
        options: { secrets: { s: { value: "one-secret" } } },
      },
      { options: { secrets: { s: { value: "another-secret" } } } },
    ],
    [
      "proxies (S-056)",
      { dockerfile: lines("FROM busybox", "RUN echo x"), options: { buildArgs: { HTTP_PROXY: "http://a" } } },
      { options: { buildArgs: { HTTP_PROXY: "http://b" } } },
    ],
    [
      "comments, blanks and the place in the Dockerfile",
      { dockerfile: lines("FROM busybox", "RUN echo x") },
      { dockerfile: lines("# words", "", "FROM busybox AS named", "", "RUN    echo x") },
    ],
  ];
  test.each(table)("%s", async (_name, before, after) => {
    expect(await rerun(before, after)).toEqual([]);
  });
});

describe("early cutoff: what is made again with an equal result changes nothing after it", () => {
  test("a RUN", async () => {
    const dockerfile = (comment: string) =>
      lines("FROM busybox", `RUN echo x >/x # ${comment}`, "RUN cat /x", "COPY a /a");
    const files = { a: "1" };
    expect(await rerun({ dockerfile: dockerfile("one"), files }, { dockerfile: dockerfile("two") })).toEqual([
      "RUN echo x >/x # two",
    ]);
  });

  test("COPY --from, and the whole stage after it (S-192)", async () => {
    const dockerfile = lines(
      "FROM busybox AS made",
      "COPY src /src",
      "RUN wc -l /src/a >/lines",
      "FROM busybox",
      "COPY --from=made /lines /lines",
      "RUN cat /lines",
    );
    expect(await rerun({ dockerfile, files: { "src/a": "x\n" } }, { files: { "src/a": "y\n" } })).toEqual([
      "COPY src /src",
      "RUN wc -l /src/a >/lines",
    ]);
  });

  test("an edit taken back finds all of its steps", async () => {
    const place = mkdtempSync(join(directory, "back-"));
    const side = { dockerfile: lines("FROM busybox", "COPY a /a", "RUN cat /a >/b"), files: { a: "1" } };
    await stepsOf(place, side);
    expect(await stepsOf(place, { ...side, files: { a: "2" } })).toHaveLength(2);
    expect(await stepsOf(place, side)).toEqual([]);
  });
});

describe("in the key", () => {
  const run = (line: string) => lines("FROM busybox", line, "RUN cat /a 2>/dev/null; true");
  const table: readonly (readonly [string, Side, Partial<Side>])[] = [
    ["content", { dockerfile: run("COPY a /a"), files: { a: "1" } }, { files: { a: "2" } }],
    [
      "the mode of the source, without --chmod",
      { dockerfile: run("COPY a /a"), files: { a: "1" } },
      { files: { a: { content: "1", mode: 0o755 } } },
    ],
    [
      "the owner",
      { dockerfile: run("COPY --chown=1 a /a"), files: { a: "1" } },
      { dockerfile: run("COPY --chown=2 a /a") },
    ],
    ["the destination", { dockerfile: run("COPY a /a"), files: { a: "1" } }, { dockerfile: run("COPY a /b") }],
  ];
  test.each(table)("%s: the COPY and what follows run", async (_name, before, after) => {
    const ran = await rerun(before, after);
    expect(ran).toHaveLength(2);
    expect(ran[0]).toMatch(/^COPY/);
  });

  test("/etc/passwd, where a name is looked up in it, and only there", async () => {
    const dockerfile = (uid: number, owner: string) =>
      lines(
        "FROM busybox",
        `RUN echo "app:x:${uid}:${uid}::/:/bin/sh" >>/etc/passwd`,
        `COPY --chown=${owner} --link a /a`,
        "FROM busybox",
        "COPY --from=0 /a /a",
      );
    const named = (uid: number) => dockerfile(uid, "app").replace("--link ", "");
    expect(await rerun({ dockerfile: named(7), files: { a: "1" } }, { dockerfile: named(8) })).toContain(
      "COPY --chown=app a /a",
    );
    const ran = await rerun(
      { dockerfile: dockerfile(7, "5:5"), files: { a: "1" } },
      { dockerfile: dockerfile(8, "5:5") },
    );
    expect(ran.filter((text) => text.startsWith("COPY"))).toEqual([]);
  });

  test("variables, directory and user of a RUN (S-194)", async () => {
    const dockerfile = (line: string) => lines("FROM busybox", line, "RUN echo x");
    for (const [one, two] of [
      ["ENV A=1", "ENV A=2"],
      ["USER 1", "USER 2"],
      ['SHELL ["/bin/sh", "-c"]', 'SHELL ["/bin/sh", "-ec"]'],
    ])
      expect(await rerun({ dockerfile: dockerfile(one!) }, { dockerfile: dockerfile(two!) })).toEqual(["RUN echo x"]);
  });
});
