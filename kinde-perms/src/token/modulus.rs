//! Two checks that the RSA modulus of a good key passes. Both use only its remainders modulo small primes.

/// The odd primes whose remainders reveal a modulus of the broken generator of CVE-2017-15361.
///
/// Each divides the product from which that generator built its primes, for every key length that it supported.
const PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103,
    107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// The base of the broken generator: its primes are powers of this number modulo each of [`PRIMES`].
const GENERATOR: u32 = 65_537;

/// Returns `true` if a big-endian integer is even or a multiple of a small odd prime.
pub(super) fn has_small_factor(n: &[u8]) -> bool {
    let even = n.last().is_none_or(|last| last % 2 == 0);
    even || PRIMES.iter().any(|prime| remainder(n, *prime) == 0)
}

/// Returns `true` if a big-endian integer has the fingerprint of CVE-2017-15361 (ROCA).
///
/// Every prime, and so every modulus, of that generator is a power of 65537 modulo each of [`PRIMES`]. A modulus of another
/// generator has this property with a probability of 2⁻²⁷ (Nemec et al., "The Return of Coppersmith's Attack", 2017).
pub(super) fn is_roca(n: &[u8]) -> bool {
    PRIMES.iter().all(|prime| is_power_of_generator(remainder(n, *prime), *prime))
}

fn is_power_of_generator(value: u32, prime: u32) -> bool {
    let mut power = 1;
    for _ in 0..prime {
        if power == value {
            return true;
        }
        power = multiply(power, GENERATOR, prime);
    }
    false
}

fn remainder(n: &[u8], prime: u32) -> u32 {
    n.iter().fold(0, |rest, byte| {
        multiply(rest, 256, prime).wrapping_add(u32::from(*byte)).checked_rem(prime).unwrap_or(0)
    })
}

/// Multiplies modulo a small prime. `left` must be reduced, so that the product cannot overflow.
fn multiply(left: u32, right: u32, prime: u32) -> u32 {
    let reduced = right.checked_rem(prime).unwrap_or(0);
    left.wrapping_mul(reduced).checked_rem(prime).unwrap_or(0)
}

#[cfg(test)]
mod tests;
