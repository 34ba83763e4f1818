//! What the proxy says, and what is made of it.

use std::fmt::Write as _;

use schema::fact::MainList;
use schema::source::ProblemCode;

use super::*;

/// One line a fact and a problem: what was made of a fixture.
fn shown(snapshot: &schema::Snapshot) -> String {
    let mut shown = String::new();
    for host in &snapshot.facts.proxy_hosts {
        let mut line = || -> std::fmt::Result {
            write!(shown, "{} [{}]", host.reference, host.domain_names.join(" "))?;
            if !host.enabled {
                write!(shown, " disabled")?;
            }
            if let Some(port) = host.incoming_port {
                write!(shown, " :{port}")?;
            }
            if let Some(protocol) = host.protocol {
                write!(shown, " {protocol:?}")?;
            }
            if host.forward_scheme.is_some() || host.forward_host.is_some() {
                write!(shown, " -> {}", target(host))?;
            }
            if let Some(name) = &host.redirect_to {
                write!(shown, " => {name}")?;
            }
            if host.ssl_forced {
                write!(shown, " ssl")?;
            }
            if let Some(certificate) = &host.certificate {
                write!(shown, " certificate={certificate}")?;
            }
            if let Some(list) = &host.access_list_name {
                write!(shown, " access={list}")?;
            }
            for at in &host.locations {
                write!(
                    shown,
                    " {}={}://{}:{:?}",
                    at.path, at.forward_scheme, at.forward_host, at.forward_port
                )?;
            }
            writeln!(shown, "{}", if host.seen.stale { " stale" } else { "" })
        };
        line().expect("a string takes everything");
    }
    for certificate in &snapshot.facts.certificates {
        let expires = certificate.expires_on.map(|at| at.to_chrono().to_rfc3339());
        let names = certificate.domain_names.join(" ");
        writeln!(
            shown,
            "certificate {} {} ({}) [{names}] {}",
            certificate.reference,
            certificate.nice_name,
            certificate.provider,
            expires.unwrap_or_default()
        )
        .expect("a string takes everything");
    }
    for problem in &snapshot.problems {
        writeln!(shown, "! {:?} {}: {}", problem.code, problem.subject, problem.message)
            .expect("a string takes everything");
    }
    shown
}

fn target(host: &ProxyHostFact) -> String {
    format!(
        "{}{}:{}",
        host.forward_scheme.as_deref().map(|scheme| format!("{scheme}://")).unwrap_or_default(),
        host.forward_host.as_deref().unwrap_or("nowhere"),
        host.forward_port.map(|port| port.to_string()).unwrap_or_default()
    )
}

#[track_caller]
fn check(given: &Given<'_>, expected: &str) {
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let snapshot = given.collect();
    assert_eq!(shown(&snapshot).lines().collect::<Vec<_>>(), expected);
    assert_eq!(snapshot.failure, None);
}

#[test]
fn a_current_proxy() {
    check(
        &Given {
            proxy_hosts: include_str!("../fixtures/proxy-hosts.2.15.json"),
            redirection_hosts: include_str!("../fixtures/redirection-hosts.json"),
            dead_hosts: include_str!("../fixtures/dead-hosts.json"),
            streams: include_str!("../fixtures/streams.json"),
            certificates: include_str!("../fixtures/certificates.json"),
        },
        "
        p3 [shop.example.org www.shop.example.org] -> http://10.1.0.5:8080 ssl certificate=4 access=staff only /api=https://10.1.0.6:Some(8443) /v2=http://10.1.0.5:Some(8080)
        p4 [*.example.org] disabled -> https://intranet.lan:443
        p5 [b\u{fc}ro.example.org xn--bro-hoa.example.org] -> http://fd00::15:3000
        r1 [old.example.org] => new.example.org
        r2 [port.example.org] => new.example.org certificate=4
        r3 [path.example.org] => new.example.org
        r4 [all.example.org] => www.$host
        d1 [gone.example.org] disabled
        s1 [] :2222 Tcp -> 10.1.0.9:22
        s2 [] :53 TcpUdp -> dns.lan:53
        s3 [] disabled :5060 Udp -> fd00::9:5060
        certificate 4 shop (letsencrypt) [shop.example.org www.shop.example.org] 2027-02-01T09:30:00+00:00
        certificate 5 *.example.org (other) [*.example.org] 2026-12-24T00:00:00+00:00
        ",
    );
}

#[test]
fn a_proxy_from_before_2_12_says_0_and_1() {
    check(
        &Given { proxy_hosts: include_str!("../fixtures/proxy-hosts.2.11.json"), ..Given::default() },
        "
        p10 [app.example.org] -> http://10.1.0.7:80 ssl certificate=81
        p11 [off.example.org] disabled -> http://10.1.0.8:8123
        p12 [new.example.org] -> http://10.1.0.8:81
        ",
    );
}

#[test]
fn npmplus_has_words_of_its_own() {
    check(
        &Given {
            proxy_hosts: include_str!("../fixtures/proxy-hosts.npmplus.json"),
            streams: include_str!("../fixtures/streams.npmplus.json"),
            ..Given::default()
        },
        "
        p1 [grpc.example.org] -> grpc://10.1.0.5:50051 certificate=2 access=staff, vpn ~ ^/api=http://10.1.0.6:Some(80)
        p2 [files.example.org] -> path://nowhere:
        p3 [empty.example.org] -> empty://nowhere:
        s1 [] :8000 Tcp -> 10.1.0.9:9000
        ! BadResponse stream 1: its incoming_port is the range 8000-8010, of which only 8000 is followed
        ! BadResponse stream 1: its forwarding_port is the range 9000-9010, of which only 9000 is followed
        ",
    );
}

#[test]
fn what_cannot_be_read_is_told_and_hides_nothing() {
    check(
        &Given {
            proxy_hosts: include_str!("../fixtures/proxy-hosts.broken.json"),
            streams: r#"[{"id":1,"incoming_port":0,"forwarding_host":"10.1.0.9","forwarding_port":70000}]"#,
            ..Given::default()
        },
        "
        p1 [good.example.org] -> http://10.1.0.5:80
        p3 [port.example.org] -> http://10.1.0.5:
        p5 [bare.example.org]
        s1 [] Tcp -> 10.1.0.9:
        ! BadResponse proxy host 2: it is not as expected: at domain_names: expected a sequence
        ! BadResponse proxy hosts: one of them is no object
        ! BadResponse proxy host 3: its forward_port is eighty, which is no port
        ! BadResponse proxy host 5: one of its locations has no path and is left out
        ! BadResponse stream 1: its incoming_port is 0, which is no port
        ! BadResponse stream 1: its forwarding_port is 70000, which is no port
        ",
    );
}

#[test]
fn an_object_that_can_no_longer_be_read_keeps_its_facts() {
    let memory = Memories::default();
    let good = Given {
        proxy_hosts: r#"[{"id":1,"domain_names":["a.example.org"]},{"id":2,"domain_names":["b.example.org"]}]"#,
        certificates: r#"[{"id":7,"nice_name":"seven"}]"#,
        ..Given::default()
    };
    assemble(NOW, &everything(), &good.readings(), &memory);
    let mut broken =
        Given { proxy_hosts: r#"[{"id":1,"domain_names":"a.example.org"}]"#, ..Given::default() }.readings();
    broken.certificates = Reading::Failed(CallError {
        code: ProblemCode::Timeout,
        message: "no answer within 10 s".into(),
        retry_after: None,
    });
    let snapshot = assemble(NOW, &everything(), &broken, &memory);
    let shown = shown(&snapshot);
    assert!(shown.contains("p1 [a.example.org] stale\n"), "{shown}");
    assert!(!shown.contains("p2"), "{shown}");
    assert!(shown.contains("certificate 7 seven"), "{shown}");
    assert!(shown.contains("! Timeout certificates: no answer within 10 s"), "{shown}");
    assert!(snapshot.facts.certificates[0].seen.stale);
    // Certificates are no main list; of the hosts one is what it was, and nobody knows what else it may be by now.
    let unread: Vec<_> = snapshot.unread.iter().map(|unread| (unread.list, &*unread.message)).collect();
    assert_eq!(unread, [(MainList::ProxyHosts, "1 of them cannot be read")]);
}

#[test]
fn moments_are_read_with_and_without_a_zone() {
    for (written, expected) in [
        ("2029-02-22 23:28:09", Some("2029-02-22T23:28:09+00:00")),
        (" 2029-02-22 23:28:09 ", Some("2029-02-22T23:28:09+00:00")),
        ("2025-10-28T04:17:54.000Z", Some("2025-10-28T04:17:54+00:00")),
        ("2025-10-28T06:17:54+02:00", Some("2025-10-28T04:17:54+00:00")),
        ("0000-00-00 00:00:00", None),
        ("soon", None),
    ] {
        assert_eq!(moment(written).map(|at| at.to_chrono().to_rfc3339()).as_deref(), expected, "{written}");
    }
}

#[test]
fn hosts_are_bare_and_addresses_canonical() {
    for (written, expected) in [
        ("10.0.0.1/app", "10.0.0.1"),
        ("http://10.0.0.1", "10.0.0.1"),
        ("[FD00::0001]", "fd00::1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        (" Intranet.lan ", "Intranet.lan"),
        ("intranet/a/b", "intranet"),
    ] {
        let given =
            format!(r#"[{{"id":1,"forward_host":{written:?},"forward_port":"80","forward_scheme":"http"}}]"#);
        check(&Given { proxy_hosts: &given, ..Given::default() }, &format!("p1 [] -> http://{expected}:80"));
    }
}

#[test]
fn rights_are_taken_at_the_proxys_word() {
    let view = r#""proxy_hosts":"view","redirection_hosts":"view","dead_hosts":"view","certificates":"view""#;
    let limited = account(&format!(
        r#"{{"roles":[],"permissions":{{"visibility":"user","streams":"hidden","access_lists":"hidden",{view}}}}}"#
    ));
    let mut readings = Given::default().readings();
    readings.streams = Reading::Hidden;
    let snapshot = assemble(NOW, &limited, &readings, &Memories::default());
    assert_eq!(
        shown(&snapshot).lines().collect::<Vec<_>>(),
        [
            "! Forbidden streams: the account may not see streams: give it the permission to view them",
            "! Forbidden the account: the account sees only what it made itself: set its item visibility to all items",
            "! Forbidden access lists: the account may not see access lists: give it the permission to view them",
        ]
    );
    let unread: Vec<_> = snapshot.unread.iter().map(|one| (one.list, one.withheld)).collect();
    let all = [MainList::Streams, MainList::ProxyHosts, MainList::RedirectionHosts, MainList::DeadHosts];
    assert_eq!(unread, all.map(|list| (list, true)));
    assert_eq!(
        account(r#"{"roles":["admin"],"permissions":{"visibility":"user","streams":"hidden"}}"#),
        everything()
    );
}

#[test]
fn where_every_list_failed_so_did_the_collection() {
    let failed = || Reading::Failed(CallError::new(ProblemCode::Unreachable, "no"));
    let mut readings = Given::default().readings();
    readings.proxy_hosts = failed();
    readings.streams = failed();
    let snapshot = assemble(NOW, &everything(), &readings, &Memories::default());
    assert_eq!((snapshot.failure.is_none(), snapshot.problems.len()), (true, 2));
    let unread: Vec<_> = snapshot.unread.iter().map(|one| (one.list, one.withheld)).collect();
    assert_eq!(unread, [(MainList::ProxyHosts, false), (MainList::Streams, false)]);
    readings.redirection_hosts = failed();
    readings.dead_hosts = failed();
    readings.certificates = failed();
    let snapshot = assemble(NOW, &everything(), &readings, &Memories::default());
    assert_eq!(snapshot.failure.map(|problem| problem.code), Some(ProblemCode::Unreachable));
    assert!(snapshot.facts.is_empty());
}

#[test]
fn recorded_shapes_are_known_by_their_endpoint() {
    let expired = br#"{"error":{"code":400,"message":"Token has expired","message_i18n":{"name":"TokenExpiredError"}}}"#;
    assert_eq!(parse_login(expired).map_err(|error| error.message), Ok(()));
    assert!(parse_login(br#"{"requires_2fa":true,"challenge_token":"c"}"#).is_ok());
    assert!(
        parse_login(br#"{"expires":"2025-02-04T20:40:46.340Z"}"#).is_ok(),
        "NPMplus' session is a cookie"
    );
    assert!(parse_login(br"{}").is_err());
    assert!(parse_account(br#"{"roles":[7]}"#).is_err());
    assert!(parse_list::<super::super::wire::Stream>(br#"[{"id":"x"}]"#).is_err());
}

/// The key that the fixtures carry in `meta`, and where else somebody might put one.
#[test]
fn private_keys_are_read_by_nobody() {
    let canary = "CANARY-PRIVATE-KEY";
    let fixture = include_str!("../fixtures/certificates.json");
    assert!(fixture.contains(canary), "the fixture must carry what is looked for");
    let broken = format!(r#"[{{"id":"x","meta":{{"certificate_key":"{canary}"}}}}]"#);
    for certificates in [fixture, broken.as_str()] {
        let given = Given {
            certificates,
            proxy_hosts: include_str!("../fixtures/proxy-hosts.2.15.json"),
            ..Given::default()
        };
        assert!(!format!("{:?}", given.collect()).contains(canary));
        let objects: Vec<Box<RawValue>> = serde_json::from_str(certificates).expect("a list");
        let (read, unread) = crate::objects::each::<super::super::wire::Certificate>(&objects);
        assert!(!format!("{read:?} {unread:?}").contains(canary));
    }
}
