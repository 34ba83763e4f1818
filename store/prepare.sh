#!/bin/sh
# Writes .sqlx anew, which the build reads instead of a database: after a change of a query or a migration.
# Needs sqlx-cli: cargo install sqlx-cli --version 0.9.0 --no-default-features --features rustls,postgres
set -eu
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'exec 3>&-; wait; rm -rf "$folder"' EXIT
mkfifo "$folder/stdin" "$folder/stdout"
# The probe needs no query of its own to compile, but the library's must: from the last .sqlx, or without them.
server=${STORE_PROBE:-target/debug/store-probe}
[ -x "$server" ] || cargo build --package store --bin store-probe
"$server" "$folder" <"$folder/stdin" >"$folder/stdout" &
exec 3>"$folder/stdin"
read -r said <"$folder/stdout"
[ "$said" = ready ] || { echo "$said" >&2; exit 1; }
encoded=$(printf '%s' "$folder/postgres/run" | sed 's|/|%2F|g')
export DATABASE_URL="postgres://fleetgraph@$encoded/fleetgraph" SQLX_OFFLINE=false
cargo sqlx database reset -y --source store/migrations
cargo sqlx prepare --workspace -- --package store --all-targets
