# shellcheck shell=bash
# Parts of ./quickstart: real packages, staged as CI would and promoted. Sourced by ./quickstart.
# shellcheck disable=SC2154 # state, root_folder, rpm_target, …: set by ./quickstart

# Two without dependencies and scripts, which install into an empty machine; others with names that must survive every step.
image_tag=1.4.2
deb_names=(hicolor-icon-theme libjs-jquery media-types publicsuffix hello libstdc++6)

get_packages() {
  local parts=$root_folder/quickstart.d
  if ! compgen -G "$state/packages/deb/*.deb" >/dev/null; then
    "$parts/deb-packages" "$state/packages/deb" "${deb_names[@]}"
  fi
  if ! compgen -G "$state/packages/rpm/*.rpm" >/dev/null; then
    "$parts/rpm-packages" "$state/packages/rpm" "${rpm_target%%-*}" "${rpm_target#*-}" "$parts"/specs/*.spec
  fi
  if ! compgen -G "$state/packages/image/*.tar" >/dev/null; then
    "$parts/container-image" "$state/packages/image" "$image_tag" "$deb_architecture" "$other_architecture"
  fi
}

# Everything goes into core; plus gets one package of each kind, so that a wrong key has something real to be refused.
stage_packages() {
  local stage=$root_folder/quickstart.d/stage
  "$stage" "$state/staging/core/$year/deb/$deb_suite" "$state"/packages/deb/*.deb
  "$stage" "$state/staging/core/$year/rpm/$rpm_target" "$state"/packages/rpm/*.rpm
  "$stage" "$state/staging/plus/$year/deb/$deb_suite" "$state"/packages/deb/media-types_*.deb
  "$stage" "$state/staging/plus/$year/rpm/$rpm_target" "$state"/packages/rpm/acme-tools-*.rpm
  "$stage" "$state/staging/core/$year/oci/server" "$state"/packages/image/*.tar
}

promote() {
  packyard_signing promote >"$state/logs/promote.log" 2>&1 || {
    echo "quickstart: packyard promote failed:" >&2
    tail -n 20 "$state/logs/promote.log" >&2
    return 1
  }
  sed 's/^/        /' "$state/logs/promote.log" | tail -n 12
}
