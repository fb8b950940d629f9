# shellcheck shell=bash
# shellcheck disable=SC2154 # variables of verify.sh
# Part of verify.sh: what must stay closed whatever is tried. Sourced; uses fetch, header, report, trees, pointer_of.

conclude() { # ID TEXT [wrong…]
  local id=$1 text=$2
  shift 2
  if [ $# = 0 ]; then report ok "$id" "$text"; else report fail "$id" "$text" "$*"; fi
}

check_methods() {
  local method path wrong=()
  path=$(pointer_of "${trees[0]}")
  for method in PUT POST PATCH DELETE OPTIONS PROPFIND MKCOL MOVE; do
    for who in key none; do
      fetch $who "$path" --request $method
      [[ $status =~ ^4 ]] || wrong+=("$method ($who): $status")
    done
  done
  fetch key "$path" --request PUT --data-binary 'overwritten'
  [[ $status =~ ^4 ]] || wrong+=("PUT with a body: $status")
  fetch key "$path"
  ! grep -q '^overwritten$' "$work/body" || wrong+=("PUT changed $path")
  conclude methods "writing methods are refused" "${wrong[@]}"
}

# From the key's own tree into another component, and past its own names. Whoever decodes what the gate took literally answers 200.
check_crossing() {
  local tree format root rest end up escape target wrong=() stranger=${other:-$component-extra}
  for tree in "$(first_of rpm)" "$(first_of deb)"; do
    [ -n "$tree" ] || continue
    format=${tree%% *}
    root=$(tree_root "$tree")
    rest=${root#/*/*/} up=${root##*/} end=/InRelease
    [ "$format" != rpm ] || end=/repodata/repomd.xml
    # The seven encodings that no client needs, towards a file that the key does open.
    for target in "$root/x%2f..$end" "$root/x%2F..%2F${end#/}" "$root%2f${end#/}" "$root/..%2f$up$end" "$root/..%2F$up%2F${end#/}" \
      "$root/x%5c..%5c${end#/}" "$root/%252e%252e/$up$end" "$root$end%00" "$root$end%00.rpm" "$root$end%23x" "$root$end%3fx" \
      "$root/..;/$up$end" "$root/%c0%ae%c0%ae/$up$end" "/$format/$component%2f$rest$end" "/$format%2f$component/$rest$end"; do
      fetch key "$target"
      [[ $status =~ ^4 ]] || wrong+=("$target: $status")
    done
    # Out of the own component into another one.
    for escape in '..' '%2e%2e' '%2E.' '.%2e' '..%2f..' '..%2F.' '..%5c..' '..;' '%252e%252e' '.%00.' '%c0%ae%c0%ae'; do
      for target in "/$format/$component/$escape/$stranger/$rest" "/$format/$component/$rest/$escape/$escape/$escape/$stranger/$rest" \
        "/$format/$component%2f$escape%2f$stranger/$rest" "/$format/$component/$escape%2f$stranger/$rest"; do
        fetch key "$target$end"
        [[ $status =~ ^4 ]] || wrong+=("$target$end: $status")
      done
    done
    # Another component, spelled so that the gate might not recognise it; 404 would mean that the key was accepted.
    for target in "/$format//$stranger/$rest" "//$format/$stranger/$rest" "/$format/./$stranger/$rest" "/./$format/$stranger/$rest"; do
      fetch key "$target$end"
      [[ $status =~ ^(400|401|403)$ ]] || wrong+=("$target$end: $status")
    done
  done
  conclude crossing "encoded slashes, dots and zero bytes lead nowhere" "${wrong[@]}"
}

encoded_first_letter() { printf '/%%%02x%s' "'${1:1:1}" "${1:2}"; }

# The public folder is open: no way may lead out of it, nor past the gate by spelling the address differently.
check_open_prefix() {
  local tree path target wrong=()
  for tree in "$(first_of rpm)" "$(first_of deb)"; do
    [ -n "$tree" ] || continue
    path=$(pointer_of "$tree")
    for target in "/gpg/..$path" "/gpg/%2e%2e$path" "/gpg/.%2e$path" "/gpg/..%2f${path#/}" "/gpg%2f..$path" "/gpg/..%2f..%2f${path#/}" "/gpg/x/../..$path" \
      "/gpg/..;$path" "/gpg/..%5c${path#/}" "/gpg//..$path" "/gpg../${path#/}" "/healthz/..$path" "/healthz/%2e%2e$path" "//${path#/}" "/.$path" \
      "$(encoded_first_letter "$path")" "$path?/gpg/lts.asc" "$path;/gpg/lts.asc" "$path%23/gpg/" "/x/..$path" "${path/\/rpm\//\/RPM\/}?" "/current$path" \
      "/gpg/../current$path" "/gpg/..%2fcurrent$path"; do
      fetch none "$target"
      [[ $status =~ ^(4..|30[1278])$ ]] || wrong+=("$target: $status")
    done
  done
  for target in /gpg/../../../../../../etc/passwd /gpg/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd /gpg/..%2f..%2f..%2f..%2f..%2fetc%2fpasswd /gpg../etc/passwd; do
    fetch none "$target"
    [[ $status =~ ^4 ]] || wrong+=("$target: $status")
    ! grep -q '^root:' "$work/body" || wrong+=("$target shows a file of the system")
  done
  conclude open-prefix "no way around the gate through what is open" "${wrong[@]}"
}

# A client's own copies of the headers by which the front tells the gate what is asked.
check_spoofed_headers() {
  local tree own theirs wrong=() name
  tree=${trees[0]}
  own=$(pointer_of "$tree")
  theirs=$(other_pointer "${other:-$component-extra}" "$tree")
  for name in X-Original-URI X-Forwarded-Uri X-Original-Url X-Rewrite-Url X-Envoy-Original-Path X_Original_URI X_Forwarded_Uri X.Forwarded.Uri; do
    fetch key "$theirs" --header "$name: $own"
    [[ $status == 401 || $status == 400 || $status == 403 ]] || wrong+=("$theirs with $name: $status")
    fetch none "$own" --header "$name: /gpg/lts.asc"
    [[ $status == 401 || $status == 400 || $status == 403 ]] || wrong+=("$own without a key, with $name: $status")
  done
  fetch none "$own" --header 'X-Forwarded-Method: OPTIONS' --header 'X-Original-Method: OPTIONS'
  [[ $status == 401 || $status == 400 || $status == 403 ]] || wrong+=("$own without a key, another method in headers: $status")
  fetch none "$own" --header 'Connection: close, X-Original-URI, X-Forwarded-Uri, Authorization'
  [[ $status == 401 || $status == 400 || $status == 403 ]] || wrong+=("$own without a key, headers named in Connection: $status")
  fetch key "$own" --header 'X-Packyard-Release: 000001' --header 'X-Packyard-Reason: none'
  [[ $status == 200 || $status =~ ^4 ]] || wrong+=("$own with X-Packyard-Release: $status")
  conclude spoofed-headers "a client cannot tell the gate another address" "${wrong[@]}"
}

check_hidden() {
  local tree root target wrong=()
  local targets=(/release.json /current/release.json /releases/ /contents.json /pool/ /index/ /generations/ /keys.db /state/keys.db /.git/config /.htaccess
    /api/v1/keys /auth /auth/nginx /metrics /nginx_status /.packyard/auth /admin /static/ /rpm/ /deb/)
  for tree in "${trees[@]}"; do
    root=$(tree_root "$tree")
    targets+=("$root/" "$root/contents.json" "$root/repodata/contents.json" "$root/repodata/" "$root/release.json" "$root/.htaccess" "$root/packages/" "$root/main/")
  done
  for target in "${targets[@]}"; do
    for who in key none; do
      fetch $who "$target"
      [[ $status =~ ^4 ]] || wrong+=("$target ($who): $status")
    done
  done
  fetch none /gpg/
  [[ $status =~ ^4 ]] || wrong+=("/gpg/ lists its files: $status")
  conclude hidden "internal files, listings and services do not show" "${wrong[@]}"
}
