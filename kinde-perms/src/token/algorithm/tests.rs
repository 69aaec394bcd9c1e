use super::*;

#[test]
fn every_name_leads_back_to_its_algorithm() {
    for &algorithm in Algorithm::ALL {
        assert_eq!(Algorithm::from_name(algorithm.as_str()), Some(algorithm));
        assert_eq!(algorithm.to_string(), algorithm.as_str());
    }
}

#[test]
fn names_are_exact_and_symmetric_algorithms_have_none() {
    for name in
        ["none", "None", "nOnE", "HS256", "HS384", "HS512", "rs256", "RS256 ", "", "EDDSA", "Ed448", "ES256K"]
    {
        assert_eq!(Algorithm::from_name(name), None, "{name}");
    }
}
