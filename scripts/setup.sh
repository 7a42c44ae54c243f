# SPDX-License-Identifier: Apache-2.0
# Sourced by run, test and bench: installs what is missing, configures and builds.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${VITRUVIAN_BUILD:-$root/build}

say() { printf "\n== %s\n" "$*"; }

installed() { [ "$(dpkg-query -W -f='${db:Status-Abbrev}' "$1" 2>/dev/null)" = "ii " ]; }

# missing_packages LANE...: the packages of those lanes that are not installed.
missing_packages() {
  local lane package choice found
  while read -r lane package; do
    case " $* " in *" $lane "*) ;; *) continue ;; esac
    found=
    for choice in ${package//|/ }; do
      if installed "$choice"; then found=1; fi
    done
    [ -n "$found" ] || echo "$package"
  done < <(grep -v '^#' "$root/scripts/packages")
}

# install_packages LANE...: installs them with apt, once.
install_packages() {
  local missing names=() package choice
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  if ! command -v apt-get >/dev/null; then
    echo "These Debian packages are needed, and apt-get is not here:" $missing >&2
    exit 2
  fi
  local as_root=
  if [ "$(id -u)" != 0 ]; then
    as_root="sudo"
    if ! command -v sudo >/dev/null; then
      echo "These packages are missing; install them as root and try again:" >&2
      echo "  apt-get install --no-install-recommends" $missing >&2
      exit 2
    fi
  fi
  say "Installing" $missing
  $as_root apt-get update -qq
  for package in $missing; do
    for choice in ${package//|/ }; do
      if apt-cache show "$choice" >/dev/null 2>&1; then names+=("$choice"); break; fi
    done
  done
  DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends "${names[@]}" >/dev/null
}

# build_all CMAKE_OPTION...: configures and builds into $build.
build_all() {
  say "Building into $build"
  cmake -G Ninja -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release "$@" >"$build.configure.log" 2>&1 ||
    { cat "$build.configure.log" >&2; exit 3; }
  rm -f "$build.configure.log"
  cmake --build "$build"
}
