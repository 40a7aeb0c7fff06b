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
  esac
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
  missing=${missing% }
  command -v apt-get >/dev/null || give_up "missing $missing; install LuaJIT 2.1 and libpcap with this system's package manager$(other_managers)"

  if [ "$(id -u)" -eq 0 ]; then
    as_root=
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
  else
    give_up "missing $missing; type: sudo apt-get install $(default_packages "$missing")"
  fi

  say "installing $missing with apt-get (once)"
  for library in $missing; do
    install_library "$library" || {
      # apt's own words, without its hints and progress.
      printf '%s\n' "$apt_output" | grep '^E: ' >&2
      give_up "could not install $library; type: ${as_root:+sudo }apt-get update && ${as_root:+sudo }apt-get install $(default_packages "$missing")"
    }
  done
  [ -z "$(missing_libraries)" ] || give_up "still missing after the installation: $(missing_libraries | tr '\n' ' ')"
}

# With the package lists that are there; a fresh container has none, or old ones: then once more with new lists.
install_library() {
  try_packages "$1" || {
    apt_output=$($as_root apt-get update -qq </dev/null 2>&1)
    try_packages "$1"
  }
}

try_packages() {
  for package in $(packages_of "$1"); do
    # shellcheck disable=SC2086 # as_root is empty or two words
    apt_output=$($as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
      -o DPkg::Lock::Timeout=120 "$package" </dev/null 2>&1) && has_library "$1" && return
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
