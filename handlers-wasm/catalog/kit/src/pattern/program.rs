//! Patterns as programs, and running them.

use super::Error;
use super::parse::Node;
use super::set::{Set, is_word};

/// So many steps has a program at most; repetitions with bounds are written out.
const MAX_STEPS: usize = 10_000;

/// A step of a program; the next one follows unless it says otherwise.
enum Step {
    Set(Set),
    /// Go on at two places.
    Split(usize, usize),
    Jump(usize),
    Start,
    End,
    Boundary { negated: bool },
    /// Go on where a look-around holds, or where it does not.
    Look { look: usize, negated: bool },
    Match,
}

/// The steps of a pattern, or of a look-around in it.
struct Steps {
    steps: Vec<Step>,
    /// They go through the text from its end.
    backward: bool,
}

/// A pattern that can be run.
pub struct Program {
    /// The look-arounds, each after those within it.
    looks: Vec<Steps>,
    main: Steps,
    /// The pattern can match from the start of a text only.
    anchored: bool,
}

impl Program {
    pub fn new(node: &Node) -> Result<Self, Error> {
        let mut compiler = Compiler {
            looks: Vec::new(),
            room: MAX_STEPS,
        };
        let main = compiler.steps(node, false)?;
        Ok(Self {
            looks: compiler.looks,
            anchored: matches!(main.steps.first(), Some(Step::Start)),
            main,
        })
    }

    pub fn is_match(&self, text: &str) -> bool {
        let mut holds: Vec<Vec<bool>> = Vec::with_capacity(self.looks.len());
        for look in &self.looks {
            let mut places = vec![false; text.len() + 1];
            look.run(text, &holds, false, |place| {
                places[place] = true;
                false
            });
            holds.push(places);
        }
        let mut found = false;
        self.main.run(text, &holds, self.anchored, |_| {
            found = true;
            true
        });
        found
    }
}

struct Compiler {
    looks: Vec<Steps>,
    /// How many steps there may still be.
    room: usize,
}

impl Compiler {
    fn steps(&mut self, node: &Node, backward: bool) -> Result<Steps, Error> {
        let mut steps = Steps {
            steps: Vec::new(),
            backward,
        };
        self.compile(node, &mut steps)?;
        self.emit(&mut steps, Step::Match)?;
        Ok(steps)
    }

    fn emit(&mut self, to: &mut Steps, step: Step) -> Result<usize, Error> {
        self.room = self.room.checked_sub(1).ok_or_else(|| Error {
            reason: format!("the pattern is too large, it takes more than {MAX_STEPS} steps"),
            at: 0,
        })?;
        to.steps.push(step);
        Ok(to.steps.len() - 1)
    }

    fn compile(&mut self, node: &Node, to: &mut Steps) -> Result<(), Error> {
        match node {
            Node::Set(set) => self.emit(to, Step::Set(set.clone())).map(drop),
            Node::Start => self.emit(to, Step::Start).map(drop),
            Node::End => self.emit(to, Step::End).map(drop),
            Node::Boundary { negated } => self.emit(to, Step::Boundary { negated: *negated }).map(drop),
            Node::Look { behind, negated, inner } => {
                // Where something ahead begins is found on the way back from where it may end.
                let look = self.steps(inner, !behind)?;
                self.looks.push(look);
                let look = self.looks.len() - 1;
                self.emit(to, Step::Look { look, negated: *negated }).map(drop)
            }
            Node::Sequence(nodes) if to.backward => nodes.iter().rev().try_for_each(|node| self.compile(node, to)),
            Node::Sequence(nodes) => nodes.iter().try_for_each(|node| self.compile(node, to)),
            Node::Choice(choices) => self.choice(choices, to),
            Node::Repeat { inner, min, max } => self.repeat(inner, *min, *max, to),
        }
    }

    fn choice(&mut self, choices: &[Node], to: &mut Steps) -> Result<(), Error> {
        let Some((last, others)) = choices.split_last() else { return Ok(()) };
        let mut jumps = Vec::new();
        for choice in others {
            let split = self.emit(to, Step::Split(0, 0))?;
            self.compile(choice, to)?;
            jumps.push(self.emit(to, Step::Jump(0))?);
            to.steps[split] = Step::Split(split + 1, to.steps.len());
        }
        self.compile(last, to)?;
        let end = to.steps.len();
        for jump in jumps {
            to.steps[jump] = Step::Jump(end);
        }
        Ok(())
    }

    fn repeat(&mut self, inner: &Node, min: u32, max: Option<u32>, to: &mut Steps) -> Result<(), Error> {
        for _ in 0..min {
            let before = to.steps.len();
            self.compile(inner, to)?;
            if to.steps.len() == before {
                return Ok(());
            }
        }
        let Some(max) = max else {
            let split = self.emit(to, Step::Split(0, 0))?;
            self.compile(inner, to)?;
            self.emit(to, Step::Jump(split))?;
            to.steps[split] = Step::Split(split + 1, to.steps.len());
            return Ok(());
        };
        let mut splits = Vec::new();
        for _ in min..max {
            splits.push(self.emit(to, Step::Split(0, 0))?);
            self.compile(inner, to)?;
        }
        let end = to.steps.len();
        for split in splits {
            to.steps[split] = Step::Split(split + 1, end);
        }
        Ok(())
    }
}

impl Steps {
    /// Runs the steps from every place of a text, or from its start only; tells each place where a match ends, until
    /// `found` has enough.
    fn run(&self, text: &str, holds: &[Vec<bool>], anchored: bool, mut found: impl FnMut(usize) -> bool) {
        let mut place = Place {
            text,
            at: if self.backward { text.len() } else { 0 },
            holds,
        };
        let mut now = Threads::new(self.steps.len());
        let mut next = Threads::new(self.steps.len());
        let mut first = true;
        loop {
            if first || !anchored {
                now.add(&self.steps, 0, &place);
            }
            first = false;
            if now.matched && found(place.at) {
                return;
            }
            if anchored && now.waiting.is_empty() {
                return;
            }
            let c = if self.backward { place.before() } else { place.after() };
            let Some(c) = c else { return };
            place.at = if self.backward { place.at - c.len_utf8() } else { place.at + c.len_utf8() };
            next.clear();
            for step in &now.waiting {
                if let Step::Set(set) = &self.steps[*step] {
                    if set.contains(c) {
                        next.add(&self.steps, step + 1, &place);
                    }
                }
            }
            std::mem::swap(&mut now, &mut next);
        }
    }
}

/// A place in a text, and which look-arounds hold where.
struct Place<'t> {
    text: &'t str,
    at: usize,
    holds: &'t [Vec<bool>],
}

impl Place<'_> {
    fn before(&self) -> Option<char> {
        self.text[..self.at].chars().next_back()
    }

    fn after(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }
}

/// Where a run is at one place of the text.
struct Threads {
    /// The steps that wait for a character.
    waiting: Vec<usize>,
    matched: bool,
    /// The round in which each step was met last.
    met: Vec<u32>,
    round: u32,
    open: Vec<usize>,
}

impl Threads {
    fn new(steps: usize) -> Self {
        Self {
            waiting: Vec::new(),
            matched: false,
            met: vec![0; steps],
            round: 1,
            open: Vec::new(),
        }
    }

    fn clear(&mut self) {
        self.waiting.clear();
        self.matched = false;
        if self.round == u32::MAX {
            self.met.fill(0);
            self.round = 0;
        }
        self.round += 1;
    }

    /// Adds a step, and all that can be reached from it at this place.
    fn add(&mut self, steps: &[Step], step: usize, place: &Place<'_>) {
        self.open.push(step);
        while let Some(step) = self.open.pop() {
            if self.met[step] == self.round {
                continue;
            }
            self.met[step] = self.round;
            let goes_on = match &steps[step] {
                Step::Set(_) => {
                    self.waiting.push(step);
                    false
                }
                Step::Match => {
                    self.matched = true;
                    false
                }
                Step::Split(one, other) => {
                    self.open.extend([*other, *one]);
                    false
                }
                Step::Jump(to) => {
                    self.open.push(*to);
                    false
                }
                Step::Start => place.at == 0,
                Step::End => place.at == place.text.len(),
                Step::Boundary { negated } => (is_word(place.before()) != is_word(place.after())) != *negated,
                Step::Look { look, negated } => place.holds[*look][place.at] != *negated,
            };
            if goes_on {
                self.open.push(step + 1);
            }
        }
    }
}
