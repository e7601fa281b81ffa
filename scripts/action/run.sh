#!/usr/bin/env bash
# One run of parity writes every report; then they are shown, and published where somebody can see them.
set -euo pipefail
# shellcheck source=scripts/action/lib.sh
. "${GITHUB_ACTION_PATH:?}/scripts/action/lib.sh"
program=${PARITY_PROGRAM:?}
# The token is for publishing alone: no other program of this step sees it.
token=${PARITY_TOKEN:-}
unset PARITY_TOKEN GITHUB_TOKEN

for name in COMMAND FROM TO CONFIG PROD BASE EVENT_BASE FAIL_ON COMMENT SARIF JSON HTML DIRECTORY LABEL AUTHOR; do
  value=PARITY_$name
  case ${!value:-} in *$'\n'* | *$'\r'*) die "the input $name holds a line break" ;; esac
done
is_one_of() { local value=$1 name=$2 one; shift 2; for one in "$@"; do [ "$value" != "$one" ] || return 0; done; die "the input \`$name\` is one of: $*"; }
is_one_of "${PARITY_COMMAND:=diff}" command diff nightly
is_one_of "${PARITY_COMMENT:=update}" comment update new off
is_one_of "${PARITY_FAIL_ON:-}" fail-on '' error warning info never
for name in SUMMARY ANNOTATIONS ONLINE ALLOW_TARGET; do value=PARITY_$name; is_one_of "${!value:-false}" "$name" true false; done

event=${GITHUB_EVENT_NAME:-}
arguments=()
if [ "$event" = pull_request_target ]; then
  [ "$PARITY_ALLOW_TARGET" = true ] || die "on \`pull_request_target\` a job holds secrets beside what a stranger wrote: use \`pull_request\`, or read docs/github.md and set allow-pull-request-target"
  arguments+=(--render never) # no program is run over what a stranger wrote
fi

cd -- "${PARITY_DIRECTORY:=.}" || die "there is no folder $PARITY_DIRECTORY"
temp=${RUNNER_TEMP:?}/parity-$(random)
mkdir -p "$temp"
json=${PARITY_JSON:-$temp/report.json}
sarif=${PARITY_SARIF:-$temp/report.sarif}
html=${PARITY_HTML:-$temp/report.html}
# A folder is made of what stands before the last slash.
if [ "${RUNNER_OS:-}" = Windows ]; then json=${json//\\//}; sarif=${sarif//\\//}; html=${html//\\//}; fi
for file in "$json" "$sarif" "$html"; do case $file in */*) mkdir -p -- "${file%/*}" ;; esac; done

# The commit to compare with. A clone may not hold it.
has() { git cat-file -e "$1^{commit}" 2>/dev/null; }
base=
case ${PARITY_BASE:-} in
  none) ;;
  ?*) base=$PARITY_BASE ;;
  *)
    wanted=${PARITY_EVENT_BASE:-}
    if [ "$PARITY_COMMAND" = diff ] && [[ $wanted =~ ^[0-9a-f]{40,64}$ ]] && [[ ! $wanted =~ ^0+$ ]]; then
      has "$wanted" || git fetch --quiet --no-tags --depth=1 origin "$wanted" 2>/dev/null || true
      if has "$wanted"; then
        base=$(git merge-base "$wanted" HEAD 2>/dev/null) || base=$wanted
      else
        warn "the base commit $wanted is not in this clone, so nothing can be said to be new: check out with fetch-depth: 0"
      fi
    fi
    ;;
esac

[ -z "$base" ] || arguments+=(--base "$base")
[ -z "${PARITY_CONFIG:-}" ] || arguments+=(--config "$PARITY_CONFIG")
[ -z "${PARITY_PROD:-}" ] || arguments+=("--prod=$PARITY_PROD")
[ -z "${PARITY_FAIL_ON:-}" ] || arguments+=(--fail-on "$PARITY_FAIL_ON")
[ "${PARITY_ONLINE:-false}" = false ] || arguments+=(--online)
arguments+=(--report table --report "github=$temp/annotations" --report "markdown=$temp/summary.md" --report "comment=$temp/comment.md")
arguments+=(--report "json=$json" --report "sarif=$sarif" --report "html=$html")
if [ -n "${PARITY_TO:-}" ] && [ -z "${PARITY_FROM:-}" ]; then die "the input \`to\` needs the input \`from\`"; fi
[ -z "${PARITY_FROM:-}" ] || arguments+=(-- "$PARITY_FROM")
[ -z "${PARITY_TO:-}" ] || arguments+=("$PARITY_TO")

# What is printed may hold text from files: no line of it is a command.
mark=$(random)
printf '::stop-commands::%s\n' "$mark"
code=0
if [ "${PARITY_ONLINE:-false}" = false ]; then "$program" diff "${arguments[@]}" || code=$?
else GITHUB_TOKEN=$token "$program" diff "${arguments[@]}" || code=$?; fi
printf '\n::%s::\n' "$mark"
output exit "$code"
if [ "$code" -gt 3 ] || [ ! -s "$json" ]; then
  [ "$code" != 2 ] || die "parity did not run: see the log for the usage or configuration error"
  die "parity ended with $code and wrote no report"
fi

counts=$("$program" publish counts --report "$json") || die "the report cannot be read back"
while IFS='=' read -r name value; do output "$name" "${value%$'\r'}"; done <<<"$counts"
output json-file "$json"; output sarif-file "$sarif"; output html-file "$html"; output markdown-file "$temp/summary.md"
[ "$PARITY_ANNOTATIONS" != true ] || cat -- "$temp/annotations"
[ "$PARITY_SUMMARY" != true ] || cat -- "$temp/summary.md" >>"${GITHUB_STEP_SUMMARY:?}"

# Reports of several steps on one page are told apart by what was asked for.
id=parity
case ${PARITY_FROM:-}${PARITY_TO:-}${PARITY_CONFIG:-}${PARITY_PROD:-}$PARITY_DIRECTORY in
  .) ;;
  *) id="$PARITY_DIRECTORY ${PARITY_CONFIG:-} ${PARITY_FROM:-} ${PARITY_TO:-}${PARITY_PROD:+ $PARITY_PROD}" ;;
esac
common=(--report "$json" --body "$temp/comment.md" --id "$id")
[ -z "${PARITY_AUTHOR:-}" ] || common+=(--author "$PARITY_AUTHOR")
publish() { # a failed call is a warning: the report is in the summary and the files
  [ -n "$token" ] || { notice "nothing was published: there is no token"; return 0; }
  local said
  if said=$(GITHUB_TOKEN=$token "$program" publish "$@"); then
    echo "published: $said"
    case $said in *": http"*) output url "${said#*: }" ;; esac
  else
    warn "nothing was published: see the log"
  fi
}
if [ "$PARITY_COMMAND" = nightly ]; then
  # How it came to this: recomputed from git, nothing is stored. Without history the issue is as good as before.
  trend=()
  asked=(--weekly 13 --report "json=$temp/history.json" --report "markdown=$temp/history.md")
  [ -z "${PARITY_CONFIG:-}" ] || asked+=(--config "$PARITY_CONFIG")
  [ -z "${PARITY_PROD:-}" ] || asked+=("--prod=$PARITY_PROD")
  printf '::stop-commands::%s\n' "$mark"
  told=0
  "$program" history "${asked[@]}" || told=$?
  printf '\n::%s::\n' "$mark"
  if [ "$told" = 0 ]; then
    trend=(--history "$temp/history.json")
    if [ "$PARITY_SUMMARY" = true ]; then
      { printf '\n## Trend, week by week\n\n'; cat -- "$temp/history.md"; } >>"${GITHUB_STEP_SUMMARY:?}"
    fi
  else
    notice "the issue shows no trend: see the log"
  fi
  publish issue "${common[@]}" --label "${PARITY_LABEL:-parity}" ${trend[@]+"${trend[@]}"}
elif [ "$PARITY_COMMENT" != off ]; then
  case $event in
    pull_request) publish comment "${common[@]}" --keep "$PARITY_COMMENT" ;;
    pull_request_target) publish comment "${common[@]}" --keep "$PARITY_COMMENT" --allow-pull-request-target ;;
  esac
fi
exit "$code"
