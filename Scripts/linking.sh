#!/bin/sh
# Prints how the release program is linked on Linux: the Swift libraries go into it, and the library of
# C++ that serves nobody but them as well, where the system has one to link with. C libraries stay
# outside, so that the system can mend them. The Swift libraries would have the program offer its 15,000 symbols
# to others; as nobody loads it, they are left out, for the linker at start to pass over and not to search.
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
