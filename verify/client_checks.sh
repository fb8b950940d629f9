# shellcheck shell=bash
# shellcheck disable=SC2154 # variables of verify.sh
# Part of verify.sh: real apt and dnf, in private folders below $work, as whoever calls; nothing of this system is read or changed
# but the programs. Sourced.

check_clients() {
  fetch none /gpg/lts.asc
  cp "$work/body" "$work/lts.asc"
  local tree
  for tree in "${trees[@]}"; do
    if [[ $tree == deb* ]]; then
      if command -v apt-get >/dev/null; then client_apt "$tree"; else report skip "apt ${tree##* }" "apt is not installed"; fi
    else
      if command -v dnf >/dev/null; then client_dnf "$tree"; else report skip "dnf ${tree##* }" "dnf is not installed"; fi
    fi
  done
}

# apt_in ROOT COMMAND…: one of apt's programs with everything private to ROOT.
apt_in() {
  local root=$1
  shift
  (cd "$root" && APT_CONFIG=$root/apt.conf LC_ALL=C timeout 300 "$@") >"$root/output" 2>&1 </dev/null
}

prepare_apt() { # ROOT TREE WHO
  local root=$1 format name year suite who=$3
  read -r format name year suite <<<"$2"
  mkdir -p "$root"/{etc/apt.conf.d,etc/auth.conf.d,etc/preferences.d,etc/sources.list.d,etc/trusted.gpg.d,lists/partial,archives/partial,state}
  : >"$root/status"
  cat >"$root/apt.conf" <<END
Dir::Etc "$root/etc";
Dir::Etc::parts "$root/etc/apt.conf.d";
Dir::Etc::main "none";
Dir::Etc::netrc "none";
Dir::Etc::netrcparts "$root/etc/auth.conf.d";
Dir::Etc::preferencesparts "$root/etc/preferences.d";
Dir::Etc::sourcelist "$root/etc/sources.list";
Dir::Etc::sourceparts "$root/etc/sources.list.d";
Dir::Etc::trusted "none";
Dir::Etc::trustedparts "$root/etc/trusted.gpg.d";
Dir::State "$root/state";
Dir::State::lists "$root/lists";
Dir::State::status "$root/status";
Dir::Cache "$root";
Dir::Cache::archives "$root/archives";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Log "$root";
APT::Sandbox::User "root";
Acquire::Check-Date "true";
Acquire::Check-Valid-Until "true";
Acquire::Languages "none";
Acquire::Retries "0";
END
  [ -z "$cacert" ] || echo "Acquire::https::CAInfo \"$(realpath "$cacert")\";" >>"$root/apt.conf"
  echo "deb [signed-by=$work/lts.asc] $base/$format/$name/$year $suite main" >"$root/etc/sources.list"
  if [ "$who" = key ]; then
    printf 'machine %s/%s/%s/ login subscriber password %s\n' "$base" "$format" "$name" "$key" >"$root/etc/auth.conf.d/packyard.conf"
  fi
}

client_apt() {
  local tree=$1 root=$work/apt-${1##* } id="apt ${1##* }" package candidate
  prepare_apt "$root" "$tree" key
  if ! apt_in "$root" apt-get update; then
    report fail "$id" "apt updates with the key" "$(<"$root/output")"
    return
  fi
  apt_in "$root" apt-cache dumpavail
  package=$(sed -n '/^Package: /{s///p;q}' "$root/output")
  apt_in "$root" apt-cache policy "$package"
  candidate=$(sed -n 's/^  Candidate: //p' "$root/output")
  if [[ -z $package || -z $candidate || $candidate == '(none)' ]]; then
    report fail "$id" "apt finds a package with the key" "$(<"$root/output")"
    return
  fi
  if apt_in "$root" apt-get download "$package=$candidate" && compgen -G "$root/*.deb" >/dev/null; then
    report ok "$id" "apt updates and downloads $package $candidate, signatures checked"
  else
    report fail "$id" "apt downloads $package $candidate" "$(<"$root/output")"
  fi
  root=$root-without-key
  prepare_apt "$root" "$tree" none
  apt_in "$root" apt-get update
  if grep -q '401 *Unauthorized' "$root/output" && ! compgen -G "$root/lists/*_Packages*" >/dev/null; then
    report ok "$id refused" "apt without a key says 401 and gets nothing"
  else
    report fail "$id refused" "apt without a key says 401 and gets nothing" "$(<"$root/output")"
  fi
}

dnf_in() { # ROOT ARGUMENTS…
  local root=$1
  shift
  LC_ALL=C timeout 300 dnf -y --config "$root/dnf.conf" --installroot "$root/root" --setopt=reposdir="$root/repos" --setopt=cachedir="$root/cache" \
    --setopt=persistdir="$root/persist" --setopt=logdir="$root/log" --setopt=varsdir="$root/vars" --releasever=1 --forcearch "$dnf_arch" "$@" \
    >"$root/output" 2>&1 </dev/null
}

prepare_dnf() { # ROOT TREE WHO
  local root=$1 who=$3
  mkdir -p "$root"/{root,repos,cache,persist,log,vars}
  printf '[main]\nplugins=0\nskip_if_unavailable=0\n' >"$root/dnf.conf"
  {
    printf '[packyard]\nname=packyard\nbaseurl=%s\nenabled=1\ngpgcheck=1\nrepo_gpgcheck=1\ngpgkey=file://%s\n' "$base$(tree_root "$2")" "$work/lts.asc"
    [ -z "$cacert" ] || printf 'sslcacert=%s\n' "$(realpath "$cacert")"
    [ "$who" != key ] || printf 'username=subscriber\npassword=%s\n' "$key"
  } >"$root/repos/packyard.repo"
}

# dnf leaves an agent of gpg behind for every keyring it made.
end_dnf_agents() {
  local ring
  for ring in "$1"/cache/*/pubring; do
    [ ! -d "$ring" ] || ! command -v gpgconf >/dev/null || gpgconf --homedir "$ring" --kill all >/dev/null 2>&1
  done
}

client_dnf() {
  local tree=$1 root=$work/dnf-${1##* } id="dnf ${1##* }" found location path
  dnf_arch=${tree##*-}
  [[ $dnf_arch =~ ^(x86_64|aarch64|ppc64le|s390x|i686)$ ]] || dnf_arch=x86_64
  prepare_dnf "$root" "$tree" key
  if ! dnf_in "$root" makecache; then
    report fail "$id" "dnf refreshes with the key, signatures checked" "$(tail -n 5 "$root/output")"
    return
  fi
  dnf_in "$root" repoquery --available --location
  location=$(grep -m 1 '/packages/.*\.rpm$' "$root/output")
  found=${location##*/}
  if [ -z "$location" ]; then
    report fail "$id" "dnf finds a package with the key" "$(tail -n 5 "$root/output")"
    return
  fi
  path="$(tree_root "$tree")/packages/${location#*packages/}"
  fetch key "$path"
  if [ "$status" = 200 ] && { ! command -v rpmkeys >/dev/null || rpm_signed "$root"; }; then
    report ok "$id" "dnf refreshes and finds $found, which arrives signed"
  else
    report fail "$id" "$path arrives signed" "status $status; $(tail -n 3 "$root/output")"
  fi
  end_dnf_agents "$root"
  root=$root-without-key
  prepare_dnf "$root" "$tree" none
  if ! dnf_in "$root" makecache && grep -q 401 "$root/output"; then
    report ok "$id refused" "dnf without a key says 401 and gets nothing"
  else
    report fail "$id refused" "dnf without a key says 401 and gets nothing" "$(tail -n 5 "$root/output")"
  fi
}

# The package just fetched, against the public key only.
rpm_signed() {
  local root=$1
  mkdir -p "$root/rpmdb"
  rpmkeys --dbpath "$root/rpmdb" --import "$work/lts.asc" >"$root/output" 2>&1 &&
    rpmkeys --dbpath "$root/rpmdb" --checksig --verbose "$work/body" >"$root/output" 2>&1 && grep -qi 'signature.*: OK' "$root/output"
}
