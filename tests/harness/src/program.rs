//! Generated programs: what agents do, with a result that depends on nothing but what the upstream answers.
//!
//! Each call has a *site*, which is part of its marker. Its first letter says what the upstream does: see
//! [`crate::upstream`].

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::random::Random;

/// A program, whoever submits it.
#[derive(Debug, Clone)]
pub struct Program {
    body: String,
    /// The sites of the writes that a program which ends by itself has done.
    pub certain: BTreeSet<String>,
    next_site: u32,
    /// How many kinds of statements there are to choose from.
    kinds: u64,
}

impl Program {
    /// Whatever follows from these choices.
    pub fn generate(random: &mut Random) -> Self {
        Self::of(random, 12)
    }

    /// The same, with calls among them for which a person is asked, and some with much to say.
    pub fn generate_asking(random: &mut Random) -> Self {
        let mut program = Self::of(random, 15);
        if random.once_in(8) {
            program.body.insert_str(0, "for (let line = 0; line < 400; line++) console.log('line', line);\n");
        }
        program
    }

    fn of(random: &mut Random, kinds: u64) -> Self {
        let mut program = Self { body: String::new(), certain: BTreeSet::new(), next_site: 0, kinds };
        for _ in 0..2 + random.below(5) {
            program.statement(random);
        }
        if random.once_in(8) {
            program.line("throw new Error('thrown at the end');");
        }
        program
    }

    /// The code, in which every marker begins with `tag`.
    pub fn code(&self, tag: &str) -> String {
        format!(
            "const out: unknown[] = [];
const marker = (site: string) => `{tag}.${{site}}`;
const write = (site: string) => tools.world.write({{ marker: marker(site), nonce: Math.random() }});
const read = (site: string) => tools.world.read({{ marker: marker(site), nonce: Date.now() }});
const sleep = (ms: number) => new Promise(done => setTimeout(done, ms));
{}return out;
",
            self.body
        )
    }

    fn line(&mut self, line: &str) {
        self.body.push_str(line);
        self.body.push('\n');
    }

    fn site(&mut self, kind: char) -> String {
        self.next_site += 1;
        format!("{kind}{}", self.next_site)
    }

    fn write(&mut self) -> String {
        let site = self.site('s');
        let call = format!("write('{site}')");
        self.certain.insert(site);
        call
    }

    /// A write for which a person is asked, and which they let pass.
    fn asked(&mut self, random: &mut Random) -> String {
        let site = self.site(if random.once_in(3) { 'e' } else { 'a' });
        let call = format!("write('{site}')");
        self.certain.insert(site);
        call
    }

    fn read(&mut self) -> String {
        format!("read('{}')", self.site('s'))
    }

    fn call(&mut self, random: &mut Random) -> String {
        if random.once_in(3) { self.read() } else { self.write() }
    }

    fn calls(&mut self, random: &mut Random) -> String {
        let mut calls = String::new();
        for _ in 0..2 + random.below(3) {
            let call = self.call(random);
            let _ = write!(calls, "{call}, ");
        }
        calls
    }

    fn statement(&mut self, random: &mut Random) {
        match random.below(self.kinds) {
            0..=2 => {
                let call = self.call(random);
                self.line(&format!("out.push(await {call});"));
            }
            3 | 4 => {
                let calls = self.calls(random);
                self.line(&format!("out.push(await Promise.all([{calls}]));"));
            }
            5 => {
                let (calls, failing) = (self.calls(random), self.site('f'));
                self.line(&format!(
                    "out.push((await Promise.allSettled([{calls}write('{failing}')])).map(one => one.status));"
                ));
            }
            6 => {
                let (how, site) = (if random.once_in(2) { "read" } else { "write" }, self.site('f'));
                self.line(&format!(
                    "try {{ await {how}('{site}') }} catch (error) {{ out.push(error.code) }}"
                ));
            }
            7 => {
                let site = self.site('h');
                self.certain.insert(site.clone());
                self.line(&format!(
                    "try {{ await write('{site}') }} catch (error) {{ out.push(error.code) }}"
                ));
            }
            8 => {
                let delay = 1 + random.below(12);
                self.line(&format!("await sleep({delay}); console.log('at', Date.now());"));
            }
            9 => {
                let site = self.site('s');
                self.line(&format!("write('{site}').catch(() => 0);"));
                self.line("emit({ left: Math.random() });");
            }
            10 => {
                let (read, delay) = (self.read(), 1 + random.below(4));
                self.line(&format!("await Promise.race([{read}, sleep({delay})]);"));
            }
            12 => {
                let asked = self.asked(random);
                self.line(&format!("out.push(await {asked});"));
            }
            13 => {
                let site = self.site('d');
                self.line(&format!(
                    "try {{ await write('{site}') }} catch (error) {{ out.push(error.code) }}"
                ));
            }
            14 => {
                let (one, calls, another) = (self.asked(random), self.calls(random), self.asked(random));
                self.line(&format!("out.push(await Promise.all([{one}, {calls}{another}]));"));
            }
            _ => {
                let site = self.site('s');
                self.certain.extend((0..3).map(|turn| format!("{site}x{turn}")));
                self.line(&format!(
                    "for (let turn = 0; turn < 3; turn++) out.push(await write(`{site}x${{turn}}`));"
                ));
            }
        }
    }
}
