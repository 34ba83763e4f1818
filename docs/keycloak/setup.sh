#!/usr/bin/env bash
# Sets a realm of a Keycloak up for fleetgraph: clients, roles, mappers, a second factor. README.md beside it says why.
# Safe to run again: what is there is set to what is written here, and nothing else of the realm is touched.
set -euo pipefail

help() {
    cat <<'TEXT'
docs/keycloak/setup.sh --realm NAME --gateway URL --redirect URI [--redirect URI]... [--otp-life SECONDS] [--secrets DIR]

  --realm NAME        made where it is missing
  --gateway URL       the gateway as Keycloak reaches it; logouts are sent to URL/auth/backchannel-logout
  --redirect URI      where the front end is sent back to after a sign-in; may be given several times
  --otp-life SECONDS  how long a typed code counts as a second factor (900)
  --secrets DIR       writes both clients' secrets there, each in a file that only you may read

From the environment: KEYCLOAK_URL (https://sso.example.org), KEYCLOAK_PASSWORD, and KEYCLOAK_USER (admin): an administrator
of the realm `master`. Needs bash, curl and jq. Tried with Keycloak 26.7.

Example:
  KEYCLOAK_URL=http://127.0.0.1:8080 KEYCLOAK_PASSWORD=... docs/keycloak/setup.sh \
      --realm ops --gateway https://fleet.example.org --redirect https://fleet.example.org/
TEXT
}

stop() {
    printf 'setup.sh: %s\n' "$1" >&2
    exit "${2:-1}"
}

realm='' gateway='' otp_life=900 secrets='' redirects=()
while [ $# -gt 0 ]; do
    case $1 in
        --help | -h) help; exit 0 ;;
        --realm | --gateway | --redirect | --otp-life | --secrets)
            [ $# -ge 2 ] || stop "$1 needs a value; see --help" 2
            case $1 in
                --realm) realm=$2 ;;
                --gateway) gateway=${2%/} ;;
                --redirect) redirects+=("$2") ;;
                --otp-life) otp_life=$2 ;;
                --secrets) secrets=$2 ;;
            esac
            shift 2 ;;
        *) stop "unknown argument $1; see --help" 2 ;;
    esac
done
[ -n "$realm" ] && [ -n "$gateway" ] && [ ${#redirects[@]} -gt 0 ] || stop "--realm, --gateway and --redirect are needed; see --help" 2
[[ $realm =~ ^[A-Za-z0-9._-]+$ ]] || stop "the realm's name may hold letters, digits, '.', '_' and '-'" 2
[[ $otp_life =~ ^[1-9][0-9]*$ ]] || stop "--otp-life is a number of seconds" 2
: "${KEYCLOAK_URL:?set it to the address of Keycloak; see --help}" "${KEYCLOAK_PASSWORD:?set it to the password of the administrator; see --help}"
for tool in curl jq; do command -v "$tool" >/dev/null || stop "$tool is missing: install it and run again"; done
base=${KEYCLOAK_URL%/}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Neither the password nor a token ever stands in a command line, where other users of the machine could read it.
sign_in() {
    printf '%s' "$KEYCLOAK_PASSWORD" |
        curl -sS -o "$work/token" -w '%{http_code}' "$base/realms/master/protocol/openid-connect/token" \
            -d grant_type=password -d client_id=admin-cli --data-urlencode "username=${KEYCLOAK_USER:-admin}" \
            --data-urlencode password@- >"$work/status" || stop "no Keycloak answers at $base"
    [ "$(cat "$work/status")" = 200 ] || stop "Keycloak refuses the administrator: $(jq -r '.error_description? // .error?' <"$work/token" 2>/dev/null)"
    jq -j '"Authorization: Bearer " + .access_token' <"$work/token" >"$work/header"
}

# call METHOD PATH [JSON]: what Keycloak answers. An administrator's token lives a minute: a refused one is fetched anew once.
call() {
    local method=$1 path=$2 body=${3:-} status tries
    for tries in 1 2; do
        status=$(printf '%s' "$body" | curl -sS -o "$work/answer" -w '%{http_code}' -X "$method" -H @"$work/header" \
            -H 'Content-Type: application/json' --data-binary @- "$base/admin/realms$path") || stop "no Keycloak answers at $base"
        [ "$status" = 401 ] && [ "$tries" = 1 ] || break
        sign_in
    done
    case $status in
        2*) cat "$work/answer" ;;
        404) [ "$method" = GET ] || stop "$method $path: $status $(cat "$work/answer")" ;;
        *) stop "$method $path: $status $(cat "$work/answer")" ;;
    esac
}

say() { printf '%s\n' "$*" >&2; }

sign_in
if [ -z "$(call GET "/$realm")" ]; then
    say "realm $realm: made"
    call POST "" "$(jq -n --arg realm "$realm" '{realm: $realm, enabled: true, sslRequired: "external"}')"
else
    say "realm $realm: is there"
fi
# A token that only reads is believed until it ends: five minutes are how late a role taken away is felt.
# The levels of authentication have numbers; this realm calls them by these.
settings=$(call GET "/$realm" | jq '.accessTokenLifespan = 300 | .attributes["acr.loa.map"] = "{\"1\":1,\"2\":2}"')
call PUT "/$realm" "$settings"

for role in fleetgraph-{viewer,operator,approver,network,billing,auditor,reporter,publisher} sankofa-it-admin; do
    [ -n "$(call GET "/$realm/roles/$role")" ] || call POST "/$realm/roles" "$(jq -n --arg name "$role" '{name: $name}')"
done
say "roles: fleetgraph-viewer to sankofa-it-admin"

# The sign-in of the front end: level 1 is the password, level 2 the code. Each execution names what it proves, for `amr`.
flow='fleetgraph browser'
path_of() { jq -rn --arg text "$1" '$text | @uri'; }
executions() { call GET "/$realm/authentication/flows/$(path_of "$flow")/executions"; }
id_of_flow() { call GET "/$realm/authentication/flows" | jq -r --arg alias "$flow" '.[] | select(.alias == $alias) | .id'; }
subflow() { # PARENT NAME
    call POST "/$realm/authentication/flows/$(path_of "$1")/executions/flow" \
        "$(jq -n --arg alias "$2" '{alias: $alias, type: "basic-flow", provider: "registration-page-form", description: ""}')"
}
step() { # PARENT AUTHENTICATOR
    call POST "/$realm/authentication/flows/$(path_of "$1")/executions/execution" "$(jq -n --arg provider "$2" '{provider: $provider}')"
}
if [ -z "$(id_of_flow)" ]; then
    call POST "/$realm/authentication/flows" \
        "$(jq -n --arg alias "$flow" '{alias: $alias, providerId: "basic-flow", topLevel: true, builtIn: false, description: "Password, and a code where asked for"}')"
    step "$flow" auth-cookie
    subflow "$flow" 'fleetgraph levels'
    subflow 'fleetgraph levels' 'fleetgraph level 1'
    step 'fleetgraph level 1' conditional-level-of-authentication
    step 'fleetgraph level 1' auth-username-password-form
    subflow 'fleetgraph levels' 'fleetgraph level 2'
    step 'fleetgraph level 2' conditional-level-of-authentication
    step 'fleetgraph level 2' auth-otp-form
fi
requirement() { # ALTERNATIVE|CONDITIONAL|REQUIRED, and which executions
    local execution
    executions | jq -c --arg to "$1" ".[] | select($2) | .requirement = \$to" >"$work/requirements"
    while read -r execution; do
        call PUT "/$realm/authentication/flows/$(path_of "$flow")/executions" "$execution" >/dev/null
    done <"$work/requirements"
}
requirement ALTERNATIVE '.level == 0'
requirement CONDITIONAL '.level == 1'
requirement REQUIRED '.level == 2'
configure() { # WHICH-EXECUTION ALIAS CONFIG
    local execution id config
    execution=$(executions | jq -c "[.[] | select($1)]")
    id=$(jq -r '.[0].id' <<<"$execution")
    config=$(jq -r '.[0].authenticationConfig // empty' <<<"$execution")
    local body
    body=$(jq -n --arg alias "$2" --argjson config "$3" '{alias: $alias, config: $config}')
    if [ -n "$config" ]; then
        call PUT "/$realm/authentication/config/$config" "$(jq --arg id "$config" '.id = $id' <<<"$body")"
    else
        call POST "/$realm/authentication/executions/$id/config" "$body"
    fi
}
level() { # NUMBER SECONDS
    printf '{"loa-condition-level": "%s", "loa-max-age": "%s"}' "$1" "$2"
}
reference() { # NAME SECONDS
    printf '{"default.reference.value": "%s", "default.reference.maxAge": "%s"}' "$1" "$2"
}
of_level() { printf '.level == 2 and .providerId == "conditional-level-of-authentication"'; }
configure_levels() {
    local ids first second
    ids=$(executions | jq -r ".[] | select($(of_level)) | .id")
    first=$(sed -n 1p <<<"$ids") second=$(sed -n 2p <<<"$ids")
    configure ".id == \"$first\"" 'fleetgraph level 1' "$(level 1 36000)"
    configure ".id == \"$second\"" 'fleetgraph level 2' "$(level 2 "$otp_life")"
    configure '.providerId == "auth-username-password-form"' 'fleetgraph pwd' "$(reference pwd 36000)"
    configure '.providerId == "auth-otp-form"' 'fleetgraph otp' "$(reference otp "$otp_life")"
}
configure_levels
say "flow '$flow': password, then a code where level 2 is asked for; a code counts $otp_life s"

# client NAME JSON: made, or set to it.
client() {
    local id
    id=$(call GET "/$realm/clients?clientId=$1" | jq -r '.[0].id // empty')
    if [ -n "$id" ]; then
        call PUT "/$realm/clients/$id" "$(call GET "/$realm/clients/$id" | jq --argjson new "$2" '. * $new')"
    else
        call POST "/$realm/clients" "$(jq --arg name "$1" '.clientId = $name | .protocol = "openid-connect" | .enabled = true' <<<"$2")"
    fi
    say "client $1"
}
# mapper CLIENT NAME KIND CONFIG: made, or set to it.
mapper() {
    local id path old body
    id=$(call GET "/$realm/clients?clientId=$1" | jq -r '.[0].id')
    path="/$realm/clients/$id/protocol-mappers/models"
    old=$(call GET "$path" | jq -r --arg name "$2" '.[] | select(.name == $name) | .id')
    body=$(jq -n --arg name "$2" --arg kind "$3" --argjson config "$4" \
        '{name: $name, protocol: "openid-connect", protocolMapper: $kind, config: $config}')
    if [ -n "$old" ]; then
        call PUT "$path/$old" "$(jq --arg id "$old" '.id = $id' <<<"$body")"
    else
        call POST "$path" "$body"
    fi
}
audience='{"included.client.audience": "fleetgraph", "access.token.claim": "true", "id.token.claim": "false", "introspection.token.claim": "true"}'
groups='{"claim.name": "groups", "full.path": "true", "access.token.claim": "true", "id.token.claim": "false", "userinfo.token.claim": "false", "introspection.token.claim": "true"}'
amr='{"access.token.claim": "true", "id.token.claim": "true", "introspection.token.claim": "true"}'

client fleetgraph '{"publicClient": false, "standardFlowEnabled": false, "directAccessGrantsEnabled": false, "serviceAccountsEnabled": false, "fullScopeAllowed": false}'
client fleetgraph-web "$(jq -n --arg flow "$(id_of_flow)" --arg logout "$gateway/auth/backchannel-logout" \
    '{publicClient: true, standardFlowEnabled: true, directAccessGrantsEnabled: false, serviceAccountsEnabled: false, fullScopeAllowed: true,
      redirectUris: $ARGS.positional, webOrigins: ["+"], authenticationFlowBindingOverrides: {browser: $flow},
      attributes: {"pkce.code.challenge.method": "S256", "post.logout.redirect.uris": "+", "acr.loa.map": "{\"1\":1,\"2\":2}",
        "backchannel.logout.url": $logout, "backchannel.logout.session.required": "true", "backchannel.logout.revoke.offline.tokens": "true"}}' \
    --args "${redirects[@]}")"
mapper fleetgraph-web 'audience fleetgraph' oidc-audience-mapper "$audience"
mapper fleetgraph-web groups oidc-group-membership-mapper "$groups"
mapper fleetgraph-web amr oidc-amr-mapper "$amr"
client fleetgraph-bi '{"publicClient": false, "standardFlowEnabled": false, "directAccessGrantsEnabled": false, "serviceAccountsEnabled": true, "fullScopeAllowed": true}'
mapper fleetgraph-bi 'audience fleetgraph' oidc-audience-mapper "$audience"
bi=$(call GET "/$realm/clients?clientId=fleetgraph-bi" | jq -r '.[0].id')
bi_user=$(call GET "/$realm/clients/$bi/service-account-user" | jq -r .id)
call POST "/$realm/users/$bi_user/role-mappings/realm" "[$(call GET "/$realm/roles/fleetgraph-viewer")]"

if [ -n "$secrets" ]; then
    (umask 077 && mkdir -p "$secrets")
    for name in fleetgraph fleetgraph-bi; do
        id=$(call GET "/$realm/clients?clientId=$name" | jq -r '.[0].id')
        (umask 077 && call GET "/$realm/clients/$id/client-secret" | jq -j .value >"$secrets/$name.secret")
    done
    say "secrets: in $secrets"
    secret="{ file = \"$(cd "$secrets" && pwd)/fleetgraph.secret\" }"
else
    say "secrets: in Keycloak, Clients > fleetgraph > Credentials, and the same of fleetgraph-bi"
    secret='{ env = "KC_SECRET" }'
fi

cat <<TEXT
[auth]
issuer = "$base/realms/$realm"
audience = ["fleetgraph"]
client_id = "fleetgraph"
client_secret = $secret
clients = ["fleetgraph-web", "fleetgraph-bi"]
logout_audience = ["fleetgraph-web"]
mfa = { acr = ["2"], amr = ["otp"], max_age = "${otp_life}s" }
TEXT
