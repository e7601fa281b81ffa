#!/usr/bin/env bash
# The binary: the one that was given, else the release's if it is in the table, else built from the action's own source.
set -euo pipefail
here=${GITHUB_ACTION_PATH:?}
# shellcheck source=scripts/action/lib.sh
. "$here/scripts/action/lib.sh"

found() { output bin "$1"; exit 0; }

if [ -n "${PARITY_BIN:-}" ]; then
  [ -x "$PARITY_BIN" ] || die "the input \`bin\` names no program: $PARITY_BIN"
  case $PARITY_BIN in /* | [A-Za-z]:*) found "$PARITY_BIN" ;; *) found "$PWD/$PARITY_BIN" ;; esac
fi

own=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$here/Cargo.toml" | head -n 1)
version=${PARITY_VERSION:-$own}
version=${version#v}
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]] || die "the input \`version\` is no version: $version"

case ${RUNNER_OS:-}-${RUNNER_ARCH:-} in
  Linux-X64) target=x86_64-unknown-linux-musl ;;
  Linux-ARM64) target=aarch64-unknown-linux-musl ;;
  macOS-X64) target=x86_64-apple-darwin ;;
  macOS-ARM64) target=aarch64-apple-darwin ;;
  Windows-X64) target=x86_64-pc-windows-msvc ;;
  Windows-ARM64) target=aarch64-pc-windows-msvc ;;
  *) target= ;;
esac
suffix=; [ "${RUNNER_OS:-}" != Windows ] || suffix=.exe
tools=${RUNNER_TOOL_CACHE:-${RUNNER_TEMP:?}}/parity

# Lines of the table may end as on Windows.
want=$(tr -d '\r' <"$here/scripts/action/checksums.txt" | awk -v v="$version" -v t="$target" '$1 == v && $2 == t { print $3 }')
if [ -n "$want" ]; then
  name=parity-$version-$target$suffix
  program=$tools/$version-$target/parity$suffix
  mkdir -p "${program%/*}"
  if [ ! -f "$program" ]; then
    # Without the job's token: it is not valid there from an enterprise server, and nobody else should see it.
    address=${PARITY_RELEASES:-https://github.com/parity-drift/parity/releases/download}/v$version/$name
    curl -fsSL --retry 3 --max-time 120 --proto '=https,http' -o "$program.part" "$address" || die "cannot get $address"
    mv "$program.part" "$program"
  fi
  # Also of one that was there: the cache is no more to be trusted than the network.
  is=$(sha256 "$program" | awk '{ print $1 }')
  is=${is#\\}
  if [ "$is" != "$want" ]; then
    rm -f "$program"
    die "$name is not what was released: its SHA-256 is $is, and the table of this action says $want"
  fi
  chmod +x "$program"
  found "$program"
fi

[ "$version" = "$own" ] || die "this action knows no release $version for ${target:-this system}: it is $own"
command -v cargo >/dev/null || die "there is no release of $version for ${target:-this system} in the table, and no cargo to build it with: install Rust, or use the input \`bin\`"
key=$(cd "$here" && find Cargo.lock Cargo.toml src -type f | LC_ALL=C sort | while IFS= read -r file; do sha256 "$file"; done | sha256 | cut -c 1-16)
root=$tools/built-$own-${target:-host}-$key
if [ ! -x "$root/bin/parity$suffix" ]; then
  echo "building parity $own: no release for ${target:-this system} is in the table"
  cargo install --locked --quiet --path "$here" --root "$root" --target-dir "${RUNNER_TEMP:?}/parity-target" || die "parity could not be built"
fi
found "$root/bin/parity$suffix"
