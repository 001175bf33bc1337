<?php
// Who a webhook is from.

use mod_fresque\local\signature;

$secret = 'whsec_' . base64_encode(str_repeat('k', 32));
$sign = function (string $body, string $id = 'msg_1', int $at = 1000, ?string $key = null) {
    return 'v1,' . base64_encode(hash_hmac('sha256', "$id.$at.$body", $key ?? str_repeat('k', 32), true));
};

return [
    'what is signed with the secret is believed' => function () use ($secret, $sign) {
        same('', signature::fault($secret, 'msg_1', '1000', $sign('{}'), '{}', 1000));
        same('', signature::fault($secret, 'msg_1', '1000', 'v1,bm90IHRoaXM= ' . $sign('{}'), '{}', 1000), 'the second of two signatures');
    },
    'the example of the specification is believed' => function () {
        // From the documentation of Standard Webhooks.
        $body = '{"test": 2432232314}';
        $given = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
        same('', signature::fault('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'msg_p5jXN8AQM9LWM0D4loKWxJek', '1614265330', $given, $body, 1614265330));
    },
    'what is changed, signed by others or not at all is not' => function () use ($secret, $sign) {
        $wrong = [
            [$sign('{}'), '{ }', 'msg_1', '1000'],
            [$sign('{}'), '{}', 'msg_2', '1000'],
            [$sign('{}'), '{}', 'msg_1', '1001'],
            [$sign('{}', 'msg_1', 1000, 'another key'), '{}', 'msg_1', '1000'],
            [str_replace('v1,', 'v2,', $sign('{}')), '{}', 'msg_1', '1000'],
            ['', '{}', 'msg_1', '1000'],
            ['v1,', '{}', 'msg_1', '1000'],
            ['v1', '{}', 'msg_1', '1000'],
        ];
        foreach ($wrong as list($signature, $body, $id, $at)) {
            same('signature_wrong', signature::fault($secret, $id, $at, $signature, $body, 1000));
        }
    },
    'an old one is not believed, nor one of tomorrow' => function () use ($secret, $sign) {
        same('', signature::fault($secret, 'msg_1', '1000', $sign('{}'), '{}', 1300));
        same('too_old', signature::fault($secret, 'msg_1', '1000', $sign('{}'), '{}', 1301));
        same('too_old', signature::fault($secret, 'msg_1', '1000', $sign('{}'), '{}', 699));
    },
    'without a secret nobody is believed' => function () use ($sign) {
        foreach (['', 'whsec_', 'whsec_c2hvcnQ=', 'whsec_%%%', str_repeat('k', 32)] as $none) {
            same('no_secret', signature::fault($none, 'msg_1', '1000', $sign('{}', 'msg_1', 1000, ''), '{}', 1000));
        }
    },
    'headers must be there' => function () use ($secret, $sign) {
        same('headers_missing', signature::fault($secret, '', '1000', $sign('{}', ''), '{}', 1000));
        same('headers_missing', signature::fault($secret, 'msg_1', '1e3', $sign('{}'), '{}', 1000));
    },
];
