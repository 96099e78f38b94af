fn main() {
    let path = std::env::args().nth(1).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let t = std::time::Instant::now();
    let d = executor_sources::Document::read(&bytes, None);
    println!("{:?} {:?}", t.elapsed(), d.as_ref().err());
    if let Ok(d) = d {
        println!("{:?}", d.root().members().map(|(k, _)| k).collect::<Vec<_>>());
    }
    println!(
        "{}",
        std::fs::read_to_string("/proc/self/status")
            .unwrap()
            .lines()
            .find(|l| l.starts_with("VmHWM"))
            .unwrap()
    );
}
