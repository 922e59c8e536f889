#!/bin/sh
# Three drives gossip files to one another over pipes: a–b, b–c, a–b. MDRIVE names the program.
set -eu

mdrive=${MDRIVE:-mdrive}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

say() { printf '\n%s\n' "$*"; }

# Joins the two ends of a sync by two named pipes and waits until both have all the other had.
sync() {
    rm -f forth back
    mkfifo forth back
    "$mdrive" "$1" sync --once <back >forth &
    first=$!
    # The end that the first one opens first is opened first here, too.
    "$mdrive" "$2" sync --once >back <forth
    wait "$first"
    echo "synced $1 and $2"
}

say "Three people write to their own drives."
for name in a b c; do
    echo "greetings from $name" | "$mdrive" "$name" write "$name.txt"
    echo "$name wrote $name.txt"
done

say "They meet in pairs, over pipes: a and b, b and c, a and b again."
sync a b
sync b c
sync a b

for name in a b c; do
    say "What drive $name lists and reads:"
    "$mdrive" "$name" list | while IFS= read -r row; do
        file=$(printf '%s' "$row" | sed 's/^{"name":"\([^"]*\)".*/\1/')
        printf '  %-8s %s\n' "$file" "$("$mdrive" "$name" read "$row")"
    done
    rows=$("$mdrive" "$name" list | wc -l)
    if [ "$rows" -ne 3 ]; then
        echo "drive $name has $rows rows, expected 3" >&2
        exit 1
    fi
done

say "Every drive has all three files."
