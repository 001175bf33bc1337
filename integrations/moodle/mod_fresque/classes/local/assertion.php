<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * What this site says of itself to get an access token.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\local;

/**
 * The claims of a client assertion (RFC 7523).
 */
class assertion {
    /** How long an assertion may be used, in seconds. */
    const LIFETIME = 120;

    /**
     * The claims.
     *
     * @param string $platform the id that the service gave to this site
     * @param string $endpoint the token endpoint
     * @param int $now seconds
     * @param string $once never used before
     * @return array
     */
    public static function claims(string $platform, string $endpoint, int $now, string $once): array {
        return ['iss' => $platform, 'sub' => $platform, 'aud' => $endpoint, 'iat' => $now, 'exp' => $now + self::LIFETIME, 'jti' => $once];
    }

    /**
     * The form that is sent to the token endpoint.
     *
     * @param string $jwt the signed claims
     * @return string
     */
    public static function form(string $jwt): string {
        return http_build_query([
            'grant_type' => 'client_credentials',
            'client_assertion_type' => 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
            'client_assertion' => $jwt,
        ], '', '&');
    }
}
