#!/usr/bin/env bash
# Checks a packyard site from outside, as a customer and as an attacker would see it.   ./verify.sh --help
exec "$(dirname "${BASH_SOURCE[0]}")/verify/verify.sh" "$@"
