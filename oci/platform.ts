// Platforms: `linux/arm64/v8`, as containerd spells and matches them.
// https://github.com/opencontainers/image-spec/blob/main/image-index.md

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly "os.version"?: string;
}
