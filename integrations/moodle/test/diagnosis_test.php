<?php
// What the test of the connection says.

use mod_fresque\local\diagnosis;
use mod_fresque\local\fault;

$string = [];
require_once __DIR__ . '/strings.php';
$words = strings_of('en');

$site = ['address' => 'https://f.example:8443', 'fingerprint' => 'abc', 'jwks' => 'https://m.example/jwks', 'allowedports' => ['80', '443']];
$finding = function (fault $fault, array $more = []) use ($site, $words) {
    list($state, $code, $values) = diagnosis::of_fault($fault, $more + $site);
    same('bad', $state);
    // Each has words that say what is wrong and what to do, and all that they name is there.
    foreach (["check_$code", "check_{$code}_do"] as $key) {
        holds(isset($words[$key]), "there is no string $key");
        preg_match_all('/\{\$a->([a-z]+)\}/', $words[$key], $named);
        same([], array_values(array_diff($named[1], array_keys($values))), "$key names what is not there");
    }
    return [$code, $values];
};

return [
    'settings that are missing are named' => function () {
        $codes = function (...$settings) {
            return array_column(diagnosis::of_settings(...$settings), 1);
        };
        $id = '01980000-0000-7000-8000-000000000001';
        same(['address_missing', 'platform_missing', 'webhook_missing'], $codes('', '', ''));
        same([], $codes('https://f.example', $id, 'whsec_x'));
        same(['address_plain'], $codes('http://f.example', $id, 'whsec_x'));
        same([], $codes('http://localhost:8080', $id, 'whsec_x'));
    },
    'a port and a host that Moodle blocks are told apart, and a name that is none' => function () use ($finding) {
        $blocked = new fault('blocked', 0, ['detail' => 'The URL is blocked.']);
        same('blocked_port', $finding($blocked)[0]);
        same('blocked_host', $finding($blocked, ['allowedports' => ['8443']])[0]);
        same('blocked_host', $finding($blocked, ['allowedports' => []])[0]);
        same('name_not_found', $finding($blocked, ['unresolved' => true])[0]);
    },
    'every fault has words' => function () use ($finding) {
        foreach (diagnosis::KNOWN as $code) {
            $finding(new fault($code, 401, ['detail' => 'x', 'http' => 404, 'off' => -70]));
        }
        same('other', $finding(new fault('teapot', 418, ['detail' => 'short and stout']))[0]);
    },
    'a wrong key is told by its fingerprint' => function () use ($finding) {
        foreach (['assertion_key', 'assertion_signature'] as $code) {
            list($found, $values) = $finding(new fault($code, 401, ['detail' => 'x']));
            same(['wrong_key', 'abc'], [$found, $values['fingerprint']]);
        }
    },
    'a clock is said to be off by how much' => function () use ($finding) {
        same(['assertion_clock', 95], [$finding(new fault('assertion_expired', 401, ['off' => -95]))[0], $finding(new fault('assertion_clock', 401, ['off' => -95]))[1]['seconds']]);
    },
    'a site that is connected well is told so, line by line' => function () {
        $token = ['scope' => 'boards tickets participation privacy'];
        $platform = ['name' => 'M', 'version' => '1', 'origins' => ['https://m.example'], 'webhook' => 'https://m.example/hook', 'time' => '1970-01-01T00:16:40Z'];
        $here = ['origin' => 'https://m.example', 'webhook' => 'https://m.example/hook', 'now' => 1000];
        $codes = function ($token, $platform, $here) {
            $found = diagnosis::of_platform($token, $platform, $here);
            return array_values(array_diff(array_column($found, 1), ['connected']));
        };
        same(['scopes', 'origin', 'clock', 'webhook'], $codes($token, $platform, $here));
        same(['scope_missing', 'origin_missing', 'clock_off', 'webhook_elsewhere'], $codes(
            ['scope' => 'boards'],
            ['origins' => [], 'webhook' => ''] + $platform,
            ['now' => 1030] + $here
        ));
    },
];
