# shellcheck shell=bash disable=SC2154
# Sourced by ./test, which sets root: steps, test projects two at a time, and the sum at the end.

# A test project that takes longer than this hangs: the longest takes two minutes on an idle machine, and five on one that others load.
project_limit=900
results=
compiler=spillway-test-$$   # the name it listens to

begin() {
  results=$(mktemp -d "${TMPDIR:-/tmp}/spillway-test.XXXXXX")
  trap 'stop_compiler; rm -rf "$results"' EXIT
  trap 'stop_running; exit 130' INT TERM
  passed=0 failed=0 skipped=0
}

# A step is quiet when it succeeds; when it fails its output is shown and it counts as one failure.
step() {
  local title=$1 started=$EPOCHREALTIME
  shift
  if "$@" >"$results/step" 2>&1 </dev/null; then
    report ok "$title" "$(since "$started")"
  else
    report FAILED "$title" "$(since "$started")"
    readable "$results/step"
    failed=$((failed + 1))
    return 1
  fi
}

# Objects and programs go to .build, apart from what an editor or a plain 'dotnet build' makes beside the sources.
# The compiler stays for all projects of the build, which takes a third off its time; under a name of ours, so that nobody else's is ended with it.
build() {
  local status=0
  dotnet build "$1" -c Release --artifacts-path "$root/.build/tests" -v quiet -nologo --tl:off \
    -nodeReuse:false -p:UseSharedCompilation=true "-p:SharedCompilationId=$compiler" -clp:NoSummary || status=$?
  stop_compiler
  return "$status"
}

stop_compiler() {
  local process
  for process in /proc/[0-9]*; do
    if grep -qzx -- "-pipename:$compiler" "$process/cmdline" 2>/dev/null; then kill "${process#/proc/}" 2>/dev/null; fi
  done
  return 0
}

# CSharpier is a tool of .config/dotnet-tools.json; it comes from the same place as the packages.
formatting() {
  if ! dotnet tool restore >"$results/tools" 2>&1 </dev/null; then
    report skipped "formatting of C# files" "" "the formatter cannot be had: $(grep -m 1 . "$results/tools")"
    skipped=$((skipped + 1))
    return 0
  fi
  step "formatting of C# files" dotnet csharpier check .
}

# The end-to-end tests start the program some thousand times: the one that ./spillway builds, compiled ahead of time, starts in half the time.
program_to_start() {
  ./spillway --version && SPILLWAY_PROGRAM=$(readlink -f -- .build/current)/Spillway && export SPILLWAY_PROGRAM
}

check_scripts() {
  local file first status=0
  while IFS= read -r file; do
    IFS= read -r first <"$file" || continue
    case $first in
      '#!'*bash*) bash -n "$file" || status=1 ;;
      '#!/bin/sh'*) sh -n "$file" || status=1 ;;
      '#!'*python3*) check_python "$file" || status=1 ;;
    esac
  done < <(find spillway test .ci scripts demo benchmarks -type f -perm -u+x -not -path '*/bin/*' -not -path '*/obj/*')
  for file in scripts/*.sh; do bash -n "$file" || status=1; done
  return $status
}

# Recording captures needs Python, testing does not.
check_python() {
  ! command -v python3 >/dev/null || python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read(), sys.argv[1])' "$1"
}

# As many projects at once as there are processors, the next as soon as one ends; reported as they end.
run_projects() {
  local project
  for project in "$@"; do
    while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do
      wait -n
      report_ended
    done
    run_project "$project" &
  done
  while [ -n "$(jobs -rp)" ]; do
    wait -n
    report_ended
  done
  report_ended
}

# Each project in a process group of its own (timeout makes one), so that a stopped run leaves nothing behind.
run_project() {
  local program=.build/tests/bin/$1/release/$1 started=$EPOCHREALTIME code
  # How long each test took is in .build/tests/results.
  mkdir -p .build/tests/results
  timeout --kill-after=10 "$project_limit" "$program" -noLogo -noColor -xml ".build/tests/results/$1.xml" >"$results/$1.output" 2>&1 </dev/null
  code=$?
  printf '%s %s\n' "$code" "$(since "$started")" >"$results/$1.writing"
  mv "$results/$1.writing" "$results/$1.ended"
}

stop_running() {
  local pid
  for pid in $(jobs -rp); do pkill -TERM -P "$pid" 2>/dev/null; done
}

report_ended() {
  local file
  for file in "$results"/*.ended; do
    if [ -e "$file" ]; then
      report_project "$(basename "$file" .ended)" && mv "$file" "$file.reported"
    fi
  done
}

report_project() {
  local project=$1 code time summary total errors failures skips
  read -r code time <"$results/$project.ended"
  summary=$(grep -E "^ *$project +Total: [0-9]+, Errors: " "$results/$project.output" | tail -n 1)
  number() { sed -E "s/.*$1: ([0-9]+).*/\1/" <<<"${summary:-$1: 0}"; }
  total=$(number Total) errors=$(number Errors) skips=$(number Skipped) failures=$(number Failed)
  passed=$((passed + total - failures - skips)) skipped=$((skipped + skips))
  failures=$((failures + errors))
  # A runner that died, or ran nothing, is a failure of its own, whatever it managed to print.
  if [ "$failures" -eq 0 ] && { [ "$code" -ne 0 ] || [ "$total" -eq 0 ]; }; then
    failures=1
    case $code in
      0) echo "$project has no tests" ;;
      124 | 137) echo "$project was stopped after $project_limit s" ;;
      *) echo "$project ended with exit code $code" ;;
    esac >>"$results/$project.output"
  fi
  failed=$((failed + failures))

  if [ "$failures" -eq 0 ]; then
    report ok "$project" "$time" "$total tests"
  else
    report FAILED "$project" "$time" "$failures failed"
    readable "$results/$project.output"
  fi
}

report() {
  printf '%-6s  %-32s  %7s  %s\n' "$1" "$2" "$3" "${4:-}"
}

# What a person needs of a failure: no progress lines, paths from the root, no line twice.
readable() {
  grep -vE '^ *(Discover(ing|ed): |Starting: |Finished: |=== TEST EXECUTION SUMMARY)' "$1" \
    | sed -e "s|$root/||g" -e 's/ \[[^]]*\.csproj\]$//' -e 's/^/        /' | awk '/: (error|warning) / && seen[$0]++ { next } { print }' | tail -n 200
}

since() {
  awk -v from="$1" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.1f s", to - from }'
}

finish() {
  printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  [ "$failed" -eq 0 ]
  exit
}
