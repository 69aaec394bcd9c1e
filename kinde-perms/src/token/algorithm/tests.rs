use super::*;

#[test]
fn every_algorithm_is_found_by_its_name() {
    for &algorithm in Algorithm::ALL {
        assert_eq!(Algorithm::from_name(algorithm.as_str()), Some(algorithm));
        assert_eq!(algorithm.to_string(), algorithm.as_str());
    }
}

#[test]
fn names_are_compared_byte_for_byte_and_symmetric_algorithms_are_unknown() {
    for name in
        ["none", "None", "nOnE", "HS256", "HS384", "HS512", "rs256", "RS256 ", "", "EDDSA", "Ed448", "ES256K"]
    {
        assert_eq!(Algorithm::from_name(name), None, "{name}");
    }
}
