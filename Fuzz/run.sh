#!/bin/sh
# Builds the fuzz targets and runs them one after the other: `make fuzz` calls this.
#
#   SECONDS_EACH   seconds for each target (60)
#   TARGET         the one target to run; all, if it is empty
#   FUZZ_FOLDER    where inputs, crashes and logs are kept (.build/fuzz in this folder)
#
# The end is not zero if any target found something.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=${FUZZ_FOLDER:-$here/.build/fuzz}
seconds=${SECONDS_EACH:-60}

# Checks stay on in optimised code; the modules are opened, so that internals can be reached.
build() {
    ${SWIFT:-swift} build --package-path "$here" ${FUZZ_SCRATCH:+--scratch-path "$FUZZ_SCRATCH"} \
        --configuration release --sanitize fuzzer -Xswiftc -enable-testing \
        -Xswiftc -assert-config -Xswiftc Debug "$@"
}
build
program=$(build --show-bin-path)/FuzzTargets

export SWIFT_BACKTRACE=enable=no
mkdir -p "$folder/crashes" "$folder/logs"
FUZZ_CORPUS="$folder/seeds" FUZZ_VECTORS="$here/../Tests/Vectors" "$program"

found=0
for target in ${TARGET:-$(FUZZ_LIST=1 "$program")}; do
    mkdir -p "$folder/corpus/$target"
    log=$folder/logs/$target.log
    if FUZZ_TARGET=$target nice -n 15 "$program" -max_total_time="$seconds" -timeout=20 \
        -rss_limit_mb=1024 -max_len=16384 -use_value_profile=1 -print_final_stats=1 \
        -artifact_prefix="$folder/crashes/$target-" \
        "$folder/corpus/$target" "$folder/seeds/$target" >"$log" 2>&1
    then
        outcome="nothing found"
    else
        outcome="FOUND SOMETHING: see $log"
        found=1
    fi
    count=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    echo "$target: ${count:-?} executions, $outcome"
done
exit $found
