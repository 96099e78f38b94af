//! The API that measurements call: `GET /items/{id}` and, below `/files/`, the files of the folder that is given.
//! Prints its address. A thread a connection and two system calls a request: it costs far less than what it measures.

#![expect(clippy::print_stdout, reason = "its address is read from there")]
#![expect(clippy::disallowed_types, reason = "it is the server that is dialled")]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

fn main() -> anyhow::Result<()> {
    let files: Option<Arc<Path>> = std::env::args_os().nth(1).map(|folder| PathBuf::from(folder).into());
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    println!("http://{}", listener.local_addr()?);
    for stream in listener.incoming() {
        let (stream, files) = (stream?, files.clone());
        // A connection that breaks concerns nobody else.
        std::thread::spawn(move || serve(stream, files.as_deref()).ok());
    }
    Ok(())
}

fn serve(mut stream: TcpStream, files: Option<&Path>) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let mut request = Vec::with_capacity(4096);
    let mut part = [0; 4096];
    loop {
        let end = loop {
            if let Some(place) = request.windows(4).position(|window| window == b"\r\n\r\n") {
                break place + 4;
            }
            match stream.read(&mut part)? {
                0 => return Ok(()),
                length => request.extend_from_slice(&part[..length]),
            }
        };
        let head = std::str::from_utf8(&request[..end])?;
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        request.drain(..end);
        let (status, body) = answer(&path, files);
        let mut text = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes();
        text.extend_from_slice(&body);
        stream.write_all(&text)?;
    }
}

fn answer(path: &str, files: Option<&Path>) -> (&'static str, Vec<u8>) {
    if let Some(id) = path.strip_prefix("/items/") {
        return ("200 OK", format!(r#"{{"id":{id},"name":"item {id}"}}"#).into_bytes());
    }
    let file = path.strip_prefix("/files/").map(Path::new);
    let file = file.filter(|file| file.components().all(|part| matches!(part, Component::Normal(_))));
    let found = files.zip(file).and_then(|(folder, file)| fs_err::read(folder.join(file)).ok());
    found.map_or_else(|| ("404 Not Found", b"{}".to_vec()), |body| ("200 OK", body))
}
