#!/bin/sh
# Prints how the release program is linked on Linux: the Swift libraries go into it, and the library of
# C++ that serves nobody but them as well, where the system has one to link with. C libraries stay
# outside, so that the system can mend them. The Swift libraries would have the program offer 15,000
# symbols to others, and look through these at every start; as nobody loads it, it offers none.
#
#   linking.sh FOLDER    FOLDER is made, for the linker to find the library in
set -eu

options="--static-swift-stdlib -Xlinker --no-export-dynamic"
compiler=$(command -v clang || command -v cc || true)
if [ -n "$compiler" ]; then
    library=$("$compiler" -print-file-name=libstdc++.a)
    case $library in
    /*)
        mkdir -p "$1"
        ln -sf "$library" "$1/libstdc++.a"
        options="$options -Xswiftc -L$1 -Xswiftc -Xclang-linker -Xswiftc -static-libgcc"
        ;;
    esac
fi
echo "$options"
