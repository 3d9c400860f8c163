#!/usr/bin/env bash
# Builds the tests of the kernels for AArch64 and runs them under an emulator, on an x86-64 Debian that has no AArch64
# compiler: the NEON kernels are compiled and held to their definitions on a machine that cannot run them.
# The tools come from Debian's packages and are unpacked under target/aarch64 (1.2 GB); nothing is installed. Root is needed
# once, to let apt read the list of AArch64 packages.
#
# usage: aarch64.sh [ARGUMENTS OF cargo test]; by default the kernels' tests
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(realpath -m "${CARGO_TARGET_DIR:-target}/aarch64")
tools=$work/root
multiarch=usr/lib/x86_64-linux-gnu

if [[ ! -f $work/done ]]; then
    mkdir -p "$work/packages" "$tools"
    dpkg --print-foreign-architectures | grep --quiet --line-regexp arm64 || dpkg --add-architecture arm64
    apt-get update --quiet=2
    # rustc-web is the newest compiler of a stable Debian, and the only one there with a library for AArch64 beside it.
    library=$(apt-cache depends libstd-rust-web-dev | sed -n 's/.*Depends: \(libstd-rust-web-[0-9.]*\)$/\1/p')
    llvm=$(apt-cache depends "$library" | sed -n 's/.*Depends: \(libllvm[0-9]*\)$/\1/p')
    (
        cd "$work/packages"
        apt-get download --quiet=2 rustc-web "$library" ${llvm:+"$llvm"} libstd-rust-web-dev libstd-rust-web-dev:arm64 \
            gcc-12-aarch64-linux-gnu gcc-12-aarch64-linux-gnu-base cpp-12-aarch64-linux-gnu binutils-aarch64-linux-gnu \
            libc6-dev-arm64-cross libc6-arm64-cross linux-libc-dev-arm64-cross libgcc-12-dev-arm64-cross \
            libgcc-s1-arm64-cross qemu-user-static
    )
    for package in "$work"/packages/*.deb; do
        dpkg --extract "$package" "$tools"
    done
    rm -r "$work/packages"
    mkdir -p "$work/bin"
    printf '#!/bin/sh\nLD_LIBRARY_PATH=%q exec %q "$@"\n' "$tools/$multiarch" "$tools/usr/bin/rustc" >"$work/bin/rustc"
    printf '#!/bin/sh\nLD_LIBRARY_PATH=%q PATH=%q:$PATH exec %q --sysroot=%q -B%q "$@"\n' "$tools/$multiarch" \
        "$tools/usr/bin" "$tools/usr/bin/aarch64-linux-gnu-gcc-12" "$tools" "$tools/usr/aarch64-linux-gnu/lib" >"$work/bin/gcc"
    chmod +x "$work"/bin/*
    touch "$work/done"
fi

export RUSTC=$work/bin/rustc CARGO_TARGET_DIR=$work/build
export CC_aarch64_unknown_linux_gnu=$work/bin/gcc CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=$work/bin/gcc
# Static, so that the emulator needs no AArch64 system around the tests.
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUSTFLAGS="-C target-feature=+crt-static"
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER=$tools/usr/bin/qemu-aarch64-static
if (($# == 0)); then
    set -- --test kernels_int8 --test kernels_float --test kernels_attention
fi
exec cargo test --release --target aarch64-unknown-linux-gnu "$@"
