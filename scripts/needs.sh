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
    (
        conf=/etc/postgresql-common/createcluster.conf
        kept=$(mktemp) && cp "$conf" "$kept" || stop "$conf cannot be copied."
        # However the installation ends, the machine's setting is as it was. A subshell, because the caller's traps are its own.
        trap 'as_root cp "$kept" "$conf"; rm -f "$kept"' EXIT
        trap 'exit 1' INT TERM HUP
        echo 'create_main_cluster = false' | as_root tee -a "$conf" >/dev/null ||
            stop "$conf cannot be written as $(id -un)." "run as root: apt-get install postgresql"
        need_packages 'ls /usr/lib/postgresql/*/bin/postgres' postgresql
    ) || exit 1
}

need_node() {
    need_packages 'command -v node && command -v npm' nodejs npm
}

# A Keycloak for the tests, with KEYCLOAK_HOME set to it: a copy of the one that KEYCLOAK_HOME names, or else the published
# distribution. It is kept, and built for the database that the tests use, in .cache/keycloak/, so a second run needs no network.
need_keycloak() {
    local version=26.7.5 sha=30ef87fb7101c43d29688d1ae80c0588ff4a151b3330e9f664bf9692d398658a
    local cache=$PWD/.cache/keycloak home making
    need_packages 'command -v java' openjdk-17-jre-headless
    need_packages 'command -v jq' jq
    # Called before, in this shell or the one that started it.
    case ${KEYCLOAK_HOME:-} in "$cache"/*) [ ! -f "$KEYCLOAK_HOME/lib/quarkus/build-system.properties" ] || return 0 ;; esac
    mkdir -p "$cache"
    home=$cache/$version
    [ -z "${KEYCLOAK_HOME:-}" ] || home=$cache/home-$(printf '%s' "$KEYCLOAK_HOME" | cksum | cut -d' ' -f1)
    if [ ! -f "$home/lib/quarkus/build-system.properties" ]; then
        making=$(mktemp -d -p "$cache")
        if [ -n "${KEYCLOAK_HOME:-}" ]; then
            [ -f "$KEYCLOAK_HOME/bin/kc.sh" ] || stop "KEYCLOAK_HOME is $KEYCLOAK_HOME, and there is no bin/kc.sh in it." "unpack a Keycloak there, or unset KEYCLOAK_HOME"
            say "Copying the Keycloak of KEYCLOAK_HOME into .cache/keycloak"
            mkdir "$making/home"
            (cd "$KEYCLOAK_HOME" && cp -r bin conf lib providers themes version.txt "$making/home/") || stop "$KEYCLOAK_HOME cannot be copied."
        else
            need_packages 'command -v unzip' unzip
            fetch_keycloak "$version" "$sha" "$making/keycloak.zip"
            unzip -q "$making/keycloak.zip" -d "$making" && mv "$making/keycloak-$version" "$making/home" ||
                stop "Keycloak $version cannot be unpacked into .cache/keycloak: is there room for 400 MB?"
        fi
        say "Building Keycloak for the tests, once: half a minute"
        (cd / && "$making/home/bin/kc.sh" build --db=dev-file >"$cache/build.log" 2>&1) || {
            tail -n 5 "$cache/build.log" >&2
            stop "Keycloak cannot be built; .cache/keycloak/build.log says why." "it needs Java 17 or later: java -version"
        }
        rm -rf "$home"
        mv "$making/home" "$home"
        rm -rf "$making"
    fi
    export KEYCLOAK_HOME=$home
}

# fetch_keycloak VERSION SHA256 FILE: the published zip, from Maven's own folder where it lies there already.
fetch_keycloak() {
    local artifact=org.keycloak:keycloak-quarkus-dist:$1:zip zip
    zip=$HOME/.m2/repository/org/keycloak/keycloak-quarkus-dist/$1/keycloak-quarkus-dist-$1.zip
    if [ ! -f "$zip" ]; then
        need_packages 'command -v mvn' maven
        say "Fetching Keycloak $1 ($artifact, 174 MB) with Maven"
        mvn --batch-mode --quiet dependency:get -Dartifact="$artifact" -Dtransitive=false >&2 ||
            stop "Keycloak $1 cannot be fetched." \
                "unpack keycloak-$1.zip from https://www.keycloak.org/downloads, set KEYCLOAK_HOME to the folder, run again"
    fi
    echo "$2  $zip" | sha256sum --check --status || stop "$zip is not Keycloak $1 as published." "delete it and run again"
    cp "$zip" "$3"
}
