<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * What is wrong with the connection to the service, and what mends it.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\local;

/**
 * Finds out what is wrong with a connection. Each finding is [state, code, values]: state is
 * ok, warn or bad; the words of a code are the strings check_CODE and, of what is not well,
 * check_CODE_do.
 */
class diagnosis {
    /** What the plugin needs to be allowed. */
    const SCOPES = ['boards', 'tickets', 'participation', 'privacy'];

    /** From how many seconds on a clock is said to be off. */
    const CLOCK = 20;

    /** The codes of the service, and of transport, that have words of their own. */
    const KNOWN = [
        'blocked', 'name_not_found', 'proxy_not_found', 'refused', 'too_slow', 'tls_fault', 'no_answer', 'not_fresque', 'service_away',
        'platform_unknown', 'assertion_key', 'assertion_signature', 'assertion_clock', 'assertion_expired', 'assertion_audience', 'assertion_replayed',
        'assertion_subject', 'keys_unreachable', 'keys_unusable', 'keys_none', 'scope_insufficient', 'rate_limited', 'key_not_made',
    ];

    /**
     * What of the settings is missing.
     *
     * @param string $address
     * @param string $platform
     * @param string $webhooksecret
     * @return array[]
     */
    public static function of_settings(string $address, string $platform, string $webhooksecret): array {
        $found = [];
        if (!preg_match('~^https?://[^/\s]+~', $address)) {
            $found[] = ['bad', 'address_missing', []];
        } else if (strpos($address, 'https://') !== 0 && !self::is_local($address)) {
            $found[] = ['warn', 'address_plain', []];
        }
        if (!preg_match('/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/', $platform)) {
            $found[] = ['bad', 'platform_missing', []];
        }
        if (strpos($webhooksecret, 'whsec_') !== 0) {
            $found[] = ['warn', 'webhook_missing', []];
        }
        return $found;
    }

    /**
     * What a fault says.
     *
     * @param fault $fault
     * @param array $site address, fingerprint, jwks, allowedports (of curl; empty for all), unresolved (whether its host is unknown)
     * @return array
     */
    public static function of_fault(fault $fault, array $site): array {
        $code = $fault->reason;
        $values = array_filter($fault->about, 'is_scalar') + $site + ['status' => $fault->status, 'detail' => ''];
        $values['host'] = (string) parse_url($site['address'], PHP_URL_HOST);
        $values['port'] = self::port($site['address']);
        if ($code === 'blocked') {
            $ports = $site['allowedports'] ?? [];
            $code = $ports && !in_array((string) $values['port'], $ports, true) ? 'blocked_port' : 'blocked_host';
            // Moodle says of a host that it cannot find that it is blocked.
            $code = empty($site['unresolved']) ? $code : 'name_not_found';
        } else if ($code === 'assertion_expired') {
            $code = 'assertion_clock';
        } else if (in_array($code, ['assertion_key', 'assertion_signature', 'keys_none', 'keys_unusable'])) {
            $code = 'wrong_key';
        } else if (!in_array($code, self::KNOWN, true)) {
            $code = 'other';
            $values['code'] = $fault->reason;
        }
        if (isset($values['off'])) {
            $values['seconds'] = abs((int) $values['off']);
        }
        unset($values['allowedports'], $values['unresolved']);
        return ['bad', $code, $values];
    }

    /**
     * What the answers of a service that knows this site say.
     *
     * @param array $token as the token endpoint gave it
     * @param array $platform as the service knows this site
     * @param array $site origin, webhook, now (seconds)
     * @return array[]
     */
    public static function of_platform(array $token, array $platform, array $site): array {
        $found = [['ok', 'connected', ['name' => $platform['name'] ?? '', 'version' => $platform['version'] ?? '']]];
        $missing = array_diff(self::SCOPES, explode(' ', $token['scope'] ?? ''));
        $found[] = $missing ? ['bad', 'scope_missing', ['scope' => implode(', ', $missing)]] : ['ok', 'scopes', []];
        $origins = $platform['origins'] ?? [];
        $values = ['origin' => $site['origin'], 'origins' => implode(', ', $origins)];
        $found[] = in_array($site['origin'], $origins, true) ? ['ok', 'origin', $values] : ['bad', 'origin_missing', $values];
        $then = strtotime($platform['time'] ?? '');
        if ($then) {
            $off = $site['now'] - $then;
            $found[] = abs($off) < self::CLOCK ? ['ok', 'clock', []] : ['warn', 'clock_off', ['seconds' => abs($off)]];
        }
        $webhook = $platform['webhook'] ?? '';
        $webhook = is_array($webhook) ? (string) ($webhook['url'] ?? '') : $webhook;
        if ($webhook !== $site['webhook']) {
            $found[] = ['warn', 'webhook_elsewhere', ['webhook' => $site['webhook'], 'told' => $webhook ?: '–']];
        } else {
            $found[] = ['ok', 'webhook', []];
        }
        return $found;
    }

    /**
     * The port of an address.
     *
     * @param string $address
     * @return int
     */
    private static function port(string $address): int {
        $parts = parse_url($address) ?: [];
        return $parts['port'] ?? (($parts['scheme'] ?? '') === 'http' ? 80 : 443);
    }

    /**
     * Whether an address never leaves the machine.
     *
     * @param string $address
     * @return bool
     */
    private static function is_local(string $address): bool {
        $host = (string) parse_url($address, PHP_URL_HOST);
        return $host === 'localhost' || substr($host, -10) === '.localhost' || strpos($host, '127.') === 0;
    }
}
