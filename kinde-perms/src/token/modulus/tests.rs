#![expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test")]

use super::*;

/// Raises 65537 to a power by schoolbook multiplication, big-endian.
fn power_of_generator(exponent: usize) -> Vec<u8> {
    let mut digits = vec![1_u8];
    for _ in 0..exponent {
        let mut carry = 0_u32;
        for digit in &mut digits {
            let product = u32::from(*digit) * GENERATOR + carry;
            *digit = u8::try_from(product & 0xff).unwrap();
            carry = product >> 8;
        }
        while carry > 0 {
            digits.push(u8::try_from(carry & 0xff).unwrap());
            carry >>= 8;
        }
    }
    digits.reverse();
    digits
}

#[test]
fn a_modulus_of_the_broken_generator_is_detected() {
    let modulus = power_of_generator(128);
    assert!(modulus.len() > 256);
    assert!(is_roca(&modulus));
    assert!(!has_small_factor(&modulus));
}

#[test]
fn a_number_that_is_not_a_power_of_the_base_is_not_detected() {
    let mut modulus = power_of_generator(128);
    let last = modulus.last_mut().unwrap();
    *last = last.wrapping_add(2);
    assert!(!is_roca(&modulus));
}

#[test]
fn small_factors_are_detected() {
    for prime in PRIMES {
        let square = prime * prime;
        assert!(has_small_factor(&square.to_be_bytes()), "{prime}");
    }
    assert!(has_small_factor(&[0xff, 0xfe]), "even");
    assert!(has_small_factor(&[]), "nothing at all");
    assert!(!has_small_factor(&(173_u32 * 179).to_be_bytes()));
}

#[test]
fn remainders_equal_those_of_integer_arithmetic() {
    let number: u128 = 0x0123_4567_89ab_cdef_fedc_ba98_7654_3210;
    for prime in PRIMES {
        assert_eq!(u128::from(remainder(&number.to_be_bytes(), prime)), number % u128::from(prime));
    }
}
