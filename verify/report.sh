# shellcheck shell=bash
# shellcheck disable=SC2154 # variables of verify.sh
# Part of verify.sh: what came out of each check. Sourced.
#   report ok|fail|skip ID TEXT [DETAIL]     one line at once (or collected for --json)
#   finish                                   the summary, and the exit status
output=text
passed=0 failed=0 skipped=0 json_checks=''

json_text() {
  local text=$1 out='' i c
  for ((i = 0; i < ${#text}; i++)); do
    c=${text:i:1}
    case $c in
      '"' | \\) out+="\\$c" ;;
      [[:cntrl:]]) out+=' ' ;;
      *) out+=$c ;;
    esac
  done
  printf '"%s"' "$out"
}

report() {
  local verdict=$1 id=$2 text=$3 detail=${4:-}
  # An answer may echo what was sent: whatever happens, not the key.
  detail=${detail//"$key"/(the key)}
  detail=${detail:0:400}
  case $verdict in
    ok) ((passed++)) ;;
    fail) ((failed++)) ;;
    skip) ((skipped++)) ;;
  esac
  local number=$((passed + failed + skipped))
  case $output in
    tap)
      case $verdict in
        ok) echo "ok $number - $id: $text" ;;
        fail) echo "not ok $number - $id: $text"; [ -z "$detail" ] || printf '# %s\n' "${detail//$'\n'/ }" ;;
        skip) echo "ok $number - $id # SKIP $text" ;;
      esac ;;
    json)
      json_checks+="${json_checks:+,}{\"id\":$(json_text "$id"),\"result\":\"$verdict\",\"text\":$(json_text "$text"),\"detail\":$(json_text "$detail")}" ;;
    *)
      case $verdict in
        ok) echo "ok    $id: $text" ;;
        fail) echo "FAIL  $id: $text"; [ -z "$detail" ] || printf '      %s\n' "${detail//$'\n'/ }" ;;
        skip) echo "skip  $id: $text" ;;
      esac ;;
  esac
}

finish() {
  local summary="$passed passed, $failed failed, $skipped skipped"
  case $output in
    tap) echo "1..$((passed + failed + skipped))"; echo "# $summary" ;;
    json) printf '{"base_url":%s,"checks":[%s],"passed":%d,"failed":%d,"skipped":%d}\n' "$(json_text "$base")" "$json_checks" \
      "$passed" "$failed" "$skipped" ;;
    *) echo "verify.sh: $summary: $base" ;;
  esac
  [ "$failed" = 0 ] || exit 1
  exit 0
}
