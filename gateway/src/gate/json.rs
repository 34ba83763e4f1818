//! How deep and how many the values of a JSON text are, before anything builds a tree of them.
//!
//! It measures, it does not judge: a text that is no JSON gets some figure, and the parser behind it refuses it. What is
//! JSON is never measured too small.

/// What a JSON text holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Measure {
    /// Arrays and objects open at once, at most.
    pub(super) depth: usize,
    /// Values at all levels, member names included.
    pub(super) values: usize,
}

/// Measures a JSON text in one pass, without recursion or allocation.
pub(super) fn measure(text: &[u8]) -> Measure {
    let (mut measure, mut depth, mut in_scalar) = (Measure::default(), 0_usize, false);
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        let scalar = match byte {
            b'[' | b'{' => {
                depth += 1;
                measure.depth = measure.depth.max(depth);
                measure.values += 1;
                false
            }
            b']' | b'}' => {
                depth = depth.saturating_sub(1);
                false
            }
            b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' => false,
            b'"' => {
                measure.values += 1;
                skip_string(&mut bytes);
                false
            }
            _ => true,
        };
        // A run of other bytes is one number or one of `true`, `false`, `null`.
        measure.values += usize::from(scalar && !in_scalar);
        in_scalar = scalar;
    }
    measure
}

fn skip_string(bytes: &mut std::slice::Iter<'_, u8>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => {
                bytes.next();
            }
            _ => {}
        }
    }
}
