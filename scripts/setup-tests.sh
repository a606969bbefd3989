#!/bin/bash
# Installs the programs that the tests use, where they are missing. As root by apt-get; else it says what to install.
# Nothing that the packages bring is started.
set -euo pipefail

# program:package
needs=(
  docker-registry:docker-registry skopeo:skopeo podman:podman umoci:umoci crun:crun runc:runc busybox:busybox-static
  mmdebstrap:mmdebstrap newuidmap:uidmap fuse-overlayfs:fuse-overlayfs zstd:zstd xz:xz-utils bzip2:bzip2 git:git openssl:openssl htpasswd:apache2-utils
  cc:gcc strace:strace getcap:libcap2-bin getfattr:attr flock:util-linux find:findutils mkfs.ext4:e2fsprogs
  ip:iproute2 slirp4netns:slirp4netns pasta:passt aarch64-linux-gnu-gcc:gcc-aarch64-linux-gnu qemu-aarch64-static:qemu-user-static
)

PATH="$PATH:/usr/sbin:/sbin"
missing=()
for need in "${needs[@]}"; do
  command -v "${need%%:*}" >/dev/null || missing+=("${need#*:}")
done
[ -e /usr/include/stdio.h ] || missing+=(libc6-dev)
((${#missing[@]})) || exit 0

if ! command -v apt-get >/dev/null; then
  echo "setup-tests: expected the programs of these Debian packages, found none: ${missing[*]}" >&2
  exit 1
fi
if [ "$(id -u)" != 0 ]; then
  echo "setup-tests: run this as root: apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 1
fi

echo "setup-tests: installing ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive

# docker-registry brings a service; the tests start their own on a free port. Packages ask this file before they start one.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi

install() {
  apt-get install --yes --quiet --no-install-recommends -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 "${missing[@]}" </dev/null >&2
}
install || { apt-get update --quiet >&2 && install; }

# Nor at the next start of the machine.
if [[ " ${missing[*]} " = *" docker-registry "* ]] && command -v systemctl >/dev/null; then
  systemctl --quiet disable docker-registry >&2 || true
fi
