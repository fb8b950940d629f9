# shellcheck shell=bash
# shellcheck disable=SC2154 # variables of verify.sh
# Part of verify.sh: images, as docker and its kin ask for them (OCI distribution specification). Sourced; uses fetch, header, report, conclude.
# images: "server" or "server:1.4.2", by --image; repositories: "core/2025/server 1.4.2" for those that answered to the key.
repositories=()
readonly index_type=application/vnd.oci.image.index.v1+json manifest_type=application/vnd.oci.image.manifest.v1+json
no_digest=sha256:$(printf '0%.0s' {1..64})

# find_repositories: every named image in every year; a tag that is not named is the first one of the list.
find_repositories() {
  local image year name tag missing=()
  for image in "${images[@]}"; do
    local found=no
    for year in "${years[@]}"; do
      name=$component/$year/${image%%:*} tag=''
      fetch key "/v2/$name/tags/list"
      [ "$status" = 200 ] || { missing+=("$name: $status"); continue; }
      [[ $image != *:* ]] || tag=${image#*:}
      [ -n "$tag" ] || tag=$(grep -o '"tags":\[[^]]*' "$work/body" | grep -o '"[^"]*"' | sed -n '/"tags"/d; /"sha256-/d; s/"//gp' | head -n 1)
      if [ -n "$tag" ]; then repositories+=("$name $tag") found=yes; else missing+=("$name lists no tag"); fi
    done
    [ $found = yes ] || report fail images "image $image answers to the key" "${missing[*]}"
  done
  [ ${#repositories[@]} = 0 ] || report ok images "the key opens ${#repositories[@]} image(s): ${repositories[*]// /:}"
}

# Whether this site has a registry at all; without named images one may be absent.
has_registry() {
  [ -z "${registry_seen:-}" ] || { [ "$registry_seen" = yes ]; return; }
  registry_seen=yes
  [ ${#images[@]} = 0 ] || return 0
  fetch none /gpg/cosign.pub
  [ "$status" = 200 ] || registry_seen=no
  [ $registry_seen = yes ]
}

skip_registry() { report skip "$1" "this site offers no images (--image names one)"; }

# error_code: of the last answer's JSON, or nothing.
error_code() {
  [[ $(header Content-Type) == application/json ]] || return 0
  grep -o '"code": *"[A-Z_]*"' "$work/body" | sed -n '1s/.*"\([A-Z_]*\)"$/\1/p'
}

# expect STATUS CODE WHAT: adds to wrong unless the last answer is that error of the specification.
expect() {
  local code
  [ "$status" = "$1" ] || { wrong+=("$3: $status, not $1"); return; }
  code=$(error_code)
  [ "$code" = "$2" ] || wrong+=("$3: no error JSON with $2 (found '${code:-none}'): clients cannot say what is wrong")
}

# registry_paths NAME TAG: one address of each kind.
registry_paths() {
  printf '%s\n' "/v2/$1/manifests/$2" "/v2/$1/manifests/$no_digest" "/v2/$1/blobs/$no_digest" "/v2/$1/tags/list" "/v2/$1/referrers/$no_digest"
}

check_registry_challenge() {
  has_registry || { skip_registry registry-challenge; return; }
  local path who wrong=() paths=(/v2/ /v2)
  local repository
  for repository in "${repositories[@]:-$component/2025/image none}"; do
    mapfile -t -O ${#paths[@]} paths < <(registry_paths "${repository% *}" "${repository#* }")
  done
  for path in "${paths[@]}"; do
    for who in none wrong; do
      fetch $who "$path"
      expect 401 UNAUTHORIZED "$path ($who)"
      [ "$(header WWW-Authenticate)" = 'Basic realm="packyard", charset="UTF-8"' ] ||
        wrong+=("$path ($who): WWW-Authenticate is '$(header WWW-Authenticate)': docker never sends its login")
      fetch $who "$path" --head
      [[ $status == 401 && -n $(header WWW-Authenticate) ]] || wrong+=("HEAD $path ($who): $status")
    done
  done
  conclude registry-challenge "without a key, images ask for one in the form that docker understands" "${wrong[@]}"
}

# manifest_arrives NAME REFERENCE: sets manifest_digest; adds to wrong.
manifest_arrives() {
  local path=/v2/$1/manifests/$2 kind length sum
  manifest_digest=''
  fetch key "$path" --header "Accept: $index_type, $manifest_type"
  [ "$status" = 200 ] || { wrong+=("$path: $status"); return 1; }
  kind=$(header Content-Type) manifest_digest=$(header Docker-Content-Digest)
  [[ $kind =~ ^application/vnd\.(oci\.image\.(index|manifest)\.v1|docker\.distribution\.manifest(\.list)?\.v2)\+json$ ]] ||
    wrong+=("$path: Content-Type '$kind' is no manifest's, or has a parameter")
  if command -v sha256sum >/dev/null; then
    read -r sum _ < <(sha256sum "$work/body")
    [ "$manifest_digest" = "sha256:$sum" ] || wrong+=("$path: Docker-Content-Digest '$manifest_digest', the bytes are sha256:$sum")
    [[ $2 != sha256:* || $2 == "sha256:$sum" ]] || wrong+=("$path: other bytes than its address says")
  fi
  length=$(wc -c <"$work/body")
  local digests
  digests=$(grep -o '"digest": *"sha256:[0-9a-f]*"' "$work/body" | grep -o 'sha256:[0-9a-f]*')
  fetch key "$path" --head --header "Accept: $index_type, $manifest_type"
  [[ $status == 200 && $(header Content-Type) == "$kind" && $(header Docker-Content-Digest) == "$manifest_digest" && $(header Content-Length) == "${length// /}" ]] ||
    wrong+=("HEAD $path: not GET's headers")
  mapfile -t listed <<<"$digests"
  manifest_kind=$kind
}

blob_arrives() { # NAME DIGEST: whole when it is small, else its first byte; never without a key
  local path=/v2/$1/blobs/$2 size sum
  fetch key "$path" --head
  size=$(header Content-Length)
  [[ $status == 200 && $(header Docker-Content-Digest) == "$2" && $size =~ ^[0-9]+$ ]] || { wrong+=("HEAD $path: $status, digest '$(header Docker-Content-Digest)'"); return; }
  if ((size > 1 << 20)); then
    fetch key "$path" --range 0-0
    [ "$status" = 206 ] || wrong+=("$path: $status for its first byte: an interrupted pull starts again")
  else
    fetch key "$path"
    [ -z "$(header Content-Encoding)" ] || wrong+=("$path: Content-Encoding '$(header Content-Encoding)'")
    read -r sum _ < <(sha256sum "$work/body")
    [[ $status == 200 && sha256:$sum == "$2" ]] || wrong+=("$path: $status, other bytes than its digest says")
  fi
  gated "$path"
}

# The first platform of a tag, down to its blobs; signatures and SBOMs are the clients' business.
check_registry_pull() {
  has_registry || { skip_registry registry-pull; return; }
  local repository name wrong=() listed=() manifest_digest manifest_kind top digest blobs=0
  fetch key /v2/
  [ "$status" = 200 ] || wrong+=("/v2/ with the key: $status: docker login fails")
  for repository in "${repositories[@]}"; do
    name=${repository% *}
    manifest_arrives "$name" "${repository#* }" || continue
    top=$manifest_digest
    manifest_arrives "$name" "$top" || continue
    if [[ $manifest_kind == *index* || $manifest_kind == *list* ]]; then manifest_arrives "$name" "${listed[0]}" || continue; fi
    for digest in "${listed[@]}"; do
      [ -n "$digest" ] || continue
      blob_arrives "$name" "$digest"
      ((blobs++))
    done
    fetch key "/v2/$name/referrers/$top"
    [[ $status == 200 && $(header Content-Type) == "$index_type" ]] ||
      wrong+=("/v2/$name/referrers/$top: $status, Content-Type '$(header Content-Type)': cosign looks for signatures elsewhere")
  done
  if [ ${#repositories[@]} = 0 ] && [ ${#wrong[@]} = 0 ]; then
    report skip registry-pull "login works; --image names an image to look at"
  else
    conclude registry-pull "login works, and manifests and $blobs blobs arrive whole" "${wrong[@]}"
  fi
}

check_registry_scope() {
  has_registry || { skip_registry registry-scope; return; }
  local repository name rest digest stranger wrong=() strangers=("$component-extra" "x$component")
  [ -z "$other" ] || strangers+=("$other")
  for repository in "${repositories[@]:-$component/2025/image none}"; do
    name=${repository% *} rest=${repository% *}
    rest=${rest#*/}
    for stranger in "${strangers[@]}"; do
      while read -r path; do
        fetch key "$path"
        # 404 would mean that the key was accepted.
        expect 401 UNAUTHORIZED "$path"
      done < <(registry_paths "$stranger/$rest" latest)
      for path in "/v2/$component/../$stranger/$rest/tags/list" "/v2/$component%2f..%2f$stranger/$rest/tags/list" "/v2/$stranger%2f$rest/tags/list" \
        "/v2/$name/blobs/..%2f..%2f..%2f..%2f$stranger/$rest/tags/list" "/v2//$stranger/$rest/tags/list" "/v2/./$stranger/$rest/tags/list"; do
        fetch key "$path"
        [[ $status =~ ^(400|401|403)$ ]] || wrong+=("$path: $status")
      done
    done
    # What is nobody's, and what is only another component's, look the same.
    for digest in $no_digest "${foreign_digests[@]}"; do
      fetch key "/v2/$name/blobs/$digest"
      [[ ${repositories[*]} == '' && $(error_code) == NAME_UNKNOWN ]] || expect 404 BLOB_UNKNOWN "/v2/$name/blobs/$digest"
      fetch key "/v2/$name/manifests/$digest"
      [[ ${repositories[*]} == '' && $(error_code) == NAME_UNKNOWN ]] || expect 404 MANIFEST_UNKNOWN "/v2/$name/manifests/$digest"
      fetch key "/v2/$name/referrers/$digest"
      if [ "$status" = 200 ]; then
        grep -q '"manifests": *\[ *\]' "$work/body" || wrong+=("/v2/$name/referrers/$digest shows something")
      else
        expect 404 NAME_UNKNOWN "/v2/$name/referrers/$digest"
      fi
    done
  done
  conclude registry-scope "the key opens no image of another component, and no blob of one" "${wrong[@]}"
}

check_registry_push() {
  has_registry || { skip_registry registry-push; return; }
  local repository name method path wrong=()
  for repository in "${repositories[@]:-$component/2025/image none}"; do
    name=${repository% *}
    for path in "POST /v2/$name/blobs/uploads/" "POST /v2/$name/blobs/uploads/?mount=$no_digest&from=${other:-$component-extra}/2025/image" \
      "PATCH /v2/$name/blobs/uploads/1" "PUT /v2/$name/blobs/uploads/1?digest=$no_digest" "PUT /v2/$name/manifests/verify-sh" \
      "DELETE /v2/$name/manifests/verify-sh" "DELETE /v2/$name/blobs/$no_digest"; do
      method=${path%% *} path=${path#* }
      fetch key "$path" --request "$method" --data-binary '{}'
      expect 405 UNSUPPORTED "$method $path with the key"
      fetch none "$path" --request "$method" --data-binary '{}'
      [[ $status == 401 || $status == 403 ]] || wrong+=("$method $path without a key: $status")
    done
    fetch key "/v2/$name/manifests/verify-sh"
    [ "$status" = 404 ] || wrong+=("after PUT, /v2/$name/manifests/verify-sh: $status")
  done
  conclude registry-push "pushing and deleting images is refused" "${wrong[@]}"
}
