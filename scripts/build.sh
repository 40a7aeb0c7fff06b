# shellcheck shell=sh disable=SC2154
# Sourced by ./spillway, which sets root and current, when the program is missing or older than its sources.
#
# Each build goes into a directory of its own, and .build/current is a link to the newest one. So a run that is
# under way keeps its files, and a build that fails or is interrupted leaves the last good program in place.

build_once() {
  need_sdk
  { mkdir -p "$root/.build/programs" && [ -w "$root/.build" ]; } 2>/dev/null \
    || give_up "cannot write to $root/.build; build once as a user who can, or copy the tree"

  exec 9>"$root/.build/lock"
  flock 9
  # Whoever held the lock may have built just what we want.
  if ! up_to_date; then
    if [ -e "$current" ]; then
      say "sources changed, building..."
    else
      say "building Spillway (first run, about a minute)..."
    fi
    build_into "$root/.build/programs/$(date +%Y%m%d-%H%M%S)-$$"
  fi
  exec 9>&-
}

build_into() {
  program=$1
  mkdir -p "$program"
  # Before the compiler reads anything: what is saved during the build is newer, and is built next time.
  : > "$program/started"

  choose_mode
  # Without analyzers, which ./test runs: they take a third of the time.
  # shellcheck disable=SC2086 # a list of options
  quietly dotnet publish src/Spillway/Spillway.csproj -c Release $mode --no-restore -o "$program" -p:RunAnalyzersDuringBuild=false \
    || stop_build "the build failed"
  dotnet_root > "$program/dotnet-root"

  ln -s "programs/${program##*/}" "$program.link"
  mv -T "$program.link" "$current"
  remove_older_than_previous
}

# Ready-to-run code starts in a fraction of the time, but its compiler is a package that must be had from the
# network once. Without it the program is the same, only slower to start.
choose_mode() {
  case $(uname -m) in
    x86_64) ready="-r linux-x64" ;;
    aarch64) ready="-r linux-arm64" ;;
    *) ready= ;;
  esac
  ready="$ready --self-contained false -p:PublishReadyToRun=true"
  mode=$ready
  [ -e "$root/.build/plain" ] && mode="-p:PublishReadyToRun=false"

  quietly restore && return
  if supply_build && quietly restore; then return; fi
  if [ "$mode" = "$ready" ]; then
    first_output=$output
    mode="-p:PublishReadyToRun=false"
    if quietly restore; then
      : > "$root/.build/plain"
      say "the ready-to-run compiler is not to be had: starts will be slower (remove $root/.build to try again)"
      return
    fi
    output=$first_output
  fi
  rm -rf "$program"
  say "the packages could not be restored (the first build needs the network): $(last_words)"
  exit 1
}

# The tool's own last line that names an error, else its last line; without the place in our files that it puts before.
last_words() {
  words=$(printf '%s\n' "$output" | grep -i 'error' | tail -n 1)
  [ -n "$words" ] || words=$(printf '%s\n' "$output" | grep -v '^[[:space:]]*$' | tail -n 1)
  printf '%s\n' "$words" | sed 's/[[:space:]][[:space:]]*/ /g; s/^ //; s/ $//; s/ \[[^]]*proj\]$//; s/^[^ ]*proj : //'
}

restore() {
  # 'dotnet restore' has no --self-contained.
  # shellcheck disable=SC2046,SC2086
  dotnet restore src/Spillway/Spillway.csproj $(echo "$mode" | sed 's/--self-contained false/-p:SelfContained=false/') "$@"
}

# What a user builds needs no analyzers, no audit of packages over the network, no documentation file; a warning of
# a newer compiler is no reason to stop. The contributor's build (./test) is strict. No build server stays behind.
quietly() {
  output=$(cd "$root" && "$@" --artifacts-path "$root/.build/objects" -v quiet -nologo --tl:off -nodeReuse:false \
    -p:UseSharedCompilation=false -p:TreatWarningsAsErrors=false -p:RunAnalyzersDuringBuild=false -p:NuGetAudit=false \
    -p:GenerateDocumentationFile=false -p:WarningLevel=0 </dev/null 2>&1 9>&-)
}

stop_build() {
  rm -rf "$program"
  printf '%s\n' "$output" | sort -u >&2
  say "$1"
  exit 1
}

# The directory of the runtime that came with this SDK; empty when dotnet is a wrapper that hides it.
dotnet_root() {
  directory=$(dirname -- "$(readlink -f -- "$(command -v dotnet)")")
  if [ -d "$directory/host/fxr" ]; then echo "$directory"; else echo; fi
}

# The previous program may still run; what is older than that has had its time.
remove_older_than_previous() {
  find "$root/.build/programs" -mindepth 1 -maxdepth 1 | sort -r | tail -n +3 | while IFS= read -r old; do
    rm -rf "$old"
  done
}
