#!/bin/sh
# Makes sure that the headers of libsodium, LMDB and zlib are here: silent when they are, installs them
# when the system's package manager can be used, and else says in one line what to install.
set -eu

present() {
    compiler=$(command -v cc || command -v clang || command -v gcc || true)
    if [ -n "$compiler" ]; then
        flags=$(pkg-config --cflags libsodium lmdb zlib 2>/dev/null || true)
        # shellcheck disable=SC2086
        printf '#include <sodium.h>\n#include <lmdb.h>\n#include <zlib.h>\n' |
            "$compiler" $flags -E -x c - >/dev/null 2>&1
    else
        [ -e /usr/include/sodium.h ] && [ -e /usr/include/lmdb.h ] && [ -e /usr/include/zlib.h ]
    fi
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

present && exit 0

echo "mdrive needs libsodium, LMDB and zlib; installing them." >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if command -v apt-get >/dev/null 2>&1; then
    {
        as_root apt-get update &&
            as_root env DEBIAN_FRONTEND=noninteractive \
                apt-get install -y libsodium-dev liblmdb-dev zlib1g-dev pkg-config
    } >"$log" 2>&1 || true
    remedy="sudo apt-get install libsodium-dev liblmdb-dev zlib1g-dev pkg-config"
elif command -v brew >/dev/null 2>&1; then
    brew install libsodium lmdb zlib pkgconf >"$log" 2>&1 || true
    remedy="brew install libsodium lmdb zlib pkgconf"
else
    remedy="install the development packages of libsodium, LMDB and zlib (headers sodium.h, lmdb.h, zlib.h)"
fi
present && exit 0
tail -n 3 "$log" >&2
echo "mdrive cannot be built without libsodium, LMDB and zlib. Please run: $remedy" >&2
exit 1
