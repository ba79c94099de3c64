//! A small HTTP server that answers as an old system does.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A request that arrived.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// The method and the path.
    pub(crate) line: String,
    /// By name in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

/// A server on a free port of this machine, for as long as the tests run.
pub(crate) struct OldSystem {
    url: String,
    questions: Arc<Mutex<Vec<Question>>>,
}

impl OldSystem {
    /// Answers every request with these bytes, and then closes the connection.
    pub(crate) fn answering(reply: impl Into<Vec<u8>>) -> Self {
        let reply = reply.into();
        Self::start(move |stream| stream.write_all(&reply).is_ok())
    }

    /// Answers with status 200 and this JSON.
    pub(crate) fn answering_json(body: &str) -> Self {
        Self::answering(response("200 OK", body))
    }

    /// Reads requests and never answers.
    pub(crate) fn silent() -> Self {
        Self::start(|_| false)
    }

    fn start(answer: impl Fn(&mut TcpStream) -> bool + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/verify", listener.local_addr().unwrap());
        let questions = Arc::<Mutex<Vec<Question>>>::default();
        let seen = Arc::clone(&questions);
        thread::spawn(move || {
            let mut unanswered = Vec::new();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let question = read(&mut BufReader::new(&stream));
                seen.lock().unwrap().push(question);
                if !answer(&mut stream) {
                    unanswered.push(stream);
                }
            }
        });
        Self { url, questions }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The requests so far.
    pub(crate) fn questions(&self) -> Vec<Question> {
        self.questions.lock().unwrap().clone()
    }
}

/// A response with a JSON body.
pub(crate) fn response(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

fn read(stream: &mut impl BufRead) -> Question {
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).unwrap();
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers.get("content-length").map_or(0, |len| len.parse().unwrap())];
    stream.read_exact(&mut body).unwrap();
    Question { line: line.trim_end().to_owned(), headers, body: String::from_utf8(body).unwrap() }
}
