//! The bare framework: the same bytes without authentication, store, log or metrics.

use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::Result;
use futures_channel::oneshot;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

/// Units that wait for the disk, each with a channel that signals its sync.
type Journal = Sender<oneshot::Sender<()>>;

/// Answers every GET of `/` with `body`, on a free port that the first line of stdout contains. Answers every PATCH of a
/// user with it too, after writing `bytes` to a file and syncing them together with concurrent requests.
pub(crate) fn serve(body: &str, bytes: usize) -> Result<()> {
    let value: serde_json::Value = serde_json::from_str(body)?;
    let file = tempfile::tempfile()?;
    let (journal, units) = channel();
    thread::spawn(move || append(&file, &units, bytes));
    actix_web::rt::System::new().block_on(async move {
        let value = web::Data::new(value);
        let server = HttpServer::new(move || {
            App::new()
                .app_data(value.clone())
                .app_data(web::Data::new(journal.clone()))
                .route("/", web::get().to(answer))
                .route("/users/{id}", web::patch().to(commit))
        })
        .bind("127.0.0.1:0")?;
        println!("listening on http://{}", server.addrs()[0]);
        server.run().await?;
        Ok(())
    })
}

/// The number of preallocated bytes, as in Roster's journal: a growing file takes longer to sync.
const READY: usize = 64 << 20;

/// Writes and syncs units in groups until all senders are gone.
fn append(file: &File, units: &Receiver<oneshot::Sender<()>>, bytes: usize) -> io::Result<()> {
    file.write_all_at(&vec![0; READY], 0)?;
    file.sync_all()?;
    let mut end = 0;
    while let Ok(first) = units.recv() {
        let group: Vec<_> = std::iter::once(first).chain(units.try_iter()).collect();
        let text = vec![b'x'; bytes * group.len()];
        file.write_all_at(&text, end)?;
        file.sync_data()?;
        end = (end + text.len() as u64) % (READY as u64 / 2);
        for unit in group {
            // The request may have been cancelled.
            unit.send(()).unwrap_or_default();
        }
    }
    Ok(())
}

async fn commit(
    journal: web::Data<Journal>,
    _: web::Json<serde_json::Value>,
    value: web::Data<serde_json::Value>,
) -> HttpResponse {
    let (done, synced) = oneshot::channel();
    match (journal.send(done), synced.await) {
        (Ok(()), Ok(())) => answer(value).await,
        _ => HttpResponse::InternalServerError().finish(),
    }
}

async fn answer(value: web::Data<serde_json::Value>) -> HttpResponse {
    HttpResponse::Ok().json(&**value)
}
