# shellcheck shell=bash
# What stage, promote, resign and validate share: the secrets they were given, and one ssh connection to the machine, its host key pinned.
# Sourced. Secrets arrive in the environment, as GitHub hands them to a step; here they become plain shell variables, which no program
# that is started inherits, and leave this shell through pipes only.
#
#   HOST              [account@]machine[:port]; account `deploy` and port 22 when it says nothing else
#   SSH_PRIVATE_KEY   the private key whose public half stands in the deploy account's authorized_keys
#   SSH_KNOWN_HOST    the machine's public host key: the line of /etc/ssh/ssh_host_ed25519_key.pub, or one of a known_hosts file
export LC_ALL=C
script=${0##*/}
fail() { # STATUS TITLE [what to do…]
  local status=$1 title=$2
  shift 2
  echo "$script: $title" >&2
  [ $# = 0 ] || printf '  %s\n' "$@" >&2
  # What GitHub shows on the run's page.
  local all="$title. $*"
  [ -z "${GITHUB_ACTIONS:-}" ] || echo "::error title=packyard $script::${all//$'\n'/%0A}"
  exit "$status"
}

declare -A meaning=(
  [HOST]='the machine, like deploy@pkg.example.org or deploy@pkg.example.org:2222'
  [SSH_PRIVATE_KEY]='the whole file of the private key, made without a passphrase: ssh-keygen -t ed25519 -N "" -f ci_key'
  [SSH_KNOWN_HOST]='the content of /etc/ssh/ssh_host_ed25519_key.pub, read on the machine itself, at its console'
  [RUSTFS_ACCESS_KEY]='as .env has it on the machine'
  [RUSTFS_SECRET_KEY]='as .env has it on the machine'
  [GPG_PRIVATE_KEY]='gpg --armor --export-secret-keys FINGERPRINT, the whole text'
  [GPG_KEY_ID]='the fingerprint of the signing key, 40 letters and digits'
  [GPG_PASSPHRASE]='what opens GPG_PRIVATE_KEY'
  [COSIGN_PRIVATE_KEY]='the whole file cosign.key of: packyard signing-key new-cosign'
  [COSIGN_PASSWORD]='what opens COSIGN_PRIVATE_KEY')

# take NAME…: each must be given; afterwards none is in the environment.
take() {
  local name missing=()
  for name in "${!meaning[@]}"; do export -n "${name?}"; done
  for name in "$@"; do
    [ -n "${!name:-}" ] || missing+=("$name: ${meaning[$name]}")
  done
  [ ${#missing[@]} = 0 ] ||
    fail 2 "${#missing[@]} secret(s) are not set" "${missing[@]}" \
      'Set them in the repository: Settings, Secrets and variables, Actions (or in its environment "packyard"); docs/deployment.md, "CI".'
}

# A line of known_hosts under a name of our own, so that the machine's name and port cannot be written wrongly; refuses anything else.
known_host_lines() {
  local line fields
  while IFS= read -r line || [ -n "$line" ]; do
    read -ra fields <<<"${line%$'\r'}"
    [[ ${fields[0]:-#} != \#* ]] || continue
    [[ ${fields[0]} =~ ^(ssh-|ecdsa-|sk-) ]] || fields=("${fields[@]:1}")
    [[ ${fields[0]:-} =~ ^(ssh-|ecdsa-|sk-)[a-z0-9@.-]+$ && ${fields[1]:-} =~ ^[A-Za-z0-9+/=]+$ ]] || return 1
    printf 'packyard-machine %s %s\n' "${fields[0]}" "${fields[1]}"
  done <<<"$SSH_KNOWN_HOST" | grep .
}

# shellcheck disable=SC2034 # machine: for the scripts
split_host() {
  local account=deploy port=22 rest=$HOST
  [[ $rest != *@* ]] || { account=${rest%@*}; rest=${rest##*@}; }
  if [[ $rest =~ ^(.+):([0-9]{1,5})$ ]]; then rest=${BASH_REMATCH[1]} port=${BASH_REMATCH[2]}; fi
  [[ $account =~ ^[a-z_][a-z0-9_-]*$ && $rest =~ ^[A-Za-z0-9][A-Za-z0-9.-]*$ ]] ||
    fail 2 'HOST is not of the form [account@]machine[:port]' "It must be ${meaning[HOST]}."
  machine=$rest
  ssh_to=(-p "$port" "$account@$rest")
}

close_connection() {
  [ -z "${tunnel_pid:-}" ] || { exec 9>&-; wait "$tunnel_pid" || true; }
  [ ! -S "$work/master" ] || ssh -F none -S "$work/master" -O exit "${ssh_to[@]}" 2>/dev/null || true
  end_agent
  rm -rf "$work"
}
end_agent() {
  [ -z "${SSH_AGENT_PID:-}" ] || kill "$SSH_AGENT_PID" 2>/dev/null || true
  unset SSH_AGENT_PID SSH_AUTH_SOCK
}

explain_no_connection() { # TEXT: what ssh said
  local wanted
  wanted=$(ssh-keygen -lf "$work/known_hosts" 2>/dev/null | cut -d ' ' -f 2,4 | paste -sd ',')
  case $1 in
    *'Host key verification failed'* | *'HOST IDENTIFICATION HAS CHANGED'* | *'host key is known'*)
      fail 1 'the machine shows another host key than SSH_KNOWN_HOST; nothing was sent' "SSH_KNOWN_HOST is $wanted." \
        'Either the machine was set up anew, or somebody stands between. At its console (not over the network):' \
        '  ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub' \
        'If that is another fingerprint, set SSH_KNOWN_HOST to the content of that file. If it is the same, do not go on: find out who answers at HOST.' ;;
    *'Permission denied'*)
      fail 1 'the machine does not take SSH_PRIVATE_KEY' \
        'The public half must stand in the authorized_keys of the account that HOST names (docs/deployment.md, "CI"): ssh-keygen -y -f ci_key prints it.' \
        'journalctl -u ssh on the machine says why it was refused.' ;;
    *)
      fail 3 'there is no connection to the machine' "$1" \
        'Is HOST right, does the firewall let these runners in on the ssh port, does the machine run?' ;;
  esac
}

# One connection for everything that follows. The key is with an agent until it stands, then with nobody.
open_connection() {
  split_host
  work=$(umask 077 && mktemp -d)
  trap close_connection EXIT
  # The path of a socket has 108 characters at most, and ssh wants some of them.
  [ ${#work} -le 80 ] || fail 2 "the folder for temporary files has too long a name: $work" 'Set TMPDIR to a shorter one.'
  trap 'exit 130' INT TERM HUP
  known_host_lines >"$work/known_hosts" || fail 2 'SSH_KNOWN_HOST is no host key' "It must be ${meaning[SSH_KNOWN_HOST]}."
  eval "$(ssh-agent -s -a "$work/agent")" >/dev/null
  printf '%s\n' "${SSH_PRIVATE_KEY//$'\r'/}" | SSH_ASKPASS_REQUIRE=force SSH_ASKPASS=/bin/false ssh-add -q - 2>"$work/said" ||
    fail 2 'SSH_PRIVATE_KEY is no private key that ssh takes without a passphrase' "ssh-add: $(tail -n 1 "$work/said")" \
      "It must be ${meaning[SSH_PRIVATE_KEY]}."
  ssh -F none -M -S "$work/master" -f -N -T -a -x -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 \
    -o HostKeyAlias=packyard-machine -o StrictHostKeyChecking=yes -o UserKnownHostsFile="$work/known_hosts" -o GlobalKnownHostsFile=/dev/null \
    -o UpdateHostKeys=no -o CheckHostIP=no -o VerifyHostKeyDNS=no -o PreferredAuthentications=publickey -o IdentityFile=none \
    -o ControlPersist=no -o LogLevel=ERROR "${ssh_to[@]}" 2>"$work/said" </dev/null >/dev/null || explain_no_connection "$(<"$work/said")"
  end_agent
  unset SSH_PRIVATE_KEY
  # Over that connection only: when it is lost, nothing opens another.
  remote=(ssh -F none -S "$work/master" -T -o ControlMaster=no -o BatchMode=yes -o LogLevel=ERROR -o ProxyCommand=false "${ssh_to[@]}")
}

# explain_press STATUS: what the far side's press meant by it; 0 returns.
explain_press() {
  case $1 in
    0) return ;;
    1) fail 1 'the press refused; nothing was published and what is staged stays there' \
        'Each line above names a file (or a setting) and what is wrong with it. Mend it, stage it again under the same name, and run this again.' \
        'What shall not be published at all is removed from the bucket. A dry run (--dry-run) shows the findings without publishing.' ;;
    2) fail 2 'the machine did not take what was asked' 'See the lines above; are vendor/ci and the checkout on the machine of the same version?' ;;
    3) fail 3 'the press failed, not what is staged; customers see what they saw before' \
        'A full disk, a stopped staging server, a clock that is behind: see the lines above. Run this again once it is mended; nothing is lost.' ;;
    4) fail 4 'another promotion is under way' 'Run this again when it has ended.' ;;
    255) fail 3 'the connection to the machine was lost' 'The press finishes or discards its work by itself. Run this again.' ;;
    *) fail "$1" "the machine answered with status $1" \
        'See the lines above; on the machine: docker compose ps; verify/health-check.sh' ;;
  esac
}

# signing_tar NAME…: those secrets as the press takes them, on standard output.
signing_tar() {
  local name
  for name in "$@"; do printf '%s\0%s\0' "$name" "${!name:-}"; done | python3 "$here/signing_tar.py"
}
