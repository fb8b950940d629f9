#!/usr/bin/env bash
# Checks a packyard site from outside, as a customer and as an attacker would see it. Needs bash and curl; changes nothing.
#
#   verify.sh --base-url URL --test-component C (--test-key-file FILE | --test-key KEY) [options]
#
#   --base-url URL         https://pkg.example.org
#   --test-component C     the component that the key opens
#   --test-key-file FILE   file whose first line is the key; - reads it from standard input
#   --test-key KEY         the key itself (other users of this machine may see it in the process list: prefer the file)
#   --year Y               year of the component; repeatable. Default: the last seven years are tried
#   --rpm-target T         os-arch like el9-x86_64; repeatable      \  default, when neither is given:
#   --deb-suite S          suite like bookworm; repeatable          /  the usual ones are tried
#   --image I              image like server, or with a tag like server:1.4.2; repeatable
#   --other-component O    another component that exists; makes the checks against crossing over sharper
#   --foreign-digest D     digest of a blob or manifest that only another component's image has; repeatable
#   --clients              also real apt and dnf, where installed, in private folders
#   --cacert FILE          trust this certification authority
#   --days N               a certificate must be valid for at least N days more (default 14)
#   --only CHECK           that check only; repeatable. Names: as printed, and "clients"
#   --tap | --json         machine-readable output instead of lines
#
# Exit status: 0 every check passed (skipped ones are named), 1 a check failed, 2 wrong usage, 3 the site cannot be reached.
# The key is handed to programs through pipes and private files only; it is never printed.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=verify/report.sh
. "$here/report.sh"
# shellcheck source=verify/site_checks.sh
. "$here/site_checks.sh"
# shellcheck source=verify/attack_checks.sh
. "$here/attack_checks.sh"
# shellcheck source=verify/registry_checks.sh
. "$here/registry_checks.sh"
# shellcheck source=verify/client_checks.sh
. "$here/client_checks.sh"

usage() { sed -n '2,25s/^# \{0,1\}//p' "$0"; }
wrong_usage() { echo "verify.sh: $1 (see verify.sh --help)" >&2; exit 2; }

base='' component='' key='' key_file='' other='' cacert='' days=14 with_clients=no
years=() rpm_targets=() deb_suites=() images=() foreign_digests=() only=()
while [ $# -gt 0 ]; do
  case $1 in
    --clients) with_clients=yes; shift; continue ;;
    --tap | --json) output=${1#--}; shift; continue ;;
    --help | -h) usage; exit 0 ;;
  esac
  [ $# -gt 1 ] || wrong_usage "unknown option $1, or it needs a value"
  case $1 in
    --base-url) base=${2%/} ;;
    --test-component) component=$2 ;;
    --test-key) key=$2 ;;
    --test-key-file) key_file=$2 ;;
    --year) years+=("$2") ;;
    --rpm-target) rpm_targets+=("$2") ;;
    --deb-suite) deb_suites+=("$2") ;;
    --image) images+=("$2") ;;
    --foreign-digest) foreign_digests+=("$2") ;;
    --other-component) other=$2 ;;
    --cacert) cacert=$2 ;;
    --days) days=$2 ;;
    --only) only+=("$2") ;;
    *) wrong_usage "unknown option $1" ;;
  esac
  shift 2
done
[[ $base =~ ^https?://[^/@?#[:space:]\"\\]+(/[^@?#[:space:]\"\\]*)?$ ]] || wrong_usage "--base-url must be http(s)://host without a user name, a query or quotes"
[[ $component =~ ^[a-z0-9]+([._-][a-z0-9]+)*$ ]] || wrong_usage "--test-component must name a component"
[[ -z $other || $other =~ ^[a-z0-9]+([._-][a-z0-9]+)*$ ]] || wrong_usage "--other-component must name a component"
[ "$other" != "$component" ] || wrong_usage "--other-component must differ from --test-component"
[[ $days =~ ^[0-9]{1,4}$ ]] || wrong_usage "--days must be a number"
[[ -z $cacert || -r $cacert ]] || wrong_usage "--cacert $cacert cannot be read"
for name in "${years[@]}" "${rpm_targets[@]}" "${deb_suites[@]}"; do
  [[ $name =~ ^[a-z0-9]+([._-][a-z0-9_]+)*$ ]] || wrong_usage "'$name' is no year, target or suite"
done
for name in "${images[@]}"; do
  [[ $name =~ ^[a-z0-9]+([._-][a-z0-9]+)*(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?$ ]] || wrong_usage "'$name' is no image"
done
for name in "${foreign_digests[@]}"; do
  [[ $name =~ ^sha256:[0-9a-f]{64}$ ]] || wrong_usage "'$name' is no digest"
done
if [ -n "$key_file" ]; then
  [ -z "$key" ] || wrong_usage "--test-key and --test-key-file exclude each other"
  if [ "$key_file" = - ]; then
    IFS= read -r key || [ -n "$key" ] || wrong_usage "no key on standard input"
  else
    IFS= read -r key 2>/dev/null <"$key_file" || [ -n "$key" ] || wrong_usage "cannot read a key from $key_file"
  fi
fi
[[ $key =~ ^[A-Za-z0-9_]{8,200}$ ]] || wrong_usage "a key (--test-key-file or --test-key) of letters, digits and _ is needed"
command -v curl >/dev/null || wrong_usage "curl is not installed"

umask 077
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
now=$(printf '%(%s)T' -1)

# A key of the right form that opens nothing: the same letters turned round.
wrong_key() {
  local prefix=${key:0:4} rest=${key:4} turned='' i
  for ((i = ${#rest} - 1; i >= 0; i--)); do turned+=${rest:i:1}; done
  [ "$turned" != "$rest" ] || turned=${turned:1}x
  printf '%s' "$prefix$turned"
}

# credentials WHO: curl's settings on standard output. Built-ins only, so that the key is in no process list.
credentials() {
  case $1 in
    key) printf 'user = "subscriber:%s"\n' "$key" ;;
    wrong) printf 'user = "subscriber:%s"\n' "$(wrong_key)" ;;
    none) ;;
  esac
}

curl_options=(--silent --show-error --path-as-is --globoff --max-redirs 0 --connect-timeout 10 --max-time 60 --no-netrc)
[ -z "$cacert" ] || curl_options+=(--cacert "$cacert")

# fetch WHO PATH [curl options]: sets status ("000" without an answer) and curl_failure; $work/headers and $work/body hold the answer.
fetch() {
  local who=$1 path=$2
  shift 2
  : >"$work/headers"
  : >"$work/body"
  status=$(curl --disable "${curl_options[@]}" --config <(credentials "$who") --dump-header "$work/headers" --output "$work/body" \
    --write-out '%{http_code}' "$@" --url "$base$path" 2>"$work/curl-errors")
  curl_failure=$?
  [[ $status =~ ^[0-9]{3}$ ]] || status=000
}

# header NAME: its values in the last answer, one a line.
# shellcheck disable=SC2317 # the checks call it
header() {
  local line
  while IFS= read -r line; do
    line=${line%$'\r'}
    if [[ ${line,,} == "${1,,}:"* ]]; then line=${line#*:}; printf '%s\n' "${line# }"; fi
  done <"$work/headers"
}

reach() {
  fetch none /gpg/lts.asc
  case $curl_failure in
    0) return 0 ;;
    35 | 51 | 58 | 59 | 60 | 77 | 83)
      report fail certificate "the certificate is accepted" "$(<"$work/curl-errors")"
      finish ;;
    *)
      echo "verify.sh: cannot reach $base: $(<"$work/curl-errors")" >&2
      exit 3 ;;
  esac
}

reach
checks=(transport certificate public_keys allow challenge wrong_key wrong_component indexes package caching dates methods crossing open_prefix
  spoofed_headers hidden)
registry_checks=(registry_challenge registry_pull registry_scope registry_push)
[ "$with_clients" = no ] || checks+=(clients)
find_targets
[ ${#images[@]} = 0 ] || find_repositories
for check in "${checks[@]}" "${registry_checks[@]}"; do
  if [ ${#only[@]} = 0 ] || [[ " ${only[*]} " == *" ${check//_/-} "* ]]; then "check_$check"; fi
done
finish
