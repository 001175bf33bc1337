<?php
// This file is part of mod_fresque, an activity for Moodle - https://moodle.org/
//
// It is free software: you can redistribute it and/or modify it under the terms
// of the GNU General Public License as published by the Free Software Foundation,
// either version 3 of the License, or (at your option) any later version. It comes
// WITHOUT ANY WARRANTY. See <https://www.gnu.org/licenses/>.

/**
 * What people and groups are called outside of this site.
 *
 * @package    mod_fresque
 * @copyright  2026 Fresque
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

namespace mod_fresque\local;

/**
 * References for the service. One of a person tells nothing about them, and nobody can
 * make it, or find the person behind it, without the site's secret.
 */
class reference {
    /**
     * That of a person.
     *
     * @param string $secret the site's own
     * @param int $userid
     * @return string
     */
    public static function person(string $secret, int $userid): string {
        return 'u' . base64url::encode(hash_hmac('sha256', "user $userid", $secret, true));
    }

    /**
     * The seal of a wall in a backup: who has no such seal from this site does not get a copy
     * of the wall by naming it in a backup of their own making.
     *
     * @param string $secret the site's own
     * @param string $platform
     * @param string $board
     * @return string
     */
    public static function seal(string $secret, string $platform, string $board): string {
        return base64url::encode(hash_hmac('sha256', "wall $platform $board", $secret, true));
    }

    /**
     * That of a group.
     *
     * @param int $groupid
     * @return string
     */
    public static function group(int $groupid): string {
        return "g$groupid";
    }
}
