# shellcheck shell=bash
# What the scripts of the action share.

# Text in a workflow command: the characters that end one are written out.
escaped() { local text=$1; text=${text//'%'/%25}; text=${text//$'\r'/%0D}; text=${text//$'\n'/%0A}; printf '%s' "$text"; }
notice() { printf '::notice title=parity::%s\n' "$(escaped "$1")"; }
warn() { printf '::warning title=parity::%s\n' "$(escaped "$1")"; }
die() { printf '::error title=parity::%s\n' "$(escaped "$1")"; exit 2; }

# A random word: what nobody can have written into a file before.
random() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

# output NAME VALUE: one that holds the end mark or a line break gets no further.
output() {
  case $2 in *$'\n'* | *$'\r'*) die "the output \`$1\` holds a line break" ;; esac
  local mark; mark=ghadelimiter_$(random)
  case $2 in *"$mark"*) die "the output \`$1\` holds its end mark" ;; esac
  printf '%s<<%s\n%s\n%s\n' "$1" "$mark" "$2" "$mark" >>"${GITHUB_OUTPUT:?}"
}

sha256() { if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }
