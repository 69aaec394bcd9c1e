"""Authlib at the local issuer: what a server in Python does to have somebody sign in.

    python authlib_client.py COUNTS

writes how many tests passed and failed into the file COUNTS.
"""

import os
import re
import sys
import unittest
from urllib.parse import parse_qs, urljoin, urlsplit

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc6749.errors import MismatchingStateException
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidClaimError
from joserfc.jwk import KeySet

ISSUER, AUDIENCE, TODOS = (os.environ[name] for name in ("ISSUER", "AUDIENCE", "TODOS"))
REDIRECT_URI = os.environ["REDIRECT_URI"]
PAGE = {"client_id": os.environ["CLIENT_ID"], "token_endpoint_auth_method": "none"}
SERVER = {"client_id": os.environ["SERVER_ID"], "client_secret": os.environ["SERVER_SECRET"]}

SCOPE = "openid profile email offline"


def discovered():
    answer = requests.get(f"{ISSUER}/.well-known/openid-configuration", timeout=10)
    answer.raise_for_status()
    return answer.json()


def choose(url, person):
    """Sends the form of the page at `url` as the person's button does, and returns the address to which it redirects."""
    html = requests.get(url, timeout=10).text
    form = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', html))
    form |= dict(re.findall(rf'<button name="(\w+)" value="({person})"', html))
    action = re.search(r'<form method="post" action="([^"]+)">', html)[1]
    return requests.post(urljoin(url, action), data=form, allow_redirects=False, timeout=10).headers["Location"]


class SignIn:
    """One sign-in of one client, with its tokens."""

    def __init__(self, client, **parameters):
        self.metadata = discovered()
        self.session = OAuth2Session(
            **client, scope=SCOPE, redirect_uri=REDIRECT_URI, code_challenge_method="S256", default_timeout=10
        )
        self.verifier, self.nonce = generate_token(48), generate_token()
        self.url, self.state = self.session.create_authorization_url(
            self.metadata["authorization_endpoint"],
            code_verifier=self.verifier,
            nonce=self.nonce,
            audience=AUDIENCE,
            **parameters,
        )

    def finish(self, back, **changed):
        shown = {"state": self.state, "code_verifier": self.verifier} | changed
        return self.session.fetch_token(self.metadata["token_endpoint"], authorization_response=back, **shown)

    def id_token(self, tokens, **changed):
        """Verifies the ID token by the issuer's key set and returns its claims."""
        keys = KeySet.import_key_set(requests.get(self.metadata["jwks_uri"], timeout=10).json())
        token = jwt.decode(tokens["id_token"], keys, self.metadata["id_token_signing_alg_values_supported"])
        expected = {"nonce": self.nonce, "client_id": self.session.client_id, "access_token": tokens["access_token"]}
        claims = CodeIDToken(
            token.claims,
            token.header,
            {"iss": {"value": ISSUER}, "aud": {"value": self.session.client_id}},
            expected | changed,
        )
        claims.validate()
        return claims


def signed_in(client, person):
    sign_in = SignIn(client)
    return sign_in, sign_in.finish(choose(sign_in.url, person))


def todos(token):
    return requests.get(f"{TODOS}/todos", headers={"Authorization": f"Bearer {token}"}, timeout=10).status_code


class Authlib(unittest.TestCase):
    def refused(self, error):
        return self.assertRaisesRegex(OAuthError, f"^{error}:")

    def test_a_page_signs_somebody_in_by_code_and_pkce(self):
        _, tokens = signed_in(PAGE, "viewer")
        self.assertEqual(todos(tokens["access_token"]), 200)

    def test_a_server_signs_somebody_in_with_its_secret(self):
        for method in ("client_secret_basic", "client_secret_post"):
            with self.subTest(method):
                sign_in, tokens = signed_in(SERVER | {"token_endpoint_auth_method": method}, "editor")
                self.assertIn(SERVER["client_id"], sign_in.id_token(tokens)["aud"])
                self.assertEqual(todos(tokens["access_token"]), 200)

    def test_the_id_token_holds_by_the_key_set(self):
        sign_in, tokens = signed_in(PAGE, "viewer")
        claims = sign_in.id_token(tokens)
        self.assertEqual((claims["name"], claims["org_codes"]), ("Demo Viewer", ["org_demo"]))
        header, payload, signature = tokens["id_token"].split(".")
        forged = tokens | {"id_token": f"{header}.{payload}.{signature[::-1]}"}
        with self.assertRaises(BadSignatureError):
            sign_in.id_token(forged)

    def test_an_id_token_of_another_sign_in_client_or_access_token_is_refused(self):
        sign_in, tokens = signed_in(PAGE, "viewer")
        for changed in ({"nonce": "another"}, {"client_id": "another"}, {"access_token": "another"}):
            with self.subTest(changed), self.assertRaises(InvalidClaimError):
                sign_in.id_token(tokens, **changed)

    def test_an_answer_with_another_state_is_refused(self):
        sign_in = SignIn(PAGE)
        with self.assertRaises(MismatchingStateException):
            sign_in.finish(choose(sign_in.url, "viewer"), state="another")

    def test_a_code_is_good_with_its_verifier_alone_and_once(self):
        sign_in = SignIn(PAGE)
        with self.refused("invalid_grant"):
            sign_in.finish(choose(sign_in.url, "viewer"), code_verifier=generate_token(48))
        sign_in = SignIn(PAGE)
        back = choose(sign_in.url, "viewer")
        sign_in.finish(back)
        with self.refused("invalid_grant"):
            sign_in.finish(back)

    def test_a_sign_in_that_asks_nobody_fails_where_nobody_is_signed_in(self):
        sign_in = SignIn(PAGE, prompt="none")
        back = requests.get(sign_in.url, allow_redirects=False, timeout=10).headers["Location"]
        answer = parse_qs(urlsplit(back).query)
        self.assertEqual((answer["error"], answer["state"]), (["login_required"], [sign_in.state]))

    def test_refresh_tokens_rotate(self):
        sign_in, first = signed_in(PAGE, "editor")
        endpoint = sign_in.metadata["token_endpoint"]
        second = sign_in.session.refresh_token(endpoint, first["refresh_token"])
        self.assertNotEqual(second["refresh_token"], first["refresh_token"])
        self.assertEqual(todos(second["access_token"]), 200)
        third = sign_in.session.refresh_token(endpoint, second["refresh_token"])
        for used in (first, third):
            with self.refused("invalid_grant"):
                sign_in.session.refresh_token(endpoint, used["refresh_token"])

    def test_a_machine_gets_a_token_by_its_credentials(self):
        session = OAuth2Session(**SERVER, default_timeout=10)
        tokens = session.fetch_token(
            discovered()["token_endpoint"], grant_type="client_credentials", audience=AUDIENCE, scope="read:roles"
        )
        self.assertEqual((tokens["scope"], tokens["expires_in"]), ("read:roles", 3600))
        self.assertEqual(todos(tokens["access_token"]), 403)

    def test_the_profile_is_that_of_the_person(self):
        sign_in, tokens = signed_in(PAGE, "admin")
        profile = sign_in.session.get(sign_in.metadata["userinfo_endpoint"]).json()
        self.assertEqual(profile["sub"], sign_in.id_token(tokens)["sub"])
        self.assertEqual(profile["given_name"], "Demo")

    def test_what_is_revoked_is_gone(self):
        sign_in, tokens = signed_in(SERVER, "viewer")
        metadata, session = sign_in.metadata, sign_in.session
        asked = {"url": metadata["introspection_endpoint"], "token": tokens["access_token"]}
        self.assertTrue(session.introspect_token(**asked).json()["active"])
        revoked = session.revoke_token(metadata["revocation_endpoint"], tokens["refresh_token"], "refresh_token")
        self.assertEqual(revoked.status_code, 200)
        self.assertFalse(session.introspect_token(**asked).json()["active"])
        with self.refused("invalid_grant"):
            session.refresh_token(metadata["token_endpoint"], tokens["refresh_token"])


class Verdict(unittest.TextTestResult):
    """Counts tests, whose parts may fail more than once."""

    def counts(self):
        wrong = {getattr(test, "test_case", test) for test, _ in self.failures + self.errors}
        return self.testsRun - len(wrong), len(wrong)


if __name__ == "__main__":
    counts = sys.argv.pop()
    runner = unittest.TextTestRunner(verbosity=2, resultclass=Verdict)
    result = unittest.main(testRunner=runner, exit=False).result
    with open(counts, "w", encoding="ascii") as file:
        print(*result.counts(), file=file)
    sys.exit(not result.wasSuccessful())
