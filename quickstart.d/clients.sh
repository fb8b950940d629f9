# shellcheck shell=bash
# Parts of ./quickstart: two customers' machines below $state/clients, with the files a customer writes. Sourced by ./quickstart.
# shellcheck disable=SC2154 # state, root_folder, base_url, image_tag, …: set by ./quickstart

installed_debs=(media-types publicsuffix)
installed_rpms=(acme-server acme-tools)

# write_apt_files ROOT [KEY]
write_apt_files() {
  local etc=$1/etc/apt
  mkdir -p "$etc/sources.list.d" "$etc/auth.conf.d" "$etc/keyrings"
  curl -sS --fail -o "$etc/keyrings/quickstart.asc" "$base_url/gpg/lts.asc"
  echo "deb [signed-by=$etc/keyrings/quickstart.asc] $base_url/deb/core/$year $deb_suite main" >"$etc/sources.list.d/quickstart.list"
  rm -f "$etc/auth.conf.d/quickstart.conf"
  [ -z "${2:-}" ] || (umask 077 && printf 'machine %s/deb/core/ login subscriber password %s\n' "$base_url" "$2" >"$etc/auth.conf.d/quickstart.conf")
}

# write_dnf_files ROOT [KEY]
write_dnf_files() {
  local repos=$1/etc/yum.repos.d
  mkdir -p "$repos"
  rm -f "$repos/quickstart.repo"
  (
    umask 077
    printf '[quickstart-core]\nname=Quickstart LTS core %s\nbaseurl=%s/rpm/core/%s/%s/\n' "$year" "$base_url" "$year" "$rpm_target"
    printf 'enabled=1\ngpgcheck=1\nrepo_gpgcheck=1\ngpgkey=%s/gpg/lts.asc\n' "$base_url"
    [ -z "${2:-}" ] || printf 'username=subscriber\npassword=%s\n' "$2"
  ) >"$repos/quickstart.repo"
  chmod 600 "$repos/quickstart.repo"
}

# Installing changes owners of files below the private root: that needs root's rights, or a substitute for them.
choose_installer() {
  if [ "$(id -u)" = 0 ]; then
    installer=()
  elif sudo -n true 2>/dev/null; then
    installer=(sudo -n)
  elif command -v fakeroot >/dev/null; then
    installer=(fakeroot)
  else
    echo "quickstart: installing below var/quickstart/clients needs root, password-less sudo or fakeroot" >&2
    return 1
  fi
}

# dnf leaves an agent of gpg behind for every keyring it made.
end_client_agents() {
  local ring
  for ring in "$state"/clients/*/cache/*/pubring; do
    [ ! -d "$ring" ] || "${installer[@]}" gpgconf --homedir "$ring" --kill all >/dev/null 2>&1 || true
  done
}

remove_clients() {
  rm -rf "$state/clients" 2>/dev/null || "${installer[@]}" rm -rf "$state/clients"
  mkdir -p "$state/clients"
}

# run_client LOG COMMAND…: 0 when it succeeded.
run_client() {
  local log=$state/logs/$1.log
  shift
  "$@" >"$log" 2>&1 </dev/null
}

client_failed() {
  echo "quickstart: $1; $state/logs/$2.log ends:" >&2
  tail -n 15 "$state/logs/$2.log" >&2
  return 1
}

install_with_apt() {
  local root=$state/clients/apt apt=("${installer[@]}" "$root_folder/quickstart.d/apt-client" "$state/clients/apt") name version
  write_apt_files "$root" "$1"
  run_client apt-update "${apt[@]}" apt-get update || client_failed "apt-get update failed" apt-update
  run_client apt-install "${apt[@]}" apt-get install -y "${installed_debs[@]}" || client_failed "apt-get install failed" apt-install
  for name in "${installed_debs[@]}"; do
    version=$(dpkg-query --admindir "$root/machine/var/lib/dpkg" -W -f '${db:Status-Abbrev}${Version}' "$name" 2>/dev/null || true)
    [[ $version == ii* ]] || client_failed "apt did not install $name (state '$version')" apt-install
    echo "        apt $(apt-get --version | sed -n '1s/apt \([^ ]*\).*/\1/p') installed $name ${version#ii }"
  done
}

install_with_dnf() {
  local root=$state/clients/dnf dnf=("${installer[@]}" "$root_folder/quickstart.d/dnf-client" "$state/clients/dnf") name version
  write_dnf_files "$root" "$1"
  if [ "${installer[*]}" = fakeroot ]; then
    # rpm changes its root folder, which a substitute for root's rights cannot do: as far as everything but that.
    run_client dnf-install "${dnf[@]}" install --downloadonly "${installed_rpms[@]}" || client_failed "dnf install --downloadonly failed" dnf-install
    echo "        dnf checked and downloaded ${installed_rpms[*]}; installing them needs root or password-less sudo"
    return
  fi
  run_client dnf-install "${dnf[@]}" install "${installed_rpms[@]}" || client_failed "dnf install failed" dnf-install
  for name in "${installed_rpms[@]}"; do
    version=$("${installer[@]}" rpm --root "$root/machine" -q "$name" 2>/dev/null) || client_failed "dnf did not install $name" dnf-install
    echo "        dnf $(dnf --version 2>/dev/null | head -n 1) installed $version"
  done
}

# skopeo_copy LOG AUTHFILE SOURCE DESTINATION [OPTION…]
skopeo_copy() {
  run_client "$1" skopeo copy --src-tls-verify=false --src-authfile "$2" "${@:5}" "docker://$3" "$4"
}

# Logs in, pulls every platform, and checks the index's signature with nothing but openssl and the served cosign.pub.
pull_with_skopeo() {
  local root=$state/clients/containers digest signature_reference payload
  mkdir -p "$root"
  skopeo login --tls-verify=false --authfile "$root/auth.json" --username subscriber --password-stdin "$registry" <<<"$1" >"$state/logs/skopeo-login.log" 2>&1 ||
    client_failed "skopeo login failed" skopeo-login
  skopeo_copy skopeo-pull "$root/auth.json" "$image_reference" "dir:$root/image" --all || client_failed "skopeo copy failed" skopeo-pull
  digest=$(sha256sum <"$root/image/manifest.json" | cut -c 1-64)
  signature_reference=$registry/core/$year/server:sha256-$digest.sig
  skopeo_copy skopeo-signature "$root/auth.json" "$signature_reference" "dir:$root/signature" || client_failed "the image has no signature" skopeo-signature
  curl -sS --fail -o "$root/cosign.pub" "$base_url/gpg/cosign.pub"
  payload=$(sed -n 's/.*"layers":\[{[^}]*"digest":"sha256:\([0-9a-f]*\)".*/\1/p' "$root/signature/manifest.json")
  sed -n 's/.*"dev.cosignproject.cosign\/signature":"\([A-Za-z0-9+\/=]*\)".*/\1/p' "$root/signature/manifest.json" | base64 -d >"$root/signature.der"
  grep -q "\"docker-manifest-digest\":\"sha256:$digest\"" "$root/signature/$payload" || client_failed "the signature is of another image" skopeo-signature
  run_client openssl-signature openssl dgst -sha256 -verify "$root/cosign.pub" -signature "$root/signature.der" "$root/signature/$payload" ||
    client_failed "cosign.pub does not verify the image's signature" openssl-signature
  echo "        skopeo $(skopeo --version | grep -o '[0-9.]*' | head -n 1) pulled $image_reference ($(grep -o '"architecture":"[a-z0-9]*"' \
    "$root/image/manifest.json" | cut -d '"' -f 4 | paste -sd ' ')); openssl verified its signature with cosign.pub"
}

# refused WHAT KEY: both clients must get a 401 and nothing else.
show_refusal() {
  local name=$1 key=$2 root
  root=$state/clients/apt-$name
  write_apt_files "$root" "$key"
  run_client "apt-$name" "$root_folder/quickstart.d/apt-client" "$root" apt-get update || true # the log says why it failed; some versions of apt answer 0
  grep -q '401 *Unauthorized' "$state/logs/apt-$name.log" || client_failed "apt was not refused" "apt-$name"
  ! compgen -G "$root/lists/*Packages*" >/dev/null || client_failed "apt got an index" "apt-$name"
  root=$state/clients/dnf-$name
  write_dnf_files "$root" "$key"
  if run_client "dnf-$name" "$root_folder/quickstart.d/dnf-client" "$root" makecache; then client_failed "dnf was not refused" "dnf-$name"; fi
  grep -q 'Status code: 401' "$state/logs/dnf-$name.log" || client_failed "dnf was refused for another reason" "dnf-$name"
  mkdir -p "$state/clients/containers-$name"
  printf '{}' >"$state/clients/containers-$name/auth.json"
  if [ -n "$key" ]; then
    skopeo login --tls-verify=false --authfile "$state/clients/containers-$name/auth.json" --username subscriber --password-stdin "$registry" \
      <<<"$key" >"$state/logs/skopeo-login-$name.log" 2>&1 || client_failed "skopeo login failed" "skopeo-login-$name"
  fi
  if skopeo_copy "skopeo-$name" "$state/clients/containers-$name/auth.json" "$image_reference" "dir:$state/clients/containers-$name/image"; then
    client_failed "skopeo was not refused" "skopeo-$name"
  fi
  grep -qiE 'unauthorized|authentication required' "$state/logs/skopeo-$name.log" || client_failed "skopeo was refused for another reason" "skopeo-$name"
  echo "        apt: $(grep -m 1 -o '401 *Unauthorized' "$state/logs/apt-$name.log")    dnf: $(grep -m 1 -o 'Status code: 401' "$state/logs/dnf-$name.log")" \
    "   skopeo: $(grep -m 1 -oiE 'unauthorized|authentication required' "$state/logs/skopeo-$name.log")"
}
