<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * What came back from an HTTP request.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\local;

/**
 * An answer, or why there is none.
 */
class reply {
    /** @var int HTTP status, 0 when nobody answered */
    public $status = 0;

    /** @var string[] headers by their name in lower case */
    public $headers = [];

    /** @var string */
    public $body = '';

    /** @var int curl's number of what went wrong, 0 for nothing */
    public $errno = 0;

    /** @var string what went wrong, in words */
    public $error = '';

    /** @var bool whether this site refused to send the request at all */
    public $blocked = false;

    /**
     * An answer.
     *
     * @param int $status
     * @param string $body
     * @param array $headers
     * @return reply
     */
    public static function of(int $status, string $body, array $headers = []): reply {
        $reply = new self();
        $reply->status = $status;
        $reply->body = $body;
        $reply->headers = array_change_key_case($headers);
        return $reply;
    }

    /**
     * No answer.
     *
     * @param int $errno
     * @param string $error
     * @param bool $blocked
     * @return reply
     */
    public static function none(int $errno, string $error, bool $blocked = false): reply {
        $reply = new self();
        $reply->errno = $errno;
        $reply->error = $error;
        $reply->blocked = $blocked;
        return $reply;
    }

    /**
     * The body as JSON; null for what is none.
     *
     * @return array|null
     */
    public function json(): ?array {
        $json = json_decode($this->body, true);
        return is_array($json) ? $json : null;
    }

    /**
     * Whether the service itself answered: with JSON, and not a page of something in between.
     *
     * @return bool
     */
    public function is_service(): bool {
        $type = strtolower($this->headers['content-type'] ?? '');
        return $this->status === 204 || strpos($type, 'json') !== false && $this->json() !== null;
    }

    /**
     * The fault of this answer; null when it is a good one.
     *
     * @return fault|null
     */
    public function fault(): ?fault {
        if ($this->blocked) {
            return new fault('blocked', 0, ['detail' => $this->error]);
        }
        if (!$this->status) {
            return new fault(self::name_of($this->errno), 0, ['detail' => $this->error, 'errno' => $this->errno]);
        }
        if ($this->status >= 200 && $this->status < 300 && $this->is_service()) {
            return null;
        }
        $wait = (int) ($this->headers['retry-after'] ?? 0);
        if (!$this->is_service()) {
            $reason = $this->status >= 500 || $this->status === 429 ? 'service_away' : 'not_fresque';
            // What answers in the place of the service says nothing of the request: it may pass.
            return new fault($reason, $reason === 'not_fresque' ? 0 : $this->status, ['http' => $this->status], $wait);
        }
        $problem = $this->json();
        return new fault((string) ($problem['code'] ?? 'http_' . $this->status), $this->status, $problem, $wait);
    }

    /**
     * The code of what curl says.
     *
     * @param int $errno
     * @return string
     */
    private static function name_of(int $errno): string {
        $names = [
            5 => 'proxy_not_found', 6 => 'name_not_found', 7 => 'refused', 28 => 'too_slow', 35 => 'tls_fault', 51 => 'tls_fault', 53 => 'tls_fault',
            54 => 'tls_fault', 58 => 'tls_fault', 59 => 'tls_fault', 60 => 'tls_fault', 66 => 'tls_fault', 77 => 'tls_fault',
            80 => 'tls_fault', 82 => 'tls_fault', 83 => 'tls_fault', 90 => 'tls_fault', 91 => 'tls_fault',
        ];
        return $names[$errno] ?? 'no_answer';
    }
}
