#!/usr/bin/env bash
# Is the stack of compose/docker-compose.yml well, and as closed as it must be? Run on its machine by who may use docker; changes nothing.
#
#   verify/health-check.sh [--domain NAME] [--cacert FILE] [--days N] [--project NAME] [--test-component C --test-key-file FILE]
#
#   --domain          PKG_DOMAIN (default: as .env has it)
#   --cacert FILE     trust this certification authority for https
#   --days N          the certificate must be valid for at least N days more (default 14)
#   --project NAME    the compose project (default: COMPOSE_PROJECT_NAME as .env has it, or packyard)
#   --test-key-file   a subscriber key for the component C: the files behind the gates are asked too
#
# One line a check: "OK: …" or "FAILED: …" with what to look at. The last line is "All services healthy" when every check passed.
# Exit status: 0 all passed, 1 a check failed, 2 wrong usage or no docker.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
usage() { sed -n '2,13s/^# \{0,1\}//p' "$0"; }
wrong_usage() { echo "health-check.sh: $1 (see health-check.sh --help)" >&2; exit 2; }

domain='' cacert='' days=14 project='' component='' key_file='' key=''
while [ $# -gt 0 ]; do
  case $1 in --help | -h) usage; exit 0 ;; esac
  [ $# -gt 1 ] || wrong_usage "unknown option $1, or it needs a value"
  case $1 in
    --domain) domain=$2 ;;
    --cacert) cacert=$2 ;;
    --days) days=$2 ;;
    --project) project=$2 ;;
    --test-component) component=$2 ;;
    --test-key-file) key_file=$2 ;;
    *) wrong_usage "unknown option $1" ;;
  esac
  shift 2
done
setting() { sed -n "s/^$1=//p" "$root/.env" 2>/dev/null | tail -n 1; }
[ -n "$domain" ] || domain=$(setting PKG_DOMAIN)
[ -n "$project" ] || project=$(setting COMPOSE_PROJECT_NAME)
project=${project:-packyard}
[[ $domain =~ ^[a-z0-9.-]+$ ]] || wrong_usage "--domain is needed, or PKG_DOMAIN in .env"
[[ $days =~ ^[0-9]{1,4}$ ]] || wrong_usage "--days must be a number"
[ -z "$cacert" ] || [ -r "$cacert" ] || wrong_usage "--cacert $cacert cannot be read"
if [ -n "$key_file" ]; then
  [[ $component =~ ^[a-z0-9]+([._-][a-z0-9]+)*$ ]] || wrong_usage "--test-key-file goes with --test-component"
  IFS= read -r key <"$key_file" || [ -n "$key" ] || wrong_usage "cannot read a key from $key_file"
  [[ $key =~ ^[A-Za-z0-9_]{8,200}$ ]] || wrong_usage "$key_file holds no key"
fi
for program in docker curl openssl; do command -v $program >/dev/null || wrong_usage "$program is not installed"; done
docker version >/dev/null 2>&1 || wrong_usage "docker does not answer; may this account use it?"

umask 077
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
passed=0 failed=0
# conclude "WHAT: how it must be" [wrong…]: OK without a wrong.
conclude() {
  local what=$1
  shift
  if [ $# = 0 ]; then
    passed=$((passed + 1))
    echo "OK: $what"
  else
    failed=$((failed + 1))
    echo "FAILED: ${what%%:*}: $1$([ $# = 1 ] || printf '; %s' "${@:2}")"
  fi
}

# ---- the containers -----------------------------------------------------------------------------------------------------
wanted=(traefik auth auth2 admin content staging)
declare -A container=() addresses=() gateways=()
inspect() { docker inspect --format "$2" "$1" 2>/dev/null; }

find_containers() {
  local id service one_off
  while read -r id service one_off; do
    [ "$one_off" = True ] || container[$service]=$id
  done < <(docker ps --all --no-trunc --filter "label=com.docker.compose.project=$project" \
    --format '{{.ID}} {{.Label "com.docker.compose.service"}} {{.Label "com.docker.compose.oneoff"}}')
  for service in "${!container[@]}"; do
    id=${container[$service]}
    addresses[$service]=$(inspect "$id" '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}')
    gateways[$service]=$(inspect "$id" '{{range .NetworkSettings.Networks}}{{.Gateway}} {{end}}')
  done
}

check_containers() {
  local service state health wrong=()
  for service in "${wanted[@]}"; do
    [ -n "${container[$service]:-}" ] || wrong+=("$service does not exist: docker compose up -d")
  done
  for service in "${!container[@]}"; do
    read -r state health < <(inspect "${container[$service]}" '{{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}')
    [ "$state" = running ] && [[ $health == healthy || $health == none ]] ||
      wrong+=("$service is $state, $health: docker compose logs $service")
  done
  conclude "containers: ${#container[@]} run and are healthy" "${wrong[@]}"
}

# What a container may do: the compose file says so, this is what runs.
check_hardening() {
  local service text wrong=()
  for service in "${!container[@]}"; do
    text=$(inspect "${container[$service]}" \
      '{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.Privileged}} {{.HostConfig.SecurityOpt}} {{.Config.User}} {{.HostConfig.Memory}}')
    [[ $text =~ ^true\ \[ALL\]\ false\ \[no-new-privileges:true\]\ [1-9][0-9]*:[0-9]+\ [1-9][0-9]*$ ]] || wrong+=("$service runs with '$text'")
    ! inspect "${container[$service]}" '{{range .Mounts}}{{println .Source}}{{end}}' | grep -q 'docker.sock' || wrong+=("$service has Docker's socket")
  done
  conclude "hardening: read-only, without capabilities, as an ordinary user, with a memory limit" "${wrong[@]}"
}

check_ports() {
  local service id address wrong=() seen=()
  for id in $(docker ps --quiet --no-trunc --filter "label=com.docker.compose.project=$project"); do
    service=$(inspect "$id" '{{index .Config.Labels "com.docker.compose.service"}}')
    while read -r address; do
      [ -n "$address" ] || continue
      case $service=$address in
        traefik=0.0.0.0:443 | traefik=:::443 | traefik=\[::\]:443 | admin=127.0.0.1:8088) seen+=("$address") ;;
        *) wrong+=("$service is published on $address") ;;
      esac
    done < <(inspect "$id" '{{range .NetworkSettings.Ports}}{{range .}}{{.HostIp}}:{{println .HostPort}}{{end}}{{end}}')
  done
  [[ " ${seen[*]} " == *:443\ * ]] || wrong+=("443 is not published by traefik")
  [[ " ${seen[*]} " == *' 127.0.0.1:8088 '* ]] || wrong+=("127.0.0.1:8088 is not published by admin")
  conclude "published ports: 443, and 127.0.0.1:8088 for the operator" "${wrong[@]}"
}

# ---- from the front -----------------------------------------------------------------------------------------------------
# By way of this machine's own 443, whatever DNS says; the certificate must be the domain's all the same.
site_options=(--silent --show-error --path-as-is --max-time 20 --connect-timeout 5 --no-netrc --noproxy '*' --connect-to "$domain:443:127.0.0.1:443")
[ -z "$cacert" ] || site_options+=(--cacert "$cacert")

# fetch WHO PATH: sets status; $work/headers and $work/body hold the answer. The key goes through a pipe only.
fetch() {
  local credentials=''
  case $1 in
    key) credentials="user = \"subscriber:$key\"" ;;
    wrong) credentials='user = "subscriber:pky_000000000000000000000000000000000000"' ;;
  esac
  : >"$work/headers"
  : >"$work/body"
  status=$(curl --disable "${site_options[@]}" --config <(printf '%s\n' "$credentials") --dump-header "$work/headers" --output "$work/body" \
    --write-out '%{http_code}' --url "https://$domain$2" 2>"$work/errors")
  [[ $status =~ ^[0-9]{3}$ ]] || status=000
  [ "$status" != 000 ] || status="000 ($(head -c 200 "$work/errors"))"
}
header() { sed -n "s/^$1: *//Ip" "$work/headers" | tr -d '\r' | head -n 1; }

check_certificate() {
  local wrong=() end=''
  fetch none /gpg/lts.asc
  [[ $status != 000* ]] || wrong+=("https does not work: $status; docker compose logs traefik")
  openssl s_client -connect 127.0.0.1:443 -servername "$domain" </dev/null 2>/dev/null | openssl x509 -out "$work/certificate" 2>/dev/null
  if [ -s "$work/certificate" ]; then
    end=$(openssl x509 -noout -enddate -in "$work/certificate")
    openssl x509 -noout -checkend $((days * 86400)) -in "$work/certificate" >/dev/null || wrong+=("it expires on ${end#notAfter=}")
  else
    wrong+=("none is shown")
  fi
  conclude "certificate: accepted for $domain${end:+, valid until ${end#notAfter=}}" "${wrong[@]}"
}

check_public_key() {
  local wrong=()
  fetch none /gpg/lts.asc
  if [ "$status" != 200 ] || ! grep -q 'BEGIN PGP PUBLIC KEY BLOCK' "$work/body" || grep -q 'PRIVATE KEY' "$work/body"; then
    wrong+=("status $status: is static/content/gpg/lts.asc the public key?")
  fi
  conclude "GPG endpoint: /gpg/lts.asc is a public key, for everybody" "${wrong[@]}"
}

check_gates() {
  local service wrong=()
  for service in auth auth2; do
    docker exec "${container[$service]:-none}" packyard health gate >/dev/null 2>"$work/errors" || wrong+=("$service: $(head -c 300 "$work/errors")")
  done
  conclude "auth: both gates answer for themselves" "${wrong[@]}"
}

# routed NAME PATH SERVED: the gate decides about it, and behind the gate the right one answers.
routed() {
  local wrong=()
  fetch none "$2"
  [ "$status" = 401 ] && [ "$(header X-Packyard-Reason)" = no_key ] || wrong+=("without a key: $status, not 401 from a gate")
  [[ $(header WWW-Authenticate) == Basic* ]] || wrong+=("without a key: no challenge")
  fetch wrong "$2"
  [ "$status" = 401 ] && [ "$(header X-Packyard-Reason)" = bad_key ] || wrong+=("with a wrong key: $status, not 401 from a gate")
  if [ -n "$key" ]; then
    fetch key "$2"
    [ "$status" = "$3" ] || wrong+=("with the key: $status, not $3")
  fi
  conclude "$1: closed without a key${key:+, open with one}" "${wrong[@]}"
}

check_routing() {
  local name=${component:-core} year
  year=$(date +%Y)
  # What nobody published: 404 with a key means that the file server was asked.
  routed "RPM routing" "/rpm/$name/$year/health-check/repodata/repomd.xml" 404
  routed "DEB routing" "/deb/$name/$year/dists/health-check/InRelease" 404
  routed "OCI routing" /v2/ 200
}

# ---- what must not be reached -------------------------------------------------------------------------------------------
# reachable SECONDS FROM ADDRESS:PORT…: those of them that accept a connection within that time from inside FROM's network (or a network of
# its own: outside). What must be open gets long, for a busy machine is slow; what drops everything costs all of the time.
reachable() {
  local deadline=$1 from=$2 network image=$probe_image
  shift 2
  [ $# -gt 0 ] || return 0
  network=container:${container[$from]:-}
  [ "$from" != outside ] || network=bridge
  # shellcheck disable=SC2016 # for the shell in the container
  docker run --rm --network "$network" --read-only --cap-drop ALL --security-opt no-new-privileges:true --entrypoint bash "$image" -c '
    deadline=$1
    shift
    for address in "$@"; do
      (timeout "$deadline" bash -c "exec 3<>/dev/tcp/${address%:*}/${address##*:}" 2>/dev/null && echo "$address") &
    done
    wait' probe "$deadline" "$@" 2>"$work/errors.$BASHPID" || echo "nothing: the probe failed: $(head -c 200 "$work/errors.$BASHPID")"
}
# Where this machine is for a container of another network, as such a container sees it: not every Docker tells the gateway of its own bridge.
find_bridge_gateway() {
  # shellcheck disable=SC2016 # for the shell in the container
  docker run --rm --network bridge --read-only --cap-drop ALL --security-opt no-new-privileges:true --entrypoint bash "$probe_image" -c '
    while read -r _ destination gateway _; do
      [ "$destination" != 00000000 ] || printf "%d.%d.%d.%d" "0x${gateway:6:2}" "0x${gateway:4:2}" "0x${gateway:2:2}" "0x${gateway:0:2}"
    done </proc/net/route' 2>/dev/null
}
# targets SERVICE PORT…: its addresses with each port.
targets() {
  local service=$1 address port
  shift
  for address in ${addresses[$service]:-}; do for port in "$@"; do echo "$address:$port"; done; done
}

# look WORDS SECONDS FROM ADDRESS:PORT…: reachable, while others look too; looked waits for them and adds what was found to wrong.
looks=()
look() {
  local number=${#looks[@]}
  looks+=("$1")
  shift
  reachable "$@" >"$work/look.$number" &
}
looked() {
  local number found
  wait
  for number in "${!looks[@]}"; do
    found=$(<"$work/look.$number")
    [ -z "$found" ] || wrong+=("${looks[number]} ${found//$'\n'/, }")
  done
  looks=()
}
runs() { [ "$(inspect "${container[$1]:-none}" '{{.State.Running}}')" = true ]; }

check_admin_isolation() {
  local service gateway wrong=() status asked here
  status=$(curl --silent --noproxy '*' --max-time 5 --output /dev/null --write-out '%{http_code}' http://127.0.0.1:8088/healthz)
  [ "$status" = 200 ] || wrong+=("http://127.0.0.1:8088/healthz: $status; docker compose logs admin")
  status=$(curl --silent --noproxy '*' --max-time 5 --output /dev/null --write-out '%{http_code}' http://127.0.0.1:8088/api/v1/keys)
  [ "$status" = 401 ] || wrong+=("it answers without the admin token: $status")
  fetch none /api/v1/keys
  [[ $status =~ ^4 ]] || wrong+=("https://$domain/api/v1/keys: $status")
  mapfile -t asked < <(targets admin 8088)
  [ ${#asked[@]} -gt 0 ] || wrong+=("the admin has no address")
  [ -n "$bridge_gateway" ] || wrong+=("no container can be started on the network bridge, to look from there")
  for service in "${!container[@]}" outside; do
    [ "$service" != admin ] || continue
    [ "$service" = outside ] || runs "$service" || continue
    here=("${asked[@]}")
    for gateway in ${gateways[$service]:-$bridge_gateway}; do here+=("$gateway:8088"); done
    look "$service reaches" 5 "$service" "${here[@]}"
  done
  looked
  conclude "admin isolation: 127.0.0.1:8088 with the token, and nowhere else" "${wrong[@]}"
}

check_network_isolation() {
  local service found wrong=() inside=() staging=() gates=()
  mapfile -t staging < <(targets staging 9000 9001)
  mapfile -t gates < <(for service in auth auth2; do targets $service 8080 8081 9090; done)
  mapfile -t inside < <(targets content 8000; targets traefik 8079; targets prometheus 9090; targets grafana 3000)
  for service in traefik auth auth2 admin content prometheus grafana; do
    if runs $service; then look "$service reaches staging:" 5 $service "${staging[@]}"; fi
  done
  for service in admin staging; do
    if runs $service; then look "$service reaches" 5 $service "${gates[@]}" "${inside[@]}"; fi
  done
  look "another network reaches" 5 outside "${staging[@]}" "${gates[@]}" "${inside[@]}"
  found=$(reachable 60 outside "$bridge_gateway:443")
  [ "$found" = "$bridge_gateway:443" ] || wrong+=("443 cannot be reached from another network${found:+: $found}")
  looked
  conclude "network isolation: gates, files and staging only where they are needed" "${wrong[@]}"
}

check_staging() {
  local wrong=() answer address
  read -r address _ <<<"${addresses[staging]:-}"
  # shellcheck disable=SC2016 # for the shell in the container
  answer=$(docker run --rm --network "container:${container[staging]:-none}" --read-only --cap-drop ALL --entrypoint bash "$probe_image" -c '
    exec 3<>/dev/tcp/127.0.0.1/9000 && printf "GET / HTTP/1.1\r\nHost: staging\r\nConnection: close\r\n\r\n" >&3 && timeout 5 head -n 1 <&3' 2>&1)
  # An S3 server that lives refuses a request without a signature.
  [[ $answer =~ ^HTTP/1\.1\ 40[0-9] ]] || wrong+=("it answers '${answer:0:200}' to a request without a signature; docker compose logs staging")
  conclude "staging: lives, and refuses who shows no key" "${wrong[@]}"
}

find_containers
[ ${#container[@]} -gt 0 ] || { echo "FAILED: no container of the compose project $project: docker compose up -d"; exit 1; }
probe_image=$(inspect "${container[admin]:-${container[auth]:-none}}" '{{.Image}}')
bridge_gateway=$(find_bridge_gateway)
check_containers
check_hardening
check_ports
check_certificate
check_public_key
check_gates
check_routing
check_admin_isolation
check_network_isolation
check_staging
if [ $failed -gt 0 ]; then
  echo "$failed of $((passed + failed)) checks failed"
  exit 1
fi
echo "All services healthy"
