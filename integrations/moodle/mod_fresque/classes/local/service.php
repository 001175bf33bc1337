<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * The service, as this site calls it.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\local;

/**
 * The calls of the service's API that this plugin makes. What goes wrong is a fault.
 */
class service {
    /** Where the API begins. */
    const BASE = '/api/v1';

    /** How long a person who waits for a page waits for the service, in seconds. */
    const PATIENCE = 8;

    /** How long a background task waits. */
    const LONG_PATIENCE = 60;

    /** A token is used no more so many seconds before it ends. */
    const MARGIN = 30;

    /** @var transport */
    private $transport;
    /** @var string without a slash at the end */
    private $address;
    /** @var string the id that the service gave to this site */
    private $platform;
    /** @var callable signs claims: array to string */
    private $sign;
    /** @var token_store */
    private $tokens;
    /** @var int seconds */
    private $patience;
    /** @var string of what the service says: fr or en */
    private $language;

    /**
     * The service.
     *
     * @param transport $transport
     * @param string $address
     * @param string $platform
     * @param callable $sign
     * @param token_store $tokens
     * @param string $language
     * @param int $patience
     */
    public function __construct(
        transport $transport,
        string $address,
        string $platform,
        callable $sign,
        token_store $tokens,
        string $language = 'fr',
        int $patience = self::PATIENCE
    ) {
        $this->transport = $transport;
        $this->address = rtrim($address, '/');
        $this->platform = $platform;
        $this->sign = $sign;
        $this->tokens = $tokens;
        $this->language = $language;
        $this->patience = $patience;
    }

    /**
     * The address of the token endpoint, which assertions are for.
     *
     * @return string
     */
    public function token_endpoint(): string {
        return $this->address . self::BASE . '/oauth/token';
    }

    /**
     * Asks for an access token, and keeps it.
     *
     * @return array access_token, expires_in, scope
     */
    public function new_token(): array {
        $claims = assertion::claims($this->platform, $this->token_endpoint(), time(), base64url::encode(random_bytes(18)));
        $headers = ['Content-Type: application/x-www-form-urlencoded', 'Accept: application/json', "Accept-Language: $this->language"];
        $form = assertion::form(($this->sign)($claims));
        $reply = $this->transport->send('POST', $this->token_endpoint(), $headers, $form, $this->patience);
        if ($fault = $reply->fault()) {
            throw $fault;
        }
        $token = $reply->json();
        if (!is_string($token['access_token'] ?? null)) {
            throw new fault('not_fresque', 0, ['http' => $reply->status]);
        }
        $this->tokens->keep($token['access_token'], max(0, (int) ($token['expires_in'] ?? 0) - self::MARGIN));
        return $token;
    }

    /**
     * Calls an operation.
     *
     * @param string $method
     * @param string $path below /platform
     * @param array|null $body
     * @param string $key names the request, so that repeating it does nothing more
     * @return array the answer
     */
    public function call(string $method, string $path = '', ?array $body = null, string $key = ''): array {
        $sent = $body === null ? '' : json_encode($body ?: new \stdClass(), JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
        return $this->send($method, $path, $sent, $key)->json() ?? [];
    }

    /**
     * Sends a request with a token.
     *
     * @param string $method
     * @param string $path below /platform
     * @param string $body JSON, or empty for none
     * @param string $key
     * @return reply a good one
     */
    private function send(string $method, string $path, string $body, string $key): reply {
        $token = $this->tokens->get();
        $fresh = $token === '';
        for (;;) {
            if ($token === '') {
                $token = $this->new_token()['access_token'];
            }
            $headers = ["Authorization: Bearer $token", 'Accept: application/json', "Accept-Language: $this->language"];
            if ($body !== '') {
                $headers[] = 'Content-Type: application/json';
            }
            if ($key !== '') {
                $headers[] = "Idempotency-Key: $key";
            }
            $reply = $this->transport->send($method, $this->address . self::BASE . '/platform' . $path, $headers, $body, $this->patience);
            $fault = $reply->fault();
            if (!$fault) {
                return $reply;
            }
            // The service may have begun anew with other keys: its tokens are made once more.
            if ($fault->status !== 401 || $fresh) {
                throw $fault;
            }
            $this->tokens->keep('', 0);
            $token = '';
            $fresh = true;
        }
    }

    /**
     * What the service knows of this site.
     *
     * @return array
     */
    public function platform(): array {
        return $this->call('GET');
    }

    /**
     * Makes a wall.
     *
     * @param array $wall what wall::told gives, and template, language
     * @param string $key
     * @return string its id
     */
    public function make(array $wall, string $key): string {
        return self::board_in($this->call('POST', '/boards', $wall, $key));
    }

    /**
     * Makes a wall out of another.
     *
     * @param string $board
     * @param array $wall externalId, title, language, contributions
     * @param string $key
     * @return string its id
     */
    public function copy(string $board, array $wall, string $key): string {
        return self::board_in($this->call('POST', self::at($board, '/clone'), $wall, $key));
    }

    /**
     * Changes a wall.
     *
     * @param string $board
     * @param array $changes
     */
    public function change(string $board, array $changes): void {
        $this->call('PATCH', self::at($board), $changes);
    }

    /**
     * A wall: what it is called, its settings and rules, its sections.
     *
     * @param string $board
     * @return array board, sections
     */
    public function board(string $board): array {
        return $this->call('GET', self::at($board));
    }

    /**
     * Puts a wall into the trash. One that is not there any more is gone as well.
     *
     * @param string $board
     */
    public function remove(string $board): void {
        $this->unless_gone(function () use ($board) {
            $this->call('DELETE', self::at($board));
        });
    }

    /**
     * Takes contributions, or groups, from a wall.
     *
     * @param string $board
     * @param bool $contributions
     * @param bool $groups
     */
    public function reset(string $board, bool $contributions, bool $groups): void {
        $this->unless_gone(function () use ($board, $contributions, $groups) {
            // A large wall takes several calls: each goes on where the one before has ended.
            do {
                $done = $this->call('POST', self::at($board, '/reset'), ['contributions' => $contributions, 'groups' => $groups]);
            } while (!empty($done['more']));
        });
    }

    /**
     * Says who is on a wall, and in which groups.
     *
     * @param string $board
     * @param array $groups each with ref and name
     * @param array $members each with user, groups, and name or not
     */
    public function members(string $board, array $groups, array $members): void {
        $this->call('PUT', self::at($board, '/members'), ['groups' => $groups, 'members' => $members]);
    }

    /**
     * Lets somebody onto a wall.
     *
     * @param string $board
     * @param array $request what ticket_request::of gives
     * @return array ticket, url, expiresAt
     */
    public function ticket(string $board, array $request): array {
        return $this->call('POST', self::at($board, '/tickets'), $request);
    }

    /**
     * What people did on a wall since a moment, in pages.
     *
     * @param string $board
     * @param string $since as an answer's now gave it; empty for always
     * @param string $cursor as an answer's next gave it; empty for the first page
     * @return array participants, next, now
     */
    public function participation(string $board, string $since, string $cursor): array {
        $query = http_build_query(array_filter(['since' => $since, 'cursor' => $cursor, 'limit' => 200]), '', '&');
        return $this->call('GET', self::at($board, "/participation?$query"));
    }

    /**
     * All that somebody has left.
     *
     * @param string $person their reference
     * @return array
     */
    public function all_of(string $person): array {
        $found = [];
        $this->unless_gone(function () use ($person, &$found) {
            $found = $this->call('GET', '/users/' . rawurlencode($person));
        });
        return $found;
    }

    /**
     * Erases what people have left, on one wall or everywhere.
     *
     * @param string[] $people references
     * @param string $board empty for everywhere
     */
    public function erase(array $people, string $board = ''): void {
        foreach (array_chunk($people, 100) as $some) {
            $this->unless_gone(function () use ($some, $board) {
                $this->call('POST', '/erasures', array_filter(['users' => array_values($some), 'board' => $board]));
            });
        }
    }

    /**
     * A wall as a backup keeps it. Uploads are not in it.
     *
     * @param string $board
     * @param bool $contributions whether what people posted is in it
     * @return string JSON
     */
    public function export(string $board, bool $contributions): string {
        return $this->send('GET', self::at($board, '/export?contributions=' . ($contributions ? 'true' : 'false')), '', '')->body;
    }

    /**
     * Makes a wall out of what was exported.
     *
     * @param string $wall JSON
     * @param string $external what this site calls the wall
     * @param string $title
     * @param string $key
     * @return string its id
     */
    public function import(string $wall, string $external, string $title, string $key): string {
        $query = http_build_query(['externalId' => $external, 'title' => $title], '', '&');
        return self::board_in($this->send('POST', "/boards/import?$query", $wall, $key)->json() ?? []);
    }

    /**
     * The path of a board.
     *
     * @param string $board
     * @param string $more
     * @return string
     */
    private static function at(string $board, string $more = ''): string {
        return '/boards/' . rawurlencode($board) . $more;
    }

    /**
     * The id of the board in an answer.
     *
     * @param array $answer
     * @return string
     */
    private static function board_in(array $answer): string {
        $id = $answer['board']['id'] ?? '';
        if (!preg_match('/^[0-9a-f-]{36}$/', $id)) {
            throw new fault('not_fresque', 0);
        }
        return $id;
    }

    /**
     * Does something to what may be gone already.
     *
     * @param callable $do
     */
    private function unless_gone(callable $do): void {
        try {
            $do();
        } catch (fault $fault) {
            if (!$fault->is_gone()) {
                throw $fault;
            }
        }
    }
}
