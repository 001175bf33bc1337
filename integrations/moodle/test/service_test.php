<?php
// Calls of the service, against answers made up here.

use mod_fresque\local\fault;
use mod_fresque\local\reply;
use mod_fresque\local\service;
use mod_fresque\local\token_store;
use mod_fresque\local\transport;

/** Answers in order, and keeps what was asked. */
class scripted implements transport {
    public $asked = [];
    private $replies;

    public function __construct(reply ...$replies) {
        $this->replies = $replies;
    }

    public function send(string $method, string $url, array $headers, string $body, int $timeout): reply {
        $this->asked[] = compact('method', 'url', 'headers', 'body', 'timeout');
        if (!$this->replies) {
            throw new Exception("nothing is left to answer $method $url");
        }
        return array_shift($this->replies);
    }
}

class kept implements token_store {
    public $token = '';
    public $seconds = 0;

    public function get(): string {
        return $this->token;
    }

    public function keep(string $token, int $seconds): void {
        $this->token = $token;
        $this->seconds = $seconds;
    }
}

function json(int $status, array $body, array $headers = []): reply {
    return reply::of($status, json_encode($body), ['Content-Type' => $status < 400 ? 'application/json' : 'application/problem+json'] + $headers);
}

function service_with(scripted $transport, ?kept $kept = null): service {
    return new service($transport, 'https://f.example/', 'site', function (array $claims) {
        return 'signed:' . $claims['jti'];
    }, $kept ?? new kept());
}

$token = ['access_token' => 't1', 'expires_in' => 300, 'scope' => 'boards'];
$board = '01980000-0000-7000-8000-000000000001';

return [
    'a token is asked for once, and kept until shortly before it ends' => function () use ($token) {
        $kept = new kept();
        $transport = new scripted(json(200, $token), json(200, ['name' => 'A']), json(200, ['name' => 'B']));
        $service = service_with($transport, $kept);
        same('A', $service->platform()['name']);
        same('B', $service->platform()['name']);
        same(['https://f.example/api/v1/oauth/token', 'https://f.example/api/v1/platform', 'https://f.example/api/v1/platform'], array_column($transport->asked, 'url'));
        same(['t1', 270], [$kept->token, $kept->seconds]);
        holds(in_array('Authorization: Bearer t1', $transport->asked[2]['headers'], true), 'the token is not sent');
    },
    'a token that is refused is asked for anew, once' => function () use ($token) {
        $kept = new kept();
        $kept->token = 'old';
        $refused = json(401, ['code' => 'session_invalid', 'status' => 401]);
        $transport = new scripted($refused, json(200, $token), json(200, ['name' => 'A']));
        same('A', service_with($transport, $kept)->platform()['name']);
        $kept->token = 'old';
        $transport = new scripted($refused, json(200, $token), $refused);
        same('session_invalid', fault_of([service_with($transport, $kept), 'platform'])->reason);
        same(3, count($transport->asked));
    },
    'each assertion is another' => function () use ($token) {
        $transport = new scripted(json(200, $token), json(200, $token));
        $service = service_with($transport);
        $service->new_token();
        $service->new_token();
        holds($transport->asked[0]['body'] !== $transport->asked[1]['body'], 'the same jti was used twice');
    },
    'a wall is made under a key, so that making it again makes one' => function () use ($token, $board) {
        $transport = new scripted(json(200, $token), json(201, ['board' => ['id' => $board], 'externalId' => 'cm-1']));
        same($board, service_with($transport)->make(['title' => 'Été'], 'key-1'));
        $asked = $transport->asked[1];
        same(['POST', '{"title":"Été"}'], [$asked['method'], $asked['body']]);
        holds(in_array('Idempotency-Key: key-1', $asked['headers'], true), 'the key is not sent');
    },
    'a wall that is gone is deleted' => function () use ($token, $board) {
        $transport = new scripted(json(200, $token), json(404, ['code' => 'not_found', 'status' => 404]));
        service_with($transport)->remove($board);
        same('DELETE', $transport->asked[1]['method']);
    },
    'people are erased by the hundred' => function () use ($token, $board) {
        $transport = new scripted(json(200, $token), json(202, ['operations' => []]), json(202, ['operations' => []]));
        service_with($transport)->erase(array_map('strval', range(1, 150)), $board);
        same([100, 50], array_map(function ($asked) {
            return count(json_decode($asked['body'], true)['users']);
        }, array_slice($transport->asked, 1)));
    },
    'what goes wrong has a code' => function () {
        $code = function (reply $reply) {
            $fault = fault_of([service_with(new scripted($reply)), 'platform']);
            return [$fault->reason, $fault->may_pass()];
        };
        same(['blocked', true], $code(reply::none(0, 'The URL is blocked.', true)));
        same(['name_not_found', true], $code(reply::none(6, 'Could not resolve host')));
        same(['refused', true], $code(reply::none(7, 'Failed to connect')));
        same(['too_slow', true], $code(reply::none(28, 'Operation timed out')));
        same(['tls_fault', true], $code(reply::none(60, 'SSL certificate problem')));
        same(['not_fresque', true], $code(reply::of(200, '<html>', ['Content-Type' => 'text/html'])));
        same(['not_fresque', true], $code(reply::of(301, '', ['Location' => 'https://elsewhere'])));
        same(['not_fresque', true], $code(json(200, ['hello' => 'world'])));
        same(['service_away', true], $code(reply::of(502, 'Bad gateway', ['Content-Type' => 'text/html'])));
        same(['platform_unknown', true], $code(json(401, ['code' => 'platform_unknown'])));
        same(['invalid_input', false], $code(json(422, ['code' => 'invalid_input'])));
    },
    'what is not there is gone, and stays so' => function () {
        foreach ([404, 410] as $status) {
            same([true, false], [(new fault('x', $status))->is_gone(), (new fault('x', $status))->may_pass()]);
        }
        foreach ([0, 400, 401, 403, 409, 422, 500] as $status) {
            same(false, (new fault('x', $status))->is_gone(), "$status");
        }
    },
    'how long to wait is taken from the service' => function () {
        $fault = fault_of([service_with(new scripted(json(429, ['code' => 'rate_limited'], ['Retry-After' => '17']))), 'platform']);
        same([17, true], [$fault->wait, $fault->may_pass()]);
        same('detail', (new fault('x', 400, ['detail' => 'detail']))->about['detail']);
    },
];
