<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * What the service tells by itself.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\local;

/**
 * Receives webhooks.
 */
class webhook {
    /**
     * Receives one. What is not meant for this site is taken and does nothing, so that the
     * service does not try again.
     *
     * @param array $server as $_SERVER is
     * @param string $body
     * @param int $now seconds
     * @return int the HTTP status to answer with
     */
    public static function receive(array $server, string $body, int $now): int {
        global $DB;
        if (($server['REQUEST_METHOD'] ?? '') !== 'POST') {
            return 405;
        }
        $fault = signature::fault(
            site::setting('webhooksecret'),
            (string) ($server['HTTP_WEBHOOK_ID'] ?? ''),
            (string) ($server['HTTP_WEBHOOK_TIMESTAMP'] ?? ''),
            (string) ($server['HTTP_WEBHOOK_SIGNATURE'] ?? ''),
            $body,
            $now
        );
        if ($fault !== '') {
            return $fault === 'no_secret' ? 503 : 401;
        }
        $told = json_decode($body, true);
        $data = $told['data'] ?? null;
        if (!is_array($data)) {
            return 400;
        }
        $known = ($told['type'] ?? '') === 'participation.changed' && ($data['platform'] ?? '') === site::setting('platform');
        if ($known && is_string($data['board'] ?? null) && $data['board'] !== '') {
            foreach ($DB->get_records('fresque', ['board' => $data['board']]) as $activity) {
                people::take($activity, $data);
            }
        }
        return 204;
    }
}
