# shellcheck shell=bash
# shellcheck disable=SC2154 # variables of verify.sh
# Part of verify.sh: what an honest customer must see. Sourced; uses fetch, header and report.
# trees: "rpm core 2025 el9-x86_64" for every target that answered to the key; pointer_of TREE gives the address of its pointer.
trees=()

tree_root() {
  local format name year target
  read -r format name year target <<<"$1"
  if [ "$format" = rpm ]; then echo "/rpm/$name/$year/$target"; else echo "/deb/$name/$year/dists/$target"; fi
}

pointer_of() {
  if [[ $1 == rpm* ]]; then echo "$(tree_root "$1")/repodata/repomd.xml"; else echo "$(tree_root "$1")/InRelease"; fi
}

# first_of FORMAT: the first tree of that format, or nothing.
first_of() {
  local tree
  for tree in "${trees[@]}"; do
    if [[ $tree == "$1 "* ]]; then echo "$tree"; return; fi
  done
}

days_from_civil() { # Y M D: days since 1970-01-01
  local y=$1 m=$((10#$2)) d=$((10#$3))
  ((m > 2)) || ((y--))
  local era=$((y / 400)) yoe doy
  yoe=$((y - era * 400))
  doy=$(((153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1))
  echo $((era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468))
}

# epoch_of TEXT: seconds for "Sat, 31 Jan 2026 12:00:00 UTC" and "Jan 31 12:00:00 2026 GMT"; fails for anything else.
epoch_of() {
  local text=$1 day month year clock months=JanFebMarAprMayJunJulAugSepOctNovDec before
  if [[ $text =~ ^[A-Z][a-z]{2},\ +([0-9]{1,2})\ ([A-Z][a-z]{2})\ ([0-9]{4})\ ([0-9]{1,2}:[0-9]{2}:[0-9]{2})\ (UTC|GMT|\+0000) ]]; then
    day=${BASH_REMATCH[1]} month=${BASH_REMATCH[2]} year=${BASH_REMATCH[3]} clock=${BASH_REMATCH[4]}
  elif [[ $text =~ ^([A-Z][a-z]{2})\ +([0-9]{1,2})\ ([0-9:]{8})\ ([0-9]{4})\ GMT ]]; then
    month=${BASH_REMATCH[1]} day=${BASH_REMATCH[2]} clock=${BASH_REMATCH[3]} year=${BASH_REMATCH[4]}
  else
    return 1
  fi
  before=${months%%"$month"*}
  [ "$before" != "$months" ] || return 1
  local hours minutes seconds
  IFS=: read -r hours minutes seconds <<<"$clock"
  echo $(($(days_from_civil "$year" $((${#before} / 3 + 1)) "$day") * 86400 + 10#$hours * 3600 + 10#$minutes * 60 + 10#$seconds))
}

check_transport() {
  if [[ $base == https://* ]]; then
    report ok transport "keys travel encrypted"
  elif [[ $base =~ ^http://(127\.[0-9.]+|localhost|\[::1\])(:[0-9]+)?(/|$) ]]; then
    report skip transport "plain http on loopback: nothing leaves this machine"
  else
    report fail transport "keys travel encrypted" "$base is plain http: everybody on the way can read the keys"
  fi
}

check_certificate() {
  if [[ $base != https://* ]]; then
    report skip certificate "no https"
    return
  fi
  # No key goes along, so the date may be asked for without trust; trust was proven by the first request.
  local line end=''
  while IFS= read -r line; do
    [[ $line =~ expire\ date:\ (.*)$ ]] && end=${BASH_REMATCH[1]%$'\r'}
  done < <(curl --disable --verbose --insecure --silent --output /dev/null --max-time 30 --url "$base/gpg/lts.asc" 2>&1)
  if [ -z "$end" ] && command -v openssl >/dev/null; then
    local host=${base#https://}
    host=${host%%/*}
    [[ $host =~ :[0-9]+$ ]] || host+=:443
    end=$(openssl s_client -connect "$host" -servername "${host%:*}" </dev/null 2>/dev/null | openssl x509 -noout -enddate 2>/dev/null)
    end=${end#notAfter=}
  fi
  local expires
  if ! expires=$(epoch_of "$end"); then
    report skip certificate "neither this curl nor openssl shows the date of expiry"
  elif ((expires < now + days * 86400)); then
    report fail certificate "valid for $days days more" "the certificate expires on $end"
  else
    report ok certificate "accepted, valid until $end"
  fi
}

check_public_keys() {
  fetch none /gpg/lts.asc
  local kind
  kind=$(header Content-Type)
  if [[ $status != 200 || $kind != text/plain* ]]; then
    report fail public-keys "/gpg/lts.asc is served to everybody as text/plain" "status $status, Content-Type '$kind'"
  elif ! grep -q -e '-----BEGIN PGP PUBLIC KEY BLOCK-----' "$work/body" || grep -q 'PRIVATE KEY' "$work/body"; then
    report fail public-keys "/gpg/lts.asc holds a public key and nothing private"
  else
    report ok public-keys "/gpg/lts.asc is served to everybody"
  fi
  fetch none /gpg/cosign.pub
  if [ "$status" = 404 ]; then
    report skip image-key "/gpg/cosign.pub: this site offers no images"
  elif [ "$status" = 200 ] && grep -q 'BEGIN PUBLIC KEY' "$work/body" && ! grep -q 'PRIVATE KEY' "$work/body"; then
    report ok image-key "/gpg/cosign.pub is served to everybody"
  else
    report fail image-key "/gpg/cosign.pub holds a public key" "status $status"
  fi
}

find_targets() {
  local probing=no year name tree
  [ $((${#rpm_targets[@]} + ${#deb_suites[@]})) -gt 0 ] || probing=yes
  if [ $probing = yes ]; then
    rpm_targets=(el8-x86_64 el9-x86_64 el10-x86_64 el8-aarch64 el9-aarch64 el10-aarch64)
    deb_suites=(bullseye bookworm trixie focal jammy noble)
  fi
  if [ ${#years[@]} = 0 ]; then
    probing=yes
    local this_year
    this_year=$(printf '%(%Y)T' -1)
    for ((year = this_year + 1; year > this_year - 6; year--)); do years+=("$year"); done
  fi
  local missing=()
  for year in "${years[@]}"; do
    for name in "${rpm_targets[@]/#/rpm }" "${deb_suites[@]/#/deb }"; do
      [ -n "${name#* }" ] || continue
      tree="${name%% *} $component $year ${name#* }"
      fetch key "$(pointer_of "$tree")"
      if [ "$status" = 200 ]; then trees+=("$tree"); else missing+=("$(pointer_of "$tree"): $status"); fi
    done
  done
  if [ $probing = no ] && [ ${#missing[@]} -gt 0 ]; then
    report fail targets "every named target answers to the key" "${missing[*]}"
  elif [ ${#trees[@]} = 0 ] && [ ${#images[@]} -gt 0 ]; then
    report skip targets "no packages of $component were found: images only"
    checks=(transport certificate public_keys)
  elif [ ${#trees[@]} = 0 ]; then
    report fail targets "the key opens something of $component" "nothing answered 200; last: ${missing[-1]:-none}; name --year, --rpm-target, --deb-suite"
  else
    report ok targets "the key opens ${#trees[@]} target(s) of $component: ${trees[*]// //}"
  fi
  # Later checks need an address of the component even when nothing was found.
  [ ${#trees[@]} -gt 0 ] || trees=("rpm $component ${years[0]} el9-x86_64")
}

check_allow() {
  local tree wrong=()
  for tree in "${trees[@]}"; do
    fetch key "$(pointer_of "$tree")"
    [ "$status" = 200 ] || { wrong+=("$(pointer_of "$tree"): $status"); continue; }
    if [[ $tree == rpm* ]]; then
      grep -q '<repomd' "$work/body" || wrong+=("$(pointer_of "$tree") is no repomd.xml")
      fetch key "$(pointer_of "$tree").asc"
      grep -q -e '-----BEGIN PGP SIGNATURE-----' "$work/body" || wrong+=("$(pointer_of "$tree").asc is no signature (status $status)")
    else
      grep -q -e '-----BEGIN PGP SIGNED MESSAGE-----' "$work/body" || wrong+=("$(pointer_of "$tree") is not signed")
    fi
  done
  if [ ${#wrong[@]} = 0 ]; then report ok allow "with the key, signed pointers come"; else report fail allow "with the key, signed pointers come" "${wrong[*]}"; fi
}

check_challenge() {
  local path wrong=()
  for path in "/rpm/$component/2025/el9-x86_64/repodata/repomd.xml" "/deb/$component/2025/dists/bookworm/InRelease" \
    $(for tree in "${trees[@]}"; do pointer_of "$tree"; done); do
    fetch none "$path"
    [ "$status" = 401 ] || { wrong+=("$path: $status, not 401"); continue; }
    [ "$(header WWW-Authenticate)" = 'Basic realm="packyard", charset="UTF-8"' ] ||
      wrong+=("$path: WWW-Authenticate is '$(header WWW-Authenticate)': zypper and container clients stay locked out")
  done
  if [ ${#wrong[@]} = 0 ]; then report ok challenge "without a key: 401 with a Basic challenge"; else
    report fail challenge "without a key: 401 with a Basic challenge" "${wrong[*]}"; fi
}

check_wrong_key() {
  local path wrong=() header
  path=$(pointer_of "${trees[0]}")
  fetch wrong "$path"
  [ "$status" = 401 ] || wrong+=("a key that does not exist: $status")
  for header in 'Basic' 'Basic !!!!' 'Basic c3Vic2NyaWJlcg==' 'Basic c3Vic2NyaWJlcjo=' 'Basic Og==' 'Bearer c3Vic2NyaWJlcjo='; do
    fetch none "$path" --header "Authorization: $header"
    [[ $status == 401 || $status == 400 ]] || wrong+=("Authorization '$header': $status")
  done
  if [ ${#wrong[@]} = 0 ]; then report ok wrong-key "a wrong or malformed key: 401"; else report fail wrong-key "a wrong or malformed key: 401" "${wrong[*]}"; fi
}

# refused_component NAME TREE: the address of TREE's pointer under another component.
other_pointer() {
  local format name year target
  read -r format name year target <<<"$2"
  pointer_of "$format $1 $year $target"
}

check_wrong_component() {
  local name tree wrong=() names=("$component-extra" "${component}x" "x$component")
  [ ${#component} -lt 2 ] || names+=("${component%?}")
  [ -z "$other" ] || names+=("$other")
  for tree in "$(first_of rpm)" "$(first_of deb)"; do
    [ -n "$tree" ] || continue
    for name in "${names[@]}"; do
      fetch key "$(other_pointer "$name" "$tree")"
      # 404 would mean that the key was accepted and only the file is missing.
      [ "$status" = 401 ] || wrong+=("$(other_pointer "$name" "$tree"): $status")
    done
    fetch key "$(other_pointer "${component^^}" "$tree")"
    [[ $status == 401 || $status == 403 || ${component^^} == "$component" ]] || wrong+=("$(other_pointer "${component^^}" "$tree"): $status")
  done
  if [ ${#wrong[@]} = 0 ]; then report ok wrong-component "the key opens no other component: 401"; else
    report fail wrong-component "the key opens no other component: 401" "${wrong[*]}"; fi
}

# gated PATH: adds to wrong unless the address is closed without a key and with a wrong one.
gated() {
  fetch none "$1"
  [ "$status" = 401 ] || wrong+=("$1 without a key: $status")
  fetch wrong "$1"
  [ "$status" = 401 ] || wrong+=("$1 with a wrong key: $status")
}

check_indexes() {
  local tree root href sum wrong=() count=0
  tree=$(first_of rpm)
  if [ -n "$tree" ]; then
    root=$(tree_root "$tree")
    fetch key "$root/repodata/repomd.xml"
    local text
    text=$(<"$work/body")
    while [[ $text =~ \<location[^\>]*href=\"(repodata/[^\"]+)\" ]]; do
      href=${BASH_REMATCH[1]}
      text=${text#*"$href"}
      sum=${href#repodata/}
      sum=${sum%%-*}
      index_arrives "$root/$href" "$sum"
    done
  fi
  tree=$(first_of deb)
  if [ -n "$tree" ]; then
    root=$(tree_root "$tree")
    fetch key "$root/InRelease"
    local in_sums=no first size name
    local -A by_hash=()
    while read -r first size name; do
      case $first in
        SHA256:) in_sums=yes ;;
        *:*) in_sums=no ;;
      esac
      if [ $in_sums = yes ] && [[ $first =~ ^[0-9a-f]{64}$ && $name == */Packages.* && $size != 0 ]]; then by_hash[$name]=$first; fi
    done <"$work/body"
    [ ${#by_hash[@]} -gt 0 ] || wrong+=("$root/InRelease lists no Packages by SHA256")
    for name in "${!by_hash[@]}"; do
      index_arrives "$root/${name%/*}/by-hash/SHA256/${by_hash[$name]}" "${by_hash[$name]}"
    done
  fi
  [ $count -gt 0 ] || wrong+=("no index found")
  if [ ${#wrong[@]} = 0 ]; then report ok indexes "$count index files arrive whole with the key, and not without"; else
    report fail indexes "every listed index arrives whole with the key, and not without" "${wrong[*]}"; fi
}

# index_arrives PATH SHA256: counts; adds to wrong.
index_arrives() {
  local got
  ((count++))
  fetch key "$1"
  [ "$status" = 200 ] || { wrong+=("$1: $status"); return; }
  [ -z "$(header Content-Encoding)" ] || wrong+=("$1: Content-Encoding $(header Content-Encoding): clients store other bytes than the checksum names")
  if command -v sha256sum >/dev/null; then
    read -r got _ < <(sha256sum "$work/body")
    [ "$got" = "$2" ] || wrong+=("$1: SHA-256 $got, not $2")
  fi
  gated "$1"
}

# A package of the first suite whose Packages can be read without other tools.
check_package() {
  local tree root filename='' wrong=() line
  tree=$(first_of deb)
  if [ -z "$tree" ]; then
    report skip package "no suite: packages are tried by --clients"
    return
  fi
  root=$(tree_root "$tree")
  fetch key "$root/InRelease"
  local names
  mapfile -t names < <(sed -n 's/^ [0-9a-f]\{64\} *[1-9][0-9]* \(.*\/Packages\)$/\1/p' "$work/body" | sort -u)
  for line in "${names[@]}"; do
    fetch key "$root/$line"
    [ "$status" = 200 ] || continue
    filename=$(sed -n '/^Filename: /{s///p;q}' "$work/body")
    [ -z "$filename" ] || break
  done
  if [ -z "$filename" ]; then
    report skip package "no plain Packages file: packages are tried by --clients"
    return
  fi
  package_path="${root%/dists/*}/$filename"
  package_path=${package_path//+/%2b} # as apt asks
  fetch key "$package_path" --range 0-7
  [[ $status == 206 || $status == 200 ]] || wrong+=("$package_path: $status")
  [ "$status" != 206 ] || [ "$(<"$work/body")" = '!<arch>' ] || wrong+=("$package_path does not start as a .deb")
  gated "$package_path"
  if [ ${#wrong[@]} = 0 ]; then report ok package "a package arrives with the key, and not without"; else
    report fail package "a package arrives with the key, and not without" "${wrong[*]}"; fi
}

check_caching() {
  local tree path value wrong=()
  for tree in "${trees[@]}"; do
    path=$(pointer_of "$tree")
    fetch key "$path"
    value=$(header Cache-Control)
    [[ ,${value// /}, == *,private,* || $value == *no-store* ]] || wrong+=("$path: Cache-Control '$value' lets shared caches hand it to others")
    [[ $value == *no-cache* || $value == *no-store* || $value == *max-age=0* ]] || wrong+=("$path: Cache-Control '$value' lets a client keep an old pointer")
    fetch none "$path"
    value=$(header Cache-Control)
    [[ $value != *public* && ! $value =~ max-age=[1-9] ]] || wrong+=("$path without a key: a refusal may be cached: '$value'")
  done
  if [ ${#wrong[@]} = 0 ]; then report ok caching "answers are private, pointers are asked again"; else
    report fail caching "answers are private, pointers are asked again" "${wrong[*]}"; fi
}

check_dates() {
  local tree path line until='' date='' seconds wrong=() seen=no
  for tree in "${trees[@]}"; do
    [[ $tree == deb* ]] || continue
    seen=yes until='' date=''
    path=$(pointer_of "$tree")
    fetch key "$path"
    while IFS= read -r line; do
      case $line in
        Valid-Until:*) until=${line#Valid-Until: } ;;
        Date:*) date=${line#Date: } ;;
      esac
    done <"$work/body"
    if ! seconds=$(epoch_of "$date"); then wrong+=("$path: Date '$date' cannot be read"); elif ((seconds > now + 60)); then
      wrong+=("$path: Date $date is in the future: apt refuses it"); fi
    [ -n "$until" ] || continue
    if ! seconds=$(epoch_of "$until"); then wrong+=("$path: Valid-Until '$until' cannot be read"); elif ((seconds < now + 86400)); then
      wrong+=("$path: Valid-Until $until is past or less than a day away: apt update fails"); fi
  done
  if [ $seen = no ]; then report skip dates "no suite"; elif [ ${#wrong[@]} = 0 ]; then
    report ok dates "Date and Valid-Until are in order"; else report fail dates "Date and Valid-Until are in order" "${wrong[*]}"; fi
}
