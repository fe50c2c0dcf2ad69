#!/usr/bin/env bash
# Installs what Debian has, when it is missing and we are root; otherwise says what is missing.
set -euo pipefail

# command:package
wanted=(
  kcat:kcat
  java:default-jdk-headless
  mvn:maven
  git:git
  cc:gcc
  c++:g++
  python3:python3
)

missing=()
for pair in "${wanted[@]}"; do
  command -v "${pair%%:*}" >/dev/null 2>&1 || missing+=("${pair##*:}")
done
# python3 may be there without the module that makes virtual environments.
python3 -c 'import venv, ensurepip' >/dev/null 2>&1 || missing+=(python3-venv)

if [ "${#missing[@]}" -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing: ${missing[*]}" >&2
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null
  else
    echo "missing: ${missing[*]} (on Debian: apt-get install ${missing[*]})" >&2
  fi
fi

# Debian's is too old for the Kubernetes that is built with it.
command -v go >/dev/null 2>&1 || echo "missing: Go 1.25 or newer; see https://go.dev/dl" >&2
command -v cargo >/dev/null 2>&1 || { echo "missing: Rust; see https://rustup.rs" >&2; exit 1; }
