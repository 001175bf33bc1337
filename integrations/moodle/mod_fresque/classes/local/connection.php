<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * The test of the connection.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\local;

/**
 * Tries the connection, and says in words what was found.
 */
class connection {
    /**
     * Tries the connection.
     *
     * @return array for the template connection
     */
    public static function check(): array {
        global $CFG, $SITE;
        $address = site::address();
        $found = diagnosis::of_settings($address, site::setting('platform'), site::setting('webhooksecret'));
        $fingerprint = '';
        try {
            $fingerprint = site::keyring()->fingerprint(time());
            if (!in_array('bad', array_column($found, 0), true)) {
                $found = array_merge(self::ask(), $found);
            }
        } catch (fault $fault) {
            $host = (string) parse_url($address, PHP_URL_HOST);
            array_unshift($found, diagnosis::of_fault($fault, [
                'address' => $address,
                'fingerprint' => $fingerprint,
                'jwks' => site::jwks_url(),
                'allowedports' => preg_split('/\s+/', (string) ($CFG->curlsecurityallowedport ?? ''), -1, PREG_SPLIT_NO_EMPTY),
                'unresolved' => $host !== '' && !filter_var(trim($host, '[]'), FILTER_VALIDATE_IP) && !gethostbynamel($host),
            ]));
        }
        $bad = in_array('bad', array_column($found, 0), true);
        return [
            'findings' => array_map([self::class, 'words'], $found),
            'well' => !$bad,
            'fingerprint' => $fingerprint,
            'jwks' => site::jwks_url(),
            'origin' => site::origin(),
            'webhook' => site::webhook_url(),
            'request' => json_encode([
                'name' => format_string($SITE->fullname),
                'issuer' => $CFG->wwwroot,
                'keysUrl' => site::jwks_url(),
                'origins' => [site::origin()],
                'webhook' => site::webhook_url(),
            ], JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_HEX_APOS),
            'service' => $address ?: 'https://fresque.example.org',
        ];
    }

    /**
     * Asks the service, with a token made for it.
     *
     * @return array[] findings
     */
    private static function ask(): array {
        $service = site::service();
        $token = $service->new_token();
        return diagnosis::of_platform($token, $service->platform(), [
            'origin' => site::origin(),
            'webhook' => site::webhook_url(),
            'now' => time(),
        ]);
    }

    /**
     * A finding in words.
     *
     * @param array $finding state, code, values
     * @return array for the template
     */
    private static function words(array $finding): array {
        list($state, $code, $values) = $finding;
        $manager = get_string_manager();
        return [
            'ok' => $state === 'ok',
            'warn' => $state === 'warn',
            'bad' => $state === 'bad',
            'words' => get_string("check_$code", 'mod_fresque', $values),
            'todo' => $state === 'ok' || !$manager->string_exists("check_{$code}_do", 'mod_fresque') ? '' : get_string("check_{$code}_do", 'mod_fresque', $values),
        ];
    }
}
