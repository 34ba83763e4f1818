//! Opens the database in a folder as the gateway does, then runs each line of stdin as SQL. For tests, which kill it.
//!
//! Usage: `store-probe DATA_DIR [BIN_DIR]`. Says `ready`, then for each line `ok ROWS` once it is committed, or `error: ...`;
//! at the end of stdin it closes the database and says `closed`.

use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use store::{Database, DatabaseSettings};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let Some(data_dir) = arguments.next() else {
        say("error: usage: store-probe DATA_DIR [BIN_DIR]");
        return ExitCode::from(64);
    };
    let settings = DatabaseSettings { url: None, bin_dir: arguments.next(), data_dir };
    let database = match Database::open(&settings).await {
        Ok(database) => database,
        Err(error) => {
            say(&format!("error: {error}"));
            return ExitCode::FAILURE;
        }
    };
    say("ready");
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        match sqlx::raw_sql(sqlx::AssertSqlSafe(line)).execute(database.pool()).await {
            Ok(done) => say(&format!("ok {}", done.rows_affected())),
            Err(error) => say(&format!("error: {error}")),
        }
    }
    database.close().await;
    say("closed");
    ExitCode::SUCCESS
}

/// A line at once: who reads it waits for it. Nobody reading is no failure.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}
