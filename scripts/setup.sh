#!/usr/bin/env bash
# Installs what the build needs and is not there yet. Says nothing when there is nothing to do.
set -euo pipefail

packages=(libssl-dev libyaml-dev zlib1g-dev libzstd-dev libisal-dev pkg-config make python3 openssl)
# The same by what they provide, for systems without dpkg.
modules=(libcrypto yaml-0.1 zlib libzstd libisal)
programs=(pkg-config make python3 openssl)

# What is done without where it cannot be had: package, what shows that it is there, and what is missing without it.
optional=("strace /usr/bin/strace some fault tests are skipped")
[ "$(uname -m)" != x86_64 ] ||
  optional+=("libipsec-mb-dev /usr/include/intel-ipsec-mb.h digests take three times as long on processors without SHA instructions")

fail() {
  echo "setup: $*" >&2
  exit 1
}

missing=()
if command -v dpkg > /dev/null; then
  for package in "${packages[@]}"; do
    dpkg -s "$package" 2> /dev/null | grep -q '^Status: install ok installed' || missing+=("$package")
  done
else
  for program in "${programs[@]}"; do
    command -v "$program" > /dev/null || missing+=("$program")
  done
  for module in "${modules[@]}"; do
    pkg-config --exists "$module" 2> /dev/null || missing+=("$module (development files)")
  done
fi

if [ "${#missing[@]}" -gt 0 ]; then
  command -v apt-get > /dev/null || fail "please install: ${missing[*]}"
  root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo > /dev/null || fail "missing ${missing[*]}; as root run: apt-get install ${missing[*]}"
    root=(sudo)
  fi
  echo "setup: installing ${missing[*]}" >&2
  # An old package list is the usual reason why an install fails, so it is refreshed only then.
  install() { "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" > /dev/null; }
  install 2> /dev/null || { "${root[@]}" apt-get update -qq > /dev/null && install; } ||
    fail "could not install ${missing[*]}"
fi

for entry in "${optional[@]}"; do
  read -r package file loss <<< "$entry"
  [ -e "$file" ] || command -v "$package" > /dev/null || {
    [ "$(id -u)" -eq 0 ] && command -v apt-get > /dev/null &&
      env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$package" > /dev/null 2>&1
  } || echo "setup: without $package $loss" >&2
done

command -v python3 > /dev/null || fail "python3 is not on the PATH"
command -v swift > /dev/null || fail "swift is not on the PATH; 6.2 or newer is at https://www.swift.org/install"
version=$(swift --version 2> /dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
major=${version%%.*}
minor=${version##*.}
if [ -z "$version" ] || [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 2 ]; }; then
  fail "swift ${version:-of unknown version} is too old; 6.2 or newer is at https://www.swift.org/install"
fi
