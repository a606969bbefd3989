// Every flag of the Dockerfile reference, and every option of RUN --mount, with a build that shows its effect.
// https://docs.docker.com/reference/dockerfile/

/** The flags of each instruction. */
export const REFERENCE: Readonly<Record<string, readonly string[]>> = {
  FROM: ["platform"],
  RUN: ["mount", "network", "security", "device"],
  COPY: ["from", "chown", "chmod", "link", "parents", "exclude"],
  ADD: ["keep-git-dir", "checksum", "chown", "chmod", "link", "exclude", "unpack"],
  HEALTHCHECK: ["interval", "timeout", "start-period", "start-interval", "retries"],
};

/** The options of each type of mount. */
export const MOUNT_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  bind: ["target", "source", "from", "rw"],
  cache: ["id", "target", "readonly", "sharing", "from", "source", "mode", "uid", "gid"],
  tmpfs: ["target", "size"],
  secret: ["id", "target", "required", "mode", "uid", "gid", "env"],
  ssh: ["id", "target", "required", "mode", "uid", "gid"],
};

/** What runs beside the builds, and where files of the test are. */
export interface World {
  /** The URL of a file that holds `text`. */
  readonly url: string;
  readonly checksum: string;
  /** The URL of a repository with one file, `a`. */
  readonly repository: string;
  /** The path of an ssh agent's socket. */
  readonly agent: string;
  /** The namespace of this machine's network. */
  readonly hostNetwork: string;
  /** An image for linux/arm64 alone. */
  readonly armImage: string;
  /** A device that a specification in /var/run/cdi names. */
  readonly device: string;
}

export interface FlagRow {
  /** `COPY --chown`, `--mount=type=cache,mode` */
  readonly flags: readonly string[];
  /** Lines after `FROM busybox`, or the whole file. */
  readonly lines: (world: World) => string;
  /** What the image prints, or what its config has at a key. */
  readonly prints?: (world: World) => string;
  readonly config?: Readonly<Record<string, unknown>>;
  /** What is printed when the flag's effect is that a build fails. */
  readonly fails?: string;
  readonly args?: (world: World) => readonly string[];
}

const show = (command: string): string => `RUN ${command} > /shown\nCMD ["cat", "/shown"]`;
const mount = (type: string, ...options: readonly string[]): string[] =>
  options.map((option) => `--mount=type=${type},${option}`);
/** Mode, owner, group. */
const STAT = "stat -c '%a %u %g'";

export const FLAG_ROWS: readonly FlagRow[] = [
  {
    flags: ["FROM --platform"],
    lines: ({ armImage }) => `FROM --platform=linux/arm64 ${armImage}`,
    config: { architecture: "arm64" },
  },

  { flags: ["RUN --network"], lines: () => show("--network=none ls /sys/class/net"), prints: () => "lo\n" },
  {
    flags: ["RUN --network"],
    lines: () => show("--network=host readlink /proc/self/ns/net"),
    args: () => ["--allow=network.host"],
    prints: ({ hostNetwork }) => `${hostNetwork}\n`,
  },
  { flags: ["RUN --network"], lines: () => "RUN --network=host true", fails: "error[entitlement_denied]" },
  {
    flags: ["RUN --security"],
    lines: () => show("--security=insecure grep CapEff /proc/self/status | grep -c ffff"),
    args: () => ["--allow=security.insecure"],
    prints: () => "1\n",
  },
  {
    flags: ["RUN --security"],
    lines: () => show("--security=sandbox grep CapEff /proc/self/status"),
    prints: () => "CapEff:\t00000000a80425fb\n",
  },
  { flags: ["RUN --security"], lines: () => "RUN --security=insecure true", fails: "error[entitlement_denied]" },
  {
    flags: ["RUN --device"],
    lines: ({ device }) => show(`--device=${device} ls /dev/tsbuild-test`),
    args: () => ["--allow=device"],
    prints: () => "/dev/tsbuild-test\n",
  },
  { flags: ["RUN --device"], lines: ({ device }) => `RUN --device=${device} true`, fails: "error[entitlement_denied]" },

  {
    flags: ["COPY --from"],
    lines: () => 'FROM busybox AS one\nRUN echo one > /x\nFROM busybox\nCOPY --from=one /x /y\nCMD ["cat", "/y"]',
    prints: () => "one\n",
  },
  {
    flags: ["COPY --chown"],
    lines: () => `COPY --chown=7:8 a /in/\n${show(`${STAT} /in/a`)}`,
    prints: () => "644 7 8\n",
  },
  {
    flags: ["COPY --chmod"],
    lines: () => `COPY --chmod=751 a /in/\nCOPY --chmod=u=rw,go= a /b\n${show(`${STAT} /in/a /b`)}`,
    prints: () => "751 0 0\n600 0 0\n",
  },
  {
    flags: ["COPY --link"],
    lines: () => `RUN ln -s /elsewhere /in && mkdir /elsewhere\nCOPY --link a /in/\n${show("ls -ld /in | cut -c1")}`,
    prints: () => "d\n",
  },
  {
    flags: ["COPY --parents"],
    lines: () => `COPY --parents sub/./deep/c sub/deep/d /in/\n${show("find /in -type f | sort")}`,
    prints: () => "/in/deep/c\n/in/sub/deep/d\n",
  },
  {
    flags: ["COPY --exclude"],
    lines: () => `COPY --exclude=**/c --exclude=a . /in/\n${show("find /in -type f | sort")}`,
    prints: () => "/in/archive.tar\n/in/sub/deep/d\n",
  },

  {
    flags: ["ADD --keep-git-dir"],
    lines: ({ repository }) =>
      `ADD --keep-git-dir=true ${repository} /kept\nADD ${repository} /bare\n${show("ls -A /kept /bare")}`,
    prints: () => "/bare:\na\n\n/kept:\n.git\na\n",
  },
  {
    flags: ["ADD --checksum"],
    lines: ({ url, checksum }) => `ADD --checksum=${checksum} ${url} /got\nCMD ["cat", "/got"]`,
    prints: () => "text",
  },
  {
    flags: ["ADD --checksum"],
    lines: ({ url }) => `ADD --checksum=sha256:${"0".repeat(64)} ${url} /got`,
    fails: "expected sha256:000",
  },
  {
    flags: ["ADD --chown"],
    lines: () => `ADD --chown=7:8 a /in/\n${show(`${STAT} /in/a`)}`,
    prints: () => "644 7 8\n",
  },
  {
    flags: ["ADD --chmod"],
    lines: () => `ADD --chmod=751 a /in/\n${show(`${STAT} /in/a`)}`,
    prints: () => "751 0 0\n",
  },
  {
    flags: ["ADD --link"],
    lines: () => `RUN ln -s /elsewhere /in && mkdir /elsewhere\nADD --link a /in/\n${show("ls -ld /in | cut -c1")}`,
    prints: () => "d\n",
  },
  { flags: ["ADD --exclude"], lines: () => `ADD --exclude=deep sub /in/\n${show("find /in")}`, prints: () => "/in\n" },
  {
    flags: ["ADD --unpack"],
    lines: () =>
      `ADD --unpack=false archive.tar /packed/\nADD --unpack=true archive.tar /open/\n${show("ls /packed /open")}`,
    prints: () => "/open:\ninner\n\n/packed:\narchive.tar\n",
  },

  {
    flags: [
      "HEALTHCHECK --interval",
      "HEALTHCHECK --timeout",
      "HEALTHCHECK --start-period",
      "HEALTHCHECK --start-interval",
      "HEALTHCHECK --retries",
    ],
    lines: () => "HEALTHCHECK --interval=1m --timeout=2s --start-period=3s --start-interval=4ms --retries=5 CMD true",
    config: {
      "config.Healthcheck": {
        Test: ["CMD-SHELL", "true"],
        Interval: 6e10,
        Timeout: 2e9,
        StartPeriod: 3e9,
        StartInterval: 4e6,
        Retries: 5,
      },
    },
  },

  {
    flags: ["RUN --mount", ...mount("bind", "target", "source")],
    lines: () => show("--mount=type=bind,source=sub/deep,target=/m ls /m"),
    prints: () => "c\nd\n",
  },
  {
    flags: mount("bind", "from"),
    lines: () =>
      `FROM busybox AS one\nRUN echo one > /x\nFROM busybox\n${show("--mount=from=one,source=/x,target=/m cat /m")}`,
    prints: () => "one\n",
  },
  {
    flags: mount("bind", "rw"),
    lines: () => `${show("--mount=type=bind,target=/m,rw sh -c 'echo new > /m/new; ls /m | wc -l'")}`,
    prints: () => "4\n",
  },
  { flags: mount("bind", "rw"), lines: () => "RUN --mount=type=bind,target=/m touch /m/new", fails: "exit code: 1" },

  {
    flags: mount("cache", "id", "target"),
    lines: () =>
      `RUN --mount=type=cache,id=box,target=/a echo kept > /a/x\n${show("--mount=type=cache,id=box,target=/b cat /b/x")}`,
    prints: () => "kept\n",
  },
  {
    flags: mount("cache", "readonly"),
    lines: () => "RUN --mount=type=cache,target=/c,readonly touch /c/x",
    fails: "exit code: 1",
  },
  {
    flags: mount("cache", "sharing"),
    lines: () =>
      `RUN --mount=type=cache,id=own,target=/a,sharing=locked echo one > /a/x\n${show("--mount=type=cache,id=own,target=/a,sharing=private cat /a/x")}`,
    prints: () => "one\n",
  },
  {
    flags: mount("cache", "sharing"),
    lines: () => "RUN --mount=type=cache,target=/a,sharing=lockd true",
    fails: "error[bad_flag_value]",
  },
  {
    flags: mount("cache", "from", "source"),
    lines: () =>
      `FROM busybox AS seed\nRUN mkdir -p /s/t && echo seed > /s/t/x\nFROM busybox\n${show("--mount=type=cache,id=seeded,target=/c,from=seed,source=/s/t cat /c/x")}`,
    prints: () => "seed\n",
  },
  {
    flags: mount("cache", "mode", "uid", "gid"),
    lines: () => show(`--mount=type=cache,id=owned,target=/c,mode=0750,uid=7,gid=8 ${STAT} /c`),
    prints: () => "750 7 8\n",
  },

  {
    flags: mount("tmpfs", "target"),
    lines: () => show("--mount=type=tmpfs,target=/t grep -c ' /t tmpfs ' /proc/mounts"),
    prints: () => "1\n",
  },
  {
    flags: mount("tmpfs", "size"),
    lines: () => show("--mount=type=tmpfs,target=/t,size=4m df -k /t | awk 'NR == 2 { print $2 }'"),
    prints: () => "4096\n",
  },

  {
    flags: mount("secret", "id", "target", "mode", "uid", "gid"),
    lines: () => show(`--mount=type=secret,id=word,target=/s,mode=0440,uid=7,gid=8 sh -c "${STAT} /s; wc -c < /s"`),
    args: () => ["--secret=id=word,env=WORD"],
    prints: () => "440 7 8\n11\n",
  },
  {
    flags: mount("secret", "env"),
    lines: () => show("--mount=type=secret,id=word,env=OTHER sh -c 'echo ${#OTHER}'"),
    args: () => ["--secret=id=word,env=WORD"],
    prints: () => "11\n",
  },
  {
    flags: mount("secret", "required"),
    lines: () => "RUN --mount=type=secret,id=absent,required=true true",
    fails: 'needs the secret "absent"',
  },
  {
    flags: mount("secret", "required"),
    lines: () => show("--mount=type=secret,id=absent,required=false true"),
    prints: () => "",
  },

  {
    flags: mount("ssh", "id", "target", "mode", "uid", "gid"),
    lines: () =>
      show(`--mount=type=ssh,id=key,target=/agent,mode=0660,uid=7,gid=8 sh -c "test -S /agent && ${STAT} /agent"`),
    args: ({ agent }) => [`--ssh=key=${agent}`],
    prints: () => "660 7 8\n",
  },
  {
    flags: mount("ssh", "required"),
    lines: () => "RUN --mount=type=ssh,id=absent,required=true true",
    fails: 'needs the ssh agent "absent"',
  },
];
