<?php
// A wall in a backup.

use mod_fresque\local\transfer;

$wall = '{"version":1,"board":{"title":"Été","settings":{}},"posts":[{"id":"p1","author":{"id":"a","user":"ref-ada","name":"Ada"}},'
    . '{"id":"p2","author":{"id":"b","name":"Somebody"}}],"comments":[{"id":"c1","author":{"id":"c","user":"ref-gone","name":"Gone"}}]}';
$known = function (string $ref) {
    return ['ref-ada' => 7][$ref] ?? 0;
};
$reference = function (int $id) {
    return "new-$id";
};

return [
    'people are in a backup by their ids, and get the references of where it is restored' => function () use ($wall, $known, $reference) {
        $packed = transfer::pack($wall, $known);
        holds(strpos(gzuncompress(base64_decode($packed)), 'ref-') === false, 'a reference is in the backup');
        // Who is not known is nobody; all else is as it was, empty objects too.
        same(str_replace(['ref-ada', 'ref-gone'], ['new-7', ''], $wall), transfer::unpack($packed, $reference, true));
        same('{"version":1,"board":{"title":"Été","settings":{}},"posts":[],"comments":[]}', transfer::unpack($packed, $reference, false));
    },
    'what was not packed is no wall' => function () use ($reference) {
        foreach (['', 'x', base64_encode('x'), base64_encode(gzcompress('x')), base64_encode(gzcompress('[]'))] as $none) {
            same('', transfer::unpack($none, $reference, true));
        }
    },
];
