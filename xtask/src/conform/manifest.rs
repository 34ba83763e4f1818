//! What lies where in a folder of recordings: every file is read in some way, or listed with the reason why it is no answer.
//!
//! Only a file that answers no endpoint we call may be listed as no answer; a file that nobody listed is a complaint.

use super::readers::{NoAnswer, Reading, Wrap};

const PVE: &str = "proxmox";
const UNIFI: &str = "unifi";
const NPM: &str = "npm";
const STRIPE: &str = "stripe";

/// How a kind's single objects are wrapped to be the list that we read.
const UNIFI_ENVELOPE: Wrap = (r#"{"meta":{"rc":"ok"},"data":["#, "]}");
const DATA: Wrap = (r#"{"data":"#, "}");
const BARE_LIST: Wrap = ("[", "]");
const STRIPE_LIST: Wrap = (r#"{"object":"list","url":"/v1/x","has_more":false,"data":["#, "]}");

/// The first line that fits a file counts; a `*` fits anything within one name.
pub(super) const MANIFEST: &[(&str, Reading)] = &[
    // Proxmox VE
    (
        "proxmox-ve/captured/cluster-resources.single-node.json",
        Reading::Whole(PVE, "/api2/json/cluster/resources", Some(DATA)),
    ),
    ("proxmox-ve/captured/ansible/recorded-pve-6.2.by-url.json", Reading::ByUrl(PVE)),
    ("proxmox-ve/captured/ansible/module-test-payloads.json", Reading::ModulePayloads(PVE)),
    ("proxmox-ve/captured/go-proxmox/*.responses.json", Reading::ByRegex(PVE, "/api2/json")),
    ("proxmox-ve/captured/http-layer/*.headers", Reading::None(NoAnswer::Description)),
    ("proxmox-ve/captured/http-layer/03-list.json", Reading::None(NoAnswer::NotCalled)),
    ("proxmox-ve/captured/http-layer/12-put-ok.json", Reading::None(NoAnswer::NotCalled)),
    ("proxmox-ve/captured/http-layer/15-ticket.json", Reading::None(NoAnswer::NotCalled)),
    ("proxmox-ve/captured/http-layer/17-extjs.json", Reading::None(NoAnswer::NotCalled)),
    ("proxmox-ve/captured/http-layer/18-version.json", Reading::Whole(PVE, "/api2/json/version", None)),
    ("proxmox-ve/captured/http-layer/19-cookie.json", Reading::Whole(PVE, "/api2/json/version", None)),
    ("proxmox-ve/captured/http-layer/21-gzip.json", Reading::Whole(PVE, "/api2/json/version", None)),
    ("proxmox-ve/captured/http-layer/*.json", Reading::Refusal(PVE)),
    ("proxmox-ve/*.json.gz", Reading::None(NoAnswer::Schema)),
    ("proxmox-ve/pve-api-9.1.reduced.json", Reading::None(NoAnswer::Schema)),
    // UniFi
    (
        "unifi/captured/aiounifi/login_unifios_json_response.json",
        Reading::Whole(UNIFI, "POST /api/auth/login", None),
    ),
    (
        "unifi/captured/aiounifi/port_forwarding.json",
        Reading::Whole(UNIFI, "/proxy/network/api/s/default/rest/portforward", None),
    ),
    (
        "unifi/captured/aiounifi/site_response.json",
        Reading::Whole(UNIFI, "/proxy/network/api/self/sites", None),
    ),
    ("unifi/captured/aiounifi/dpi_*.json", Reading::None(NoAnswer::NotCalled)),
    ("unifi/captured/aiounifi/firewall_*.json", Reading::None(NoAnswer::NotCalled)),
    ("unifi/captured/aiounifi/system_information.json", Reading::None(NoAnswer::NotCalled)),
    ("unifi/captured/aiounifi/vouchers.json", Reading::None(NoAnswer::NotCalled)),
    ("unifi/captured/aiounifi/wlans.json", Reading::None(NoAnswer::NotCalled)),
    (
        "unifi/captured/aiounifi/*.json",
        Reading::Object(UNIFI, "/proxy/network/api/s/default/stat/device", UNIFI_ENVELOPE),
    ),
    ("unifi/captured/unpoller/events.json", Reading::None(NoAnswer::NotCalled)),
    ("unifi/captured/unpoller/ids.json", Reading::None(NoAnswer::NotCalled)),
    ("unifi/captured/unpoller/observed-endpoints.json", Reading::None(NoAnswer::Description)),
    ("unifi/captured/unpoller/stat-health.json", Reading::None(NoAnswer::NotCalled)),
    ("unifi/captured/unpoller/wan-*.json", Reading::None(NoAnswer::NotCalled)),
    (
        "unifi/captured/unpoller/*.json",
        Reading::Object(UNIFI, "/proxy/network/api/s/default/stat/device", UNIFI_ENVELOPE),
    ),
    (
        "unifi/captured/stat-sta/stat-sta.mac-excerpt.2025.json",
        Reading::Object(UNIFI, "/proxy/network/api/s/default/stat/sta", UNIFI_ENVELOPE),
    ),
    ("unifi/captured/stat-sta/*.json", Reading::Whole(UNIFI, "/proxy/network/api/s/default/stat/sta", None)),
    (
        "unifi/captured/mca-dump/*.json",
        Reading::McaDump(UNIFI, "/proxy/network/api/s/default/stat/device", UNIFI_ENVELOPE),
    ),
    ("unifi/captured/errors.observed.json", Reading::ObservedErrors(UNIFI)),
    ("unifi/integration-openapi/*.json", Reading::None(NoAnswer::Schema)),
    ("unifi/legacy-fields.json", Reading::None(NoAnswer::Schema)),
    // NPM
    ("npm/captured-proxy-host.v2.11-ints.json", Reading::Object(NPM, "/api/nginx/proxy-hosts", BARE_LIST)),
    ("npm/captured/*.headers", Reading::None(NoAnswer::Description)),
    ("npm/captured/00-root.json", Reading::None(NoAnswer::NotCalled)),
    ("npm/captured/0[123]-token-*.json", Reading::Whole(NPM, "POST /api/tokens", None)),
    ("npm/captured/04-token-invalid.json", Reading::Whole(NPM, "POST /api/tokens", None)),
    ("npm/captured/07-token-refresh.json", Reading::Whole(NPM, "POST /api/tokens", None)),
    ("npm/captured/07b-token-expiry.json", Reading::Whole(NPM, "POST /api/tokens", None)),
    ("npm/captured/85-token-ro.json", Reading::Whole(NPM, "POST /api/tokens", None)),
    ("npm/captured/08-users-me.json", Reading::Whole(NPM, "/api/users/me", None)),
    ("npm/captured/1[012]-*.json", Reading::None(NoAnswer::NotCalled)),
    ("npm/captured/2[01]-proxy-create*.json", Reading::Object(NPM, "/api/nginx/proxy-hosts", BARE_LIST)),
    ("npm/captured/2*-proxy-create-*.json", Reading::Whole(NPM, "/api/nginx/proxy-hosts", None)),
    ("npm/captured/30-redir-create.json", Reading::Object(NPM, "/api/nginx/redirection-hosts", BARE_LIST)),
    ("npm/captured/31-stream-create.json", Reading::Object(NPM, "/api/nginx/streams", BARE_LIST)),
    ("npm/captured/32-dead-create.json", Reading::Object(NPM, "/api/nginx/dead-hosts", BARE_LIST)),
    ("npm/captured/3*-proxy-disable*.json", Reading::None(NoAnswer::NotCalled)),
    ("npm/captured/4[35]-proxy-*.json", Reading::ObjectOrList(NPM, "/api/nginx/proxy-hosts", BARE_LIST)),
    ("npm/captured/80-proxy-put.json", Reading::Object(NPM, "/api/nginx/proxy-hosts", BARE_LIST)),
    ("npm/captured/81-redir-put.json", Reading::Object(NPM, "/api/nginx/redirection-hosts", BARE_LIST)),
    ("npm/captured/50-redir-list.json", Reading::Whole(NPM, "/api/nginx/redirection-hosts", None)),
    ("npm/captured/51-stream-list.json", Reading::Whole(NPM, "/api/nginx/streams", None)),
    ("npm/captured/87-ro-streams.json", Reading::Whole(NPM, "/api/nginx/streams", None)),
    ("npm/captured/52-dead-list.json", Reading::Whole(NPM, "/api/nginx/dead-hosts", None)),
    ("npm/captured/53-cert-list.json", Reading::Whole(NPM, "/api/nginx/certificates", None)),
    ("npm/captured/5[4-8]-*.json", Reading::None(NoAnswer::NotCalled)),
    ("npm/captured/6*.json", Reading::None(NoAnswer::NotCalled)),
    ("npm/captured/82-user-create.json", Reading::None(NoAnswer::NotCalled)),
    ("npm/captured/8[34]-user-*.json", Reading::None(NoAnswer::NotCalled)),
    ("npm/captured/8[89]-ro-*.json", Reading::None(NoAnswer::NotCalled)),
    ("npm/captured/*.json", Reading::Whole(NPM, "/api/nginx/proxy-hosts", None)),
    ("npm/npm-2.15.1.examples.json", Reading::Examples(NPM, "/api")),
    ("npm/npm-2.15.1.openapi.merged.json", Reading::None(NoAnswer::Schema)),
    ("npm/npmplus-2026.proxy-host-delta.json", Reading::None(NoAnswer::Description)),
    // Stripe
    ("stripe/fixtures3.reduced.json", Reading::FixtureResources(STRIPE)),
    ("stripe/captured/localstripe/01-customer.json", Reading::Object(STRIPE, "/v1/customers", STRIPE_LIST)),
    ("stripe/captured/localstripe/03b-default.json", Reading::Object(STRIPE, "/v1/customers", STRIPE_LIST)),
    ("stripe/captured/localstripe/04-product.json", Reading::Object(STRIPE, "/v1/products", STRIPE_LIST)),
    ("stripe/captured/localstripe/06-sub.json", Reading::Object(STRIPE, "/v1/subscriptions", STRIPE_LIST)),
    ("stripe/captured/localstripe/07-invoices.json", Reading::Whole(STRIPE, "/v1/invoices", None)),
    ("stripe/captured/localstripe/09-sub-list.json", Reading::Whole(STRIPE, "/v1/subscriptions", None)),
    ("stripe/captured/localstripe/08-cust-list.json", Reading::Whole(STRIPE, "/v1/customers", None)),
    ("stripe/captured/localstripe/1[012]-*.json", Reading::Whole(STRIPE, "/v1/customers", None)),
    ("stripe/captured/localstripe/1[78]-page*.json", Reading::Whole(STRIPE, "/v1/customers", None)),
    ("stripe/captured/localstripe/webhook-*", Reading::None(NoAnswer::NotCalled)),
    ("stripe/captured/localstripe/*", Reading::None(NoAnswer::NotCalled)),
    ("stripe/captured/pay-rails.vcr-responses.json", Reading::Cassettes(STRIPE)),
    ("stripe/captured/pay-rails.event-data-by-type.json", Reading::None(NoAnswer::NotCalled)),
    ("stripe/captured/dj-stripe.event-envelopes.json", Reading::None(NoAnswer::NotCalled)),
    ("stripe/event-types.json", Reading::None(NoAnswer::Description)),
    ("stripe/objects.fields.json", Reading::None(NoAnswer::Schema)),
    // Systems that nothing here reads yet.
    ("netbox/*", Reading::None(NoAnswer::NotCalled)),
    ("netbox/responses/*", Reading::None(NoAnswer::NotCalled)),
    ("proxmox-backup/*", Reading::None(NoAnswer::NotCalled)),
    ("keycloak/*", Reading::None(NoAnswer::NotCalled)),
    ("keycloak/realm/*", Reading::None(NoAnswer::NotCalled)),
    ("keycloak/captured-26.7.5/*", Reading::None(NoAnswer::NotCalled)),
    ("*.md", Reading::None(NoAnswer::Description)),
    ("*/PROVENANCE.md", Reading::None(NoAnswer::Description)),
];
