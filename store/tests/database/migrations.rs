//! Each step of the schema can be taken, undone and taken again; and what a program meets that is older than the tables.

use sqlx::Row;
use sqlx::postgres::PgConnection;
use store::testing::{self, TestDatabase};
use store::{Database, DatabaseSettings};

/// What the schema consists of, by name, apart from the migrator's own table.
async fn objects(connection: &mut PgConnection) -> Vec<String> {
    let sql = "select c.relkind::text || ' ' || c.relname as name from pg_class c
               where c.relnamespace = 'public'::regnamespace and c.relname not like '\\_sqlx%'
               union all select 'type ' || t.typname from pg_type t
               where t.typnamespace = 'public'::regnamespace and t.typtype = 'e'
               union all select 'function ' || p.proname from pg_proc p
               where p.pronamespace = 'public'::regnamespace
               order by 1";
    let rows = sqlx::query(sql).fetch_all(connection).await.expect("the catalog");
    rows.iter().map(|row| row.get("name")).collect()
}

#[tokio::test]
async fn every_step_can_be_undone_and_taken_again() {
    let test = TestDatabase::create().await;
    let mut connection = test.connect().await;
    let before = objects(&mut connection).await;
    assert!(before.contains(&"r ipam_assignment".to_owned()), "{before:?}");
    testing::undo_migrations(&mut connection).await.expect("each step has its reversal");
    assert_eq!(objects(&mut connection).await, Vec::<String>::new(), "nothing is left");
    testing::run_migrations(&mut connection).await.expect("and again");
    assert_eq!(objects(&mut connection).await, before);
}

async fn check_refused(sql: &str, expected: &str) {
    let test = TestDatabase::create().await;
    test.run(sql).await;
    let settings = DatabaseSettings { url: Some(test.url()), ..DatabaseSettings::default() };
    let refused = Database::open(&settings).await.expect_err("it must not open").to_string();
    assert!(refused.contains(expected), "{refused}");
}

#[tokio::test]
async fn tables_that_this_program_does_not_know_are_refused() {
    check_refused(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (9999, 'from the future', true, '\\x00', 0)",
        "its tables are of version 9999, newer than this program's ",
    )
    .await;
    check_refused(
        "update _sqlx_migrations set checksum = '\\x00' where version = 1",
        "its step 1 is not the one that this program knows",
    )
    .await;
}

#[tokio::test]
async fn a_user_who_may_not_create_tables_is_told_so() {
    let test = TestDatabase::create().await;
    test.run("create role reader_of_nothing login").await;
    let url = secrecy::ExposeSecret::expose_secret(&test.url()).replace("fleetgraph@", "reader_of_nothing@");
    let settings = DatabaseSettings { url: Some(url.into()), ..DatabaseSettings::default() };
    let refused = Database::open(&settings).await.expect_err("it must not open").to_string();
    assert!(refused.contains("grant the user the right"), "{refused}");
}

/// Why a server cannot be used.
async fn check_unusable(url: &str, expected: &str) {
    let settings = DatabaseSettings { url: Some(url.to_owned().into()), ..DatabaseSettings::default() };
    let refused = Database::open(&settings).await.expect_err("it must not open").to_string();
    assert!(refused.contains(expected), "{refused}");
    assert!(!refused.contains("s3cret"), "{refused}");
}

#[tokio::test]
async fn a_server_that_cannot_be_used_is_one_clear_sentence() {
    let test = TestDatabase::create().await;
    let url = secrecy::ExposeSecret::expose_secret(&test.url()).to_owned();
    check_unusable(&url.replace("/test_", "/no_such_"), "does not exist: check the database's name").await;
    check_unusable(&url.replace("fleetgraph@", "somebody:s3cret@"), "check user and password").await;
    // A port that was free a moment ago: nobody listens there now.
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.local_addr().expect("bound").port()
    };
    let closed = format!("postgres://u:s3cret@127.0.0.1:{port}/fleet");
    check_unusable(
        &closed,
        &format!("cannot connect to the database fleet at 127.0.0.1:{port}: no connection"),
    )
    .await;
    check_unusable("https://u:s3cret@127.0.0.1/fleet", "database.url: not a PostgreSQL URL").await;
}
