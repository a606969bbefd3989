import { expect, test } from "vitest";
import { sha256 } from "../../oci/index.js";
import { names, planText } from "./helpers.js";

const alpine = `docker.io/library/alpine:3.20@${sha256("alpine:3.20 linux/amd64")}`;

test.each<[what: string, text: string, expected: string[]]>([
  [
    "a lone stage has no name, named or not",
    "FROM alpine:3.20 AS web\nENV x=1\nWORKDIR /srv\nCOPY . .\nRUN make\nCMD x",
    [`[1/4] FROM ${alpine}`, "[2/4] WORKDIR /srv", "[internal] load build context", "[3/4] COPY . .", "[4/4] RUN make"],
  ],
  [
    "unnamed stages are numbered when there are several",
    "FROM alpine:3.20 AS builder\nRUN a\nFROM scratch\nCOPY --from=builder /a /\nADD b /",
    [
      `[builder 1/2] FROM ${alpine}`,
      "[builder 2/2] RUN a",
      "FROM scratch",
      "[stage-1 1/2] COPY --from=builder /a /",
      "[internal] load build context",
      "[stage-1 2/2] ADD b /",
    ],
  ],
  [
    "a lone stage with another source is named",
    "FROM alpine:3.20\nRUN --mount=type=cache,target=/c x",
    [`[stage-0 1/2] FROM ${alpine}`, "[stage-0 2/2] RUN --mount=type=cache,target=/c x"],
  ],
  [
    "an image that files are copied from has no number",
    "FROM scratch\nCOPY --from=alpine:3.20 a /",
    ["FROM scratch", `FROM ${alpine}`, "[stage-0 1/1] COPY --from=alpine:3.20 a /"],
  ],
  [
    "numbers are as wide as the total",
    `FROM scratch\n${"RUN x\n".repeat(10)}`,
    ["FROM scratch", ...Array.from({ length: 9 }, (_, index) => `[ ${index + 1}/10] RUN x`), "[10/10] RUN x"],
  ],
  ["WORKDIR / is counted, but is no step", "FROM scratch\nWORKDIR /\nRUN x", ["FROM scratch", "[1/2] RUN x"]],
  [
    "the keyword is in capitals, continuation lines are joined",
    "from scratch\nrun a \\\n  && b",
    ["FROM scratch", "[1/1] RUN a   && b"],
  ],
  [
    "so is what is made of them, where that is simple",
    "FROM scratch\nENV a=1 e=\nRUN echo ${a:-y} ${a:+z} \"${e:-w}\" ${e-v} ${c:-$a} '${a:-y}' ${a^^} ${a:0:1}",
    ["FROM scratch", "[1/1] RUN echo 1 z \"w\"  ${c:-$a} '${a:-y}' ${a^^} ${a:0:1}"],
  ],
  [
    "variables that are set are put in",
    "FROM scratch\nENV a=1\nRUN echo $a ${a}b '$a' \"$a\" $c \\$a\nWORKDIR /$a",
    ["FROM scratch", "[1/2] RUN echo 1 1b '$a' \"1\" $c $a", "[2/2] WORKDIR /1"],
  ],
  [
    "escape characters are left out where a shell would",
    "FROM scratch\nENV a=1\nRUN find . -exec rm {} \\; 'a\\b' \"c\\d \\$a\"\nRUN it's $a \\;",
    ["FROM scratch", "[1/2] RUN find . -exec rm {} ; 'a\\b' \"c\\d $a\"", "[2/2] RUN it's $a \\;"],
  ],
  [
    "the word of a lone heredoc is part of the text",
    "FROM scratch\nENV a=1\nRUN <<$a\necho $a\n$a",
    ["FROM scratch", "[1/1] RUN <<1 (echo 1)"],
  ],
  [
    "a heredoc shows its first line",
    "FROM scratch\nRUN <<EOF\n\necho hi\necho ho\nEOF",
    ["FROM scratch", "[1/1] RUN <<EOF (echo hi...)"],
  ],
  [
    "a script of one line shows it",
    "FROM scratch\nRUN <<EOF\necho hi\nEOF",
    ["FROM scratch", "[1/1] RUN <<EOF (echo hi)"],
  ],
  [
    "the value of a secret is masked",
    "FROM scratch\nENV T=1\nRUN --mount=type=secret,id=t,env=T echo $T",
    ["FROM scratch", "[1/1] RUN --mount=type=secret,id=t,env=T echo ****"],
  ],
])("%s", async (_what, text, expected) => {
  expect(names(await planText(text))).toEqual(expected);
});

test("triggers say so", async () => {
  const graph = await planText("FROM base\nRUN own", {
    images: { base: { OnBuild: ["RUN one", "ENV x=1", "COPY . /app"] } },
  });
  expect(names(graph).slice(1)).toEqual([
    "[2/4] ONBUILD RUN one",
    "[internal] load build context",
    "[3/4] ONBUILD COPY . /app",
    "[4/4] RUN own",
  ]);
});
