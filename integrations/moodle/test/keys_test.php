<?php
// The site's keys, what it signs with them, and what people are called outside.

use mod_fresque\local\assertion;
use mod_fresque\local\base64url;
use mod_fresque\local\keyring;
use mod_fresque\local\reference;
use mod_fresque\local\ticket_request;

/** The public key (PEM) of a JSON Web Key, written by hand: what others make of it. */
function pem_of(array $jwk): string {
    $tlv = function (int $tag, string $value): string {
        $n = strlen($value);
        $length = $n < 128 ? chr($n) : ($n < 256 ? "\x81" . chr($n) : "\x82" . pack('n', $n));
        return chr($tag) . $length . $value;
    };
    $integer = function (string $bytes) use ($tlv): string {
        return $tlv(2, (ord($bytes[0]) & 0x80 ? "\0" : '') . $bytes);
    };
    $key = $tlv(0x30, $integer(base64url::decode($jwk['n'])) . $integer(base64url::decode($jwk['e'])));
    $rsa = $tlv(0x30, $tlv(6, hex2bin('2a864886f70d010101')) . $tlv(5, ''));
    return "-----BEGIN PUBLIC KEY-----\n" . chunk_split(base64_encode($tlv(0x30, $rsa . $tlv(3, "\0" . $key))), 64) . "-----END PUBLIC KEY-----\n";
}

return [
    'what the private key signs, the published one checks' => function () {
        $keys = keyring::from_json('')->rotated(1000);
        $set = $keys->public_set(1000)['keys'];
        same(1, count($set));
        openssl_sign('said', $signature, $keys->private_key(1000), OPENSSL_ALGO_SHA256);
        same(1, openssl_verify('said', $signature, pem_of($set[0]), OPENSSL_ALGO_SHA256));
        same(0, openssl_verify('other', $signature, pem_of($set[0]), OPENSSL_ALGO_SHA256));
    },
    'nothing secret is published' => function () {
        $keys = keyring::from_json('')->rotated(1000)->rotated(2000);
        foreach ($keys->public_set(2000)['keys'] as $jwk) {
            same(['e', 'kty', 'n', 'kid', 'use', 'alg'], array_keys($jwk));
        }
        same(2, substr_count($keys->to_json(), 'BEGIN PRIVATE'), 'two keys are needed until the new one signs');
        same(2, substr_count($keys->rotated(3000)->to_json(), 'BEGIN PRIVATE'), 'the private half of a key that was replaced is kept');
    },
    'a key is published before it signs, and for a while after it was replaced' => function () {
        $first = keyring::from_json('')->rotated(1000);
        $second = keyring::from_json($first->to_json())->rotated(2000);
        $from = 2000 + keyring::AHEAD;
        same($first->fingerprint(1000), $second->fingerprint($from - 1), 'a key signs before the service can know it');
        $new = $second->fingerprint($from);
        holds($first->fingerprint(1000) !== $new, 'the key is the same');
        same([$new, $first->fingerprint(1000)], array_column($second->public_set(2001)['keys'], 'kid'));
        $end = $from + keyring::OVERLAP;
        same(2, count($second->public_set($end - 1)['keys']));
        same([$new], array_column($second->public_set($end)['keys'], 'kid'));
        same(2, count($second->rotated($end)->public_set($end)['keys']), 'one that is over comes back');
    },
    'the fingerprint is that of RFC 7638' => function () {
        // Its example, through the same steps.
        $n = '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw';
        same('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs', base64url::encode(hash('sha256', json_encode(['e' => 'AQAB', 'kty' => 'RSA', 'n' => $n]), true)));
        $keys = keyring::from_json('')->rotated(1);
        $jwk = $keys->public_set(1)['keys'][0];
        same($keys->fingerprint(1), base64url::encode(hash('sha256', json_encode(['e' => $jwk['e'], 'kty' => 'RSA', 'n' => $jwk['n']]), true)));
    },
    'a ring that cannot be read is an empty one' => function () {
        holds(keyring::from_json('nonsense')->is_empty(), 'it is not empty');
    },
    'an assertion is for the token endpoint, and for two minutes' => function () {
        $claims = assertion::claims('site', 'https://f.example/api/v1/oauth/token', 100, 'once');
        same(['iss' => 'site', 'sub' => 'site', 'aud' => 'https://f.example/api/v1/oauth/token', 'iat' => 100, 'exp' => 220, 'jti' => 'once'], $claims);
        parse_str(assertion::form('a.b.c'), $form);
        same(['client_credentials', 'a.b.c'], [$form['grant_type'], $form['client_assertion']]);
        same('urn:ietf:params:oauth:client-assertion-type:jwt-bearer', $form['client_assertion_type']);
    },
    'a person is called the same, by this site alone' => function () {
        same(reference::person('secret', 7), reference::person('secret', 7));
        $others = [reference::person('secret', 7), reference::person('secret', 70), reference::person('other', 7)];
        same(3, count(array_unique($others)));
        same(1, preg_match('/^u[A-Za-z0-9_-]{43}$/', $others[0]));
    },
    'a wall in a backup is sealed by this site, for this platform' => function () {
        same(reference::seal('secret', 'p', 'b'), reference::seal('secret', 'p', 'b'));
        $others = [['secret', 'p', 'b'], ['other', 'p', 'b'], ['secret', 'q', 'b'], ['secret', 'p', 'c']];
        same(4, count(array_unique(array_map(function (array $of) {
            return reference::seal(...$of);
        }, $others))));
    },
    'the strongest capability gives the role' => function () {
        $role = function (string ...$has) {
            return ticket_request::role(function ($capability) use ($has) {
                return in_array(substr($capability, strlen('mod/fresque:')), $has, true);
            });
        };
        same('owner', $role('view', 'post', 'manage'));
        same('moderator', $role('moderate', 'post'));
        same('writer', $role('view', 'comment', 'post'));
        same('commenter', $role('view', 'comment'));
        same('reader', $role('view'));
        same(null, $role());
    },
    'a request for a ticket leaves out what there is none of' => function () {
        same(['user' => 'u1', 'role' => 'reader'], ticket_request::of('u1', '', 'reader', ['group' => [], 'origin' => '', 'language' => '']));
        $all = ticket_request::of('u1', 'Ada', 'writer', ['group' => ['ref' => 'g1', 'name' => 'A'], 'origin' => 'https://m.example', 'language' => 'fr']);
        same(['user', 'name', 'role', 'group', 'origin', 'language'], array_keys($all));
    },
    'an origin is written as browsers write it' => function () {
        same('https://m.example', ticket_request::origin('https://M.example:443/moodle'));
        same('http://m.example:8080', ticket_request::origin('http://m.example:8080/'));
        same('http://m.example:443', ticket_request::origin('http://m.example:443'));
    },
];
