# What ./demo and ./test need on the machine, and how they get it. Sourced, not run.
# Each need_* says what it installs before it does; where it cannot, it says what to install by hand and ends.

say() { printf '%s\n' "$*" >&2; }

stop() {
    say "$1"
    shift
    for line in "$@"; do say "  $line"; done
    exit 1
}

# The command, as root: plain where we are root, else through sudo where that asks for no password or a person can answer.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
        sudo "$@"
    else
        return 1
    fi
}

# need_packages COMMAND-THAT-SHOWS-IT PACKAGE...: Debian packages, installed where the command is missing.
need_packages() {
    local shown_by=$1
    shift
    eval "$shown_by" >/dev/null 2>&1 && return
    command -v apt-get >/dev/null || stop "Missing: $*" "this is not Debian; install what provides them and run again"
    say "Installing Debian packages: $*"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2 &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2 ||
        stop "Cannot install packages as $(id -un)." "run as root: apt-get install $*"
}

need_compiler() {
    need_packages 'command -v cc && command -v make' build-essential
    need_packages 'command -v curl' curl ca-certificates
}

# The oldest rustc that builds this: rust-version in Cargo.toml.
need_rust() {
    local wanted have
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
    export PATH="$HOME/.cargo/bin:$PATH"
    if command -v cargo >/dev/null; then
        have=$(rustc --version | cut -d' ' -f2)
        [ "$(printf '%s\n%s\n' "$wanted" "$have" | sort -V | head -n 1)" = "$wanted" ] && return
        command -v rustup >/dev/null || stop "rustc is $have, and $wanted is needed." "install a newer one, or rustup"
        say "Updating the Rust toolchain ($have to stable, at least $wanted is needed)"
        rustup update stable >&2 || stop "The Rust toolchain could not be updated." "run: rustup update stable"
        return
    fi
    say "Installing the Rust toolchain with rustup, for $(id -un)"
    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal >&2 ||
        stop "The Rust toolchain could not be installed." "see https://rustup.rs, then run again"
}

# PostgreSQL's binaries, without the cluster that the package makes for itself: the gateway runs one of its own.
need_postgres() {
    ls /usr/lib/postgresql/*/bin/postgres /usr/pgsql-*/bin/postgres >/dev/null 2>&1 && return
    command -v postgres >/dev/null && command -v initdb >/dev/null && return
    need_packages 'test -e /etc/postgresql-common/createcluster.conf' postgresql-common
    local conf=/etc/postgresql-common/createcluster.conf kept
    kept=$(mktemp)
    cp "$conf" "$kept"
    echo 'create_main_cluster = false' | as_root tee -a "$conf" >/dev/null
    need_packages 'ls /usr/lib/postgresql/*/bin/postgres' postgresql
    as_root cp "$kept" "$conf"
    rm -f "$kept"
}

need_node() {
    need_packages 'command -v node && command -v npm' nodejs npm
}
