# shellcheck shell=sh
# Sourced by ./spillway and ./test (POSIX sh): what the machine must have, and how it gets there.

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
export DOTNET_GENERATE_ASPNET_CERTIFICATE=false DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=true

# Where the loader looks on the distributions we know. The tests put a directory of their own here.
library_directories=${SPILLWAY_LIBRARY_DIRECTORIES:-"/usr/lib/x86_64-linux-gnu /usr/lib/aarch64-linux-gnu /usr/lib64 /usr/lib /lib64 /lib /usr/local/lib"}

say() {
  printf 'spillway: %s\n' "$*" >&2
}

# Exit code 2 as for wrong usage: nothing has run, and the line says what the user has to do.
give_up() {
  say "$*"
  exit 2
}

# With fewer, the runtime ends before the program could say why.
need_descriptors() {
  most=$(ulimit -n)
  case $most in
    [0-9] | [0-9][0-9] | 1[01][0-9] | 12[0-7]) say "this process may open $most files, and 128 are the least that will do; allow more with ulimit -n"; exit 1 ;;
  esac
}

# A file test costs nothing; ldconfig knows the places that the list above does not.
has_library() {
  for directory in $library_directories; do
    [ -e "$directory/$1" ] && return 0
  done
  [ -z "${SPILLWAY_LIBRARY_DIRECTORIES:-}" ] && PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null | grep -q "[[:space:]]$1 "
}

# Names of the packages that hold a library; Debian and its children renamed some over the years.
packages_of() {
  case $1 in
    libluajit-5.1.so.2) echo libluajit-5.1-2 libluajit2-5.1-2 ;;
    libpcap.so.0.8) echo libpcap0.8 libpcap0.8t64 ;;
    libmagic.so.1) echo libmagic1 libmagic1t64 ;;
    libyara) echo libyara9 libyara10 ;;
    libicu) offered_icu ;;
    libssl) echo libssl3 libssl3t64 libssl1.1 ;;
    *) echo "$1" ;;
  esac
}

# ICU has a package for each of its versions, and a system has one: the newest that is offered here.
offered_icu() {
  offered=$(apt-cache search --names-only '^libicu[0-9]+$' 2>/dev/null | cut -d ' ' -f 1 | sort -rV | tr '\n' ' ')
  echo "${offered:-libicu72}"
}

# What the SDK wants of the system, and hides behind errors of its own when it is not there.
has_for_build() {
  case $1 in
    libicu) [ -n "${DOTNET_SYSTEM_GLOBALIZATION_INVARIANT:-}" ] || has_file 'libicuuc.so.[0-9]*' ;;
    libssl) has_file 'libssl.so.[13]*' ;;
    ca-certificates) [ -s "${SSL_CERT_FILE:-/nowhere}" ] || [ -d "${SSL_CERT_DIR:-/nowhere}" ] || has_certificates ;;
    libyara) has_file 'libyara.so.*' ;;
    file | yara) command -v "$1" >/dev/null ;;
    tzdata) [ -n "${SPILLWAY_LIBRARY_DIRECTORIES:-}" ] || [ -e /usr/share/zoneinfo/UTC ] ;;
    *) has_library "$1" ;;
  esac
}

has_certificates() {
  if [ -n "${SPILLWAY_LIBRARY_DIRECTORIES:-}" ]; then has_file ca-certificates.crt && return; return 1; fi
  for file in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem /etc/ssl/cert.pem; do
    [ -s "$file" ] && return
  done
  return 1
}

# A file of the library directories by a pattern.
has_file() {
  for directory in $library_directories; do
    for file in "$directory"/$1; do
      [ -e "$file" ] && return
    done
  done
  return 1
}

# Of these, the lack of the first three makes a build fail. The time zones are what a run of an installed system has, too.
missing_for_build() {
  for need in libicu libssl ca-certificates; do
    has_for_build "$need" || echo "$need"
  done
}

# After a build has failed: true if something was missing and is there now, so that the build is worth another try.
supply_build() {
  missing=$(missing_for_build | tr '\n' ' ')
  [ -n "$missing" ] || return 1
  has_for_build tzdata || missing="$missing tzdata"
  supply "${missing% }" "ICU, OpenSSL 3 and the certificates (ca-certificates)"
}

missing_libraries() {
  for library in libluajit-5.1.so.2 libpcap.so.0.8; do
    has_library "$library" || echo "$library"
  done
}

need_libraries() {
  # The common case without a subshell: this runs before every start.
  has_library libluajit-5.1.so.2 && has_library libpcap.so.0.8 && return

  missing=$(missing_libraries | tr '\n' ' ')
  supply "${missing% }" "LuaJIT 2.1 and libpcap"
}

# What options of the program want, and the tools that tests compare with: installed where that is allowed, tried once in a tree. Without it the
# options say what is missing, and the tests are skipped.
offer_optional() {
  [ ! -e "$root/.build/optional" ] && mkdir -p "$root/.build" && : > "$root/.build/optional" || return 0
  if [ "$(id -u)" -eq 0 ]; then
    as_root=
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
  else
    return 0
  fi
  command -v apt-get >/dev/null || return 0
  for need in libmagic.so.1 libyara file yara; do
    has_for_build "$need" || install_need "$need" || return 0
  done
}

# Installs what is missing where that is allowed; else says what to type, and ends.
supply() {
  missing=$1
  command -v apt-get >/dev/null || give_up "missing $missing; install $2 with this system's package manager$(other_managers)"

  if [ "$(id -u)" -eq 0 ]; then
    as_root=
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
  else
    give_up "missing $missing; type: sudo apt-get install $(default_packages "$missing")"
  fi

  say "installing $missing with apt-get (once)"
  for need in $missing; do
    install_need "$need" || {
      # apt's own words, without its hints and progress.
      printf '%s\n' "$apt_output" | grep '^E: ' >&2
      give_up "could not install $need; type: ${as_root:+sudo }apt-get update && ${as_root:+sudo }apt-get install $(default_packages "$missing")"
    }
  done
}

# With the package lists that are there; a fresh container has none, or old ones: then once more with new lists.
install_need() {
  try_packages "$1" || {
    apt_output=$($as_root apt-get update -qq </dev/null 2>&1)
    try_packages "$1"
  }
}

try_packages() {
  for package in $(packages_of "$1"); do
    # shellcheck disable=SC2086 # as_root is empty or two words
    apt_output=$($as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
      -o DPkg::Lock::Timeout=120 "$package" </dev/null 2>&1) && has_for_build "$1" && return
  done
  return 1
}

# One name per missing library: the one that apt knows here, else the usual one.
default_packages() {
  names=
  for library in $1; do
    chosen=
    for package in $(packages_of "$library"); do
      if apt-cache show --no-all-versions "$package" >/dev/null 2>&1; then chosen=$package && break; fi
      chosen=${chosen:-$package}
    done
    names="$names $chosen"
  done
  echo "${names# }"
}

other_managers() {
  if command -v dnf >/dev/null; then
    echo ": sudo dnf install luajit libpcap"
  elif command -v zypper >/dev/null; then
    echo ": sudo zypper install libluajit-5_1-2 libpcap1"
  elif command -v pacman >/dev/null; then
    echo ": sudo pacman -S luajit libpcap"
  fi
}

# Starting dotnet takes a moment: asked only when something is about to be built.
need_sdk() {
  case $(dotnet --list-sdks 2>/dev/null | sed 's/\..*//' | tr '\n' ' ') in
    *1[0-9]*) ;;
    *) give_up "the .NET SDK 10 is missing; get it from https://dotnet.microsoft.com/download/dotnet/10.0 (package dotnet-sdk-10.0), then run this again" ;;
  esac
}
