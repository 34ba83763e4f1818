//! `*.conf` and `*.env`.

use super::{check, parsed};

#[test]
fn lines_declare_addresses_under_their_key() {
    check("a.conf", "APP=10.0.0.5\n", &["a.conf:1 APP 10.0.0.5"]);
    check("a.conf", "export APP=10.0.0.5", &["a.conf:1 APP 10.0.0.5"]);
    check("a.conf", "  export\t APP=10.0.0.5  \r\n", &["a.conf:1 APP 10.0.0.5"]);
    check("a.env", "\n# a comment\nAPP='10.0.0.5'\n", &["a.env:3 APP 10.0.0.5"]);
    check("a.conf", "APP=\"10.0.0.5\" # the app", &["a.conf:1 APP 10.0.0.5"]);
    check("a.conf", "APP=fd00::5", &["a.conf:1 APP fd00::5"]);
    check("a.conf", "APP=::ffff:10.0.0.5", &["a.conf:1 APP 10.0.0.5"]);
    check("a.conf", "app_2=10.0.0.5", &["a.conf:1 app_2 10.0.0.5"]);
    // One key on two lines is two lines.
    check("a.conf", "A=10.0.0.5\nA=10.0.0.6", &["a.conf:1 A 10.0.0.5", "a.conf:2 A 10.0.0.6"]);
}

#[test]
fn a_value_may_hold_several_with_prefix_or_port() {
    check(
        "a.conf",
        "DNS=\"10.0.0.5, 10.0.0.6/24,10.0.0.7:53 [fd00::5]:53\t10.0.0.5\"",
        &[
            "a.conf:1 DNS 10.0.0.5",
            "a.conf:1#2 DNS 10.0.0.6",
            "a.conf:1#3 DNS 10.0.0.7",
            "a.conf:1#4 DNS fd00::5",
        ],
    );
    check("a.conf", "DNS=10.0.0.5 10.0.0.6", &["a.conf:1 DNS 10.0.0.5", "a.conf:1#2 DNS 10.0.0.6"]);
}

#[test]
fn words_of_the_key_say_vip_and_anycast() {
    check("a.conf", "KEYCLOAK_VIP=10.0.0.5", &["a.conf:1 KEYCLOAK_VIP 10.0.0.5 Vip"]);
    check("a.conf", "vip_keycloak=10.0.0.5", &["a.conf:1 vip_keycloak 10.0.0.5 Vip"]);
    check("a.conf", "DNS_ANYCAST_1=10.0.0.5", &["a.conf:1 DNS_ANYCAST_1 10.0.0.5 Anycast"]);
    check("a.conf", "VIPER=10.0.0.5", &["a.conf:1 VIPER 10.0.0.5"]);
    check("a.conf", "MYVIP=10.0.0.5", &["a.conf:1 MYVIP 10.0.0.5"]);
}

#[test]
fn hosts_and_gateways_are_no_missing_guests() {
    for key in ["PROXMOX_HOST_R630_01", "NETWORK_GATEWAY", "UDM_PRO_LAN", "WAN_AGGREGATOR_1"] {
        check("a.conf", &format!("{key}=10.0.0.5"), &[&format!("a.conf:1 {key} 10.0.0.5 not-a-guest")]);
    }
    for key in ["PROXMOX_HOSTS", "NETWORK_GATEWAY_2", "MY_UDM_PRO_LAN", "network_gateway"] {
        check("a.conf", &format!("{key}=10.0.0.5"), &[&format!("a.conf:1 {key} 10.0.0.5")]);
    }
}

#[test]
fn references_look_backwards() {
    check("a.conf", "A=10.0.0.5\nB=$A", &["a.conf:1 A 10.0.0.5", "a.conf:2 B 10.0.0.5"]);
    check("a.conf", "A=10.0.0.5\nB=${A}", &["a.conf:1 A 10.0.0.5", "a.conf:2 B 10.0.0.5"]);
    check("a.conf", "B=$A\nA=10.0.0.5", &["a.conf:2 A 10.0.0.5"]);
    check("a.conf", "NET=10.0.0\nA=$NET.5\nB=\"${NET}.6\"", &["a.conf:2 A 10.0.0.5", "a.conf:3 B 10.0.0.6"]);
    check("a.conf", "B=${A:-10.0.0.5}", &["a.conf:1 B 10.0.0.5"]);
    check("a.conf", "A=\nB=${A:-10.0.0.5}", &["a.conf:2 B 10.0.0.5"]);
    check("a.conf", "B=${A:-\"10.0.0.5\"}", &["a.conf:1 B 10.0.0.5"]);
    check("a.conf", "A=10.0.0.6\nB=${A:-10.0.0.5}", &["a.conf:1 A 10.0.0.6", "a.conf:2 B 10.0.0.6"]);
    check(
        "a.conf",
        "N=10.0.0\nB=\"${N:-x}.5 ${M:-10.0.1}.5\"",
        &["a.conf:2 B 10.0.0.5", "a.conf:2#2 B 10.0.1.5"],
    );
    // The value then, not the value at the end; and one's own earlier value.
    check(
        "a.conf",
        "A=10.0.0.5\nB=$A\nA=\"$A 10.0.0.6\"",
        &["a.conf:1 A 10.0.0.5", "a.conf:2 B 10.0.0.5", "a.conf:3 A 10.0.0.5", "a.conf:3#2 A 10.0.0.6"],
    );
    check("a.conf", "A=$A", &[]);
    check("a.conf", "A=10.0.0.5\nB='$A'", &["a.conf:1 A 10.0.0.5"]);
    check("a.conf", "A=10.0.0.5\nB=\\$A\nC=\"\\$A\"", &["a.conf:1 A 10.0.0.5"]);
    // A longer name is another name.
    check("a.conf", "A=10.0.0.5\nB=$AB", &["a.conf:1 A 10.0.0.5"]);
}

#[test]
fn nothing_is_executed_and_what_only_a_shell_knows_is_unknown() {
    for value in [
        "$(echo 10.0.0.5 )",
        "`echo 10.0.0.5 `",
        "\"$(echo 10.0.0.5 )\"",
        "\"` 10.0.0.5 `\"",
        "( 10.0.0.5 10.0.0.6 )",
        "${A%.*} 10.0.0.5",
        "${!A} 10.0.0.5",
        "${A:-$B} 10.0.0.5",
        "${A 10.0.0.5",
        "$1 10.0.0.5",
        "\"10.0.0.5",
        "'10.0.0.5",
        "10.0.0.5 <(x)",
        "10.0.0.5 \\",
    ] {
        check("a.conf", &format!("KEY={value}"), &[]);
    }
    // A key whose value became unknown has no older one.
    check("a.conf", "A=10.0.0.5\nA=$(hostname -I)\nB=$A", &["a.conf:1 A 10.0.0.5"]);
    // The statement ends, the comment begins.
    check("a.conf", "A=10.0.0.5; B=10.0.0.6", &["a.conf:1 A 10.0.0.5"]);
    check("a.conf", "A=10.0.0.5 && rm -rf 10.0.0.6", &["a.conf:1 A 10.0.0.5"]);
    check("a.conf", "A=10.0.0.5 # was 10.0.0.6", &["a.conf:1 A 10.0.0.5"]);
    check("a.conf", "A=#10.0.0.5", &[]);
    check("a.conf", "A=10.0.0.5#6", &[]);
    check("a.conf", "A=\"10.0.0.5 # in quotes 10.0.0.6\"", &["a.conf:1 A 10.0.0.5", "a.conf:1#2 A 10.0.0.6"]);
}

#[test]
fn other_lines_and_other_values_are_passed_over_in_silence() {
    for content in [
        "",
        "APP",
        "= 10.0.0.5",
        "=10.0.0.5",
        "APP = 10.0.0.5",
        "APP =10.0.0.5",
        "1APP=10.0.0.5",
        "APP-1=10.0.0.5",
        "APP.X=10.0.0.5",
        "APP+=10.0.0.5",
        "APP[0]=10.0.0.5",
        "exportAPP 10.0.0.5",
        "declare -x APP=10.0.0.5",
        "#APP=10.0.0.5",
        "if [ 10.0.0.5 ]; then",
        "[section]",
        "APP=app.example.org",
        "APP=https://10.0.0.5:8006/",
        "APP=10.0.0.5-10.0.0.9",
        "APP=10.0.0.300",
        "APP=10.0.0.05",
        "APP=10.0.0.5.6",
        "APP=10.0.0.5:99999",
        "NET=10.0.0.0/24",
        "MASK=255.255.255.0",
        "LISTEN=0.0.0.0:80 127.0.0.1 ::1 ::",
        "GROUP=224.0.0.18 169.254.1.1 fe80::1",
        "TIME=12:30:05",
        "MAC=bc:24:11:00:00:05",
        "\u{fc}=10.0.0.5",
        "A\0=10.0.0.5",
    ] {
        check("a.conf", content, &[]);
    }
}

#[test]
fn a_value_that_doubles_is_bounded() {
    let doubled = (1..64).map(|step| format!("V{step}=\"$V{0} $V{0}\"\n", step - 1));
    let content = format!("V0=\"10.0.0.5 xxxxxxxx\"\n{}", doubled.collect::<String>());
    let parsed = parsed("a.conf", &content);
    assert!(parsed.problems.iter().any(|(_, message)| message.contains("64 KiB")), "{:?}", parsed.problems);
    assert!(parsed.assignments.len() < 64);
}

#[test]
fn the_values_of_a_file_are_bounded_together() {
    let mut content = format!("BIG={}\n", "x".repeat(60_000));
    content.push_str(&"C=$BIG\n".repeat(500));
    content.push_str("LAST=10.0.0.5\n");
    let parsed = parsed("a.conf", &content);
    assert!(parsed.problems[0].1.contains("8 MiB"), "{:?}", parsed.problems);
    assert!(parsed.assignments.is_empty(), "what follows is not read");
}

#[test]
fn entries_are_bounded() {
    let content = "A=10.0.0.5\n".repeat(100_500);
    let parsed = parsed("a.conf", &content);
    assert_eq!(parsed.assignments.len(), 100_000);
    assert_eq!(parsed.problems.len(), 1);
}
