#!/bin/sh
# Runs the benchmarks of the named modules, or of all, and prints what README.md shows of them:
# the shortest and the median time of one repetition, the rate at the shortest, the peak of the
# resident memory in MB (preparations and mapped pages included), and the limit.
# Rates and limits are kept in limits.tsv: name, what one repetition does, limit.
set -eu

cd "$(dirname "$0")"
[ $# -gt 0 ] || set -- Cryptography CompactEncoding LMDB Merkle SecretStream Multiplexing Feeds \
    Archives Replication Multiwriter DriveNetworking mdrive

for module in "$@"; do
    printf '\n### %s\n\n' "$module"
    printf '| operation | shortest | median | rate | limit | peak |\n|---|---|---|---|---|---|\n'
    swift package benchmark --target "${module}Benchmarks" --no-progress --time-units nanoseconds \
        --format markdown --grouping metric --path stdout 2>/dev/null |
        awk -F '|' '
            function time(ns) {
                if (ns < 1000) return number(ns) " ns"
                if (ns < 1000000) return number(ns / 1000) " µs"
                if (ns < 1000000000) return number(ns / 1000000) " ms"
                return number(ns / 1000000000) " s"
            }
            function number(value) {
                if (value < 9.95) return sprintf("%.2g", value)
                return sprintf("%.0f", value)
            }
            function rate(count, unit, ns, perSecond) {
                perSecond = count * 1000000000 / ns
                if (unit == "B" && perSecond >= 1e9) return sprintf("%.2f GB/s", perSecond / 1e9)
                if (unit == "B") return number(perSecond / 1e6) " MB/s"
                if (perSecond >= 1e6) return number(perSecond / 1e6) " M/s"
                if (perSecond >= 1e4) return number(perSecond / 1e3) " k/s"
                return number(perSecond) "/s"
            }
            FILENAME == "limits.tsv" {
                split($0, field, "\t")
                work[field[1]] = field[2]
                limit[field[1]] = field[3]
                next
            }
            /^### / {
                isTime = $0 ~ /wall clock/
                isMemory = $0 ~ /[Mm]emory/
            }
            /Benchmarks:/ {
                name = $2
                sub(/^ *[A-Za-z]*Benchmarks:/, "", name)
                scale = name ~ /\(K\)[ *]*$/ ? 0.001 : name ~ /\(G\)[ *]*$/ ? 1000 : 1
                sub(/( \([A-Za-z]+\))?[ *]*$/, "", name)
            }
            isMemory && /Benchmarks:/ { peak[name] = sprintf("%.0f", $9 * scale) }
            isTime && /Benchmarks:/ && $3 > 0 {
                split(work[name], part, " ")
                shown = part[1] ? rate(part[1], part[2], $3) : ""
                bound = limit[name]
                memory = peak[name]
                sub(/^[A-Za-z]*: /, "", name)
                printf "| %s | %s | %s | %s | %s | %s |\n", name, time($3), time($5), shown,
                    bound, memory
            }' limits.tsv -
done
