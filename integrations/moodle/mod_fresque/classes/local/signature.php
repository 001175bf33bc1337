<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * Who a webhook is from.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\local;

/**
 * Checks the signature of a webhook (Standard Webhooks).
 */
class signature {
    /** How far the time of a webhook may be from ours, in seconds. */
    const TOLERANCE = 300;

    /**
     * Why a webhook is not to be believed; empty when it is.
     *
     * @param string $secret as the service gives it: whsec_…
     * @param string $id the header webhook-id
     * @param string $timestamp the header webhook-timestamp
     * @param string $signatures the header webhook-signature: several, a space between
     * @param string $body
     * @param int $now seconds
     * @return string
     */
    public static function fault(string $secret, string $id, string $timestamp, string $signatures, string $body, int $now): string {
        $key = strpos($secret, 'whsec_') === 0 ? base64_decode(substr($secret, 6), true) : false;
        if ($key === false || strlen($key) < 16) {
            return 'no_secret';
        }
        if ($id === '' || strlen($id) > 200 || !preg_match('/^[0-9]{1,12}$/', $timestamp)) {
            return 'headers_missing';
        }
        $expected = base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
        $good = false;
        foreach (array_slice(explode(' ', $signatures), 0, 10) as $one) {
            $parts = explode(',', $one, 2);
            // Every one is compared whole, so that the time taken says nothing.
            $good = hash_equals($expected, $parts[1] ?? '') && $parts[0] === 'v1' || $good;
        }
        if (!$good) {
            return 'signature_wrong';
        }
        return abs($now - (int) $timestamp) > self::TOLERANCE ? 'too_old' : '';
    }
}
