//! How deep running a filter may go, as far as the filter tells.

use super::ir::{Ir, Op};

/// Values that are nested deeper need more of the stack than a filter that goes into them has.
const SHALLOW: u32 = 16;
/// The same for filters that do not.
const HIGH: u32 = 64;

/// What of a filter decides how much of the stack running it may take.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reach {
    /// Something may call itself again and again.
    recurs: bool,
    /// It goes through all that lies in a value.
    walks: bool,
    /// It may make values that are nested deeper than what it was given.
    builds: bool,
}

impl Reach {
    /// Of a filter with the text and the parts.
    pub fn of(text: &str, main: &mut Ir, defines: bool) -> Self {
        let mut reach = Self {
            recurs: defines,
            builds: ["fromjson", "setpath"].iter().any(|name| text.contains(name)),
            ..Self::default()
        };
        reach.add(main);
        reach
    }

    fn add(&mut self, part: &mut Ir) {
        match part.op {
            Op::Recurse(Some(_)) | Op::Repeat(_) | Op::While(..) | Op::Call(..) | Op::Closure(_) => self.recurs = true,
            Op::Recurse(None) | Op::Walk(_) => self.walks = true,
            Op::Reduce(_) | Op::Foreach(..) | Op::Until(..) => self.builds = true,
            _ => {}
        }
        part.parts().into_iter().for_each(|part| self.add(part));
    }

    /// Whether it may go deep on a value of such a height.
    pub fn is_deep(self, height: u32) -> bool {
        self.recurs || height > HIGH || self.walks && (self.builds || height > SHALLOW)
    }
}
