# shellcheck shell=bash
# Parts of ./quickstart: a site on loopback, as an ordinary user, with all its state below $state. Sourced by ./quickstart.
# shellcheck disable=SC2154 # state, root_folder, programs, port_*: set by ./quickstart

# free_port FIRST: the first port from FIRST on that nobody listens on.
free_port() {
  local port=$1
  while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || [[ " ${taken_ports[*]} " == *" $port "* ]]; do
    ((port++))
    ((port < $1 + 500)) || { echo "quickstart: no free port from $1 on" >&2; return 1; }
  done
  echo "$port"
}

choose_ports() {
  taken_ports=()
  port_front=$(free_port 8000) && taken_ports+=("$port_front")
  port_gate=$(free_port 8080) && taken_ports+=("$port_gate")
  port_registry=$(free_port 8081) && taken_ports+=("$port_registry")
  port_admin=$(free_port 8088) && taken_ports+=("$port_admin")
  port_metrics=$(free_port 9090) && taken_ports+=("$port_metrics")
  base_url=http://127.0.0.1:$port_front
  registry=127.0.0.1:$port_front
  image_reference=$registry/core/$year/server:$image_tag
  admin_url=http://127.0.0.1:$port_admin
}

write_settings() {
  cat >"$state/packyard.yml" <<END
# Written by ./quickstart; config/packyard.yml explains every setting.
site: 127.0.0.1:$port_front
components:
  - {name: core, years: [$year]}
  - {name: plus, years: [$year]}
targets:
  rpm:
    - {name: $rpm_target}
  deb:
    - {suite: $deb_suite, architectures: [$deb_architecture], origin: Quickstart, label: Quickstart LTS}
  oci:
    - {image: server, floating_tags: [latest]}
storage: {staging: staging, state: state, published: public, public_keys: public_keys}
gate:
  listen: 127.0.0.1:$port_gate
  registry_listen: 127.0.0.1:$port_registry
  metrics_listen: 127.0.0.1:$port_metrics
  proxies: [nginx]
admin: {listen: "127.0.0.1:$port_admin"}
signing: {key_id: $(<"$state/signing/key-id")}
END
}

make_signing_key() {
  [ -e "$state/signing/key-id" ] || "$root_folder/quickstart.d/signing-key" "$state/signing" 'Quickstart LTS <lts@quickstart.example>'
  mkdir -p "$state/public_keys"
  cp "$state/signing/lts.asc" "$state/public_keys/lts.asc"
}

# After the settings: packyard makes it.
make_image_key() {
  local folder=$state/signing-images
  if [ ! -e "$folder/cosign.pub" ]; then
    mkdir -p "$folder"
    (umask 077 && head -c 24 /dev/urandom | base64 | tr -d '+/=\n' >"$folder/password")
    COSIGN_PASSWORD_FILE=$folder/password packyard signing-key new-cosign --output-folder "$folder" >"$state/logs/new-cosign.log" 2>&1 || {
      cat "$state/logs/new-cosign.log" >&2
      return 1
    }
  fi
  cp "$folder/cosign.pub" "$state/public_keys/cosign.pub"
}

packyard() {
  PACKYARD_CONFIG=$state/packyard.yml "$programs/packyard" "$@"
}

# packyard with what may sign: only promote and its kind get it.
packyard_signing() {
  GPG_PRIVATE_KEY_FILE=$state/signing/private.asc GPG_PASSPHRASE_FILE=$state/signing/passphrase GPG_KEY_ID=$(<"$state/signing/key-id") \
    COSIGN_PRIVATE_KEY_FILE=$state/signing-images/cosign.key COSIGN_PASSWORD_FILE=$state/signing-images/password packyard "$@"
}

# Is PID_FILE's process alive, and is it the one we started: does it work with the settings below our state folder?
is_ours() {
  local pid
  [ -s "$1" ] || return 1
  pid=$(<"$1")
  [[ $pid =~ ^[0-9]+$ && -r /proc/$pid/status ]] || return 1
  ! grep -q '^State:.Z' "/proc/$pid/status" 2>/dev/null || return 1
  # The command line, not the environment: packyard closes itself to tracing, so its environment is readable to root only.
  tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF -e "--config $state/packyard.yml" -e "-c $state/front/nginx.conf"
}

stop_one() {
  local pid_file=$state/$1.pid i
  if is_ours "$pid_file"; then
    kill -TERM "$(<"$pid_file")" 2>/dev/null || true
    for ((i = 0; i < 100; i++)); do
      is_ours "$pid_file" || break
      sleep 0.1
    done
    if is_ours "$pid_file"; then kill -KILL "$(<"$pid_file")" 2>/dev/null || true; fi
  fi
  rm -f "$pid_file"
}

stop_site() {
  stop_one nginx
  stop_one serve
  rm -f "$state/env"
}

# start_one NAME COMMAND…: in the background, in a session of its own, its output in logs/NAME.log.
start_one() {
  local name=$1
  shift
  setsid "$@" >>"$state/logs/$name.log" 2>&1 </dev/null &
  echo $! >"$state/$name.pid"
}

start_site() {
  local nginx user=()
  nginx=$(command -v nginx || echo /usr/sbin/nginx)
  mkdir -p "$state/front" "$state/public"
  if [ "$(id -u)" = 0 ]; then
    # Workers of a root nginx: www-data where it can read the store, root where the folders above are closed to it.
    if setpriv --reuid www-data --regid www-data --clear-groups test -r "$state/public_keys/lts.asc" 2>/dev/null; then
      user=(--user www-data)
    else
      user=(--user root)
    fi
  fi
  "$root_folder/compose/nginx/render" --listen "127.0.0.1:$port_front" --gate "127.0.0.1:$port_gate" --registry "127.0.0.1:$port_registry" \
    --published "$state/public" --public-keys "$state/public_keys" --state "$state/front" "${user[@]}" >"$state/front/nginx.conf"
  start_one serve "$programs/packyard" serve --config "$state/packyard.yml"
  start_one nginx "$nginx" -e "$state/front/error.log" -c "$state/front/nginx.conf"
  wait_until_ready
}

wait_until_ready() {
  local i status
  for ((i = 0; i < 150; i++)); do
    status=$(curl -s -o /dev/null -w '%{http_code}' "$base_url/rpm/core/$year/$rpm_target/repodata/repomd.xml") || true
    # 401: nginx reached the gate, and the gate knows its keys.
    [ "$status" = 401 ] && return 0
    if ! is_ours "$state/serve.pid" || ! is_ours "$state/nginx.pid"; then break; fi
    sleep 0.2
  done
  echo "quickstart: the site did not start (last answer: $status); the ends of its logs:" >&2
  tail -n 5 "$state/logs/serve.log" "$state/logs/nginx.log" "$state/front/error.log" >&2
  return 1
}

# create_key COMPONENT LABEL [EXPIRES_AT]: prints the key; made by the admin API as an operator's program would.
create_key() {
  local answer
  answer=$(curl -sS --fail-with-body -H 'Content-Type: application/json' \
    --data "{\"component\":\"$1\",\"label\":\"$2\"${3:+,\"expires_at\":\"$3\"}}" "$admin_url/api/v1/keys") || {
    echo "quickstart: the admin API refused to make a key: $answer" >&2
    return 1
  }
  [[ $answer =~ \"key\":\ *\"([A-Za-z0-9_]+)\" ]] || { echo "quickstart: no key in the admin API's answer" >&2; return 1; }
  echo "${BASH_REMATCH[1]}"
}
