//! The random source of a world: one stream a part, so that a change in one part leaves the others as they were.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use schema::Mac;

/// Draws for one part of a world.
pub(in crate::world) struct Draw(ChaCha8Rng);

/// The parts that draw.
#[derive(Clone, Copy)]
pub(in crate::world) enum Part {
    Secrets = 1,
    Sites,
    Nodes,
    Cases,
    Guests,
    Clients,
    Names,
    Written,
    Billing,
}

impl Draw {
    pub(in crate::world) fn new(seed: u64, part: Part) -> Self {
        Self::nth(seed, part, 0)
    }

    /// For the `number`-th thing of a part, so that one more of them leaves the others as they were.
    pub(in crate::world) fn nth(seed: u64, part: Part, number: u64) -> Self {
        let mut source = ChaCha8Rng::seed_from_u64(seed);
        source.set_stream(part as u64 | number << 8);
        Self(source)
    }

    /// True this often of a hundred.
    pub(in crate::world) fn percent(&mut self, percent: u32) -> bool {
        self.0.random_range(0..100_u32) < percent
    }

    /// From `least` to `most`, both included.
    pub(in crate::world) fn between(&mut self, least: u64, most: u64) -> u64 {
        self.0.random_range(least..=most)
    }

    /// An index below `count`, which is not zero.
    pub(in crate::world) fn below(&mut self, count: usize) -> usize {
        self.0.random_range(0..count)
    }

    /// One of them; there is one.
    pub(in crate::world) fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.0.random_range(0..choices.len())]
    }

    /// 0..1, with three digits.
    pub(in crate::world) fn fraction(&mut self) -> f64 {
        f64::from(self.0.random_range(0..1000_u32)) / 1000.0
    }

    /// That many hex digits.
    pub(in crate::world) fn hex(&mut self, digits: usize) -> String {
        (0..digits).map(|_| char::from_digit(self.0.random_range(0..16_u32), 16).unwrap_or('0')).collect()
    }

    /// That many letters and digits, as Stripe's ids and keys have.
    pub(in crate::world) fn word(&mut self, letters: usize) -> String {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        (0..letters).map(|_| char::from(self.one_of(LETTERS))).collect()
    }

    /// A random UUID, version 4.
    pub(in crate::world) fn uuid(&mut self) -> String {
        let hex = self.hex(30);
        format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[12..15], &hex[15..18], &hex[18..30])
    }
}

/// MACs of one maker: every one is another, in an order that only the seed knows.
pub(in crate::world) struct Macs {
    maker: [u8; 3],
    offset: u32,
    next: u32,
}

impl Macs {
    pub(in crate::world) fn of(maker: [u8; 3], draw: &mut Draw) -> Self {
        Self { maker, offset: draw.0.random_range(0..1 << 24), next: 0 }
    }

    pub(in crate::world) fn next(&mut self) -> Mac {
        // An odd factor makes this a permutation of 24 bits, so none repeats before all were used.
        let tail = self.next.wrapping_mul(0x009E_3779).wrapping_add(self.offset) & 0x00FF_FFFF;
        self.next += 1;
        let [_, high, middle, low] = tail.to_be_bytes();
        Mac([self.maker[0], self.maker[1], self.maker[2], high, middle, low])
    }
}
